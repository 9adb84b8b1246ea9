"""Lines over a number axis, such as what a price model charges for a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from billdesk.ui.core.charts.axis import Axis, Label, axis_for
from billdesk.ui.core.charts.canvas import LABEL_HEIGHT, Canvas
from billdesk.ui.core.theme import tokens, ui_font

Points = tuple[tuple[Decimal, Decimal], ...]
"""Positions (x, y) in rising x."""


@dataclass(frozen=True, slots=True)
class CurveLine:
    """One line; all lines of a chart have the same x positions."""

    name: str
    points: Points
    series: int = 0


class Curve(Canvas):
    """One or more lines with a read-out that follows the mouse or the arrow keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[CurveLine, ...] = ()
        self._x_label: Label = str
        self._y_label: Label = str
        self.setMinimumHeight(160)

    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    def show_lines(self, title: str, lines: Sequence[CurveLine], *, x_label: Label, y_label: Label) -> None:
        """Show lines."""
        self._lines = tuple(line for line in lines if line.points)
        self._x_label, self._y_label = x_label, y_label
        self.describe(title, [self.read_out(i).replace("\n", ", ") for i in range(self.spots())])
        self.update()

    def spots(self) -> int:
        return len(self._lines[0].points) if self._lines else 0

    def read_out(self, spot: int) -> str:
        values = [
            f"{line.name + ': ' if line.name else ''}{self._y_label(line.points[spot][1])}" for line in self._lines
        ]
        return "\n".join([self._x_label(self._lines[0].points[spot][0]), *values])

    def spot_at(self, point: QPointF) -> int:
        if not self._lines:
            return -1
        places = [self._place(self._lines[0], i).x() for i in range(self.spots())]
        return min(range(len(places)), key=lambda i: abs(places[i] - point.x()))

    def spot_point(self, spot: int) -> QPointF:
        return self._place(self._lines[0], spot)

    def draw(self, painter: QPainter) -> None:
        across, up, plot = self._frame()
        self._draw_axes(painter, across, up, plot)
        for line in self._lines:
            self._draw_line(painter, line)
        if 0 <= self.spot < self.spots():
            self._draw_spot(painter, plot)

    def _frame(self) -> tuple[Axis, Axis, QRectF]:
        xs = [x for line in self._lines for x, _y in line.points] or [Decimal(0)]
        ys = [y for line in self._lines for _x, y in line.points] or [Decimal(0)]
        up = axis_for(min(ys), max(ys))
        metrics = QFontMetricsF(ui_font(11))
        left = max(metrics.horizontalAdvance(self._y_label(tick)) for tick in up.ticks()) + 12
        return (
            _tight(axis_for(min(xs), max(xs)), max(xs)),
            up,
            QRectF(left, 10, self.width() - left - 24, self.height() - 36),
        )

    def _place(self, line: CurveLine, index: int) -> QPointF:
        across, up, plot = self._frame()
        x, y = line.points[index]
        return QPointF(plot.left() + plot.width() * across.share(x), plot.bottom() - plot.height() * up.share(y))

    def _draw_axes(self, painter: QPainter, across: Axis, up: Axis, plot: QRectF) -> None:
        for tick in up.ticks():
            y = round(plot.bottom() - plot.height() * up.share(tick)) + 0.5
            painter.setPen(QPen(QColor(tokens().line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            area = QRectF(0, y - LABEL_HEIGHT / 2, plot.left() - 10, LABEL_HEIGHT)
            self.write(painter, area, self._y_label(tick), right=True)
        for tick in across.ticks():
            x = plot.left() + plot.width() * across.share(tick)
            self.write(painter, QRectF(x - 50, plot.bottom() + 6, 100, LABEL_HEIGHT), self._x_label(tick))

    def _draw_line(self, painter: QPainter, line: CurveLine) -> None:
        path = QPainterPath(self._place(line, 0))
        for index in range(1, len(line.points)):
            path.lineTo(self._place(line, index))
        pen = QPen(QColor(tokens().series(line.series)), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _draw_spot(self, painter: QPainter, plot: QRectF) -> None:
        x = self._place(self._lines[0], self.spot).x()
        painter.setPen(QPen(QColor(tokens().line_strong), 1))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        for line in self._lines:
            painter.setPen(QPen(QColor(tokens().surface), 2))
            painter.setBrush(QColor(tokens().series(line.series)))
            painter.drawEllipse(self._place(line, self.spot), 5, 5)


def _tight(axis: Axis, highest: Decimal) -> Axis:
    """End the axis at the last point: a curve that stops half-way looks unfinished."""
    return Axis(axis.low, max(highest, axis.low + axis.step / 4), axis.step)
