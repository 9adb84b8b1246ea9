from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.payments import PaymentMethod
from billdesk.domain.subscriptions import Subscription
from billdesk.services import customer_overview as overview
from billdesk.services import payments, subscriptions
from billdesk.services.book import Book
from billdesk.services.customers import CustomerFilter, archive_customer, create_customer
from billdesk.services.payments import PaymentInput
from billdesk.services.subscriptions import Start
from billdesk.services.taxes import seed_tax_rates
from builders import payments as money
from builders.book import TODAY, a_book
from builders.catalog import a_catalog
from builders.customers import a_customer
from builders.payments import LINDE, eur, issue, usd


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with money.a_book(tmp_path) as opened:
        opened.run(issue, "1", eur("100.00"), due=date(2026, 3, 20))
        opened.run(issue, "2", eur("-30.00"))
        opened.run(issue, "3", usd("10.00"))
        yield opened


def test_lines_show_what_is_open_in_each_currency(book: Book) -> None:
    lines = book.query(overview.list_customer_lines, CustomerFilter())
    found = {line.row.number: [str(amount) for amount in line.open] for line in lines}
    assert found == {"C001": ["70.00 EUR", "10.00 USD"], "C002": [], "C003": []}


def test_the_panel_has_open_items_unused_money_and_history(book: Book) -> None:
    given = PaymentInput(1, LINDE, eur("40.00"), date(2026, 3, 9), PaymentMethod.CASH)
    book.run(payments.note_payment, given)
    book.run(archive_customer, LINDE)
    found = book.query(overview.load_customer_overview, LINDE)
    assert [item.item.number for item in found.open_items] == ["1", "2", "3"]
    assert ([str(one) for one in found.unused], found.open_items[0].days_overdue) == (["40.00 EUR"], 12)
    assert [event.command for event in found.history] == ["archive_customer"]


def test_the_form_offers_companies_and_the_next_number(book: Book) -> None:
    facts = book.query(overview.load_form_facts)
    assert ([one.code for one in facts.entities], facts.number, facts.tags) == (["ACA"], "C004", ())


def test_without_a_contract_there_is_no_next_invoice(book: Book) -> None:
    found = book.query(overview.preview_next_invoice, LINDE)
    assert (found.on, found.documents) == (None, ())


def _with_contract(folder: Path) -> Book:
    book = a_book(folder)
    sold = a_catalog(book)
    book.run(create_customer, a_customer())
    begin = Start(sold.basic, TODAY, {sold.seats: Decimal(4)})
    book.run(subscriptions.start_subscription, Subscription(0, "", 1, 1, "EUR", TODAY, ()), begin)
    return book


def test_the_next_invoice_has_its_day_and_its_figures(tmp_path: Path) -> None:
    with _with_contract(tmp_path) as book:
        book.run(seed_tax_rates)
        found = book.query(overview.preview_next_invoice, 1)
    assert (found.on, [str(row.net) for row in found.documents]) == (TODAY, ["90.00 EUR"])


def test_what_keeps_the_next_invoice_from_being_made_is_told(tmp_path: Path) -> None:
    with _with_contract(tmp_path) as book:
        found = book.query(overview.preview_next_invoice, 1)
    assert (found.documents, [problem.code for problem in found.problems]) == ((), ["tax_rate_missing"])
