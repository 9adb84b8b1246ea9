"""A legend in one line: a coloured square and a word per series."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from billdesk.ui.core.theme import tokens, ui_font

_SQUARE = 10
_GAP = 16


class Legend(QWidget):
    """Names the series of a chart; `colours` are numbers of token series."""

    def __init__(self, names: Sequence[str], colours: Sequence[int] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(names)
        self._colours = tuple(colours) or tuple(range(len(names)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(", ".join(names))

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(ui_font(12))
        return QSize(sum(metrics.horizontalAdvance(name) + _SQUARE + 8 + _GAP for name in self._names), 20)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(12))
        x = 0.0
        for name, colour in zip(self._names, self._colours, strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().series(colour)))
            painter.drawRoundedRect(QRectF(x, (self.height() - _SQUARE) / 2, _SQUARE, _SQUARE), 3, 3)
            painter.setPen(QColor(tokens().text_second))
            room = QRectF(x + _SQUARE + 8, 0, 300, self.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            x += painter.fontMetrics().horizontalAdvance(name) + _SQUARE + 8 + _GAP
        painter.end()
