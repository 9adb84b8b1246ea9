from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.entities import Entity
from billdesk.domain.payments import PaymentMethod
from billdesk.services import home, payments
from billdesk.services.book import Book
from billdesk.services.entities import create_entity
from billdesk.services.payments import PaymentInput
from builders.payments import LINDE, a_book, eur, issue, usd


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        opened.run(issue, "1", eur("100.00"), due=date(2026, 2, 20), issued=date(2026, 2, 1))
        opened.run(issue, "2", eur("50.00"), due=date(2026, 4, 30), issued=date(2026, 3, 2))
        opened.run(issue, "3", usd("10.00"), due=date(2026, 3, 20), issued=date(2026, 3, 3))
        opened.run(issue, "4", eur("-20.00"), due=date(2026, 1, 2), issued=date(2026, 1, 2))
        yield opened


def test_open_amounts_count_in_the_companys_currency_at_their_frozen_rate(book: Book) -> None:
    found = book.query(home.load_overview)
    assert (found.currency, found.open.documents, str(found.open.amount)) == ("EUR", 4, "138.00 EUR")
    assert (found.overdue.documents, str(found.overdue.amount)) == (2, "108.00 EUR")


def test_ages_are_not_due_one_to_thirty_to_sixty_and_older(book: Book) -> None:
    ages = book.query(home.load_overview).ages
    assert [str(amount) for amount in ages] == ["50.00 EUR", "8.00 EUR", "100.00 EUR", "-20.00 EUR"]


def test_what_came_in_is_added_up_by_month(book: Book) -> None:
    given = PaymentInput(1, LINDE, eur("30.00"), date(2026, 3, 9), PaymentMethod.CASH)
    book.run(payments.note_payment, given)
    received = book.query(home.load_overview).received
    assert [str(amount) for amount in received[-3:]] == ["0.00 EUR", "30.00 EUR", "0.00 EUR"]


def test_the_latest_overdue_document_comes_first(book: Book) -> None:
    assert [row.number for row in book.query(home.load_overview).recently_overdue] == ["3", "1"]


def test_companies_with_another_currency_are_named_and_left_out(book: Book) -> None:
    book.run(create_entity, Entity(0, "UKA", "Acacia Ltd", "GBP"))
    found = book.query(home.load_overview)
    assert (found.left_out, str(found.open.amount)) == (("UKA",), "138.00 EUR")


def test_a_book_without_a_company_has_figures_of_nothing(tmp_path: Path) -> None:
    with Book.create(tmp_path / "empty.billdesk") as empty:
        found = empty.query(home.load_overview)
        steps = empty.query(home.load_beginnings)
    assert (found.open.amount.minor, found.received, found.contracts) == (0, (), ())
    assert not any((steps.company, steps.customers, steps.invoices, steps.bank))


def test_first_steps_are_seen_once_taken(book: Book) -> None:
    steps = book.query(home.load_beginnings)
    assert (steps.company, steps.customers, steps.prices, steps.invoices) == (True, True, False, True)
