"""Texts that give way: cut with an ellipsis where there is no room, whole in the tip and to screen readers."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from billdesk.ui.core.theme import set_look, ui_font

_LEAST_WIDTH = 24


class ElidedLabel(QLabel):
    """A label of one line that is cut where it does not fit, and never pushes its neighbours out."""

    def __init__(self, text: str, look: str = "") -> None:
        super().__init__()
        self._whole = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        set_look(self, look)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setAccessibleName(text)
        self._cut()

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        # The stylesheet's font is known only once the label is shown, so each size measures anew.
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


def elide(text: str, width: int, px: int = 13, weight: QFont.Weight = QFont.Weight.DemiBold) -> str:
    """Cut a text with an ellipsis so that it fits into a width in logical pixels."""
    return QFontMetrics(ui_font(px, weight)).elidedText(text, Qt.TextElideMode.ElideRight, width)
