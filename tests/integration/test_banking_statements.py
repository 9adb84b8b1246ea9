from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.banking import LineDetail, ReferenceType, Statement
from billdesk.domain.payments import LineState
from billdesk.kernel.errors import NotFound, RowsRejected, RuleBroken
from billdesk.services import banking, payments
from billdesk.services.banking import LineFilter, LineSort
from billdesk.services.book import Book
from builders.banking import a_line, a_statement, take_in
from builders.payments import BANK, a_book

EVERYTHING = LineFilter()


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book


def _import(book: Book, *statements: Statement) -> tuple[int, int]:
    outcome = book.run(banking.import_statements, statements).value
    return outcome.added, outcome.known


def test_a_preview_shows_account_balances_and_what_is_new(book: Book) -> None:
    preview = book.query(banking.preview_statements, [a_statement(a_line("121.00"), a_line("-21.00"))])
    facts = preview.statements[0]
    assert (facts.account_name, facts.bank_account_id) == ("Main", BANK)
    assert (str(facts.opening), str(facts.movement), str(facts.closing)) == ("1000.00 EUR", "100.00 EUR", "1100.00 EUR")
    assert (preview.new, preview.known, preview.problems) == (2, 0, ())
    assert book.query(banking.list_lines, EVERYTHING) == []


def test_the_same_file_twice_adds_nothing(book: Book) -> None:
    statement = a_statement(a_line("121.00", "2026-1"), a_line("-5.00", "fee"))
    assert _import(book, statement) == (2, 0)
    again = book.run(banking.import_statements, [statement])
    assert (again.value.batch_id, again.value.added, again.value.known) == (None, 0, 2)
    assert again.changes == frozenset()


def test_two_equal_bookings_on_a_day_are_two_lines_for_ever(book: Book) -> None:
    statement = a_statement(a_line("10.00", "coffee"), a_line("10.00", "coffee"))
    assert _import(book, statement) == (2, 0)
    assert _import(book, statement) == (0, 2)
    assert book.query(banking.sum_lines, EVERYTHING)["EUR"].count == 2


def test_an_overlapping_file_adds_only_its_new_lines(book: Book) -> None:
    _import(book, a_statement(a_line("10.00", "one"), a_line("10.00", "two")))
    longer = a_statement(a_line("10.00", "one"), a_line("10.00", "two"), a_line("10.00", "two"), number="2026-4")
    assert _import(book, longer) == (1, 2)


def test_an_equal_booking_in_the_next_statement_of_the_day_is_another_line(book: Book) -> None:
    morning = a_statement(a_line("10.00", "coffee"), number="1")
    evening = a_statement(a_line("10.00", "coffee"), number="2", opening="1010.00")
    assert _import(book, morning) == (1, 0)
    assert _import(book, evening) == (1, 0)
    assert _import(book, morning, evening) == (0, 2)


def test_two_statements_of_one_day_in_one_file_keep_their_equal_bookings(book: Book) -> None:
    morning = a_statement(a_line("10.00", "coffee"), number="1")
    evening = a_statement(a_line("10.00", "coffee"), number="2", opening="1010.00")
    assert _import(book, morning, evening) == (2, 0)
    assert _import(book, evening) == (0, 1)


def test_a_statement_that_does_not_add_up_is_refused_with_the_difference(book: Book) -> None:
    statement = a_statement(a_line("121.00"), closing="1120.00")
    with pytest.raises(RowsRejected) as refused:
        book.run(banking.import_statements, [statement])
    problem = refused.value.problems[0]
    assert (problem.code, problem.value) == ("statement_imbalance", "-1.00")
    assert book.query(banking.list_lines, EVERYTHING) == []
    assert book.run(banking.import_statements, [statement], accept_imbalance=True).value.added == 1


def test_an_unknown_account_is_asked_for_and_can_be_pointed_out(book: Book) -> None:
    statement = a_statement(a_line("5.00"), iban="NL91ABNA0417164300")
    preview = book.query(banking.preview_statements, [statement])
    assert preview.unknown_accounts == ("NL91ABNA0417164300",)
    with pytest.raises(RowsRejected):
        book.run(banking.import_statements, [statement])
    chosen = {"NL91ABNA0417164300": BANK}
    assert book.run(banking.import_statements, [statement], accounts=chosen).value.added == 1


