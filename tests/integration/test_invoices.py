from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from billdesk.domain.customers import CreditPolicy
from billdesk.domain.invoices import Document, DocumentKind, DocumentState, DocumentStatus, ExchangeRate
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services.book import Book
from billdesk.services.invoices import verify_documents
from billdesk.services.ledger import check_ledger, tie_out, trial_balance
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.storage.invoices import DocumentFilter, list_documents, load_document
from billdesk.storage.taxes import QuotedRate, save_rates
from builders.billing import FEBRUARY_1, a_book, a_draft, a_draft_record, a_hosting_line, issue, store
from builders.invoices import a_line


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book
        assert book.query(check_ledger) == []


def _sql(db: Db, statement: str) -> Result[None]:
    db.connection.execute(text(statement))
    return Result(None)


def test_a_stored_draft_reads_back_as_it_was(book: Book) -> None:
    record = a_draft_record()
    (key,) = book.run(store, record).value
    read = book.query(load_document, key)
    line = replace(read.lines[0], id=0)
    assert replace(read, id=0, lines=(line,)) == record


def test_issuing_numbers_without_gaps_in_date_order(book: Book) -> None:
    later = a_draft(book, issue_date=date(2026, 2, 3))
    sooner = a_draft(book)
    issued = issue(book, later, sooner)
    assert issued.numbers == ("2026-00001", "2026-00002")
    assert issued.ids == (sooner, later)


def test_an_issued_invoice_carries_the_belgian_reference_and_is_open(book: Book) -> None:
    key = a_draft(book)
    issue(book, key)
    document = book.query(load_document, key)
    (row,) = book.query(list_documents, DocumentFilter())
    assert document.payment.structured_reference == "+++012/6000/00108+++"
    assert (row.structured_reference, row.open.minor) == ("012600000108", 17969)


def test_each_year_has_numbers_of_its_own(book: Book) -> None:
    old, new = a_draft(book, issue_date=date(2025, 12, 31)), a_draft(book, issue_date=date(2026, 1, 1))
    assert issue(book, old, new).numbers == ("2025-00001", "2026-00001")


def test_a_date_before_the_last_number_is_refused(book: Book) -> None:
    issue(book, a_draft(book))
    with pytest.raises(RuleBroken) as refused:
        issue(book, a_draft(book), day=date(2026, 1, 31))
    assert refused.value.rule == "date_before_last_number"
    assert dict(refused.value.details) == {"date": "2026-01-31", "last": "2026-02-01"}


def test_a_refused_issue_leaves_no_number_behind(book: Book) -> None:
    held = a_draft(book, hold=True)
    with pytest.raises(RuleBroken):
        issue(book, a_draft(book), held)
    assert issue(book, a_draft(book)).numbers == ("2026-00001",)


def test_a_closed_period_takes_no_invoices(tmp_path: Path) -> None:
    with a_book(tmp_path, lock_date=FEBRUARY_1) as book, pytest.raises(RuleBroken) as refused:
        issue(book, a_draft(book))
    assert refused.value.rule == "period_locked"


def test_issuing_posts_receivable_tax_and_deferred_revenue(book: Book) -> None:
    issue(book, a_draft(book))
    assert book.query(trial_balance, 1) == {"400000": 17969, "451000": -3119, "493000": -14850}


def test_revenue_earned_at_once_is_not_deferred(book: Book) -> None:
    issue(book, a_draft(book, lines=(replace(a_line(), product_id=2),)))
    assert book.query(trial_balance, 1) == {"400000": 17969, "451000": -3119, "700000": -14850}


def test_a_foreign_invoice_is_posted_at_its_frozen_rate(book: Book) -> None:
    line = a_hosting_line(amount=a_line(currency="USD").amount, discount=a_line(currency="USD").discount)
    record = a_draft_record(lines=(line,), rate=ExchangeRate(Decimal("0.8"), FEBRUARY_1, "ECB"))
    taxes = tuple(replace(group, amount_local=replace(group.amount_local, minor=2495)) for group in record.taxes)
    (key,) = book.run(store, replace(record, taxes=taxes)).value
    issue(book, key)
    assert book.query(trial_balance, 1) == {"400000": 14375, "451000": -2495, "493000": -11880}
    assert book.query(tie_out, 1).open_items == 14375


