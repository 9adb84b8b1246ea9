"""A donut with the total in its middle and a legend with amounts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import atan2, degrees, hypot
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from billdesk.ui.core.charts.axis import Label
from billdesk.ui.core.charts.canvas import Canvas
from billdesk.ui.core.theme import tokens, ui_font

_RING: Final = 22
_ROW: Final = 33
_TURN: Final = 360 * 16
_GAP: Final = 36
_SMALLEST: Final = 84.0


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a whole; `series` is the number of its colour, `key` what a click on it means."""

    label: str
    value: Decimal
    series: int
    key: str = ""


class Donut(Canvas):
    """Parts of a whole; a part that is clicked or entered is announced by `chosen`."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slices: tuple[Slice, ...] = ()
        self._middle = ("", "")
        self._label: Label = str
        self.setMinimumHeight(190)

    def sizeHint(self) -> QSize:
        return QSize(360, 230)

    def show_slices(self, title: str, slices: Sequence[Slice], *, middle: tuple[str, str], label: Label) -> None:
        """Show parts; `middle` is the figure in the ring and the word below it."""
        self._slices, self._middle, self._label = tuple(slices), middle, label
        self.describe(title, [self.read_out(i) for i in range(len(self._slices))])
        self.update()

    def spots(self) -> int:
        return len(self._slices)

    def read_out(self, spot: int) -> str:
        part = self._slices[spot]
        return f"{part.label}: {self._label(part.value)}"

    def spot_at(self, point: QPointF) -> int:
        ring = self._ring()
        offset = point - ring.center()
        if abs(hypot(offset.x(), offset.y()) - ring.width() / 2) <= _RING / 2:
            return self._spot_at_angle((degrees(atan2(offset.x(), -offset.y())) % 360) / 360)
        row = int((point.y() - self._legend_top()) // _ROW)
        return row if point.x() > ring.right() + _RING and 0 <= row < len(self._slices) else -1

    def spot_point(self, spot: int) -> QPointF:
        return QPointF(self._ring().right() + _RING, self._legend_top() + _ROW * (spot + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self.spot_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._choose(self.spot)
            return
        super().keyPressEvent(event)

    def draw(self, painter: QPainter) -> None:
        self._draw_ring(painter)
        self._draw_middle(painter)
        for index in range(len(self._slices)):
            self._draw_row(painter, index)

    def _choose(self, spot: int) -> None:
        if 0 <= spot < len(self._slices) and self._slices[spot].key:
            self.chosen.emit(self._slices[spot].key)

    def _total(self) -> Decimal:
        return sum((abs(part.value) for part in self._slices), Decimal(0))

    def _spot_at_angle(self, share: float) -> int:
        reached, total = 0.0, self._total() or Decimal(1)
        for index, part in enumerate(self._slices):
            reached += float(abs(part.value) / total)
            if share <= reached:
                return index
        return -1

    def _ring(self) -> QRectF:
        # The words are what says which part is which, so in a narrow window the ring gives way to them.
        beside = self.width() - self._legend_width()
        edge = max(_SMALLEST, min(self.height() - 24.0, self.width() * 0.44, beside, 216.0)) - _RING
        return QRectF(8 + _RING / 2, (self.height() - edge) / 2, edge, edge)

    def _legend_width(self) -> float:
        font, strong = QFontMetricsF(ui_font(12)), QFontMetricsF(ui_font(12, QFont.Weight.DemiBold))
        rows = (font.horizontalAdvance(p.label) + strong.horizontalAdvance(self._label(p.value)) for p in self._slices)
        return max(rows, default=0.0) + 28 + 52

    def _legend_top(self) -> float:
        return (self.height() - _ROW * len(self._slices)) / 2

    def _draw_ring(self, painter: QPainter) -> None:
        ring, total = self._ring(), self._total()
        pen = QPen(QColor(tokens().hover), _RING)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        if not total:
            painter.drawArc(ring, 0, _TURN)
            return
        angle = 90.0 * 16
        gap = _GAP if len([part for part in self._slices if part.value]) > 1 else 0
        for index, part in enumerate(self._slices):
            span = _TURN * float(abs(part.value) / total)
            pen.setColor(QColor(tokens().series(part.series)))
            pen.setWidth(_RING + (4 if index == self.spot else 0))
            painter.setPen(pen)
            if span:
                painter.drawArc(ring, round(angle - gap / 2), round(-max(8.0, span - gap)))
            angle -= span

    def _draw_middle(self, painter: QPainter) -> None:
        figure, word = self._middle
        ring = self._ring()
        if QFontMetricsF(ui_font(11, QFont.Weight.Bold)).horizontalAdvance(figure) > ring.width() - 26:
            return  # a total that runs over the ring cannot be read; the parts beside it can
        px = 18
        while px > 11 and QFontMetricsF(ui_font(px, QFont.Weight.Bold)).horizontalAdvance(figure) > ring.width() - 34:  # noqa: PLR2004
            px -= 1
        painter.setPen(QColor(tokens().text))
        painter.setFont(ui_font(px, QFont.Weight.Bold))
        painter.drawText(ring.translated(0, -9), Qt.AlignmentFlag.AlignCenter, figure)
        self.write(painter, ring.translated(0, 13), word)

    def _draw_row(self, painter: QPainter, index: int) -> None:
        part = self._slices[index]
        left, top = self._ring().right() + _RING / 2 + 24, self._legend_top() + _ROW * index
        if index == self.spot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().hover))
            painter.drawRoundedRect(QRectF(left - 8, top + 2, self.width() - left + 4, _ROW - 4), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens().series(part.series)))
        painter.drawRoundedRect(QRectF(left, top + (_ROW - 10) / 2, 10, 10), 3, 3)
        font, strong = ui_font(12), ui_font(12, QFont.Weight.DemiBold)
        amount = self._label(part.value)
        width = QFontMetricsF(strong).horizontalAdvance(amount)
        room = QRectF(left + 18, top, self.width() - left - 26, _ROW)
        painter.setPen(QColor(tokens().text_second))
        painter.setFont(font)
        word = QFontMetricsF(font).elidedText(part.label, Qt.TextElideMode.ElideRight, room.width() - width - 10)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        painter.setPen(QColor(tokens().text))
        painter.setFont(strong)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, amount)
