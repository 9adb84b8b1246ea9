"""The slide-over: one record beside its list, with a footer that stays in place."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets.buttons import icon_button
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.core.widgets.focus import focus_kept
from billdesk.ui.core.widgets.layouts import scrolled

_SETTLING_MS: Final = 600


class SlideOver(QFrame):
    """A panel at the right edge; Esc closes it and gives the focus back to the list."""

    closed = Signal()

    def __init__(self, width: int = Size.PANEL) -> None:
        super().__init__()
        set_look(self, "panel")
        self.setFixedWidth(width)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._title = ElidedLabel("", "heading")
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(0)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget | None = None
        self._area: QScrollArea | None = None
        self._build()
        self.hide()

    def show_content(
        self, title: str, content: QWidget, footer: tuple[QWidget, ...] = (), tools: tuple[QWidget, ...] = ()
    ) -> None:
        """Show a record: `content` scrolls, `footer` buttons stay, `tools` are icon buttons beside the title."""
        is_same = title == self.accessibleName() and self.isVisible()
        place = self._area.verticalScrollBar().value() if self._area is not None and is_same else 0
        with focus_kept(self):
            self._title.show_text(title)
            self.setAccessibleName(title)
            self._replace(content, footer)
            self._show_tools(tools)
            self.show()
        self._keep_place(place)

    def close_panel(self) -> None:
        """Go away and say so."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(Space.THREE, Space.TWO, Space.TWO, Space.ONE)
        head.setSpacing(0)
        head.addWidget(self._title, 1)
        head.addLayout(self._tools)
        head.addWidget(icon_button("x", _("Close panel"), self.close_panel))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(self._place, 1)

    def _replace(self, content: QWidget, footer: tuple[QWidget, ...]) -> None:
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        inner = QWidget()
        inside = QVBoxLayout(inner)
        inside.setContentsMargins(Space.THREE, Space.ONE, Space.THREE, Space.TWO)
        inside.addWidget(content)
        inside.addStretch(1)
        self._area = scrolled(inner)
        layout.addWidget(self._area, 1)
        if footer:
            layout.addWidget(_footer(footer))
        old = self._content
        self._place.addWidget(holder)
        self._content = holder
        if old is not None:
            # A replaced page overlaps the new one until it is really taken out and hidden.
            self._place.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _keep_place(self, place: int) -> None:
        """Show the part of a record that was shown before; its parts come one after the other."""
        bar = self._area.verticalScrollBar() if self._area is not None else None
        if bar is None or not place:
            return
        grown = bar.rangeChanged.connect(lambda *_: bar.setValue(min(place, bar.maximum())))
        bar.setValue(place)
        QTimer.singleShot(_SETTLING_MS, bar, lambda: bar.rangeChanged.disconnect(grown))

    def _show_tools(self, tools: tuple[QWidget, ...]) -> None:
        while self._tools.count():
            item = self._tools.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for tool in tools:
            self._tools.addWidget(tool)


def _footer(buttons: tuple[QWidget, ...]) -> QFrame:
    frame = QFrame()
    set_look(frame, "footer")
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(Space.THREE, Space.ONE_HALF, Space.THREE, Space.TWO)
    layout.setSpacing(Space.ONE)
    for made in buttons:
        layout.addWidget(made, 1)
    return frame