def test_another_issue_date_freezes_the_rate_of_that_day(book: Book) -> None:
    book.run(_rates)
    line = a_hosting_line(amount=a_line(currency="USD").amount, discount=a_line(currency="USD").discount)
    key = a_draft(book, lines=(line,), rate=ExchangeRate(Decimal("0.8"), FEBRUARY_1, "ECB"))
    issue(book, key, day=date(2026, 2, 10))
    rate = book.query(load_document, key).rate
    assert (rate.rate, rate.day, rate.source) == (Decimal("0.5"), date(2026, 2, 9), "ECB")
    assert book.query(trial_balance, 1)["400000"] == 8985


def _rates(db: Db) -> Result[None]:
    save_rates(db, [QuotedRate("USD", date(2026, 2, 9), Decimal(2), "ECB")])
    return Result(None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document SET total_minor = 1",
        "UPDATE document SET number = '9'",
        "UPDATE document SET state = 'draft'",
        "DELETE FROM document",
        "UPDATE document_line SET amount_minor = 1",
        "DELETE FROM document_line",
        "DELETE FROM document_tax",
        "UPDATE document_content SET seller = '{}'",
        "INSERT INTO document_discount (document_id, position, label, amount_minor) VALUES (1, 1, 'x', 1)",
        "UPDATE posting SET minor = 0",
        "DELETE FROM journal_entry",
    ],
)
def test_the_database_refuses_to_change_what_was_issued(book: Book, statement: str) -> None:
    issue(book, a_draft(book))
    with pytest.raises(IntegrityError):
        book.run(_sql, statement)


def test_the_memo_of_an_issued_invoice_stays_editable(book: Book) -> None:
    issue(book, a_draft(book))
    book.run(_sql, "UPDATE document SET memo = 'called them', version = version + 1")


def test_issuing_queues_a_mail_in_the_customers_language(book: Book) -> None:
    assert issue(book, a_draft(book)).queued == 1


def test_an_open_credit_note_pays_the_next_invoice(book: Book) -> None:
    credit = a_hosting_line(amount=-a_line(minor=10000).amount)
    issue(book, a_draft(book, kind=DocumentKind.CREDIT_NOTE, lines=(credit,)))
    key = a_draft(book, issue_date=date(2026, 2, 2))
    issue(book, key)
    rows = book.query(list_documents, DocumentFilter())
    assert [(row.open.minor, row.status) for row in rows] == [
        (5869, DocumentStatus.OVERDUE),
        (0, DocumentStatus.PAID),
    ]


def test_a_customer_who_wants_refunds_keeps_the_credit_note_open(book: Book) -> None:
    book.run(_sql, f"UPDATE customer SET credit_policy = '{CreditPolicy.REFUND}'")
    credit = a_hosting_line(amount=-a_line(minor=10000).amount)
    issue(book, a_draft(book, kind=DocumentKind.CREDIT_NOTE, lines=(credit,)))
    issue(book, a_draft(book))
    assert sorted(row.open.minor for row in book.query(list_documents, DocumentFilter())) == [-12100, 17969]


def test_a_document_is_issued_once(book: Book) -> None:
    key = a_draft(book)
    issue(book, key)
    with pytest.raises(RuleBroken) as refused:
        issue(book, key)
    assert refused.value.rule == "not_a_draft"
    document: Document = book.query(load_document, key)
    assert document.state is DocumentState.ISSUED


def test_a_document_that_was_tampered_with_is_named(book: Book) -> None:
    sound, forged = a_draft(book), a_draft(book)
    issue(book, sound, forged)
    assert book.query(verify_documents, progress=Progress()).agrees
    book.run(_sql, "DROP TRIGGER document_guard_update")
    book.run(_sql, f"UPDATE document SET net_minor = net_minor + 1 WHERE id = {forged}")
    found = book.query(verify_documents, progress=Progress())
    assert (found.documents, [one.number for one in found.differing]) == (2, ["2026-00002"])
    assert book.query(verify_documents, [sound], progress=Progress()).agrees
