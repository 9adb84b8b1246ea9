"""A sparkline: the shape of the last months, without axis or words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from billdesk.ui.core.theme import tokens

_FEWEST: Final = 2
_MARGIN: Final = 3.0


class Sparkline(QWidget):
    """A small line with a soft ground; decoration only, so screen readers and Tab pass it by."""

    def __init__(self, values: Sequence[Decimal] = (), series: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = tuple(values)
        self._series = series
        self.setFixedHeight(34)
        self.setMinimumWidth(40)
        self.setMaximumWidth(112)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(96, 34)

    def show_values(self, values: Sequence[Decimal], series: int = 0) -> None:
        """Show other values in the colour of a token series."""
        self._values, self._series = tuple(values), series
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._values) < _FEWEST:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        points = self._points()
        line = QPainterPath(points[0])
        for point in points[1:]:
            line.lineTo(point)
        ground = QPainterPath(line)
        ground.lineTo(points[-1].x(), self.height())
        ground.lineTo(points[0].x(), self.height())
        colour = QColor(tokens().series(self._series))
        painter.fillPath(ground, _fade(colour, self.height()))
        pen = QPen(colour, 1.8)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPath(line)
        painter.end()

    def _points(self) -> list[QPointF]:
        low, high = min(self._values), max(self._values)
        span = (high - low) or Decimal(1)
        step = (self.width() - 2 * _MARGIN) / (len(self._values) - 1)
        room = self.height() - 4 * _MARGIN
        return [
            QPointF(_MARGIN + i * step, self.height() - 2 * _MARGIN - room * float((value - low) / span))
            for i, value in enumerate(self._values)
        ]


def _fade(colour: QColor, height: int) -> QLinearGradient:
    gradient = QLinearGradient(0, 0, 0, height)
    for place, alpha in ((0, 56), (1, 0)):
        shade = QColor(colour)
        shade.setAlpha(alpha)
        gradient.setColorAt(place, shade)
    return gradient
