"""Labels, rules, chips, amounts and avatars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from billdesk.kernel.i18n import current
from billdesk.kernel.money import Money
from billdesk.ui.core.chips import HEIGHT, chip_width, draw_chip
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Tone


def label(text: str, look: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Make a label in a look of the stylesheet, such as title, heading, strong, second, faint or problem."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    set_look(result, look)
    result.setWordWrap(wrap)
    if selectable:
        result.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return result


def rule() -> QFrame:
    """Make a hairline."""
    line = QFrame()
    set_look(line, "rule")
    line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return line


class MoneyLabel(QLabel):
    """An amount with its currency, right-aligned with tabular figures; nothing is a dash."""

    def __init__(self, amount: Money | None = None, look: str = "strong") -> None:
        super().__init__()
        set_look(self, look)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.show_amount(amount)

    def show_amount(self, amount: Money | None) -> None:
        """Show another amount."""
        self.setText("–" if amount is None else current().money(amount))


class StatusChip(QWidget):
    """A state as a word with a dot."""

    def __init__(self, text: str = "", tone: Tone = Tone.GREY) -> None:
        super().__init__()
        self._text, self._tone = text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def show_status(self, text: str, tone: Tone) -> None:
        """Show another state."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(chip_width(self._text), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_chip(painter, QRectF(self.rect()), self._text, self._tone)
        painter.end()


def initials(name: str) -> str:
    """Give at most two letters for an avatar."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def avatar(name: str, size: int = 36) -> QLabel:
    """Make a round picture of a name's initials."""
    result = label(initials(name), "avatar")
    result.setFixedSize(size, size)
    result.setAlignment(Qt.AlignmentFlag.AlignCenter)
    result.setAccessibleName(name)
    return result
