from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from billdesk.domain.customers import Contact
from billdesk.domain.entities import Address
from billdesk.services.book import Book
from billdesk.services.customer_overview import CustomerLine
from billdesk.services.customers import load_customer
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import StatusChip
from billdesk.ui.screens.customers.customer_values import to_record, to_values
from billdesk.ui.screens.customers.customers_view import CustomersView
from builders import payments
from builders.customers import LINDE, a_customer
from builders.payments import eur, issue, usd
from ui.books import Went, idle, press, show, words

Shown = tuple[CustomersView, Went]


def _book(folder: Path) -> Book:
    book = payments.a_book(folder)
    book.run(issue, "2026-1", eur("100.00"))
    book.run(issue, "2026-2", usd("10.00"))
    return book


@pytest.fixture
def shown(qtbot: QtBot, context: Context, tmp_path: Path) -> Shown:
    return show(qtbot, context, CustomersView, lambda: _book(tmp_path))


def _line(view: CustomersView, key: str) -> QLineEdit:
    editor = view._form._editors[key]
    assert isinstance(editor, TextEditor)
    return editor.line


def _type(view: CustomersView, key: str, text: str) -> None:
    line = _line(view, key)
    line.selectAll()
    QTest.keyClicks(line, text)


def _rows(view: CustomersView) -> list[str]:
    model = view._list.model
    return [str(model.index(row, 1).data()) for row in range(model.rowCount())]


def test_the_list_is_by_name_and_the_tabs_are_counted(shown: Shown) -> None:
    assert _rows(shown[0]) == ["Bakker & Zoon", "Brouwerij De Linde NV", "Okapi Inc"]
    assert [one.text() for one in shown[0]._tabs._buttons.values()] == ["Active  3", "Archived  0", "All  3"]


def test_open_balances_of_two_currencies_stand_side_by_side(shown: Shown) -> None:
    cells = shown[0]._list.model.index(1, 7).data()
    assert cells == "€100.00 + US$10.00"


