"""Buttons whose icons follow the theme and whose widths fit the longest word."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from billdesk.ui.core.icons import icon
from billdesk.ui.core.theme import is_theme_event, set_look, text_width, tokens
from billdesk.ui.core.tokens import Size

_SIDES = 34
_WITH_ICON = 26


class Button(QPushButton):
    """A button with words; `look` is "", primary, danger or link. One primary per screen."""

    def __init__(self, text: str, icon_name: str = "", *, look: str = "", shortcut: str = "") -> None:
        super().__init__(text)
        self._icon_name = icon_name
        self._look = look
        self._words = text
        self._is_folded = False
        if look:
            set_look(self, look)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(Size.ICON_SMALL, Size.ICON_SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
            self.setToolTip(self.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
        self.set_text(text)
        self._tint()

    def set_text(self, text: str) -> None:
        """Show other words, and never clip them."""
        self._words = text
        self.setText("" if self._is_folded else f" {text}" if self._icon_name else text)
        self.setAccessibleName(text)
        if self._look != "link":
            self.setMinimumWidth(self.folded_width() if self._is_folded else self.whole_width())

    def fold(self, *, on: bool) -> None:
        """Show the icon alone where there is no room for the words; they are its tip then."""
        if self._icon_name and on != self._is_folded:
            self._is_folded = on
            self.setToolTip(self._words if on else self.shortcut().toString(QKeySequence.SequenceFormat.NativeText))
            self.set_text(self._words)

    def whole_width(self) -> int:
        """Give the width with icon and words."""
        return text_width(self._words) + _SIDES + (_WITH_ICON if self._icon_name else 0)

    def folded_width(self) -> int:
        """Give the least width: that of the icon alone, where there is one."""
        return _SIDES + _WITH_ICON // 2 if self._icon_name else self.whole_width()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event) or event.type() == QEvent.Type.EnabledChange:
            self._tint()

    def _tint(self) -> None:
        if not self._icon_name:
            return
        colours = tokens()
        colour = {"primary": colours.on_accent, "danger": colours.red, "link": colours.on_soft}.get(
            self._look, colours.text_second
        )
        shown = colour if self.isEnabled() else colours.text_faint
        self.setIcon(icon(self._icon_name, shown, size=Size.ICON_SMALL))


def button(text: str, on_click: Callable[[], object], icon_name: str = "", *, shortcut: str = "") -> Button:
    """Make an ordinary button."""
    return _connected(Button(text, icon_name, shortcut=shortcut), on_click)


def primary(text: str, on_click: Callable[[], object], icon_name: str = "", *, shortcut: str = "") -> Button:
    """Make the one coloured button of a screen or dialog."""
    return _connected(Button(text, icon_name, look="primary", shortcut=shortcut), on_click)


def danger(text: str, on_click: Callable[[], object], icon_name: str = "") -> Button:
    """Make a button for a step that takes something away."""
    return _connected(Button(text, icon_name, look="danger"), on_click)


def link(text: str, on_click: Callable[[], object], icon_name: str = "") -> Button:
    """Make a button that reads like a link."""
    return _connected(Button(text, icon_name, look="link"), on_click)


def _connected(made: Button, on_click: Callable[[], object]) -> Button:
    made.clicked.connect(lambda *_: on_click())
    return made


class IconButton(QToolButton):
    """A square button with an icon; its name is spoken and shown as a tip."""

    def __init__(self, icon_name: str, name: str, *, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        set_look(self, "icon")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setIconSize(QSize(Size.ICON, Size.ICON))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
            native = self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self.setToolTip(f"{name}  ({native})")
        self._tint()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event):
            self._tint()

    def _tint(self) -> None:
        colours = tokens()
        self.setIcon(icon(self._icon_name, colours.text_second, checked=colours.on_soft))


def icon_button(icon_name: str, name: str, on_click: Callable[[], object], *, shortcut: str = "") -> IconButton:
    """Make a square icon button."""
    made = IconButton(icon_name, name, shortcut=shortcut)
    made.clicked.connect(lambda *_: on_click())
    return made
