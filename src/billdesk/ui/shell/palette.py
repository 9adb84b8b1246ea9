"""The command palette: finds screens, actions and records as one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.i18n import _
from billdesk.ui.core.icons import pixmap
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import set_look, tokens, ui_font
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.texts import label, rule
from billdesk.ui.shell.providers import Hit, Providers

HITS: Final = 12
_DELAY_MS: Final = 90
_ROW: Final = 40
_WIDTH: Final = 620
_FEWEST_LETTERS: Final = 2
_ENTRY: Final = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette and what it does."""

    title: str
    icon: str
    run: Callable[[], object]
    detail: str = ""
    keys: str = ""


def matches(text: str, title: str) -> bool:
    """Tell whether every typed word begins a word of the title, in any order."""
    words = title.casefold().split()
    return all(any(word.startswith(part) for word in words) for part in text.casefold().split())


class _EntryDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(_WIDTH - 40, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        entry: Entry = index.data(_ENTRY)  # type: ignore[attr-defined]
        area = QRectF(option.rect)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().soft))
            painter.drawRoundedRect(area, 8, 8)
        colour = tokens().on_soft if is_chosen else tokens().text_second
        painter.drawPixmap(int(area.left()) + 12, int(area.center().y()) - 8, pixmap(entry.icon, colour, 17))
        inner = area.adjusted(42, 0, -14, 0)
        font = ui_font(13, QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(QColor(tokens().on_soft if is_chosen else tokens().text))
        side = Qt.AlignmentFlag.AlignVCenter
        title = QFontMetricsF(font).elidedText(entry.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignLeft, title)
        used = QFontMetricsF(font).horizontalAdvance(title) + 16
        painter.setFont(ui_font(12))
        painter.setPen(QColor(tokens().text_faint))
        rest = inner.adjusted(used, 0, 0, 0)
        text = QFontMetricsF(ui_font(12)).elidedText(
            entry.detail or entry.keys, Qt.TextElideMode.ElideRight, max(0.0, rest.width())
        )
        painter.drawText(rest, side | Qt.AlignmentFlag.AlignRight, text)
        painter.restore()


class Palette(QFrame):
    """A field and a list over the window; Enter goes, Esc closes."""

    def __init__(self, window: QWidget, tasks: Tasks, providers: Providers, go: Callable[[Hit], object]) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks.of(self)
        self._search = providers.search
        self._go = go
        self._entries: Callable[[], Sequence[Entry]] = list
        self._icons: dict[str, str] = {}
        self._before: QWidget | None = None
        set_look(self, "popup")
        self.setAccessibleName(_("Command palette"))
        self._field = QLineEdit()
        set_look(self._field, "palette")
        self._field.setPlaceholderText(_("Find a screen, an action, a customer, a number, an amount…"))
        self._field.setAccessibleName(self._field.placeholderText())
        self._list = QListWidget()
        self._list.setItemDelegate(_EntryDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemClicked.connect(lambda *_: self._run())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(4)
        self._nothing = label("", "second", wrap=True)
        self._nothing.setContentsMargins(Space.ONE_HALF, Space.ONE, Space.ONE_HALF, Space.ONE)
        for part in (self._field, rule(), self._nothing, self._list):
            layout.addWidget(part)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._ask_book)
        self._field.textChanged.connect(lambda *_: self._typed())
        self._field.installEventFilter(self)
        window.installEventFilter(self)
        self.hide()

    def offer(self, entries: Callable[[], Sequence[Entry]], icons: dict[str, str]) -> None:
        """Set where screens and actions come from, and the icon of each screen's records."""
        self._entries, self._icons = entries, icons

    def open_palette(self) -> None:
        """Come up, empty."""
        self._before = self._window.focusWidget()
        self._field.clear()
        self._typed()
        self._place()
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def titles(self) -> list[str]:
        """Give the titles on screen."""
        return [self._entry(i).title for i in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        if watched is not self._field:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        return event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._key(event)

    def _key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps and self._list.count():
            self._list.setCurrentRow((self._list.currentRow() + steps[key]) % self._list.count())
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._run()
        elif key == Qt.Key.Key_Escape:
            self._close()
        else:
            return False
        return True

    def _typed(self) -> None:
        text = self._field.text().strip()
        self._fill([entry for entry in self._entries() if matches(text, entry.title)][:HITS])
        if len(text) >= _FEWEST_LETTERS and self._search is not None:
            self._timer.start()
        else:
            self._tell_if_empty(text)

    def _ask_book(self) -> None:
        if self._search is not None:
            text = self._field.text().strip()
            self._tasks.query(self._search, text, HITS, then=partial(self._show_hits, text), latest="search")

    def _show_hits(self, text: str, hits: Sequence[Hit]) -> None:
        if text != self._field.text().strip():
            return
        found = [
            Entry(hit.title, self._icons.get(hit.screen, "file-text"), partial(self._go, hit), hit.detail)
            for hit in hits
        ]
        own = [self._entry(i) for i in range(self._list.count())]
        self._fill([*own, *found])
        self._tell_if_empty(text)

    def _tell_if_empty(self, text: str) -> None:
        self._nothing.setText(_("Nothing is called “{text}”, has that number or that amount.", text=text))
        self._nothing.setVisible(not self._list.count())

    def _fill(self, entries: Sequence[Entry]) -> None:
        self._list.clear()
        self._nothing.hide()
        for entry in entries:
            item = QListWidgetItem(entry.title)
            item.setData(_ENTRY, entry)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _entry(self, row: int) -> Entry:
        entry: Entry = self._list.item(row).data(_ENTRY)
        return entry

    def _run(self) -> None:
        if self._list.currentRow() >= 0:
            entry = self._entry(self._list.currentRow())
            self._close()
            entry.run()

    def _close(self) -> None:
        self.hide()
        before, self._before = self._before, None
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus()
        else:
            self._window.setFocus()

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 48)
        height = min(440, self._window.height() - 160)
        self.setGeometry((self._window.width() - width) // 2, 84, width, height)
