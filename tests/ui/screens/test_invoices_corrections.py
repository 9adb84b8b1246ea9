from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from billdesk.kernel.money import Money
from billdesk.services import invoices
from billdesk.services.book import Book
from billdesk.services.invoices import Comparison, LineComparison
from billdesk.services.taxes import seed_tax_rates
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.invoices.dialogs import ExportDialog
from billdesk.ui.screens.invoices.invoices_view import InvoicesView
from billdesk.ui.screens.invoices.record import load_record
from billdesk.ui.screens.invoices.record_panel import RecordContent
from builders import billing
from builders.billing import a_draft, a_hosting_line, issue
from builders.invoices import a_trace
from ui.books import idle, press, show, words


def _book(folder: Path) -> Book:
    """Two open invoices of 179.69, and a credit note of 60.50 on the second."""
    book = billing.a_book(folder)
    book.run(seed_tax_rates)
    traced = (a_hosting_line(trace=a_trace()),)
    issue(book, a_draft(book, lines=traced), a_draft(book, lines=traced))
    (line,) = book.query(invoices.load_document, 2).lines
    issue(book, book.run(invoices.credit_document, 2, "late", {line.id: Money(5000, "EUR")}).value)
    return book


@pytest.fixture
def view(qtbot: QtBot, context: Context, tmp_path: Path) -> InvoicesView:
    return show(qtbot, context, InvoicesView, lambda: _book(tmp_path))[0]


def _numbers(view: InvoicesView) -> list[str]:
    model = view._list.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def _open(qtbot: QtBot, context: Context, view: InvoicesView, number: str) -> RecordContent:
    view._list.table.setCurrentIndex(view._list.model.index(_numbers(view).index(number), 0))
    QTest.keyClick(view._list.table, Qt.Key.Key_Return)
    idle(qtbot, context)
    return view.findChildren(RecordContent)[-1]


def _dialog(context: Context, view: InvoicesView) -> QDialog:
    found = [*view.findChildren(QDialog), *context.messages._window.findChildren(QDialog)]
    return next(one for one in found if one.isVisible())


def test_a_credit_note_is_set_off_against_what_it_corrects(qtbot: QtBot, context: Context, view: InvoicesView) -> None:
    _open(qtbot, context, view, "CN2026-00001")
    press(view._side, "Set off against invoices…")
    assert "Set €60.50 off against open invoices?" in words(_dialog(context, view))
    press(_dialog(context, view), "Set off")
    idle(qtbot, context)
    assert "Set off against 1 invoice." in context.messages._toast._text.text()
    content = _open(qtbot, context, view, "2026-00002")
    assert "€119.19" in words(content)


def test_a_credit_note_becomes_prepaid_credit(qtbot: QtBot, context: Context, view: InvoicesView) -> None:
    context.tasks.of(view).query(load_record, 3, "en", then=lambda state: view._deeds.do(state, "wallet"))
    idle(qtbot, context)
    press(_dialog(context, view), "Turn into credit")
    idle(qtbot, context)
    assert "€60.50 is prepaid credit now." in context.messages._toast._text.text()


def test_a_difference_is_told_to_the_cent(context: Context, view: InvoicesView) -> None:
    line = LineComparison(1, "Team plan", Money(14850, "EUR"), Money(14849, "EUR"))
    view._deeds._compared(Comparison(1, "2026-00001", (line,), ()))
    told = words(_dialog(context, view))
    assert "The document differs" in told
    assert "Line 1, Team plan: €148.50 on the document, €148.49 computed again, a difference of €0.01" in told
    _dialog(context, view).reject()


def test_exported_pdfs_can_show_how_their_amounts_came_about(
    qtbot: QtBot, context: Context, view: InvoicesView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    press(view, "Export")
    idle(qtbot, context)
    dialog = view.findChild(ExportDialog)
    assert dialog is not None
    dialog._form.set_values({"explain": True})
    press(dialog, "Choose a folder…")
    idle(qtbot, context)
    text = PdfReader(next((tmp_path / "out").glob("2026-00001*.pdf"))).pages[-1].extract_text()
    assert "How the amounts were computed" in text
