"""A list as screens use it: card, table, empty states, and a footer with counts, sums and the column picker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QVBoxLayout

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.table_columns import Column, Source
from billdesk.ui.core.table_model import RecordModel
from billdesk.ui.core.table_view import RecordTable
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets.buttons import IconButton
from billdesk.ui.core.widgets.page import EmptyState
from billdesk.ui.core.widgets.texts import label

_SUMMED_AT_MOST = 5000


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says, and its one action."""

    icon: str
    text: str
    detail: str = ""
    action: tuple[str, Callable[[], object]] | None = None


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list as data: its stable name, its spoken title, columns, the key of a record, and its empty state.

    `sort` is the key of the column that orders the list at first; empty leaves the order to the query.
    """

    name: str
    title: str
    columns: Sequence[Column[Any]]
    key: Callable[[Any], object]
    empty: Empty
    row_height: int = Size.ROW
    sort: str = ""
    descending: bool = False


class TablePanel(QFrame):
    """A card with a list. Give it a source and a filter, or records."""

    opened = Signal(object)
    current_changed = Signal(object)
    selection_changed = Signal()
    summarized = Signal(object)
    clear_asked = Signal()

    def __init__(self, spec: ListSpec, preferences: PreferenceStore) -> None:
        super().__init__()
        self._spec = spec
        self._preferences = preferences
        set_look(self, "card")
        self.model = RecordModel(spec.columns, self, sort=(spec.sort, spec.descending))
        self.table = RecordTable(self.model, spec.key, spec.title, spec.row_height)
        self._stack = QStackedWidget()
        self._count = label("", "faint")
        self._sums = label("", "faint")
        self._build()
        self._connect()
        picked = preferences.now.columns.get(spec.name)
        if picked:
            self.table.pick(picked)

    def use_source(self, source: Source[Any, Any], tasks: Tasks) -> None:
        """Read rows from the book."""
        self.model.use_source(source, tasks.of(self))

    def load(self, wanted_filter: object) -> None:
        """Show the rows that pass a filter, from the top."""
        self.model.load(wanted_filter)

    def reload(self) -> None:
        """Read the same rows again; selection and place are kept."""
        self.model.reload(self.table.top_row())

    def show_records(self, records: Sequence[Any], *, hidden: int = 0) -> None:
        """Show records that are already here; `hidden` others are left out by a search or a filter."""
        self.model.show_records(records, hidden=hidden)

    def current_record(self) -> object:
        """Give the record of the current row, or None."""
        return self.table.current_record()

    def selected_records(self) -> list[Any]:
        """Give the selected records that are loaded."""
        return self.table.selected_records()

    def sizeHint(self) -> QSize:
        return QSize(640, 320)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        empty = self._spec.empty
        self._stack.addWidget(self.table)
        self._stack.addWidget(EmptyState(empty.icon, empty.text, empty.detail, empty.action))
        hidden = EmptyState(
            "filter",
            _("No row passes the filter"),
            _("There are rows, but the filter or the search hides them."),
            (_("Show all rows"), self.clear_asked.emit),
        )
        self._stack.addWidget(hidden)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _footer(self) -> QFrame:
        frame = QFrame()
        set_look(frame, "footer")
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(13, 2, 5, 2)
        layout.setSpacing(Space.TWO)
        layout.addWidget(self._count)
        layout.addStretch(1)
        layout.addWidget(self._sums)
        picker = IconButton("columns-3", _("Choose columns"))
        picker.setPopupMode(IconButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(picker)
        self._menu.aboutToShow.connect(self._fill_menu)
        picker.setMenu(self._menu)
        layout.addWidget(picker)
        return frame

    def _connect(self) -> None:
        self.table.opened.connect(self.opened)
        self.table.current_changed.connect(self.current_changed)
        self.table.selection_changed.connect(self._selected)
        self.model.loaded.connect(self._show_state)
        self.model.summarized.connect(self._summarized)

    def _summarized(self) -> None:
        self._show_state()
        self._write_footer()
        self.summarized.emit(self.model.summary)

    def _show_state(self) -> None:
        summary = self.model.summary
        is_empty = self.model.is_loaded and self.model.rowCount() == 0
        hidden = summary.hidden if summary else 0
        self._stack.setCurrentIndex((2 if hidden else 1) if is_empty else 0)

    def _selected(self) -> None:
        self._write_footer()
        self.selection_changed.emit()

    def _write_footer(self) -> None:
        summary = self.model.summary
        if summary is None:
            return
        chosen = self.table.selected_count()
        count = ngettext("{n} row", "{n} rows", summary.count)
        if chosen > 1:
            count = _("{chosen} of {rows} selected", chosen=current().number(chosen), rows=count)
        self._count.setText(count)
        sums = summary.sums
        if chosen > 1 and chosen < summary.count:
            sums = self._selection_sums() if chosen <= _SUMMED_AT_MOST else ()
        self._sums.setText("   ".join(current().money(amount) for amount in sums))

    def _selection_sums(self) -> tuple[Money, ...]:
        """Add up the summed columns of the selection, or nothing while a selected row is not loaded."""
        records = self.table.selected_records()
        if len(records) < self.table.selected_count():
            return ()
        totals: dict[str, int] = {}
        for column in self._spec.columns:
            if column.is_summed:
                amounts = [value for value in map(column.value, records) if isinstance(value, Money)]
                for amount in amounts:
                    totals[amount.currency] = totals.get(amount.currency, 0) + amount.minor
        return tuple(Money(minor, currency) for currency, minor in sorted(totals.items()))

    def _fill_menu(self) -> None:
        self._menu.clear()
        for column in self._spec.columns:
            action = self._menu.addAction(_(column.title))
            action.setCheckable(True)
            action.setChecked(column.key in self.table.picked)
            action.toggled.connect(lambda on, key=column.key: self._pick(key, on=on))

    def _pick(self, key: str, *, on: bool) -> None:
        wanted = self.table.picked | {key} if on else self.table.picked - {key}
        if wanted:
            self.table.pick(wanted)
            self._preferences.pick_columns(self._spec.name, tuple(sorted(wanted)))
