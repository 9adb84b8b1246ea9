"""Stacked bars over time, with an axis, a read-out per bar and ghost bars while there is no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from billdesk.ui.core.charts.axis import Axis, Label, axis_for
from billdesk.ui.core.charts.canvas import LABEL_HEIGHT, Canvas
from billdesk.ui.core.theme import tokens, ui_font

_GHOSTS: Final = (0.35, 0.5, 0.42, 0.6, 0.55, 0.7, 0.62, 0.8, 0.68, 0.75, 0.85, 0.72)
_WIDEST: Final = 28.0
_RADIUS: Final = 4
_BELOW: Final = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label below and one value per series, all of the same sign."""

    label: str
    values: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """Height of the bar."""
        return sum(self.values, Decimal(0))


class StackedBars(Canvas):
    """Bars of several series on top of one another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self._names: tuple[str, ...] = ()
        self._colours: tuple[int, ...] = ()
        self._label: Label = str
        self._full: Label = str
        self.setMinimumHeight(180)

    def sizeHint(self) -> QSize:
        return QSize(480, 300)

    def show_bars(
        self,
        title: str,
        names: Sequence[str],
        bars: Sequence[Bar],
        *,
        label: Label,
        full: Label | None = None,
        colours: Sequence[int] = (),
    ) -> None:
        """Show bars; `label` writes the axis, `full` the read-out, `colours` are numbers of token series."""
        self._names, self._bars = tuple(names), tuple(bars)
        self._colours = tuple(colours) or tuple(range(len(names)))
        self._label, self._full = label, full or label
        self.describe(title, [self.read_out(i).replace("\n", ", ") for i in range(len(self._bars))])
        self.update()

    def spots(self) -> int:
        return len(self._bars)

    def read_out(self, spot: int) -> str:
        bar = self._bars[spot]
        lines = [f"{name}: {self._full(value)}" for name, value in zip(self._names, bar.values, strict=True) if value]
        return "\n".join([f"{bar.label}  {self._full(bar.total)}", *(lines if len(self._names) > 1 else [])])

    def spot_at(self, point: QPointF) -> int:
        _axis, plot = self._plot()
        if not self._bars or not plot.left() <= point.x() < plot.right():
            return -1
        return int((point.x() - plot.left()) / (plot.width() / len(self._bars)))

    def spot_point(self, spot: int) -> QPointF:
        axis, plot = self._plot()
        x = plot.left() + plot.width() / len(self._bars) * (spot + 0.5)
        return QPointF(x, plot.bottom() - plot.height() * axis.share(self._bars[spot].total))

    def draw(self, painter: QPainter) -> None:
        axis, plot = self._plot()
        self._draw_axis(painter, axis, plot)
        if not self._has_data():
            self._draw_ghosts(painter, plot)
        for index in range(len(self._bars)):
            self._draw_bar(painter, axis, plot, index)

    def _plot(self) -> tuple[Axis, QRectF]:
        totals = [bar.total for bar in self._bars] or [Decimal(0)]
        axis = axis_for(min(totals), max(totals))
        metrics = QFontMetricsF(ui_font(11))
        left = max(metrics.horizontalAdvance(self._label(tick)) for tick in axis.ticks()) + 12
        return axis, QRectF(left, 10, self.width() - left - 6, self.height() - 10 - _BELOW)

    def _has_data(self) -> bool:
        return any(bar.total for bar in self._bars)

    def _draw_axis(self, painter: QPainter, axis: Axis, plot: QRectF) -> None:
        for tick in axis.ticks():
            y = round(plot.bottom() - plot.height() * axis.share(tick)) + 0.5
            painter.setPen(QPen(QColor(tokens().line if tick else tokens().line_strong), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            area = QRectF(0, y - LABEL_HEIGHT / 2, plot.left() - 10, LABEL_HEIGHT)
            if self._has_data() or not tick:
                self.write(painter, area, self._label(tick), right=True)

    def _draw_ghosts(self, painter: QPainter, plot: QRectF) -> None:
        count = len(self._bars) or len(_GHOSTS)
        step = plot.width() / count
        width = min(_WIDEST, step * 0.56)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().hover))
        for index in range(count):
            height = plot.height() * _GHOSTS[index % len(_GHOSTS)] * 0.8
            x = plot.left() + step * (index + 0.5) - width / 2
            painter.drawRoundedRect(QRectF(x, plot.bottom() - height, width, height), _RADIUS, _RADIUS)

    def _draw_bar(self, painter: QPainter, axis: Axis, plot: QRectF, index: int) -> None:
        bar, step = self._bars[index], plot.width() / len(self._bars)
        middle = plot.left() + step * (index + 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if index == self.spot:
            painter.setBrush(QColor(tokens().hover))
            painter.drawRoundedRect(QRectF(middle - step * 0.45, plot.top(), step * 0.9, plot.height()), 6, 6)
        self._draw_stack(painter, axis, plot, (middle, min(_WIDEST, step * 0.56)), bar)
        colour = tokens().text_second if index == self.spot else tokens().text_faint
        if self._is_label_shown(index, step):
            self.write(painter, QRectF(middle - 40, plot.bottom() + 8, 80, 16), bar.label, colour=colour)

    def _is_label_shown(self, index: int, step: float) -> bool:
        widest = max(QFontMetricsF(ui_font(11)).horizontalAdvance(bar.label) for bar in self._bars) + 8
        return index % max(1, -int(-widest // step)) == 0

    def _draw_stack(self, painter: QPainter, axis: Axis, plot: QRectF, place: tuple[float, float], bar: Bar) -> None:
        middle, width = place
        zero = plot.bottom() - plot.height() * axis.share(Decimal(0))
        end = plot.bottom() - plot.height() * axis.share(bar.total)
        top, height = min(zero, end), abs(zero - end)
        outline = QPainterPath()
        # The end of the bar is round, its foot is straight: the rounded box reaches past the zero line.
        past = QRectF(middle - width / 2, top if end <= zero else top - _RADIUS, width, height + _RADIUS)
        outline.addRoundedRect(past, _RADIUS, _RADIUS)
        foot = QPainterPath()
        foot.addRect(QRectF(middle - width / 2, top, width, height))
        painter.save()
        painter.setClipPath(outline.intersected(foot))
        y = zero
        for value, colour in zip(bar.values, self._colours, strict=True):
            part = plot.height() * float(value / (axis.high - axis.low))
            painter.fillRect(QRectF(middle - width / 2, y - part, width, part).normalized(), _series(colour))
            y -= part
        painter.restore()


def _series(number: int) -> QColor:
    return QColor(tokens().series(number))
