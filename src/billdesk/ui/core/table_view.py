"""The list on screen: keyboard, hover, sorting by header, widths that fit, and copying to a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from billdesk.kernel.i18n import _
from billdesk.kernel.i18n import current as current_language
from billdesk.ui.core.chips import chip_width
from billdesk.ui.core.clipboard import copied, to_tsv
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_delegate import PADDING, RowDelegate
from billdesk.ui.core.table_model import PAGE, RecordModel
from billdesk.ui.core.theme import is_theme_event, set_look, text_width
from billdesk.ui.core.tokens import Size

COPY_LIMIT: Final = 20_000
_STRETCH_MINIMUM: Final = 150
_WIDEST: Final = 320
_REMEMBERED: Final = 500

_Index = QModelIndex | QPersistentModelIndex


class RecordTable(QTableView):
    """Rows of a `RecordModel`; Enter or a double click opens, Space selects, Ctrl+C copies."""

    opened = Signal(object)
    current_changed = Signal(object)
    selection_changed = Signal()

    def __init__(self, model: RecordModel, key: Callable[[Any], object], name: str, row_height: int = Size.ROW) -> None:
        super().__init__()
        self._model = model
        self._key = key
        self._picked = frozenset(column.key for column in model.columns if not column.is_optional)
        self._dragged: dict[int, int] = {}
        self._is_laying_out = False
        self._kept: tuple[object, frozenset[object]] = (None, frozenset())
        set_look(self, "records")
        self.setAccessibleName(name)
        self.setModel(model)
        self._delegate = RowDelegate(self, model)
        self.setItemDelegate(self._delegate)
        self._set_behaviour()
        self._set_headers(row_height)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.loaded.connect(self.lay_out)

    @property
    def picked(self) -> frozenset[str]:
        """Keys of the columns the user wants to see."""
        return self._picked

    def pick(self, keys: Iterable[str]) -> None:
        """Show these columns, as far as there is room."""
        self._picked = frozenset(keys)
        self.lay_out()

    def current_record(self) -> object:
        """Give the record of the current row, or None."""
        row = self._model.row(self.currentIndex().row()) if self.currentIndex().isValid() else None
        return row.record if row else None

    def ranges(self) -> list[tuple[int, int]]:
        """Give the selected rows as ranges (first, last), top to bottom."""
        chosen = self.selectionModel().selection()
        return sorted((part.top(), part.bottom()) for part in map(chosen.at, range(chosen.count())))

    def selected_count(self) -> int:
        """Give the number of selected rows."""
        return sum(last - first + 1 for first, last in self.ranges())

    def selected_records(self) -> list[Any]:
        """Give the selected records that are loaded."""
        rows = (
            self._model.row(n) for first, last in self.ranges() for n in range(first, min(last, first + COPY_LIMIT) + 1)
        )
        return [row.record for row in rows if row is not None]

    def top_row(self) -> int:
        """Give the number of the first row on screen."""
        return max(0, self.rowAt(1))

    def select_key(self, key: object) -> bool:
        """Make the loaded row with this key current and selected."""
        found = self._model.find(lambda record: self._key(record) == key)
        if found:
            self.selectRow(found[0])
        return bool(found)

    def copy_selection(self) -> None:
        """Put the selected rows on the clipboard, as a spreadsheet takes them."""
        self._model.fetch_ranges(self.ranges(), self._copy, COPY_LIMIT)

    def lay_out(self) -> None:
        """Give every column its room; in a narrow window the ones of high rank hide."""
        if self._is_laying_out or not self.viewport().width():
            return
        self._is_laying_out = True
        widths = {i: self._wish(i) for i, c in enumerate(self._model.columns) if c.key in self._picked}
        room = self.viewport().width()
        by_rank = sorted((i for i in widths if self._column(i).rank), key=lambda i: -self._column(i).rank)
        while sum(widths.values()) > room and by_rank:
            del widths[by_rank.pop(0)]
        free = max(0, room - sum(widths.values()))
        weights = sum(self._column(i).stretch for i in widths) or 0
        for number in range(len(self._model.columns)):
            self.setColumnHidden(number, number not in widths)
        for number, width in widths.items():
            more = free * self._column(number).stretch // weights if weights else 0
            self.setColumnWidth(number, width + more)
        self._delegate.first_column = min(widths, default=0)
        self._is_laying_out = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space:
            flags = QItemSelectionModel.SelectionFlag.Toggle | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().select(self.currentIndex(), flags)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would walk through every row of the book; Ctrl+F searches in SQL."""

    def sizeHintForColumn(self, column: int) -> int:
        """Give the width a double click on the header's edge asks for."""
        self._dragged.pop(column, None)
        return self._wish(column)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._model.rowCount():
            self.setCurrentIndex(self._model.index(0, self._delegate.first_column))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event) and hasattr(self, "_delegate"):
            self._delegate.take_theme()

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.current_changed.emit(self.current_record())
            self.viewport().update()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def _set_behaviour(self) -> None:
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCornerButtonEnabled(False)
        self.doubleClicked.connect(self._open)

    def _set_headers(self, row_height: int) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(row_height)
        rows.setDefaultSectionSize(row_height)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setFixedHeight(Size.TABLE_HEADER)
        header.setMinimumSectionSize(48)
        header.setAccessibleName(_("Columns"))
        # A header asks at each paint whether whole columns are selected, row by row: seconds for a million rows.
        header.setSelectionModel(QItemSelectionModel(self._model, self))
        header.sectionClicked.connect(self._sort)
        header.sectionResized.connect(self._note_drag)

    def _column(self, number: int) -> Column[Any]:
        return self._model.columns[number]

    def _wish(self, number: int) -> int:
        column = self._column(number)
        if number in self._dragged:
            return self._dragged[number]
        title = text_width(_(column.title) + "  ↓", 12) + 2 * PADDING + 2
        if column.stretch:
            return max(title, _STRETCH_MINIMUM)
        if column.kind is Kind.STATUS:
            return max([title, *(chip_width(_(s.label)) + 2 * PADDING for s in column.statuses.values())])
        top = self.top_row() // PAGE * PAGE
        rows = [self._model.row(n) for n in range(top, min(top + PAGE, self._model.rowCount()))]
        widest = max((self._delegate.text_width(number, row.cells[number]) for row in rows if row), default=60)
        return max(title, min(_WIDEST, widest + 2 * PADDING + 2))

    def _note_drag(self, number: int, _old: int, new: int) -> None:
        if not self._is_laying_out:
            self._dragged[number] = new

    def _sort(self, number: int) -> None:
        column = self._column(number)
        if not column.is_sortable:
            return
        asked = self._model.request
        is_same = asked.sort == column.key
        self._model.order(column.key, descending=not asked.descending if is_same else column.is_right)

    def _open(self, index: QModelIndex) -> None:
        row = self._model.row(index.row()) if index.isValid() else None
        if row is not None:
            self.opened.emit(row.record)

    def _hover(self, number: int) -> None:
        if number != self._delegate.hovered:
            self._delegate.hovered = number
            self.viewport().update()

    def _remember(self) -> None:
        record = self.current_record()
        keys = self.selected_records() if self.selected_count() <= _REMEMBERED else []
        self._kept = (None if record is None else self._key(record), frozenset(map(self._key, keys)))

    def _restore(self) -> None:
        kept_current, kept_selected = self._kept
        if kept_current is None and not kept_selected:
            return
        picked = QItemSelection()
        last = len(self._model.columns) - 1
        for number in self._model.find(lambda record: self._key(record) in kept_selected):
            picked.select(self._model.index(number, 0), self._model.index(number, last))
        self.selectionModel().select(picked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        found = self._model.find(lambda record: self._key(record) == kept_current)
        if found:
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self._model.index(found[0], self._delegate.first_column), flag)
        else:
            self.current_changed.emit(None)

    def _copy(self, records: list[Any]) -> None:
        shown = [c for i, c in enumerate(self._model.columns) if not self.isColumnHidden(i)]
        language = current_language()
        lines = [
            [_status(c, c.value(r)) if c.kind is Kind.STATUS else copied(c.value(r), language) for c in shown]
            for r in records
        ]
        QGuiApplication.clipboard().setText(to_tsv([_(c.title) for c in shown], lines))


def _status(column: Column[Any], value: object) -> str:
    status = column.statuses.get(str(value))
    return _(status.label) if status else str(value)
