"""A toast: one line at the foot of the window that goes away by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.buttons import button
from billdesk.ui.core.widgets.texts import label

SHOWN_MS: Final = 6000
OFFERED_MS: Final = 12_000
"""How long a toast with an offer stays: reading it and reaching for the key takes longer than reading."""
_MARGIN: Final = 72


class Toast(QFrame):
    """Says what was done and may offer to undo it; pausing the mouse on it keeps it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        set_look(self, "toast")
        self._text = label("")
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(Space.TWO)
        self._layout.addWidget(self._text)
        self._action: QWidget | None = None
        self._offer: tuple[str, Callable[[], object]] | None = None
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.setMinimumHeight(44)
        window.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        """Say something for a few seconds."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._offer = action
        if self._action is not None:
            self._layout.removeWidget(self._action)
            self._action.hide()
            self._action.deleteLater()
            self._action = None
        # A button brings its own room; bare words want as much at their end as at their beginning.
        self._layout.setContentsMargins(Space.TWO, Space.ONE, Space.ONE if action else Space.TWO, Space.ONE)
        if action:
            self._action = button(action[0], lambda: self._act(action[1]))
            self._layout.addWidget(self._action)
            # A layout leaves out what is not shown yet, and the toast may be on screen already.
            self._action.show()
        # While it is on screen the layout still knows the old words, and would cut the new ones.
        self._layout.invalidate()
        self._layout.activate()
        self.resize(self._layout.sizeHint())
        self._place()
        self.show()
        self.raise_()
        self._timer.start(OFFERED_MS if action else SHOWN_MS)

    def take_offer(self, word: str) -> bool:
        """Do what is offered under a word, as a click on it would; False when that is not offered on screen."""
        if self._offer is None or self._offer[0] != word or not self.isVisible():
            return False
        self._act(self._offer[1])
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def enterEvent(self, event: QEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    def _act(self, action: Callable[[], object]) -> None:
        self.hide()
        self._offer = None
        action()

    def _place(self) -> None:
        self.move((self._window.width() - self.width()) // 2, self._window.height() - self.height() - _MARGIN)
