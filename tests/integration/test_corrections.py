"""Corrections in business words: late usage, credit notes, Correct, and coins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.catalog import LateUsage
from billdesk.domain.customers import CreditPolicy
from billdesk.domain.discounts import DiscountFrequency
from billdesk.domain.invoices import Document, DocumentKind, DocumentStatus
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import billing, customers, entities, invoices, payments, wallets
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.invoices import DocumentFilter
from billdesk.services.payments import DocumentShare, PaymentInput
from billdesk.services.result import Result
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage.database import Db
from builders.billing import FEBRUARY_1, a_book, a_draft, issue
from builders.offers import JANUARY, an_offers_desk
from builders.usage import Meters, a_metered_book

MARCH_16 = date(2026, 3, 16)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        book.run(seed_tax_rates)
        yield book
        assert book.query(check_book) == []


def _wants(book: Book, policy: CreditPolicy) -> None:
    book.run(customers.update_customer, replace(book.query(customers.load_customer, 1), credit_policy=policy))


def _credit(book: Book, invoice_id: int, cents: int) -> int:
    (line,) = book.query(invoices.load_document, invoice_id).lines
    return book.run(invoices.credit_document, invoice_id, "late", {line.id: Money(cents, "EUR")}).value


def _open(book: Book) -> dict[str, int]:
    rows = book.query(invoices.list_documents, DocumentFilter())
    return {row.number: row.open.minor for row in rows if row.number}


def test_a_credit_note_pays_what_it_corrects_first_where_the_customer_wants_it_set_off(book: Book) -> None:
    _wants(book, CreditPolicy.OFFSET)
    issue(book, a_draft(book), a_draft(book))
    issue(book, _credit(book, 2, 5000))
    assert _open(book) == {"2026-00001": 17969, "2026-00002": 17969 - 6050, "CN2026-00001": 0}


def test_what_a_paid_invoice_does_not_need_pays_the_invoice_that_is_due_first(book: Book) -> None:
    _wants(book, CreditPolicy.OFFSET)
    issue(book, a_draft(book), a_draft(book))
    share = DocumentShare(2, Money(17969, "EUR"))
    book.run(payments.note_payment, PaymentInput(1, 1, share.amount, MARCH_16, shares=(share,)))
    issue(book, _credit(book, 2, 5000))
    assert _open(book) == {"2026-00001": 17969 - 6050, "2026-00002": 0, "CN2026-00001": 0}


def test_a_credit_note_that_waits_can_be_set_off_by_hand(book: Book) -> None:
    issue(book, a_draft(book))
    key = _credit(book, 1, 5000)
    issue(book, key)
    assert _open(book)["CN2026-00001"] == -6050
    book.run(invoices.offset_note, key)
    assert _open(book) == {"2026-00001": 11919, "CN2026-00001": 0}
    with pytest.raises(RuleBroken) as refused:
        book.run(invoices.offset_note, key)
    assert refused.value.rule == "nothing_open_to_refund"


def test_without_an_open_invoice_there_is_nothing_to_set_off(book: Book) -> None:
    issue(book, a_draft(book))
    share = DocumentShare(1, Money(17969, "EUR"))
    book.run(payments.note_payment, PaymentInput(1, 1, share.amount, MARCH_16, shares=(share,)))
    key = _credit(book, 1, 5000)
    issue(book, key)
    with pytest.raises(RuleBroken) as refused:
        book.run(invoices.offset_note, key)
    assert refused.value.rule == "nothing_to_offset"
    assert book.run(wallets.refund_into_wallet, key).value.wallet.balance == Money(6050, "EUR")
    assert _open(book)["CN2026-00001"] == 0


def test_correct_moves_the_payment_even_for_a_customer_who_wants_credits_paid_back(book: Book) -> None:
    _wants(book, CreditPolicy.REFUND)
    issue(book, a_draft(book))
    share = DocumentShare(1, Money(17969, "EUR"))
    book.run(payments.note_payment, PaymentInput(1, 1, share.amount, MARCH_16, shares=(share,)))
    made = book.run(invoices.correct_document, 1, "wrong address").value
    issue(book, made.draft_id)
    assert _open(book) == {"2026-00001": 0, "CN2026-00001": 0, "2026-00002": 0}
    assert book.query(invoices.load_document, made.draft_id).corrects_numbers == ("2026-00001",)


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1")
    yield made
    assert made.book.query(check_book) == []
    made.book.close()


def _correct_at_once(db: Db) -> Result[None]:
    db.connection.exec_driver_sql(f"UPDATE price SET late_usage = '{LateUsage.CORRECTIVE.value}'")
    return Result(None)


def _bill(meters: Meters, day: date, **options: Any) -> list[Document]:
    outcome = meters.book.run(billing.run_billing, day, progress=Progress(), **options).value
    if outcome.run_id is None:
        return []
    issued = meters.book.run(invoices.issue_run, outcome.run_id, progress=Progress()).value
    return meters.book.query(invoices.load_documents, issued.ids)


def test_late_usage_gets_an_invoice_of_its_own_that_names_what_it_corrects(meters: Meters) -> None:
    meters.book.run(_correct_at_once)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    (january,) = _bill(meters, FEBRUARY_1)
    assert january.corrects_numbers == ()
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late", "S1,calls,2026-02-03T10:00:00Z,100,b")
    february, late = sorted(_bill(meters, date(2026, 3, 1)), key=lambda one: len(one.corrects_numbers))
    assert (february.net, february.corrects_numbers) == (Money(100, "EUR"), ())
    assert (late.kind, late.net, late.corrects_numbers) == (DocumentKind.INVOICE, Money(500, "EUR"), (january.number,))
    assert late.lines[0].details == f"1–31 jan 2026 · corrigeert {january.number}"
    assert _bill(meters, date(2026, 3, 1)) == []


def test_usage_that_was_too_high_gets_a_credit_note_of_its_own(meters: Meters) -> None:
    meters.book.run(_correct_at_once)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    (january,) = _bill(meters, FEBRUARY_1)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,400,a", replace=Period(date(2026, 1, 1), FEBRUARY_1))
    meters.bring("S1,calls,2026-02-03T10:00:00Z,100,b")
    kinds = {one.kind: one for one in _bill(meters, date(2026, 3, 1))}
    assert kinds[DocumentKind.INVOICE].net == Money(100, "EUR")
    note = kinds[DocumentKind.CREDIT_NOTE]
    assert (note.net, note.corrects_numbers) == (Money(-600, "EUR"), (january.number,))


def test_late_usage_behind_the_lock_is_billed_in_the_open_period_and_says_its_own(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    (january,) = _bill(meters, FEBRUARY_1)
    company = meters.book.query(entities.load_entity, 1)
    meters.book.run(entities.change_entity, replace(company, lock_date=date(2026, 2, 28)))
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late", "S1,calls,2026-02-03T10:00:00Z,100,b")
    (document,) = _bill(meters, date(2026, 3, 1))
    assert document.issue_date == date(2026, 3, 1)
    assert [line.details for line in document.lines] == [
        f"1–31 jan 2026 · corrigeert {january.number}", "1–28 feb 2026",
    ]  # fmt: skip


def test_every_kind_of_document_computes_again_to_what_it_says(tmp_path: Path) -> None:
    with an_offers_desk(tmp_path) as desk:
        contract = desk.start(JANUARY)
        desk.discount(percent=Decimal(10), frequency=DiscountFrequency.FOREVER)
        desk.grant("30")
        desk.bill(JANUARY)
        desk.seats(contract.id, date(2026, 1, 16), 2)
        desk.bill(FEBRUARY_1)
        desk.cancel(contract.id, date(2026, 2, 11))
        (note,) = desk.bill(date(2026, 2, 11))
        assert note.kind is DocumentKind.CREDIT_NOTE
        found = desk.book.query(invoices.verify_documents, progress=Progress())
        assert (found.documents, found.agrees) == (3, True)
        assert found.traces == found.lines > found.documents


def test_usage_billed_while_its_period_runs_computes_again_and_names_no_correction(meters: Meters) -> None:
    meters.book.run(_correct_at_once)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    (early,) = _bill(meters, date(2026, 1, 20), running_usage=True)
    assert early.net == Money(1000, "EUR")
    meters.bring("S1,calls,2026-01-25T10:00:00Z,500,b")
    (final,) = _bill(meters, FEBRUARY_1)
    assert (final.net, final.corrects_numbers, final.lines[0].details) == (Money(500, "EUR"), (), "1–31 jan 2026")
    assert meters.book.query(invoices.verify_documents, progress=Progress()).agrees


def test_a_credit_note_that_waits_is_open_and_never_overdue(book: Book) -> None:
    issue(book, a_draft(book))
    issue(book, _credit(book, 1, 5000))
    late = DocumentFilter(statuses=frozenset({DocumentStatus.OVERDUE}))
    timely = DocumentFilter(statuses=frozenset({DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID}))
    found = [book.query(invoices.list_documents, wanted) for wanted in (late, timely)]
    assert [[row.number for row in rows] for rows in found] == [["2026-00001"], ["CN2026-00001"]]
    sums = book.query(invoices.sum_by_status, DocumentFilter())
    assert {status: per["EUR"].count for status, per in sums.items()} == {
        DocumentStatus.OVERDUE: 1,
        DocumentStatus.OPEN: 1,
    }
    assert book.query(invoices.count_documents, late) == 1
