"""The steps that led to an amount, shown beside the line that was clicked."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSlider, QFrame, QGridLayout, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import label, rule, scrolled
from billdesk.ui.screens.invoices.record import ShownLine

_WIDTH = 400
_HEAD = 140
"""Room for the title of the line, and at the edges of the screen."""
_SCROLLS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class ExplainPopup(QFrame):
    """A till slip of one line; Esc or a click elsewhere closes it, and one that is longer than the screen scrolls."""

    def __init__(self, parent: QWidget, line: ShownLine) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        set_look(self, "popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(_("How this amount came about"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.TWO, Space.TWO, Space.TWO, Space.TWO)
        outer.setSpacing(Space.ONE)
        outer.addWidget(label(_("How this amount came about"), "faint"))
        outer.addWidget(label(line.title, "heading", wrap=True))
        outer.addWidget(rule())
        self._inside = self._slip(line)
        holder = QWidget()
        holder.setLayout(self._inside)
        self._area = scrolled(holder)
        outer.addWidget(self._area)

    def show_beside(self, anchor: QWidget) -> None:
        """Stand left of a widget, within the screen."""
        inside = self._inside
        wraps = inside.hasHeightForWidth()
        height = inside.totalHeightForWidth(_WIDTH - 2 * Space.TWO) if wraps else inside.totalSizeHint().height()
        self._area.setFixedHeight(min(height, anchor.screen().availableGeometry().height() - _HEAD))
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, 0))
        room = anchor.screen().availableGeometry()
        left = max(room.left() + Space.ONE, corner.x() - self.width() - Space.TWO)
        top = max(room.top(), min(corner.y(), room.bottom() - self.height() - Space.ONE))
        self.move(left, top)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self._area.verticalScrollBar()
        action = _SCROLLS.get(Qt.Key(event.key()))
        if action is None:
            super().keyPressEvent(event)
        else:
            bar.triggerAction(action)

    @staticmethod
    def _slip(line: ShownLine) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.TWO)
        grid.setVerticalSpacing(Space.ONE)
        grid.setColumnStretch(0, 1)
        for place, step in enumerate(line.steps):
            words = QVBoxLayout()
            words.setSpacing(1)
            words.addWidget(label(step.label, "medium", wrap=True))
            formula = label(step.formula, "faint", wrap=True)
            formula.setVisible(bool(step.formula))
            words.addWidget(formula)
            grid.addLayout(words, place, 0)
            amount = label(step.amount, "medium")
            grid.addWidget(amount, place, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        place = len(line.steps)
        grid.addWidget(rule(), place, 0, 1, 2)
        grid.addWidget(label(_("Amount"), "strong"), place + 1, 0)
        total = label(current().money(line.amount), "strong")
        grid.addWidget(total, place + 1, 1, Qt.AlignmentFlag.AlignRight)
        return grid
