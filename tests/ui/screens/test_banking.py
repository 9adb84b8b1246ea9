from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from billdesk.domain.payments import AllocationKind
from billdesk.services.book import Book
from billdesk.services.invoices import DocumentFilter, list_documents
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.banking.banking_view import BankingView
from billdesk.ui.screens.banking.composition import REST_ACCOUNT, REST_BALANCE, Composition
from billdesk.ui.screens.banking.dialogs import AccountDialog, RuleDialog, RulesDialog
from billdesk.ui.screens.banking.import_dialog import ImportDialog
from builders import payments
from builders.banking import a_line, take_in
from builders.payments import eur, issue, usd
from ui.books import idle, press, show, words

CSV = "Datum;Bedrag;Munt;Naam tegenpartij;Mededeling\n20/03/2026;{amount};EUR;De Linde;2026-9\n"


@dataclass
class Desk:
    view: BankingView
    book: Book
    qtbot: QtBot
    context: Context

    def idle(self) -> None:
        idle(self.qtbot, self.context)

    def lines(self) -> list[str]:
        model = self.view._list.model
        return [str(model.index(row, 1).data()) for row in range(model.rowCount())]

    def stand_on(self, name: str) -> None:
        self.view._list.table.setCurrentIndex(self.view._list.model.index(self.lines().index(name), 0))
        self.idle()

    def enter(self) -> None:
        QTest.keyClick(self.view._list.table, Qt.Key.Key_Return)
        self.idle()

    def undo(self) -> None:
        """Click the offer in the message; the test's window is never shown, so nothing in it is visible."""
        offer = self.context.messages._toast._action
        assert isinstance(offer, QPushButton)
        offer.click()
        self.idle()

    def dialog(self) -> QDialog:
        found = [*self.view.findChildren(QDialog), *self.context.messages._window.findChildren(QDialog)]
        return next(one for one in found if one.isVisible())


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Desk:
    """Three lines: one pays 2026-1 in full, one a part of 2026-2, one is a bank fee."""
    book = payments.a_book(tmp_path)
    book.run(issue, "2026-1", eur("121.00"))
    book.run(issue, "2026-2", eur("200.00"), payments.BAKKER)
    take_in(
        book,
        a_line("121.00", "2026-1", name="Brouwerij De Linde NV", account=payments.LINDE_IBAN),
        a_line("80.00", "2026-2", name="Bakker"),
        a_line("-12.50", "Kosten 03/2026", name="KBC"),
    )
    view, _went = show(qtbot, context, BankingView, lambda: book)
    return Desk(view, book, qtbot, context)