def test_a_dollar_statement_is_not_taken_for_the_euro_account(book: Book) -> None:
    statement = a_statement(a_line("5.00", currency="USD"), currency="USD")
    with pytest.raises(RowsRejected) as refused:
        book.run(banking.import_statements, [statement])
    assert [problem.code for problem in refused.value.problems] == ["statement_currency"]


def test_undo_takes_the_lines_out_and_the_file_can_come_in_again(book: Book) -> None:
    statement = a_statement(a_line("121.00"), a_line("-21.00"))
    batch = book.run(banking.import_statements, [statement]).value.batch_id
    assert batch is not None
    assert book.run(banking.undo_import, batch).value == 2
    assert book.query(banking.list_lines, EVERYTHING) == []
    assert book.query(banking.list_accounts)[1].balance is None
    assert _import(book, statement) == (2, 0)
    assert book.query(banking.sum_lines, EVERYTHING)["EUR"].count == 2


def test_undoing_a_file_leaves_the_lines_that_a_later_file_has_too(book: Book) -> None:
    first = a_line("121.00", "2026-1"), a_line("50.00", "2026-2")
    batch = book.run(banking.import_statements, [a_statement(*first)]).value.batch_id
    later = a_statement(first[1], a_line("30.00", "2026-3"), opening="1121.00", number="2026-4")
    book.run(banking.import_statements, [later])
    assert book.query(banking.preview_undo, batch or 0) == banking.StatementUndo(withdrawn=1, kept=1, settled=0)
    assert book.run(banking.undo_import, batch or 0).value == 1
    rows = book.query(banking.list_lines, LineFilter(), descending=False)
    assert sorted(row.text for row in rows) == ["2026-2", "2026-3"]
    assert book.query(payments.check_money) == []
    again = book.run(banking.import_statements, [a_statement(*first)]).value
    assert (again.added, again.known) == (1, 1)


def test_a_settled_line_that_a_later_file_has_too_does_not_hold_the_undo_back(book: Book) -> None:
    shared = a_line("50.00", "2026-2")
    batch = book.run(banking.import_statements, [a_statement(shared)]).value.batch_id
    second = book.run(banking.import_statements, [a_statement(shared, a_line("1.00", "2026-3"))]).value.batch_id
    row = next(row for row in book.query(banking.list_lines, LineFilter()) if row.text == "2026-2")
    book.run(banking.mark_as_not_customer, row.id, "580000")
    assert book.run(banking.undo_import, batch or 0).value == 0
    assert book.query(payments.check_money) == []
    with pytest.raises(RuleBroken, match="lines_settled"):
        book.run(banking.undo_import, second or 0)


def test_undo_is_refused_while_a_line_is_settled_and_done_only_once(book: Book) -> None:
    batch = book.run(banking.import_statements, [a_statement(a_line("-2.50", "fees"))]).value.batch_id
    assert batch is not None
    line = book.query(banking.list_lines, EVERYTHING)[0].id
    book.run(banking.mark_as_not_customer, line, "656000")
    with pytest.raises(RuleBroken, match="lines_settled"):
        book.run(banking.undo_import, batch)
    book.run(banking.unmatch, line)
    book.run(banking.undo_import, batch)
    with pytest.raises(RuleBroken, match="already_undone"):
        book.run(banking.undo_import, batch)
    with pytest.raises(NotFound):
        book.run(banking.undo_import, 99)


def test_accounts_show_balance_and_lines_to_match(book: Book) -> None:
    take_in(book, a_line("121.00"), a_line("-21.00"))
    cards = {card.account.name: card for card in book.query(banking.list_accounts)}
    assert (str(cards["Main"].balance), cards["Main"].balance_on, cards["Main"].to_match) == (
        "1100.00 EUR",
        date(2026, 3, 20),
        2,
    )
    assert (cards["Dollars"].balance, cards["Dollars"].to_match) == (None, 0)


