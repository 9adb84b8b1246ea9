"""A table model that holds a few pages of a list of any length and asks for the others when they are seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from billdesk.kernel.i18n import _
from billdesk.ui.core.table_columns import Column, Request, Row, Source, Summary, sort_key, write_row
from billdesk.ui.core.tasks import OwnedTasks

PAGE: Final = 100
KEPT_PAGES: Final = 40
_WANTED_PAGES: Final = 3
"""While the scroll bar is dragged, only the pages seen last are worth a query."""

_NO_INDEX: Final = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_Rows = Sequence[Row[Any]]


class RecordModel(QAbstractTableModel):
    """Rows of a `Source`, or a plain list of records given by `show_records`."""

    loaded = Signal()
    summarized = Signal()
    sorted_by = Signal(str, bool)

    def __init__(
        self, columns: Sequence[Column[Any]], parent: QObject | None = None, *, sort: tuple[str, bool] = ("", False)
    ) -> None:
        super().__init__(parent)
        self.columns: Final = tuple(columns)
        self.summary: Summary | None = None
        self._tasks: OwnedTasks | None = None
        self._source: Source[Any, Any] | None = None
        self._request: Request[Any] = Request(None, sort[0], sort[1], limit=PAGE)
        self._pages: OrderedDict[int, _Rows] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._records: list[Any] | None = None
        self._count = 0
        self._generation = 0
        self._is_fetching = False
        self.is_loaded = False

    def use_source(self, source: Source[Any, Any], tasks: OwnedTasks) -> None:
        """Read from the book; nothing is asked before the first `load`."""
        self._source, self._tasks = source, tasks

    @property
    def request(self) -> Request[Any]:
        """Filter and order of what is shown."""
        return self._request

    def load(self, wanted_filter: object) -> None:
        """Show other rows, from the top."""
        self._request = Request(wanted_filter, self._request.sort, self._request.descending, limit=PAGE)
        self._count = 0
        self._start(0)

    def reload(self, top_row: int = 0) -> None:
        """Read the same rows again, first the page that is on screen."""
        if self._records is not None:
            self.show_records(self._records, hidden=self.summary.hidden if self.summary else 0)
        elif self._source is not None:
            self._start(min(top_row, max(0, self._count - 1)) // PAGE)

    def order(self, key: str, *, descending: bool) -> None:
        """Show the rows in another order, from the top."""
        self._request = Request(self._request.filter, key, descending, limit=PAGE)
        if self._records is not None:
            self.show_records(self._records, hidden=self.summary.hidden if self.summary else 0)
        elif self._source is not None:
            self._start(0)
        self.sorted_by.emit(key, descending)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def show_records(self, records: Sequence[Any], *, hidden: int = 0) -> None:
        """Show a list that is already in memory; headers sort it too. `hidden` ones are left out by a search."""
        self._records = list(records)
        ordered = self._records
        column = next((c for c in self.columns if c.key == self._request.sort), None)
        if column is not None:
            keyed = [(sort_key(column.value(record)), record) for record in ordered]
            filled = [pair for pair in keyed if not pair[0][0]]
            filled.sort(key=lambda pair: pair[0], reverse=self._request.descending)
            ordered = [record for _key, record in filled] + [record for key, record in keyed if key[0]]
        self.beginResetModel()
        self._pages.clear()
        for start in range(0, len(ordered), PAGE):
            self._pages[start // PAGE] = [write_row(self.columns, r) for r in ordered[start : start + PAGE]]
        self._count = len(ordered)
        self.summary = Summary(self._count, hidden=hidden)
        self.is_loaded = True
        self.endResetModel()
        self.loaded.emit()
        self.summarized.emit()

    def row(self, number: int) -> Row[Any] | None:
        """Give a row when its page is here."""
        page = self._pages.get(number // PAGE)
        place = number % PAGE
        return page[place] if page is not None and place < len(page) else None

    def want(self, number: int) -> Row[Any] | None:
        """Give a row for painting, and ask for its page when it is not here."""
        row = self.row(number)
        if row is None and self._source is not None and self._records is None:
            self._wanted[number // PAGE] = None
            self._wanted.move_to_end(number // PAGE)
            while len(self._wanted) > _WANTED_PAGES:
                self._wanted.popitem(last=False)
            self._fetch_next()
        return row

    def find(self, matches: Callable[[Any], bool]) -> list[int]:
        """Give the numbers of loaded rows whose record matches."""
        return [
            number * PAGE + place
            for number, rows in self._pages.items()
            for place, row in enumerate(rows)
            if matches(row.record)
        ]

    def fetch_ranges(self, ranges: Sequence[tuple[int, int]], then: Callable[[list[Any]], object], limit: int) -> None:
        """Hand the records of row ranges (first, last) to `then`; those not here are read, at most `limit`."""
        numbers = [number for first, last in ranges for number in range(first, min(last, first + limit) + 1)][:limit]
        rows = [self.row(number) for number in numbers]
        if all(row is not None for row in rows) or self._tasks is None or self._source is None:
            then([row.record for row in rows if row is not None])
            return
        self._tasks.query(partial(_fetch_ranges, self._source, self._request), numbers, then=then)

    def _start(self, page: int) -> None:
        if self._source is None or self._tasks is None:
            return
        self._generation += 1
        self._wanted.clear()
        self._is_fetching = True
        request = self._page_request(page)
        arrived = partial(self._take_first, self._generation, page)
        self._tasks.query(self._source.fetch, request, then=arrived, latest="first page")
        summed = partial(self._take_summary, self._generation)
        self._tasks.query(self._source.summarize, self._request.filter, then=summed, latest="summary")

    def _page_request(self, page: int) -> Request[Any]:
        asked = self._request
        return Request(asked.filter, asked.sort, asked.descending, page * PAGE, PAGE)

    def _take_first(self, generation: int, page: int, records: Sequence[Any]) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._pages.clear()
        self._pages[page] = [write_row(self.columns, record) for record in records]
        reached = page * PAGE + len(records)
        self._count = reached if len(records) < PAGE else max(self._count, reached)
        self.is_loaded = True
        self.endResetModel()
        self._is_fetching = False
        self.loaded.emit()

    def _take_summary(self, generation: int, summary: Summary) -> None:
        if generation != self._generation:
            return
        self.summary = summary
        if summary.count > self._count:
            self.beginInsertRows(_NO_INDEX, self._count, summary.count - 1)
            self._count = summary.count
            self.endInsertRows()
        elif summary.count < self._count:
            self.beginRemoveRows(_NO_INDEX, summary.count, self._count - 1)
            self._count = summary.count
            self.endRemoveRows()
        self.summarized.emit()

    def _fetch_next(self) -> None:
        if self._is_fetching or not self._wanted or self._tasks is None or self._source is None:
            return
        page, _nothing = self._wanted.popitem()
        self._is_fetching = True
        arrived = partial(self._take_page, self._generation, page)
        self._tasks.query(self._source.fetch, self._page_request(page), then=arrived)

    def _take_page(self, generation: int, page: int, records: Sequence[Any]) -> None:
        if generation != self._generation:
            return
        self._pages[page] = [write_row(self.columns, record) for record in records]
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        self._is_fetching = False
        last = min(self._count, (page + 1) * PAGE) - 1
        self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.columns) - 1))
        self._fetch_next()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        row = self.row(index.row())
        return row.cells[index.column()] if row else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return None
        if column.key != self._request.sort:
            return _(column.title)
        return f"{_(column.title)}  {'↓' if self._request.descending else '↑'}"


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _fetch_ranges(source: Source[Any, Any], request: Request[Any], db: object, numbers: Sequence[int]) -> list[Any]:
    """Read the rows with these numbers, page by page."""
    found: list[Any] = []
    for page in sorted({number // PAGE for number in numbers}):
        asked = Request(request.filter, request.sort, request.descending, page * PAGE, PAGE)
        wanted = {number - page * PAGE for number in numbers if number // PAGE == page}
        found += [record for place, record in enumerate(source.fetch(db, asked)) if place in wanted]
    return found
