"""The paper: pages onto which texts, lines and panels are put, and the PDF that comes of them.

Positions are points from the top left corner of the page. Content operators are written directly: a
page is three times faster so than through reportlab's drawing calls, which open a text object per string.
Shapes lie under texts; texts are written in reading order, so that they are also read out in it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from billdesk.documents.pdf import fonts
from billdesk.documents.pdf.style import PAGE_HEIGHT, PAGE_WIDTH, Colour, Style

# ASCII armour around compressed streams made a file a quarter larger and took a millisecond per page.
rl_config.useA85 = 0

# Distance of a quarter circle's control points from its ends, in radii.
_ARC: Final = 0.5523


@dataclass(slots=True)
class _Pen:
    """Face, size and colour that a page's text operators left behind."""

    font: str = ""
    colour: Colour | None = None


@dataclass(slots=True)
class Page:
    """One page: operators for shapes, operators for texts, and at most one picture."""

    shapes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    picture: tuple[ImageReader, float, float, float, float] | None = None
    pen: _Pen = field(default_factory=_Pen)


class _Codes(dict[int, int]):
    """Characters → subset and code (subset × 256 + code) of one face in one PDF, assigned on first use."""

    def __init__(self, face: fonts.Face, canvas: Canvas) -> None:
        super().__init__()
        self._face = face
        self._document = canvas._doc  # type: ignore[attr-defined]  # noqa: SLF001 - the only way to the subsets
        self._names: dict[int, str] = {}

    def __missing__(self, character: int) -> int:
        subset, code = self._face.font.splitString(chr(character), self._document)[0]
        self[character] = coded = (subset << 8) | code[0]
        return coded

    def name(self, subset: int) -> str:
        """Give the resource name of a subset of the face."""
        if subset not in self._names:
            self._names[subset] = self._face.font.getSubsetInternalName(subset, self._document)
        return self._names[subset]

    def pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """Encode a text as resource names and hexadecimal strings; nearly always one pair."""
        coded = text.translate(self)
        try:
            encoded = coded.encode("latin-1")
        except UnicodeEncodeError:
            for subset, part in groupby(coded, key=lambda c: ord(c) >> 8):
                yield self.name(subset), bytes(ord(c) & 0xFF for c in part).hex()
        else:
            yield self.name(0), encoded.hex()


class Sheet:
    """A PDF in the making; `page` is the one that is written on."""

    def __init__(self, *, title: str, author: str, subject: str, language: str) -> None:
        self._file = io.BytesIO()
        fonts.face(fonts.REGULAR)
        self._canvas = Canvas(
            self._file,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=fonts.REGULAR,  # type: ignore[arg-type]  # the stubs say float
            lang=language,
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)
        self._canvas.setCreator("BillDesk")
        self._canvas.setProducer("BillDesk")
        self._codes: dict[str, _Codes] = {}
        self.pages: list[Page] = []
        self.page = Page()

    def new_page(self) -> Page:
        """Begin another page."""
        self.page = Page()
        self.pages.append(self.page)
        return self.page

    def text(self, x: float, y: float, text: str, style: Style) -> float:
        """Write a text with its baseline at `y`; gives where it ends."""
        if not text:
            return x
        page, pen = self.page, self.page.pen
        if pen.colour != style.colour:
            pen.colour = style.colour
            page.texts.append("{:.3f} {:.3f} {:.3f} rg".format(*style.colour))
        page.texts.append(f"1 0 0 1 {x:.2f} {PAGE_HEIGHT - y:.2f} Tm")
        for run in fonts.runs(style.face, text):
            codes = self._codes.get(run.face.name) or self._codes.setdefault(
                run.face.name, _Codes(run.face, self._canvas)
            )
            for name, encoded in codes.pieces(run.text):
                font = f"{name} {style.size} Tf {style.tracking} Tc"
                if pen.font != font:
                    pen.font = font
                    page.texts.append(font)
                page.texts.append(f"<{encoded}> Tj")
            x += run.face.width(run.text) * style.size + style.tracking * len(run.text)
        return x

    def text_right(self, x: float, y: float, text: str, style: Style) -> None:
        """Write a text that ends at `x`."""
        self.text(x - width(text, style), y, text, style)

    def line(self, x: float, y: float, x2: float, *, colour: Colour, weight: float = 0.6) -> None:
        """Draw a level line."""
        level = f"{PAGE_HEIGHT - y:.2f}"
        red, green, blue = colour
        self.page.shapes.append(
            f"{red:.3f} {green:.3f} {blue:.3f} RG {weight:.2f} w {x:.2f} {level} m {x2:.2f} {level} l S"
        )

    def panel(self, box: tuple[float, float, float, float], colour: Colour, *, radius: float = 5) -> None:
        """Fill a rounded box, given as x, y of its top left corner, width and height."""
        x, top, wide, high = box
        x2, y2, y = x + wide, PAGE_HEIGHT - top, PAGE_HEIGHT - top - high
        r, k = radius, radius * (1 - _ARC)
        red, green, blue = colour
        self.page.shapes.append(
            f"{red:.3f} {green:.3f} {blue:.3f} rg {x + r:.2f} {y:.2f} m {x2 - r:.2f} {y:.2f} l "
            f"{x2 - k:.2f} {y:.2f} {x2:.2f} {y + k:.2f} {x2:.2f} {y + r:.2f} c {x2:.2f} {y2 - r:.2f} l "
            f"{x2:.2f} {y2 - k:.2f} {x2 - k:.2f} {y2:.2f} {x2 - r:.2f} {y2:.2f} c {x + r:.2f} {y2:.2f} l "
            f"{x + k:.2f} {y2:.2f} {x:.2f} {y2 - k:.2f} {x:.2f} {y2 - r:.2f} c {x:.2f} {y + r:.2f} l "
            f"{x:.2f} {y + k:.2f} {x + k:.2f} {y:.2f} {x + r:.2f} {y:.2f} c f"
        )

    def modules(self, x: float, top: float, size: float, matrix: tuple[bytearray, ...]) -> None:
        """Draw the dark modules of a QR code as one path, a rectangle per stretch."""
        unit = size / len(matrix)
        parts = ["0 0 0 rg"]
        for row, cells in enumerate(matrix):
            y = PAGE_HEIGHT - top - (row + 1) * unit
            for start, length in _dark_stretches(bytes(cells)):
                parts.append(f"{x + start * unit:.3f} {y:.3f} {length * unit:.3f} {unit:.3f} re")
        parts.append("f")
        self.page.shapes.append(" ".join(parts))

    def image(self, picture: ImageReader, x: float, top: float, size: tuple[float, float]) -> None:
        """Put a picture onto the page."""
        self.page.picture = (picture, x, PAGE_HEIGHT - top - size[1], *size)

    def finish(self) -> bytes:
        """Write the PDF."""
        for page in self.pages:
            self._canvas.addLiteral("\n".join(page.shapes))
            if page.picture is not None:
                picture, x, y, wide, high = page.picture
                self._canvas.drawImage(picture, x, y, wide, high, mask="auto")
            self._canvas.addLiteral("BT\n" + "\n".join(page.texts) + "\nET")
            self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()


def _dark_stretches(cells: bytes) -> Iterator[tuple[int, int]]:
    end = 0
    for dark, group in groupby(cells):
        start, end = end, end + len(tuple(group))
        if dark:
            yield start, end - start


def width(text: str, style: Style) -> float:
    """Give the width of a text in points."""
    return fonts.width(style.face, text) * style.size + style.tracking * len(text)