def test_a_gap_between_statements_is_shown(book: Book) -> None:
    take_in(book, a_line("121.00"))
    later = a_statement(a_line("1.00"), opening="1200.00", number="2026-5", day=date(2026, 3, 25))
    assert str(book.query(banking.preview_statements, [later]).statements[0].gap) == "79.00 EUR"


def test_lines_from_another_format_that_look_the_same_are_counted(book: Book) -> None:
    take_in(book, a_line("121.00", "from camt", bank_reference="B1"))
    table = a_statement(a_line("121.00", "from csv"), opening=None)
    facts = book.query(banking.preview_statements, [table]).statements[0]
    assert (facts.new, facts.similar) == (1, 1)


def test_lines_are_filtered_searched_sorted_and_added_up_by_the_database(book: Book) -> None:
    take_in(book, a_line("121.00", "invoice 7", name="Brouwerij De Linde"), a_line("-5.00", "Kosten é"), a_line("7.00"))
    amounts = [str(row.amount) for row in book.query(banking.list_lines, EVERYTHING, sort=LineSort.AMOUNT, limit=2)]
    assert amounts == ["121.00 EUR", "7.00 EUR"]
    assert [row.text for row in book.query(banking.list_lines, LineFilter(text="kosten E"))] == ["Kosten é"]
    sums = book.query(banking.sum_lines, LineFilter(incoming=True))["EUR"]
    assert (sums.count, str(sums.incoming), str(sums.outgoing)) == (2, "128.00 EUR", "0.00 EUR")
    assert book.query(banking.count_by_state, EVERYTHING) == {LineState.OPEN: 3}


def test_everything_the_bank_said_is_kept(book: Book) -> None:
    detail = LineDetail(Decimal("121.00"), "EUR", texts=("a", "b"), reference_type=ReferenceType.RF)
    line = replace(
        a_line("121.00", "hello", name="De Linde", account="BE71", reference="RF18"),
        value_on=date(2026, 3, 21),
        charges=Decimal("0.50"),
        is_reversal=True,
        details=(detail,),
        raw=(("code", "PMNT"),),
    )
    stored = book.query(banking.load_line, take_in(book, line)[0])
    assert stored.line.line == line
    assert stored.step is None


def test_a_file_is_read_previewed_and_imported_from_disk(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "march.csv"
    path.write_text("Date,Amount,Description\n2026-03-20,121.00,invoice 7\n2026-03-21,-5.00,fee\n")
    preview = book.query(banking.preview_statement, path, accounts={"": BANK})
    assert (preview.file_name, preview.new, preview.statements[0].opening) == ("march.csv", 2, None)
    assert book.run(banking.import_statement, path, accounts={"": BANK}).value.added == 2
    assert str(book.query(banking.list_accounts)[1].balance) == "116.00 EUR"


def test_a_day_without_movements_still_moves_the_day_of_the_balance(book: Book) -> None:
    take_in(book, a_line("121.00"))
    quiet = a_statement(opening="1121.00", number="2026-4", day=date(2026, 3, 21))
    assert book.run(banking.import_statements, [quiet]).value.batch_id is not None
    assert book.run(banking.import_statements, [quiet]).value.batch_id is None
    assert book.query(banking.list_accounts)[1].balance_on == date(2026, 3, 21)


def test_the_same_statement_twice_in_one_file_is_brought_in_once(book: Book) -> None:
    statement = a_statement(a_line("121.00"))
    assert _import(book, statement, statement) == (1, 1)


def test_lines_are_filtered_by_account_company_and_days(book: Book) -> None:
    take_in(book, a_line("1.00", day=date(2026, 3, 1)), a_line("2.00", day=date(2026, 3, 9)))
    wanted = LineFilter(BANK, 1, booked_from=date(2026, 3, 2), booked_until=date(2026, 3, 9), incoming=True)
    assert [str(row.amount) for row in book.query(banking.list_lines, wanted)] == ["2.00 EUR"]
    assert book.query(banking.list_lines, LineFilter(entity_id=9)) == []
    assert book.query(banking.sum_lines, LineFilter(incoming=False)) == {}
