"""What lies ahead of a contract on a line of days, on which a change is dragged to another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from billdesk.kernel.i18n import _, current
from billdesk.kernel.period import add_months
from billdesk.ui.core.charts.canvas import Canvas
from billdesk.ui.core.theme import tokens, ui_font
from billdesk.ui.screens.subscriptions.subscriptions_presenter import Step

_HEIGHT: Final = 58
_SIDE: Final = 12
_LINE: Final = 30
_RADIUS: Final = 6.0
_REACH: Final = 11.0
_MONTHS: Final = 12
_TEXT: Final = 10


class AheadStrip(Canvas):
    """Announces a step and the day to which it was dragged; nothing changes before that is saved."""

    dragged = Signal(object, object)

    def __init__(self, steps: Sequence[Step], today: date) -> None:
        super().__init__()
        self._today = today
        self._steps = sorted((step for step in steps if step.is_future), key=lambda step: step.effective)
        last = max([add_months(today, _MONTHS), *(step.effective for step in self._steps)])
        self._days = max(1, (last - today).days + 15)
        self._moved: dict[int, date] = {}
        self._held = -1
        self.setFixedHeight(_HEIGHT)
        lines = [f"{step.day}: {step.text}" for step in self._steps]
        self.describe(_("What lies ahead"), lines)
        self.setToolTip(_("Drag a change to another day, or press Shift with an arrow key, then Enter."))

    def sizeHint(self) -> QSize:
        return QSize(280, _HEIGHT)

    def spots(self) -> int:
        return len(self._steps)

    def spot_at(self, point: QPointF) -> int:
        near = [(abs(self.spot_point(spot).x() - point.x()), spot) for spot in range(self.spots())]
        found = min(near, default=(_REACH + 1, -1))
        return found[1] if found[0] <= _REACH else -1

    def spot_point(self, spot: int) -> QPointF:
        return QPointF(self._x(self.day_of(spot)), _LINE)

    def read_out(self, spot: int) -> str:
        return f"{current().day(self.day_of(spot))}: {self._steps[spot].text}"

    def day_of(self, spot: int) -> date:
        """Give the day on which a change stands, where it is dragged to while it is held."""
        return self._moved.get(spot, self._steps[spot].effective)

    def _x(self, day: date) -> float:
        return _SIDE + (self.width() - 2 * _SIDE) * (day - self._today).days / self._days

    def _day(self, x: float) -> date:
        share = (x - _SIDE) / max(1, self.width() - 2 * _SIDE)
        return self._today + timedelta(days=min(self._days, max(1, round(share * self._days))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._held = self.spot_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held < 0:
            spot = self.spot_at(event.position())
            self.setCursor(Qt.CursorShape.SizeHorCursor if spot >= 0 else Qt.CursorShape.ArrowCursor)
            super().mouseMoveEvent(event)
            return
        self._put(self._held, self._day(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, -1
        if held >= 0:
            self._let_go(held)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key, spot = Qt.Key(event.key()), max(0, self.spot)
        if not self._steps:
            super().keyPressEvent(event)
        elif key in steps and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._put(spot, max(self._today + timedelta(days=1), self.day_of(spot) + timedelta(days=steps[key])))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._let_go(spot)
        else:
            super().keyPressEvent(event)

    def _put(self, spot: int, day: date) -> None:
        self._moved[spot] = day
        self.visit(-1)
        self.visit(spot)
        self.update()

    def _let_go(self, spot: int) -> None:
        """Ask to save where a change was put; until then it stands where it was."""
        day = self._moved.pop(spot, self._steps[spot].effective)
        self.update()
        if day != self._steps[spot].effective:
            self.dragged.emit(self._steps[spot], day)

    def draw(self, painter: QPainter) -> None:
        colours = tokens()
        painter.setPen(QPen(QColor(colours.line_strong), 2))
        painter.drawLine(QPointF(_SIDE, _LINE), QPointF(self.width() - _SIDE, _LINE))
        self._draw_months(painter)
        for spot in range(self.spots()):
            is_held = spot in {self._held, self.spot}
            painter.setPen(QPen(QColor(colours.surface), 2))
            painter.setBrush(QColor(colours.accent_press if is_held else colours.accent))
            painter.drawEllipse(self.spot_point(spot), _RADIUS + is_held, _RADIUS + is_held)

    def _draw_months(self, painter: QPainter) -> None:
        painter.setFont(ui_font(_TEXT))
        painter.setPen(QColor(tokens().text_faint))
        month, free = add_months(self._today.replace(day=1), 1), 0.0
        while (month - self._today).days < self._days:
            x = self._x(month)
            text = str(format_date(month, "LLL", locale=current().locale))
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawLine(QPointF(x, _LINE + 4), QPointF(x, _LINE + 8))
            if x >= free and x + width <= self.width():
                painter.drawText(QRectF(x, _LINE + 10, width + 2, 16), Qt.AlignmentFlag.AlignLeft, text)
                free = x + width + 10
            month = add_months(month, 1)
