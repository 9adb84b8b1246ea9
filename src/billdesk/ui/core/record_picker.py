"""A field that finds one record of the book while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QStyledItemDelegate

from billdesk.kernel.errors import InvalidValue, Problem
from billdesk.ui.core.editors import Editor
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import set_look

_DELAY_MS: Final = 150
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its key, its words, something to tell it from others, and the record itself."""

    key: str
    word: str
    note: str = ""
    record: object = None


class RecordPicker(Editor):
    """Searches in SQL while one types; arrows and Enter choose. `value` is the key of the chosen record.

    `find` is a query of the book that takes the typed words and gives hits.
    """

    picked = Signal(object)

    def __init__(self, tasks: Tasks, find: Callable[[Any, str], Sequence[Hit]], prompt: str) -> None:
        super().__init__()
        self._tasks = tasks.of(self)
        self._find = find
        self._hit: Hit | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(prompt)
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(_SHOWN)
        self._hits = QListView()
        self._completer.setPopup(self._hits)
        set_look(self._hits, "popup")
        self._hits.setItemDelegate(QStyledItemDelegate(self))
        self._completer.setWidget(self.line)
        chosen: SignalInstance = self._completer.activated[QModelIndex]  # type: ignore[index]  # one signal per type
        chosen.connect(self._choose)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._search)
        self.line.textEdited.connect(self._typed)
        self.line.returnPressed.connect(self._take_first)
        self._adopt(self.line)

    @property
    def hit(self) -> Hit | None:
        """The chosen record."""
        return self._hit

    def value(self) -> str | None:
        text = self.line.text().strip()
        if self._hit is None and text:
            raise InvalidValue(Problem("nothing_chosen", value=text))
        return self._hit.key if self._hit else None

    def set_value(self, value: object) -> None:
        self._hit = value if isinstance(value, Hit) else None
        self.line.setText(self._hit.word if self._hit else "")
        self.line.setCursorPosition(0)
        self.show_problem(None)

    def focus_target(self) -> QLineEdit:
        return self.line

    def _typed(self) -> None:
        self._hit = None
        self.show_problem(None)
        self._timer.start()

    def _search(self) -> None:
        text = self.line.text().strip()
        if text:
            self._tasks.query(self._find, text, then=self._show, latest="hits")

    def _show(self, hits: Sequence[Hit]) -> None:
        self._model.clear()
        for hit in hits[:_SHOWN]:
            item = QStandardItem(f"{hit.word}   {hit.note}".strip())
            item.setData(hit, Qt.ItemDataRole.UserRole)
            self._model.appendRow(item)
        if hits and self.line.hasFocus():
            self._completer.complete()

    def _choose(self, index: QModelIndex) -> None:
        self.pick(index.data(Qt.ItemDataRole.UserRole))

    def _take_first(self) -> None:
        if self._hit is None and self._model.rowCount():
            self.pick(self._model.item(0).data(Qt.ItemDataRole.UserRole))

    def pick(self, hit: Hit) -> None:
        """Choose a record as if it were clicked."""
        # The completer writes its own text after this signal, so the word is set once that is over.
        self._hit = hit
        QTimer.singleShot(0, self, self._write_word)
        self.line.setText(hit.word)
        self.changed.emit()
        self.picked.emit(hit)

    def _write_word(self) -> None:
        # Whoever heard of the choice may have emptied the field meanwhile.
        self.line.setText(self._hit.word if self._hit else "")
        self.line.setCursorPosition(0)
