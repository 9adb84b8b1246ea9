from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from billdesk.kernel.money import Money
from billdesk.services.book import Book
from billdesk.services.delivery.showing import Explained
from billdesk.services.taxes import seed_tax_rates
from billdesk.ui.core.pdf_view import PdfView
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.screens.invoices.dialogs import CreditDialog, PaymentDialog, ReasonDialog
from billdesk.ui.screens.invoices.editor_presenter import _as_stored
from billdesk.ui.screens.invoices.editor_view import EditorView
from billdesk.ui.screens.invoices.explain_popup import ExplainPopup
from billdesk.ui.screens.invoices.invoices_presenter import period_days
from billdesk.ui.screens.invoices.invoices_view import InvoicesView
from billdesk.ui.screens.invoices.record import ShownLine
from billdesk.ui.screens.invoices.record_panel import RecordContent
from builders import billing
from builders.billing import a_draft, a_hosting_line, issue
from builders.invoices import a_line
from ui.books import Went, idle, press, show, words

Shown = tuple[InvoicesView, Went]


def _book(folder: Path) -> Book:
    """Two issued invoices of 179.69 and a draft."""
    book = billing.a_book(folder)
    book.run(seed_tax_rates)
    issue(book, a_draft(book), a_draft(book))
    a_draft(book, lines=(a_hosting_line(), a_line("Setup", position=2, quantity="1", unit_price="500", minor=50000)))
    return book


@pytest.fixture
def shown(qtbot: QtBot, context: Context, tmp_path: Path) -> Shown:
    return show(qtbot, context, InvoicesView, lambda: _book(tmp_path))