def test_searching_narrows_the_list_and_says_what_it_hides(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._search.searched.emit("nobody")
    idle(qtbot, context)
    assert "No row passes the filter" in words(view)
    press(view, "Show all rows")
    idle(qtbot, context)
    assert len(_rows(view)) == 3


def test_enter_opens_the_panel_and_its_lines_go_to_the_record(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, went = shown
    view._list.table.select_key(1)
    QTest.keyClick(view._list.table, Qt.Key.Key_Return)
    idle(qtbot, context)
    assert "No contract falls due." in words(view)
    press(view, "2026-1, 1 day late")
    assert went == [("invoices", "1", "")]


def test_escape_closes_the_panel(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.open_record("1")
    idle(qtbot, context)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view._side.isVisible()


def test_a_customer_is_entered_by_keyboard(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("new")
    idle(qtbot, context)
    _type(view, "name", "Cafe Noordzee")
    _type(view, "city", "Oostende")
    view._form.submit()
    idle(qtbot, context)
    assert ("Cafe Noordzee", "C004") in [(row.row.name, row.row.number) for row in _lines(view)]
    assert view._side.isVisible()


def _lines(view: CustomersView) -> list[CustomerLine]:
    view._list.table.selectAll()
    return view._list.selected_records()


def test_after_saving_the_panel_shows_who_was_saved(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._list.table.setFocus()
    view.show_view("new")
    idle(qtbot, context)
    _type(view, "name", "Zwaan")
    view._form.submit()
    idle(qtbot, context)
    idle(qtbot, context)
    assert view._side.accessibleName() == "Zwaan"
    current = view._list.current_record()
    assert isinstance(current, CustomerLine)
    assert current.row.name == "Zwaan"


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("new")
    idle(qtbot, context)
    _type(view, "tax_id", "BE0203430577")
    qtbot.wait(500)
    assert view._form._editors["tax_id"].focus_target().property("state") == "problem"
    view._form.submit()
    idle(qtbot, context)
    assert view._form._editors["name"].focus_target().property("state") == "problem"
    assert view._stack.currentIndex() == 1


def test_a_number_that_is_taken_is_said_at_its_field(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("new")
    idle(qtbot, context)
    _type(view, "name", "Twin")
    _type(view, "number", "C001")
    view._form.submit()
    idle(qtbot, context)
    assert view._form._editors["number"].focus_target().property("state") == "problem"


def test_an_edit_shows_that_it_is_unsaved_and_asks_before_it_is_lost(
    qtbot: QtBot, context: Context, shown: Shown
) -> None:
    view, _went = shown
    view._list.table.select_key(1)
    view._edit_current()
    idle(qtbot, context)
    chip = next(one for one in view._form.findChildren(StatusChip))
    assert not chip.isVisible()
    _type(view, "name", "De Linde")
    assert chip.isVisible()
    QTest.keyClick(_line(view, "name"), Qt.Key.Key_Escape)
    assert view._stack.currentIndex() == 1
    window = context.messages.parent()
    assert window is not None
    assert [one.windowTitle() for one in window.findChildren(QDialog)] == ["Leave without saving?"]


def test_the_form_shows_the_address_as_the_invoice_will(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("new")
    idle(qtbot, context)
    _type(view, "name", "Cafe Noordzee")
    _type(view, "street", "Zeedijk 1")
    qtbot.wait(500)
    assert view._form._address.text() == "Cafe Noordzee\nZeedijk 1"


def test_archiving_can_be_taken_back_at_once(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._presenter.archive(2, view._archived)
    idle(qtbot, context)
    assert _rows(view) == ["Brouwerij De Linde NV", "Okapi Inc"]
    view.show_view("archived")
    idle(qtbot, context)
    assert _rows(view) == ["Bakker & Zoon"]


def test_export_writes_a_workbook(
    qtbot: QtBot, context: Context, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "out"), ""))
    press(shown[0], "Export")
    idle(qtbot, context)
    assert (tmp_path / "out.xlsx").read_bytes()[:2] == b"PK"


def test_a_customer_survives_the_way_through_the_form() -> None:
    record = a_customer(contacts=(Contact("Els", "els@linde.example", "+32 1", "accounts", receives_invoices=False),))
    assert to_record(to_values(record), record) == record


def test_accounts_and_tags_are_parted_as_people_do() -> None:
    values = {**to_values(LINDE), "iban": "BE1; BE2\nBE3", "tags": "a, b;c"}
    found = to_record(values, LINDE)
    assert (found.ibans, found.tags) == (("BE1", "BE2", "BE3"), ("a", "b", "c"))


def test_what_the_form_does_not_show_stays_as_it_was() -> None:
    record = replace(LINDE, delivery_address=Address("Kaai 9", city="Gent", country="BE"))
    assert to_record(to_values(record), record).delivery_address == record.delivery_address


def test_a_selection_is_added_up_for_each_currency(shown: Shown) -> None:
    view, _went = shown
    view._list.table.selectAll()
    assert "3 customers selected · €100.00 + US$10.00 open" in words(view)


def test_the_book_holds_what_was_typed(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._presenter.load_form(2, view._show_edit)
    idle(qtbot, context)
    _type(view, "postcode", "9000")
    view._submit()
    idle(qtbot, context)
    found: list[object] = []
    context.tasks.query(load_customer, 2, then=found.append)
    idle(qtbot, context)
    assert found[0].address.postcode == "9000"  # type: ignore[attr-defined]


def test_the_documents_of_the_coming_year_are_worked_out_on_demand(
    qtbot: QtBot, context: Context, shown: Shown
) -> None:
    view, _went = shown
    view._list.table.selectRow(0)
    view._open(view._list.current_record())
    idle(qtbot, context)
    press(view._side, "Work out the documents to come")
    idle(qtbot, context)
    assert "The next twelve months" in words(view._side)
    assert "Work out the documents to come" not in words(view._side)
