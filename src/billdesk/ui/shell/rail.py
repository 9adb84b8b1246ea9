"""The rail at the left: nine nouns, settings, and the card of the entity whose book is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from billdesk.kernel.i18n import _
from billdesk.ui.core.icons import icon, pixmap
from billdesk.ui.core.theme import is_theme_event, set_look, text_width, tokens
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets.texts import initials, label, rule
from billdesk.ui.shell.screens import ScreenSpec


class NavButton(QToolButton):
    """One place to go to."""

    def __init__(self, text: str, icon_name: str, shortcut: str = "") -> None:
        super().__init__()
        self._icon_name = icon_name
        set_look(self, "nav")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(Size.ICON, Size.ICON))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(Size.NAV_ITEM)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)
        if shortcut:
            native = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            self.setToolTip(f"{text}  ({native})")
        self._tint()

    def set_text(self, text: str) -> None:
        """Show other words."""
        self.setText(f"  {text}")
        self.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event):
            self._tint()

    def _tint(self) -> None:
        self.setIcon(icon(self._icon_name, tokens().text_second, checked=tokens().on_soft))


class _Mark(QLabel):
    """The sign of the program."""

    def __init__(self) -> None:
        super().__init__()
        set_look(self, "mark")
        self.setFixedSize(28, 28)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setPixmap(pixmap("receipt", tokens().on_accent, 17))


class EntityCard(QToolButton):
    """The company whose book is open; its menu opens other books and changes theme and language."""

    def __init__(self) -> None:
        super().__init__()
        set_look(self, "nav")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._avatar = label("", "avatar")
        self._avatar.setFixedSize(36, 36)
        self._avatar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = label("", "strong")
        self._detail = label("", "faint")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.ONE, 0, Space.ONE, 0)
        layout.setSpacing(10)
        layout.addWidget(self._avatar)
        layout.addLayout(words, 1)
        for part in (self._avatar, self._name, self._detail):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_entity(self, name: str, detail: str) -> None:
        """Show another company."""
        self._avatar.setText(initials(name))
        self._name.setText(self._name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 128))
        self._detail.setText(self._detail.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideMiddle, 128))
        self.setToolTip(f"{name}\n{detail}")
        self.setAccessibleName(_("Book: {name}", name=name))


class Rail(QFrame):
    """Announces where to go; the shell goes there."""

    chosen = Signal(str)

    def __init__(self, screens: Sequence[ScreenSpec], foot: ScreenSpec) -> None:
        super().__init__()
        set_look(self, "rail")
        self.setAccessibleName(_("Navigation"))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, NavButton] = {}
        self.entity = EntityCard()
        self.outbox = NavButton("", "send")
        self.outbox.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.ONE_HALF, Space.TWO, Space.ONE_HALF, Space.ONE_HALF)
        layout.setSpacing(2)
        layout.addLayout(self._brand())
        layout.addSpacing(Space.TWO)
        for spec in screens:
            layout.addWidget(self._button(spec))
        layout.addStretch(1)
        layout.addWidget(self.outbox)
        layout.addWidget(self._button(foot))
        layout.addSpacing(Space.ONE)
        layout.addWidget(rule())
        layout.addSpacing(Space.ONE)
        layout.addWidget(self.entity)
        longest = max(text_width(_(spec.title)) for spec in (*screens, foot))
        self.setFixedWidth(max(Size.RAIL, longest + 88))

    def mark(self, key: str) -> None:
        """Show where one is."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def show_outbox(self, text: str) -> None:
        """Show how many mails wait or failed; nothing hides the line."""
        self.outbox.set_text(text)
        self.outbox.setVisible(bool(text))

    def set_menu(self, menu: QMenu) -> None:
        """Give the entity card its menu."""
        self.entity.setMenu(menu)

    def _brand(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setContentsMargins(Space.ONE, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(_Mark())
        layout.addWidget(label("BillDesk", "brand"))
        layout.addStretch(1)
        return layout

    def _button(self, spec: ScreenSpec) -> NavButton:
        made = NavButton(_(spec.title), spec.icon, spec.shortcut)
        made.setCheckable(True)
        made.clicked.connect(lambda *_: self.chosen.emit(spec.key))
        self._group.addButton(made)
        self._buttons[spec.key] = made
        return made
