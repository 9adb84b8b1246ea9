from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.invoices import ExchangeRate
from billdesk.kernel.errors import InvalidValue, RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import rates
from billdesk.services.book import Book
from billdesk.services.rates import RatesImported
from builders.book import a_book

FILE = "Date,USD,JPY,\n2026-03-13,1.0850,162.35,\n2026-03-12,1.0800,N/A,\n2026-03-11,1.0795,161.10,\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book


def _read(book: Book, folder: Path, text: str = FILE) -> RatesImported:
    path = folder / "eurofxref-hist.csv"
    path.write_text(text)
    return book.run(rates.import_rates, path, progress=Progress()).value


def test_an_ecb_file_brings_its_rates_once(book: Book, tmp_path: Path) -> None:
    first = _read(book, tmp_path)
    assert (first.added, first.first, first.last, first.currencies) == (
        5,
        date(2026, 3, 11),
        date(2026, 3, 13),
        ("JPY", "USD"),
    )
    assert _read(book, tmp_path).added == 0


def test_a_corrected_file_changes_what_differs(book: Book, tmp_path: Path) -> None:
    _read(book, tmp_path)
    again = _read(book, tmp_path, FILE.replace("1.0850", "1.0851"))
    assert (again.added, again.changed) == (0, 1)
    assert book.query(rates.list_rates, "USD")[0].per_euro == Decimal("1.0851")


def test_a_weekend_has_the_rate_of_friday(book: Book, tmp_path: Path) -> None:
    _read(book, tmp_path)
    found = book.query(rates.rate_on, "USD", "EUR", date(2026, 3, 15))
    assert found == ExchangeRate(Decimal("0.921658986175"), date(2026, 3, 13), "ECB")


def test_two_foreign_currencies_meet_over_the_euro(book: Book, tmp_path: Path) -> None:
    _read(book, tmp_path)
    found = book.query(rates.rate_on, "USD", "JPY", date(2026, 3, 12))
    assert (found.rate, found.day) == (Decimal("149.166666666667"), date(2026, 3, 11))


def test_the_own_currency_is_worth_itself(book: Book) -> None:
    assert book.query(rates.rate_on, "EUR", "EUR", date(2026, 3, 1)).rate == 1


def test_a_missing_rate_is_named_with_currency_and_day(book: Book) -> None:
    with pytest.raises(RuleBroken) as refused:
        book.query(rates.rate_on, "GBP", "EUR", date(2026, 3, 1))
    assert refused.value.rule == "exchange_rate_missing"
    assert dict(refused.value.details) == {"currency": "GBP", "day": "2026-03-01"}


def test_a_rate_can_be_entered_by_hand(book: Book) -> None:
    book.run(rates.set_rate, "GBP", date(2026, 3, 1), Decimal("0.8"))
    found = book.query(rates.rate_on, "GBP", "EUR", date(2026, 3, 2))
    assert (found.rate, found.source) == (Decimal("1.25"), "manual")


@pytest.mark.parametrize(("currency", "rate"), [("EUR", "1"), ("GBP", "0"), ("GBP", "-1")])
def test_impossible_rates_are_refused(book: Book, currency: str, rate: str) -> None:
    with pytest.raises(InvalidValue):
        book.run(rates.set_rate, currency, date(2026, 3, 1), Decimal(rate))
