"""Numbers that other billing engines publish and only a book answers, restated by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.payments import DocumentShare
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import ledger, payments
from billdesk.services.book import Book
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import PaymentInput
from builders.billing import a_book as a_book_with_products
from builders.billing import a_draft, a_hosting_line
from builders.billing import issue as issue_drafts
from builders.payments import LINDE, a_book, accounts, balance, eur, issue, opens

DAY = date(2026, 3, 20)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        yield opened
        assert opened.query(check_ledger) == []


def _money(amount: str, *shares: DocumentShare) -> PaymentInput:
    return PaymentInput(1, LINDE, eur(amount), DAY, shares=shares)


def test_a_credit_above_what_is_open_stays_the_customers(book: Book) -> None:
    """Kill Bill, TestInvoiceDao.testInvoiceCreditWithBalanceNegative: 7 off an unpaid 5."""
    invoice = book.run(issue, "2026-1", eur("5.00")).value
    credit = book.run(issue, "CN2026-1", eur("-7.00")).value
    book.run(payments.offset_credit_note, invoice, credit)
    assert opens(book, invoice, credit) == ["0.00 EUR", "-2.00 EUR"]


def test_credit_settles_an_unpaid_invoice_and_the_rest_is_left(book: Book) -> None:
    """Kill Bill, TestIntegrationInvoice.testApplyCreditOnExistingBalance: 300 for 249.95."""
    invoice = book.run(issue, "2026-1", eur("249.95")).value
    credit = book.run(issue, "CN2026-1", eur("-300.00")).value
    book.run(payments.offset_credit_note, invoice, credit)
    assert opens(book, invoice, credit) == ["0.00 EUR", "-50.05 EUR"]


def test_a_refund_after_a_full_credit_leaves_nothing(book: Book) -> None:
    """Kill Bill, TestInvoiceDao.testFullRefundWithRepairAndInvoiceItemAdjustment: 20 paid, credited, paid back."""
    invoice = book.run(issue, "2026-1", eur("20.00")).value
    book.run(payments.note_payment, _money("20.00", DocumentShare(invoice, eur("20.00"))))
    credit = book.run(issue, "CN2026-1", eur("-20.00")).value
    book.run(payments.refund_customer, _money("20.00", DocumentShare(credit, eur("-20.00"))))
    assert opens(book, invoice, credit) == ["0.00 EUR", "0.00 EUR"]
    assert balance(book) == []
    assert accounts(book) == {}


def test_a_service_earns_by_day_although_its_contract_was_cancelled(tmp_path: Path) -> None:
    """Stripe, revenue recognition: 90.00 for January to March 2025 are 31, 28 and 31."""
    quarter = Period(date(2025, 1, 1), date(2025, 4, 1))
    with a_book_with_products(tmp_path) as opened:
        line = a_hosting_line(amount=eur("90.00"), period=quarter)
        issue_drafts(opened, a_draft(opened, lines=(line,), issue_date=quarter.start))
        found = []
        for end in (date(2025, 2, 1), date(2025, 3, 1), quarter.end):
            opened.run(ledger.recognise_revenue, end, progress=Progress())
            found.append(-opened.query(ledger.trial_balance, 1)["700000"])
    assert found == [3100, 5900, 9000]
