"""What all charts share: a focusable widget that re-reads its colours and describes itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from billdesk.ui.core.theme import tokens, ui_font
from billdesk.ui.core.tokens import Size


class Canvas(QWidget):
    """A chart with positions that mouse and arrow keys visit; `read_out` says what stands there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spot = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def spots(self) -> int:
        """Give the number of positions one can visit."""
        return 0

    def spot_at(self, point: QPointF) -> int:
        """Give the position under the mouse, or -1."""
        return -1

    def spot_point(self, spot: int) -> QPointF:
        """Give where the read-out of a position is shown."""
        return QPointF(self.rect().center())

    def read_out(self, spot: int) -> str:
        """Give the words for one position."""
        return ""

    @property
    def spot(self) -> int:
        """The position looked at, -1 for none."""
        return self._spot

    def visit(self, spot: int) -> None:
        """Look at a position and show its read-out."""
        if spot == self._spot:
            return
        self._spot = spot
        if 0 <= spot < self.spots():
            QToolTip.showText(self.mapToGlobal(self.spot_point(spot).toPoint()), self.read_out(spot), self)
        else:
            QToolTip.hideText()
        self.update()

    def describe(self, title: str, lines: list[str]) -> None:
        """Say to a screen reader what a sighted person sees."""
        self.setAccessibleName(title)
        self.setAccessibleDescription("\n".join(lines))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.visit(self.spot_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.visit(-1)
        super().leaveEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.visit(self.spot_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key())
        )
        if step is None or not self.spots():
            super().keyPressEvent(event)
            return
        self.visit(max(0, min(self.spots() - 1, self._spot + step)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens().accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Paint the chart."""

    @staticmethod
    def write(painter: QPainter, area: QRectF, text: str, *, right: bool = False, colour: str = "") -> None:
        """Write a small word of an axis."""
        painter.setFont(ui_font(11))
        painter.setPen(QColor(colour or tokens().text_faint))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)


LABEL_HEIGHT = Size.ICON
"""Height of one line of an axis label."""