def _column(view: InvoicesView, number: int) -> list[str]:
    model = view._list.model
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def _open(qtbot: QtBot, context: Context, view: InvoicesView, row: int) -> RecordContent:
    table = view._list.table
    table.setCurrentIndex(view._list.model.index(row, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    idle(qtbot, context)
    return view.findChildren(RecordContent)[-1]


def _row_of(view: InvoicesView, number: str) -> int:
    return _column(view, 0).index(number)


def _dialog(context: Context, view: InvoicesView) -> QDialog:
    found = [*view.findChildren(QDialog), *context.messages._window.findChildren(QDialog)]
    return next(one for one in found if one.isVisible())


def test_the_list_counts_its_tabs_and_says_what_is_open(shown: Shown) -> None:
    tabs = shown[0]._tabs
    assert [tabs._buttons[key].text() for key in ("all", "draft", "paid")] == ["All  3", "Drafts  1", "Paid"]
    assert "3 documents · €359.38 open" in words(shown[0])


def test_typing_a_number_finds_one_and_an_unknown_word_offers_all_rows(
    qtbot: QtBot, context: Context, shown: Shown
) -> None:
    view = shown[0]
    view._search.setText("2026-00002")
    qtbot.waitUntil(lambda: _column(view, 0) == ["2026-00002"])
    view._search.setText("zebra")
    qtbot.waitUntil(lambda: "No row passes the filter" in words(view))
    press(view, "Show all rows")
    idle(qtbot, context)
    assert len(_column(view, 0)) == 3


def test_enter_opens_a_document_and_the_arrows_walk_on(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "2026-00002"))
    assert view._side.accessibleName() == "2026-00002"
    QTest.keyClick(view._list.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: view._side.accessibleName() == "2026-00001")


def test_a_click_on_a_line_explains_its_amount(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    content = _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(content, "Explain Team plan")
    popup = content.findChild(ExplainPopup)
    assert popup is not None
    assert "€148.50" in words(popup)
    popup.close()


def test_a_line_is_explained_by_keyboard_and_escape_closes_it(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    content = _open(qtbot, context, view, _row_of(view, "2026-00001"))
    line = next(one for one in content.findChildren(RowButton) if one.accessibleName().startswith("Explain "))
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Space)
    popup = content.findChild(ExplainPopup)
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    idle(qtbot, context)
    assert content.findChild(ExplainPopup) is None


def test_an_explanation_longer_than_the_screen_scrolls(qtbot: QtBot) -> None:
    anchor = QWidget()
    qtbot.addWidget(anchor)
    steps = tuple(Explained(f"Tier {number}", "1 × 1.00", "1.00") for number in range(200))
    popup = ExplainPopup(anchor, ShownLine("Calls", "", Money(20000, "EUR"), steps))
    popup.show_beside(anchor)
    assert popup.height() <= anchor.screen().availableGeometry().height()
    QTest.keyClick(popup, Qt.Key.Key_End)
    bar = popup._area.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    QTest.keyClick(popup, Qt.Key.Key_Home)
    assert bar.value() == 0
    popup.close()


def test_the_page_is_the_real_pdf(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    content = _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(content, "Page")
    page = content.findChild(PdfView)
    assert page is not None
    qtbot.waitUntil(lambda: page._pages == 1, timeout=10_000)
    idle(qtbot, context)


def test_a_draft_is_issued_after_its_preview(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "–"))
    press(view._side, "Issue")
    dialog = _dialog(context, view)
    assert "1 invoice: €784.69" in words(dialog)
    press(dialog, "Issue")
    idle(qtbot, context)
    assert "2026-00003" in _column(view, 0)


def test_a_part_payment_says_what_stays_open_and_can_be_taken_back(
    qtbot: QtBot, context: Context, shown: Shown
) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(view._side, "Record payment")
    dialog = view.findChild(PaymentDialog)
    assert dialog is not None
    QTest.keyClicks(dialog._amount.line, "100")
    assert "€79.69 stays open." in words(dialog)
    press(dialog, "Record payment")
    idle(qtbot, context)
    assert "€79.69" in _column(view, 5)
    offer = context.messages._toast._action
    assert isinstance(offer, QPushButton)
    offer.click()
    idle(qtbot, context)
    assert "€79.69" not in _column(view, 5)


def test_a_payment_without_an_amount_is_refused_at_its_field(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(view._side, "Record payment")
    dialog = view.findChild(PaymentDialog)
    assert dialog is not None
    dialog._amount.set_value(None)
    press(dialog, "Record payment")
    assert "A value is missing." in words(dialog)
    dialog.reject()


def test_correcting_issues_a_credit_note_and_opens_the_new_draft(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "2026-00001"))
    view._do_current("correct")
    idle(qtbot, context)
    dialog = view.findChild(ReasonDialog)
    assert dialog is not None
    dialog._reason.set_value("Wrong plan")
    press(dialog, "Correct")
    idle(qtbot, context)
    editor = view.findChild(EditorView)
    assert editor is not None
    assert editor._grid.value()[0]["unit_price"] == "49.5"
    assert "CN2026-00001" in _column(view, 0)


def test_a_credit_of_one_line_becomes_a_draft(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    _open(qtbot, context, view, _row_of(view, "2026-00001"))
    view._do_current("credit")
    idle(qtbot, context)
    dialog = view.findChild(CreditDialog)
    assert dialog is not None
    press(dialog, "Draft credit note")
    idle(qtbot, context)
    assert "-€179.69" in _column(view, 6)


def test_a_new_invoice_shows_its_totals_while_typed_and_is_stored(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    press(view, "New invoice")
    idle(qtbot, context)
    editor = view.findChild(EditorView)
    assert editor is not None
    editor._picker.pick(Hit("1", "Brouwerij De Linde NV", "C001", _Euro()))
    editor._grid.set_value([{"description": "Advice", "quantity": "2.5", "unit_price": "80", "tax_class": "standard"}])
    editor._changed()
    qtbot.waitUntil(lambda: "€242.00" in words(editor), timeout=5_000)
    press(editor, "Save draft")
    idle(qtbot, context)
    assert "€242.00" in _column(view, 6)


class _Euro:
    currency = "EUR"


def test_a_draft_without_a_customer_is_refused_and_leaving_asks(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    press(view, "New invoice")
    idle(qtbot, context)
    editor = view.findChild(EditorView)
    assert editor is not None
    editor._changed()
    press(editor, "Save draft")
    assert "A value is missing." in words(editor)
    press(editor, "Back")
    press(_dialog(context, view), "Leave")
    idle(qtbot, context)
    assert view._editor is None


def test_several_selected_documents_are_exported_together(
    qtbot: QtBot, context: Context, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = shown[0]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    view._list.table.selectAll()
    press(view._bulk, "Export…")
    idle(qtbot, context)
    press(_dialog(context, view), "Choose a folder…")
    idle(qtbot, context)
    assert len(list((tmp_path / "out").glob("*.pdf"))) == 3


def test_a_preset_view_shows_one_customer(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    view.show_view("customer:99")
    idle(qtbot, context)
    assert (_column(view, 0), view._presenter.state.customer_id) == ([], 99)
    view.show_view("overdue")
    idle(qtbot, context)
    assert view._tabs.key == "overdue"


def test_a_note_is_kept_on_the_document(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    content = _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(content, "Change")
    dialog = view.findChild(ReasonDialog)
    assert dialog is not None
    dialog._reason.set_value("Call Eva")
    press(dialog, "Save")
    idle(qtbot, context)
    assert "Call Eva" in words(view._side)


def test_an_untouched_line_of_usage_keeps_its_quantity() -> None:
    line = a_line("Calls", quantity="64758", unit_price=None, minor=17290)
    row = {"description": "Calls", "quantity": "1", "unit_price": "172.9"}
    quantity, price = _as_stored(row, line)
    assert (quantity, round(quantity * price, 2)) == (Decimal(64758), Decimal("172.90"))
    assert _as_stored(row | {"unit_price": "100"}, line) == (Decimal(1), Decimal(100))


def test_periods_end_where_they_should() -> None:
    today = date(2026, 3, 16)
    assert period_days("last_month", today) == (date(2026, 2, 1), date(2026, 2, 28))
    assert period_days("quarter", today) == (date(2026, 1, 1), None)
    assert period_days("last_year", today) == (date(2025, 1, 1), date(2025, 12, 31))


def test_a_new_line_gets_the_standard_rate(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    press(view, "New invoice")
    idle(qtbot, context)
    editor = view.findChild(EditorView)
    assert editor is not None
    table = editor._grid._table
    assert [table.item(0, place).text() for place in (1, 4)] == ["1", "Standard rate"]  # type: ignore[union-attr]
    assert editor._grid.value() == []


def test_an_editor_with_unsaved_text_is_not_left_unasked(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    press(view, "New invoice")
    idle(qtbot, context)
    editor = view.findChild(EditorView)
    assert editor is not None
    editor._changed()
    view.open_record("1")
    assert "What you typed is lost." in words(_dialog(context, view))
    assert view._editor is editor
    press(_dialog(context, view), "Cancel")


def test_shortcuts_of_the_list_do_nothing_behind_the_editor(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view = shown[0]
    _open(qtbot, context, view, _row_of(view, "2026-00001"))
    press(view, "New invoice")
    idle(qtbot, context)
    view._do_current("pay")
    idle(qtbot, context)
    assert view.findChild(PaymentDialog) is None
