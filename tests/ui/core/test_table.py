from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Request
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from ui.fakes import COLUMNS, Sale, sale, sales_source

MILLION = 1_000_000


def _panel(qtbot: QtBot, context: Context, count: int, seen: list[Request[Any]] | None = None) -> TablePanel:
    empty = Empty("file-text", "No invoices yet", "", ("Bill now", lambda: None))
    panel = TablePanel(ListSpec("sales", "Invoices", COLUMNS, lambda r: r.number, empty), context.preferences)
    qtbot.addWidget(panel)
    panel.use_source(sales_source(count, seen), context.tasks)
    panel.resize(900, 600)
    panel.show()
    panel.load(None)
    qtbot.waitUntil(lambda: context.tasks.is_idle and panel.model.summary is not None)
    return panel


def _settle(qtbot: QtBot, panel: TablePanel, context: Context) -> None:
    panel.grab()
    qtbot.waitUntil(lambda: context.tasks.is_idle)


def test_a_million_rows_are_there_after_one_page_and_one_count(qtbot: QtBot, context: Context) -> None:
    seen: list[Request[Any]] = []
    panel = _panel(qtbot, context, MILLION, seen)
    assert (panel.model.rowCount(), [r.offset for r in seen]) == (MILLION, [0])


def test_a_jump_to_the_end_reads_only_the_pages_seen(qtbot: QtBot, context: Context) -> None:
    seen: list[Request[Any]] = []
    panel = _panel(qtbot, context, MILLION, seen)
    panel.table.scrollToBottom()
    _settle(qtbot, panel, context)
    row = panel.model.row(MILLION - 1)
    assert row is not None
    assert (row.record.number, {r.offset for r in seen}) == (MILLION - 1, {0, MILLION - 100})


def test_pages_that_were_passed_while_dragging_are_not_read(qtbot: QtBot, context: Context) -> None:
    seen: list[Request[Any]] = []
    panel = _panel(qtbot, context, MILLION, seen)
    for page in range(1, 60):
        panel.model.want(page * 100)
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    assert len(seen) <= 5
    assert panel.model.row(5900) is not None


def test_a_header_sorts_in_the_book_and_again_turns_round(qtbot: QtBot, context: Context) -> None:
    seen: list[Request[Any]] = []
    panel = _panel(qtbot, context, 500, seen)
    panel.table.horizontalHeader().sectionClicked.emit(0)
    panel.table.horizontalHeader().sectionClicked.emit(0)
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    assert [(r.sort, r.descending) for r in seen][-1] == ("number", True)
    assert panel.model.headerData(0, Qt.Orientation.Horizontal) == "Number  ↓"


def test_selection_and_place_survive_a_reload(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, MILLION)
    panel.table.scrollTo(panel.model.index(40, 0))
    panel.table.selectRow(42)
    panel.reload()
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    assert panel.selected_records() == [sale(42)]
    assert panel.current_record() == sale(42)


def test_the_selection_is_copied_for_a_spreadsheet(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    panel.table.pick({"number", "customer", "status", "total"})
    panel.table.selectRow(3)
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    expected = "Number\tCustomer\tStatus\tTotal\n2026-0000003\t'=Lindqvist N.V.\tOpen\t337.57"
    assert QGuiApplication.clipboard().text() == expected


def test_rows_that_were_never_seen_are_read_for_copying(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 1000)
    panel.table.selectAll()
    panel.table.copy_selection()
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1001


def test_enter_opens_and_space_selects(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    opened: list[Sale] = []
    panel.opened.connect(opened.append)
    panel.table.selectRow(2)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert (opened, panel.selected_records()) == ([sale(2)], [])


def test_the_footer_adds_up_the_selection(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    rows = QItemSelectionModel.SelectionFlag.Rows | QItemSelectionModel.SelectionFlag.Select
    for number in (0, 1):
        panel.table.selectionModel().select(panel.model.index(number, 0), rows)
    assert (panel._count.text(), panel._sums.text()) == ("2 of 10 rows selected", "€279.19")


@pytest.mark.parametrize(("count", "wanted", "page"), [(0, None, 1), (5, "none", 2), (5, None, 0)])
def test_an_empty_list_says_why(qtbot: QtBot, context: Context, count: int, wanted: object, page: int) -> None:
    panel = _panel(qtbot, context, count)
    panel.load(wanted)
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    assert panel._stack.currentIndex() == page


def test_columns_of_high_rank_hide_in_a_narrow_window(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    panel.resize(520, 600)
    hidden = [c.key for i, c in enumerate(COLUMNS) if panel.table.isColumnHidden(i)]
    assert hidden == ["due", "open", "note"]


def test_picked_columns_are_remembered(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    panel._pick("note", on=True)
    again = _panel(qtbot, context, 10)
    assert "note" in again.table.picked


def test_records_in_memory_sort_with_nothing_last(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    panel.show_records([sale(6), sale(3), sale(1), sale(0)])
    panel.model.order("open", descending=False)
    rows = [panel.model.row(n) for n in range(4)]
    assert [row.record.number for row in rows if row] == [0, 3, 6, 1]


def test_a_screen_reader_is_told_the_cells(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert panel.model.data(panel.model.index(0, 3), role) == "Draft"
    assert panel.table.accessibleName() == "Invoices"


def test_selecting_a_million_rows_takes_no_walk_over_them(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, MILLION)
    panel.table.selectAll()
    before = time.monotonic()
    panel.grab()
    assert time.monotonic() - before < 2
    assert panel._count.text() == "1,000,000 of 1,000,000 rows selected"


def test_typing_a_letter_does_not_walk_through_a_million_rows(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, MILLION)
    panel.table.selectRow(3)
    before = time.monotonic()
    QTest.keyClicks(panel.table, "zz")
    assert time.monotonic() - before < 1
    assert panel.current_record() == sale(3)


def test_a_dragged_column_keeps_its_width_until_it_is_asked_to_fit(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    panel.table.setColumnWidth(0, 200)
    panel.table.lay_out()
    assert panel.table.columnWidth(0) == 200
    assert panel.table.sizeHintForColumn(0) < 200


def test_a_record_that_is_gone_after_a_reload_is_no_longer_current(qtbot: QtBot, context: Context) -> None:
    panel = _panel(qtbot, context, 10)
    current: list[object] = []
    panel.show_records([sale(1), sale(2)])
    panel.table.selectRow(1)
    panel.current_changed.connect(current.append)
    panel.show_records([sale(1)])
    assert current == [None]
