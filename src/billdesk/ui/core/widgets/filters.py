"""Ways to narrow a list: status tabs with counts, a search field, chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from billdesk.kernel.i18n import _
from billdesk.ui.core.icons import icon
from billdesk.ui.core.theme import is_theme_event, set_look, text_width, tokens
from billdesk.ui.core.tokens import Size, Space

SEARCH_DELAY_MS: Final = 180
_TABS_EDGE: Final = 3
_LEAST_SEARCH: Final = 150


@dataclass(frozen=True, slots=True)
class Segment:
    """One status tab: its key, its word and, once known, its count as text."""

    key: str
    label: str
    count: str = ""


class SegmentedTabs(QFrame):
    """Status tabs of which one is chosen; left and right arrows move between them."""

    chosen = Signal(str)

    def __init__(self, segments: Sequence[Segment], name: str) -> None:
        super().__init__()
        set_look(self, "segments")
        self.setAccessibleName(name)
        self._segments = {segment.key: segment for segment in segments}
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        for segment in segments:
            layout.addWidget(self._make(segment))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if segments:
            self._buttons[segments[0].key].setChecked(True)

    @property
    def key(self) -> str:
        """The key of the chosen tab."""
        return next((key for key, made in self._buttons.items() if made.isChecked()), "")

    def choose(self, key: str) -> None:
        """Choose a tab as if it were clicked."""
        self._buttons[key].setChecked(True)
        self.chosen.emit(key)

    def show_counts(self, counts: dict[str, str]) -> None:
        """Write counts behind the words."""
        for key, count in counts.items():
            self._write(self._buttons[key], self._segments[key].label, count)

    def tabs_width(self) -> int:
        """Give how wide the tabs are beside one another."""
        return sum(made.minimumWidth() for made in self._buttons.values()) + 2 * _TABS_EDGE

    def show_tabs(self, *, on: bool) -> None:
        """Show the tabs, or leave them out for something smaller."""
        for made in self._buttons.values():
            made.setVisible(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = list(self._buttons)
        key = keys[(keys.index(self.key) + step) % len(keys)]
        self._buttons[key].setFocus(Qt.FocusReason.TabFocusReason)
        self.choose(key)

    def _make(self, segment: Segment) -> QPushButton:
        made = QPushButton()
        set_look(made, "segment")
        made.setCheckable(True)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.installEventFilter(self)
        made.clicked.connect(lambda: self.chosen.emit(segment.key))
        self._group.addButton(made)
        self._buttons[segment.key] = made
        self._write(made, segment.label, segment.count)
        return made

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        arrows = {Qt.Key.Key_Left, Qt.Key.Key_Right}
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in arrows:
            self.keyPressEvent(event)
            return True
        return False

    @staticmethod
    def _write(made: QPushButton, word: str, count: str) -> None:
        text = f"{word}  {count}" if count else word
        made.setText(text)
        made.setMinimumWidth(text_width(text) + 28)


class SearchField(QLineEdit):
    """A search field that reports what was typed after a short pause; Esc empties it."""

    searched = Signal(str)

    def __init__(self, prompt: str, *, delay_ms: int = SEARCH_DELAY_MS) -> None:
        super().__init__()
        self.setPlaceholderText(prompt)
        self.setAccessibleName(prompt)
        self.setClearButtonEnabled(True)
        self._width = max(200, text_width(prompt) + 72)
        self.setMinimumWidth(_LEAST_SEARCH)
        self.setMaximumWidth(max(320, self._width))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._loupe = QAction(self)
        self.addAction(self._loupe, QLineEdit.ActionPosition.LeadingPosition)
        self._timer = QTimer(self, singleShot=True, interval=delay_ms)
        self._timer.timeout.connect(lambda: self.searched.emit(self.text().strip()))
        self.textChanged.connect(lambda *_: self._timer.start())
        find = QAction(_("Find in this list"), self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.triggered.connect(self._take_focus)
        self._find = find
        self._tint()

    def find_action(self) -> QAction:
        """Give the action of Ctrl+F; add it to the screen that holds the field."""
        return self._find

    def sizeHint(self) -> QSize:
        return QSize(self._width, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event):
            self._tint()

    def _take_focus(self) -> None:
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _tint(self) -> None:
        self._loupe.setIcon(icon("search", tokens().text_faint, size=Size.ICON_SMALL))


class FilterChips(QWidget):
    """Chips that can be on or off together."""

    changed = Signal(object)

    def __init__(self, chips: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._chips: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        for key, word in chips:
            chip = QToolButton()
            set_look(chip, "chip")
            chip.setText(word)
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setMinimumSize(QSize(text_width(word, 12) + 24, 28))
            chip.toggled.connect(lambda: self.changed.emit(self.keys))
            self._chips[key] = chip
            layout.addWidget(chip)
        layout.addStretch(1)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the chips that are on."""
        return frozenset(key for key, chip in self._chips.items() if chip.isChecked())

    def choose(self, keys: frozenset[str]) -> None:
        """Turn exactly these chips on."""
        for key, chip in self._chips.items():
            chip.setChecked(key in keys)