def test_a_book_without_statements_says_what_comes_first(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    view, _went = show(qtbot, context, BankingView, lambda: payments.a_book(tmp_path))
    found = words(view)
    assert "No statement yet" in found
    assert "Import a statement: its lines stand here until it is clear what they pay." in found


def test_the_best_proposal_stands_ready_with_its_reasons(desk: Desk) -> None:
    desk.stand_on("Brouwerij De Linde NV")
    shown = words(desk.view._pane)
    assert "2026-1 · due 31 Mar 2026 · €121.00" in shown
    assert "Number in the message +8" in shown
    assert "Remaining €0.00" in shown


def test_enter_settles_the_line_and_goes_on_to_the_next(desk: Desk) -> None:
    desk.stand_on("Brouwerij De Linde NV")
    place = desk.lines().index("Brouwerij De Linde NV")
    desk.enter()
    assert "Brouwerij De Linde NV" not in desk.lines()
    assert desk.view._list.table.currentIndex().row() == min(place, 1)
    assert desk.view._tabs._buttons["matched"].text() == "Matched  1"


def test_undo_in_the_message_opens_the_line_again(desk: Desk) -> None:
    desk.stand_on("Brouwerij De Linde NV")
    desk.enter()
    desk.undo()
    desk.idle()
    assert "Brouwerij De Linde NV" in desk.lines()


def test_enter_on_a_line_that_nothing_fits_settles_nothing(desk: Desk) -> None:
    desk.stand_on("KBC")
    desk.enter()
    assert ("KBC" in desk.lines(), desk.view._pane.is_ready) == (True, False)


def test_a_fee_is_booked_to_its_account(desk: Desk) -> None:
    desk.stand_on("KBC")
    press(desk.view._pane, "Not a customer…")
    dialog = desk.view.findChild(AccountDialog)
    assert dialog is not None
    press(dialog, "Book")
    desk.idle()
    assert "KBC" not in desk.lines()
    assert desk.view._tabs._buttons["not_customer"].text() == "Not customers  1"


def test_by_hand_a_part_is_paid_and_the_rest_is_written_off(desk: Desk) -> None:
    desk.stand_on("Bakker")
    desk.view._pane.compose_by_hand()
    desk.idle()
    now = desk.view._pane._composition
    assert now is not None
    desk.view._pane._take(now.changed(now.parts[0].document.id, difference=AllocationKind.WRITE_OFF))
    press(desk.view._pane, "OK")
    desk.idle()
    desk.view.show_view("matched")
    desk.idle()
    assert "2026-2 · Bakker & Zoon · Write off" in words(desk.view._pane)


def test_a_settled_line_is_taken_back_after_a_question(desk: Desk) -> None:
    desk.stand_on("Brouwerij De Linde NV")
    desk.enter()
    desk.view.show_view("matched")
    desk.idle()
    press(desk.view._pane, "Take the match back")
    press(desk.dialog(), "Take back")
    desk.idle()
    assert desk.view._tabs._buttons["open"].text() == "To match  3"


def test_all_clear_lines_are_counted_before_they_are_matched(desk: Desk) -> None:
    press(desk.view, "Match all clear lines…")
    desk.idle()
    dialog = desk.dialog()
    assert "1 line has one clear match." in words(dialog)
    press(dialog, "Match 1 line")
    desk.idle()
    assert len(desk.lines()) == 2


def test_a_rule_is_tried_on_the_past_before_it_is_saved(desk: Desk) -> None:
    desk.stand_on("KBC")
    press(desk.view._pane, "Rule…")
    desk.idle()
    dialog = desk.view.findChild(RuleDialog)
    assert dialog is not None
    assert "Of the last 3 lines it fits 1; 1 of them wait to be matched." in words(dialog)
    press(dialog, "Save rule")
    desk.idle()
    press(desk.view, "Rules")
    desk.idle()
    rules = desk.view.findChild(RulesDialog)
    assert rules is not None
    press(rules, "Apply to all open lines")
    desk.idle()
    assert "KBC" not in desk.lines()


def test_a_table_without_an_account_asks_which_one_it_is(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "march.csv"
    path.write_text(CSV.format(amount="50,00"), encoding="utf-8")
    assert desk.view.drop([path])
    desk.idle()
    dialog = desk.view.findChild(ImportDialog)
    assert dialog is not None
    assert "Which of your accounts is this?" in words(dialog)
    assert not dialog.save_button.isEnabled()
    dialog._choose_account("", "1")
    desk.idle()
    press(dialog, "Import 1 line")
    desk.idle()
    assert "De Linde" in desk.lines()


def test_a_table_with_unknown_titles_asks_for_its_columns_and_its_date_order(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("Kolom A;Kolom B;Kolom C\n03/04/2026;12,50;Hoofdkantoor\n", encoding="utf-8")
    desk.view.drop([path])
    desk.idle()
    dialog = desk.view.findChild(ImportDialog)
    assert dialog is not None
    for answers in ({"date": "Kolom A", "amount": "Kolom B", "text": "Kolom C"}, {"order": "dmy"}):
        form = next(one for one in dialog.findChildren(FormGrid) if one.isVisible())
        form.set_values(answers)
        dialog._take_columns(form)
        desk.idle()
    dialog._choose_account("", "1")
    desk.idle()
    assert "3 Apr 2026" in words(dialog)
    press(dialog, "Import 1 line")
    desk.idle()
    assert "Hoofdkantoor" in desk.lines()


def test_a_file_that_is_no_statement_says_so_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "letter.xml"
    path.write_text("<letter/>", encoding="utf-8")
    desk.view.drop([path])
    desk.idle()
    press(desk.dialog(), "OK")
    assert len(desk.lines()) == 3


def test_a_file_of_another_kind_is_left_to_other_screens(desk: Desk, tmp_path: Path) -> None:
    assert not desk.view.drop([tmp_path / "customers.xlsx"])


def test_the_search_looks_in_names_and_messages(desk: Desk) -> None:
    desk.view._search.setText("kosten")
    desk.qtbot.waitUntil(lambda: desk.lines() == ["KBC"])


def test_what_remains_must_go_somewhere(tmp_path: Path) -> None:
    with payments.a_book(tmp_path) as book:
        book.run(issue, "2026-1", eur("121.00"))
        (document,) = book.query(list_documents, DocumentFilter())
    now = Composition(eur("130.00")).with_document(document)
    assert (str(now.remaining), now.is_ready) == ("9.00 EUR", False)
    to_balance = Composition(now.amount, now.parts, REST_BALANCE, customer_id=1)
    assert (to_balance.is_ready, to_balance.match().rest_to_customer_id) == (True, 1)
    to_account = Composition(now.amount, now.parts, REST_ACCOUNT, "656000")
    assert [str(share.amount) for share in to_account.match().accounts] == ["9.00 EUR"]


def test_a_document_added_to_a_line_that_is_used_up_takes_nothing(tmp_path: Path) -> None:
    with payments.a_book(tmp_path) as book:
        for number, amount in (("2026-1", eur("121.00")), ("2026-2", eur("50.00")), ("2026-3", usd("10.00"))):
            book.run(issue, number, amount)
        first, second, dollars = sorted(book.query(list_documents, DocumentFilter()), key=lambda row: row.number)
    now = Composition(eur("121.00"), rest=REST_BALANCE, customer_id=1)
    now = now.with_document(first).with_document(second).with_document(dollars)
    assert [str(part.amount) for part in now.parts] == ["121.00 EUR", "0.00 EUR", "0.00 USD"]
    assert now.is_ready
    assert not now.changed(dollars.id, amount=usd("10.00")).is_ready
    assert not now.changed(second.id, amount=eur("50.00")).is_ready
