from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from billdesk.domain.payments import AllocationKind, DocumentShare, PaymentMethod
from billdesk.kernel.money import Money
from billdesk.services import payments, receivables
from billdesk.services.book import Book
from billdesk.services.payments import PaymentInput
from billdesk.services.receivables import ReceivablesFilter
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import open_payment
from builders.payments import BAKKER, LINDE, OKAPI, a_book, eur, issue, usd

APRIL_1 = date(2026, 4, 1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book


def _pay(book: Book, amount: str, day: date, *shares: DocumentShare) -> int:
    given = PaymentInput(1, LINDE, eur(amount), day, PaymentMethod.CASH, shares, reference="cash")
    return book.run(payments.note_payment, given).value.settlement_id


def _open(book: Book, day: date) -> list[tuple[str, str]]:
    rows = book.query(receivables.list_open_items, ReceivablesFilter(day))
    return [(row.item.number, str(row.item.open)) for row in rows]


def test_open_items_are_as_they_were_on_the_day(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    _pay(book, "30.00", date(2026, 3, 10), DocumentShare(invoice, eur("30.00")))
    _pay(book, "70.00", date(2026, 3, 20), DocumentShare(invoice, eur("70.00")))
    assert _open(book, date(2026, 2, 28)) == []
    assert _open(book, date(2026, 3, 9)) == [("2026-1", "100.00 EUR")]
    assert _open(book, date(2026, 3, 10)) == [("2026-1", "70.00 EUR")]
    assert _open(book, date(2026, 3, 20)) == []


def test_what_is_open_falls_into_buckets_by_days_overdue(book: Book) -> None:
    for number, due in (("a", "2026-04-01"), ("b", "2026-03-31"), ("c", "2026-03-01"), ("d", "2025-12-01")):
        book.run(issue, number, eur("10.00"), due=date.fromisoformat(due))
    rows = book.query(receivables.list_open_items, ReceivablesFilter(APRIL_1))
    assert [(row.item.number, row.days_overdue, row.bucket) for row in rows] == [
        ("d", 121, 4),
        ("c", 31, 2),
        ("b", 1, 1),
        ("a", 0, 0),
    ]
    (row,) = book.query(receivables.list_ageing, ReceivablesFilter(APRIL_1))
    assert [str(amount) for amount in row.buckets] == ["10.00 EUR", "10.00 EUR", "10.00 EUR", "0.00 EUR", "10.00 EUR"]


def test_ageing_is_per_customer_and_currency_with_credits_apart(book: Book) -> None:
    book.run(issue, "1", eur("100.00"))
    book.run(issue, "CN1", eur("-20.00"))
    book.run(issue, "2", usd("50.00"), OKAPI)
    book.run(issue, "3", eur("7.00"), BAKKER)
    _pay(book, "5.00", date(2026, 3, 10))
    rows = book.query(receivables.list_ageing, ReceivablesFilter(APRIL_1))
    assert [(row.customer_name, str(row.credits), str(row.total)) for row in rows] == [
        ("Bakker & Zoon", "0.00 EUR", "7.00 EUR"),
        ("Brouwerij De Linde NV", "-25.00 EUR", "75.00 EUR"),
        ("Okapi Inc", "0.00 USD", "50.00 USD"),
    ]
    sums = book.query(receivables.sum_ageing, ReceivablesFilter(APRIL_1))
    assert {currency: str(row.total) for currency, row in sums.items()} == {"EUR": "82.00 EUR", "USD": "50.00 USD"}
    assert len(book.query(receivables.list_ageing, ReceivablesFilter(APRIL_1, currency="USD"))) == 1


def test_unused_money_is_as_it_was_on_the_day(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("40.00")).value
    _pay(book, "50.00", date(2026, 3, 10))
    book.run(payments.allocate_balance, invoice)  # on 1 April
    (before,) = book.query(receivables.list_ageing, ReceivablesFilter(date(2026, 3, 31)))
    assert (str(before.credits), str(before.total)) == ("-50.00 EUR", "-10.00 EUR")
    (after,) = book.query(receivables.list_ageing, ReceivablesFilter(APRIL_1))
    assert (str(after.credits), str(after.total)) == ("-10.00 EUR", "-10.00 EUR")


def test_a_statement_of_account_runs_from_opening_to_closing_balance(book: Book) -> None:
    first = book.run(issue, "2026-1", eur("100.00"), issued=date(2026, 2, 1)).value
    book.run(issue, "2026-2", eur("60.00"))
    discount = DocumentShare(first, eur("2.00"), AllocationKind.CASH_DISCOUNT)
    _pay(book, "98.00", date(2026, 3, 10), DocumentShare(first, eur("98.00")), discount)
    wrong = _pay(book, "5.00", date(2026, 3, 11))
    book.run(payments.take_back, wrong)
    account = book.query(receivables.load_statement_of_account, LINDE, "EUR", date(2026, 3, 1), date(2026, 3, 31))
    assert (str(account.opening), str(account.closing)) == ("100.00 EUR", "60.00 EUR")
    assert [(line.entry.kind, line.entry.text, str(line.balance)) for line in account.lines] == [
        ("document", "2026-2", "160.00 EUR"),
        ("cash_discount", "2026-1", "158.00 EUR"),
        ("payment", "cash", "60.00 EUR"),
    ]


def test_a_dollar_invoice_paid_in_euro_closes_both_accounts(book: Book) -> None:
    invoice = book.run(issue, "2026-1", usd("100.00"), OKAPI).value
    share = DocumentShare(invoice, usd("100.00"), paid=eur("81.00"))
    book.run(payments.note_payment, PaymentInput(1, OKAPI, eur("81.00"), date(2026, 3, 10), shares=(share,)))
    for currency in ("EUR", "USD"):
        account = book.query(receivables.load_statement_of_account, OKAPI, currency, date(2026, 1, 1), APRIL_1)
        assert account.closing == Money(0, currency)
        assert len(account.lines) == 2


def test_the_check_of_money_names_what_contradicts(book: Book) -> None:
    invoice = book.run(issue, "2026-1", eur("100.00")).value
    _pay(book, "50.00", date(2026, 3, 10), DocumentShare(invoice, eur("40.00")))
    assert book.query(payments.check_money) == []
    book.run(_damage, invoice)
    problems = book.query(payments.check_money)
    assert [(problem.code, problem.value) for problem in problems] == [
        ("money_open_wrong", "2026-1"),
        ("money_settled_beyond", "2026-1"),
        ("money_rest_wrong", "1"),
        ("money_balance_wrong", "1"),
    ]
    assert dict(problems[0].details) == {"found": "-100", "expected": "6000"}


def _damage(db: Db, invoice: int) -> Result[None]:
    db.connection.execute(update(document).where(document.c.id == invoice).values(open_minor=-100))
    db.connection.execute(update(open_payment).values(rest_minor=1))
    return Result(None)


def test_the_rows_of_a_step_cannot_be_changed_or_deleted(book: Book) -> None:
    _pay(book, "50.00", date(2026, 3, 10))
    for table in ("settlement", "payment"):
        with pytest.raises(Exception, match="insert-only"):
            book.run(_delete, table)


def _delete(db: Db, table: str) -> Result[None]:
    db.connection.exec_driver_sql(f"DELETE FROM {table}")
    return Result(None)
