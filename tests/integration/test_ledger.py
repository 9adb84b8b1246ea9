from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.domain.payments import DocumentShare
from billdesk.kernel.errors import InvariantBroken, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import ledger, payments
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.payments import PaymentInput
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.storage.ledger import EntryFilter
from builders.billing import a_book, a_draft, issue

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book


def _post(db: Db, *postings: Posting, day: date = FEBRUARY) -> Result[None]:
    ledger.post(db, [JournalEntry(1, day, EntrySource.DOCUMENT, 1, "test", postings)])
    return Result(None)


def _posting(account: Account, minor: int) -> Posting:
    return Posting(account.value, minor, minor, "EUR")


def test_an_unbalanced_entry_is_never_written(book: Book) -> None:
    with pytest.raises(InvariantBroken) as broken:
        book.run(_post, _posting(Account.BANK, 100), _posting(Account.REVENUE, -99))
    assert broken.value.invariant == "postings_sum_to_zero"
    assert book.query(ledger.list_entries, EntryFilter()) == []


def test_nothing_is_posted_in_a_closed_period(tmp_path: Path) -> None:
    with a_book(tmp_path, lock_date=date(2026, 1, 31)) as book:
        pair = (_posting(Account.BANK, 100), _posting(Account.REVENUE, -100))
        book.run(_post, *pair)
        with pytest.raises(RuleBroken):
            book.run(_post, *pair, day=date(2026, 1, 31))


def test_issued_equals_receivables_plus_receipts(book: Book) -> None:
    issue(book, a_draft(book), a_draft(book))
    share = DocumentShare(1, Money(10000, "EUR"))
    book.run(payments.note_payment, PaymentInput(1, 1, Money(10000, "EUR"), MARCH, shares=(share,)))
    found = book.query(ledger.tie_out, 1)
    assert (found.issued, found.receivables, found.settled) == (35938, 25938, 10000)
    assert found.holds
    assert book.query(check_book) == []


def test_the_journal_of_a_document_names_its_number(book: Book) -> None:
    issue(book, a_draft(book))
    (stored,) = book.query(ledger.list_entries, EntryFilter(source=EntrySource.DOCUMENT, source_id=1))
    assert (stored.entry.text, stored.entry.posted_on, len(stored.entry.postings)) == ("2026-00001", FEBRUARY, 3)


def test_entries_are_found_by_account_and_day(book: Book) -> None:
    issue(book, a_draft(book))
    assert len(book.query(ledger.list_entries, EntryFilter(account="451000", first=FEBRUARY, last=FEBRUARY))) == 1
    assert book.query(ledger.list_entries, EntryFilter(account="451000", first=MARCH)) == []


def test_recognising_twice_posts_once(book: Book) -> None:
    issue(book, a_draft(book))
    assert book.run(ledger.recognise_revenue, date(2026, 1, 16), progress=Progress()).value == 1
    assert book.run(ledger.recognise_revenue, date(2026, 1, 16), progress=Progress()).value == 0
    # 15 of 31 days of 148.50
    assert book.query(ledger.trial_balance, 1)["700000"] == -7185


def test_recognised_parts_add_up_to_the_line(book: Book) -> None:
    issue(book, a_draft(book))
    for day in (date(2026, 1, 4), date(2026, 1, 17), date(2026, 1, 30), MARCH):
        book.run(ledger.recognise_revenue, day, progress=Progress())
    assert book.query(ledger.trial_balance, 1)["700000"] == -14850
    assert book.query(ledger.tie_out, 1).holds


def test_a_balance_can_be_asked_for_a_span_of_days(book: Book) -> None:
    issue(book, a_draft(book), a_draft(book, issue_date=MARCH))
    assert book.query(ledger.trial_balance, 1, first=MARCH, until=MARCH)["400000"] == 17969


def test_the_check_names_a_document_that_disagrees_with_the_journal(book: Book) -> None:
    issue(book, a_draft(book))
    book.run(_tamper)
    codes = {problem.code for problem in book.query(check_book)}
    assert "receivables_differ" in codes


def _tamper(db: Db) -> Result[None]:
    db.connection.execute(text("UPDATE document SET open_minor = open_minor - 1"))
    return Result(None)


def test_sums_of_one_account_are_combined() -> None:
    one = _posting(Account.REVENUE, -5)
    combined = ledger.combine([one, replace(one, minor=-7, original_minor=-7), _posting(Account.BANK, 0)])
    assert combined == (Posting("700000", -12, -12, "EUR"),)
