"""One rendering: the document, the sheet it is put on, and how its figures are written."""

from __future__ import annotations

from dataclasses import dataclass

from billdesk.documents.figures import Figures
from billdesk.documents.pdf.sheet import Sheet
from billdesk.documents.pdf.style import BODY_BOTTOM, HAIRLINE, LEFT, NOTE, NOTE_STRONG, RIGHT, TOP, Style
from billdesk.documents.pdf.wrap import shorten
from billdesk.documents.printed import Printed
from billdesk.kernel.i18n import Language

_CONTINUED_BODY = TOP + 26
"""Where the body begins on pages after the first."""


@dataclass(slots=True)
class Job:
    """What the parts of a document share while they draw; `y` is how far down the page is filled."""

    printed: Printed
    sheet: Sheet
    words: Language
    figures: Figures
    y: float = 0

    def room(self) -> float:
        """Give the height that is left on the page."""
        return BODY_BOTTOM - self.y

    @property
    def full_room(self) -> float:
        """The height of the body of a page after the first."""
        return BODY_BOTTOM - _CONTINUED_BODY

    def next_page(self) -> None:
        """Go on with another page that says which document it belongs to."""
        self.sheet.new_page()
        baseline = TOP + 8
        self.sheet.text(LEFT, baseline, shorten(self.printed.document.seller.name, NOTE_STRONG, 280), NOTE_STRONG)
        self.sheet.text_right(RIGHT, baseline, self.printed.full_title, NOTE)
        self.sheet.line(LEFT, TOP + 15, RIGHT, colour=HAIRLINE)
        self.y = _CONTINUED_BODY

    def make_room(self, height: float) -> None:
        """Go to the next page when `height` does not fit on this one."""
        if height > self.room():
            self.next_page()

    def lines(self, x: float, texts: list[str], style: Style) -> None:
        """Write lines one under the other from `y`, which moves below them."""
        for text in texts:
            self.y += style.leading
            self.sheet.text(x, self.y - (style.leading - style.size), text, style)
