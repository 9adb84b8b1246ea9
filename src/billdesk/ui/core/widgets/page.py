"""The frame of a screen: header, banner, empty state, steps of a wizard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.theme import set_look, tokens, ui_font
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets.buttons import Button, button, icon_button, primary
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.core.widgets.icon_label import IconLabel
from billdesk.ui.core.widgets.texts import label

_BANNER_ICONS = {
    Tone.BLUE: "info",
    Tone.GREEN: "check",
    Tone.AMBER: "circle-alert",
    Tone.RED: "circle-alert",
    Tone.GREY: "info",
}


class PageHeader(QWidget):
    """Title, one line below it and, at the right, at most one primary button."""

    def __init__(self, title: str, note: str = "", actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self._title = label(title, "title")
        # Cut with an ellipsis: half an amount would be another amount.
        self._note = ElidedLabel(note or " ", "second")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._note)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        layout.addLayout(words, 1)
        # Icon buttons are taller than the others: their middles are in line, not their feet.
        self._actions = tuple(actions)
        deeds = QHBoxLayout()
        deeds.setSpacing(Space.ONE)
        for action in actions:
            deeds.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(deeds)
        layout.setAlignment(deeds, Qt.AlignmentFlag.AlignBottom)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(folded=True), super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Leave out the words of buttons with icons where they and the title do not fit beside one another."""
        is_tight = self.width() < self._needed(folded=False)
        for action in self._actions:
            if isinstance(action, Button):
                action.fold(on=is_tight)

    def _needed(self, *, folded: bool) -> int:
        widths = [self._title.sizeHint().width()]
        for action in self._actions:
            if action.isHidden():
                continue
            if isinstance(action, Button):
                widths.append(action.folded_width() if folded else action.whole_width())
            else:
                widths.append(action.sizeHint().width())
        return sum(widths) + Space.ONE * len(widths)

    def show_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def show_note(self, note: str) -> None:
        """Change the line below the title, such as a count."""
        self._note.show_text(note or " ")


class EmptyState(QWidget):
    """Says what belongs here and offers the one action; or that a filter hides rows."""

    def __init__(
        self,
        icon_name: str,
        text: str,
        detail: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.FOUR, Space.FOUR, Space.FOUR, Space.FOUR)
        layout.setSpacing(Space.ONE)
        layout.addStretch(2)
        layout.addWidget(IconLabel(icon_name, "text_faint", 40))
        layout.addSpacing(Space.ONE)
        self._text = label(text, "heading", wrap=True)
        self._detail = label(detail, "second", wrap=True)
        for words in (self._text, self._detail):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(words)
        self._detail.setVisible(bool(detail))
        if action:
            layout.addSpacing(Space.ONE)
            layout.addWidget(primary(*action), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.setAccessibleName(f"{text} {detail}".strip())


class Banner(QFrame):
    """A line across a screen that says something about all of it; it can be put away."""

    def __init__(
        self,
        text: str,
        tone: Tone = Tone.BLUE,
        action: tuple[str, Callable[[], object]] | None = None,
        *,
        can_close: bool = True,
    ) -> None:
        super().__init__()
        set_look(self, f"banner-{tone}")
        self._text = label(text, "medium", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.TWO, Space.ONE, Space.ONE, Space.ONE)
        layout.setSpacing(Space.ONE_HALF)
        layout.addWidget(IconLabel(_BANNER_ICONS[tone], tone.value))
        layout.addWidget(self._text, 1)
        if action:
            layout.addWidget(button(*action))
        if can_close:
            layout.addWidget(icon_button("x", _("Close"), self.hide))
        self.setAccessibleName(text)
        self.setMinimumHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Say something else and come back."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()


class Stepper(QWidget):
    """The steps of a wizard: those done have a tick, the present one is filled."""

    def __init__(self, steps: Sequence[str]) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._step = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_step(0)

    def show_step(self, step: int) -> None:
        """Stand at step number `step`, counted from 0."""
        self._step = step
        self.setAccessibleName(
            _("Step {n} of {total}: {name}", n=step + 1, total=len(self._steps), name=self._steps[step])
        )
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(ui_font(13, QFont.Weight.DemiBold))
        width = sum(metrics.horizontalAdvance(step) + 34 + Space.FOUR for step in self._steps)
        return QSize(round(width), 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 1.0
        for index, name in enumerate(self._steps):
            x = self._draw_step(painter, x, index, name)
        painter.end()

    def _draw_step(self, painter: QPainter, x: float, index: int, name: str) -> float:
        colours = tokens()
        is_done, is_now = index < self._step, index == self._step
        circle = QRectF(x, 5, 22, 22)
        painter.setPen(QPen(QColor(colours.accent if is_done or is_now else colours.line_strong), 1.5))
        painter.setBrush(QColor(colours.accent if is_now else colours.soft if is_done else colours.surface))
        painter.drawEllipse(circle)
        painter.setPen(QColor(colours.on_accent if is_now else colours.on_soft if is_done else colours.text_faint))
        painter.setFont(ui_font(11, QFont.Weight.DemiBold))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "✓" if is_done else str(index + 1))
        font = ui_font(13, QFont.Weight.DemiBold if is_now else QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(colours.text if is_now else colours.text_second))
        width = QFontMetricsF(font).horizontalAdvance(name)
        painter.drawText(QRectF(x + 30, 0, width + 2, 32), Qt.AlignmentFlag.AlignVCenter, name)
        end = x + 30 + width
        if index < len(self._steps) - 1:
            painter.setPen(QPen(QColor(colours.line_strong), 1))
            painter.drawLine(QPointF(end + 10, 16), QPointF(end + 10 + Space.TWO, 16))
        return end + 10 + Space.TWO + 10
