from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.taxes import TaxRate, check_rates
from billdesk.kernel.errors import NotFound, RowsRejected, RuleBroken, StaleRecord
from billdesk.services import taxes
from billdesk.services.audit import list_events
from billdesk.services.book import Book
from billdesk.services.taxes import RateChange
from builders.book import a_book

NEW = TaxRate(0, "XX", Decimal(7), date(2026, 1, 1))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        book.run(taxes.seed_tax_rates)
        yield book


def _percent(book: Book, country: str, day: date, tax_class: str = "standard") -> Decimal | None:
    rate = book.query(taxes.tax_table).rate(country, tax_class, day)
    return None if rate is None else rate.percent


@pytest.mark.parametrize(
    ("country", "tax_class", "day", "percent"),
    [
        ("BE", "standard", "2026-01-01", "21"),
        ("BE", "reduced", "2026-01-01", "6"),
        ("NL", "reduced", "2018-12-31", "6"),
        ("NL", "reduced", "2019-01-01", "9"),
        ("DE", "standard", "2020-12-31", "16"),
        ("FR", "reduced", "2026-01-01", "5.5"),
        ("LU", "standard", "2023-06-01", "16"),
        ("GB", "standard", "2026-01-01", "20"),
        ("CH", "standard", "2023-12-31", "7.7"),
        ("CH", "standard", "2024-01-01", "8.1"),
        ("FI", "standard", "2024-09-01", "25.5"),
    ],
)
def test_a_new_book_knows_the_rates_of_europe(book: Book, country: str, tax_class: str, day: str, percent: str) -> None:
    assert _percent(book, country, date.fromisoformat(day), tax_class) == Decimal(percent)


def test_the_seed_has_no_overlaps_and_is_given_once(book: Book) -> None:
    assert check_rates(book.query(taxes.list_tax_rates)) == []
    assert book.run(taxes.seed_tax_rates).value == 0


def _standard(book: Book, country: str) -> int:
    (rate,) = book.query(taxes.find_rates, date(2026, 1, 1), country=country, tax_class="standard")
    return rate.id


def test_a_change_of_percent_ends_the_old_rate_on_its_day(book: Book) -> None:
    book.run(taxes.change_tax_rates, RateChange((_standard(book, "CH"),), Decimal("8.5"), date(2027, 1, 1)))
    assert _percent(book, "CH", date(2026, 12, 31)) == Decimal("8.1")
    assert _percent(book, "CH", date(2027, 1, 1)) == Decimal("8.5")


def test_a_change_of_many_rates_is_one_entry_and_can_be_taken_back(book: Book) -> None:
    ids = tuple(rate.id for rate in book.query(taxes.find_rates, date(2026, 1, 1), percent=Decimal(21)))
    assert len(ids) == 7  # standard rates of BE, CZ, ES, LT, LV, NL and RO
    new = book.run(taxes.change_tax_rates, RateChange(ids, Decimal(22), date(2027, 1, 1))).value
    events = [event.command for event in book.query(list_events, limit=2)]
    assert events == ["change_tax_rates", "seed_tax_rates"]
    book.run(taxes.revoke_rate_change, new)
    assert _percent(book, "BE", date(2027, 6, 1)) == Decimal(21)
    assert len(book.query(taxes.find_rates, date(2027, 6, 1), percent=Decimal(21))) == 7


def test_a_rate_that_follows_on_none_cannot_be_taken_back(book: Book) -> None:
    with pytest.raises(RuleBroken) as refused:
        book.run(taxes.revoke_rate_change, [_standard(book, "BE")])
    assert refused.value.rule == "rate_follows_none"


def test_a_change_outside_the_validity_is_refused_and_nothing_else_changed(book: Book) -> None:
    ids = (_standard(book, "BE"), _standard(book, "CH"))
    with pytest.raises(RuleBroken) as refused:
        book.run(taxes.change_tax_rates, RateChange(ids, Decimal(9), date(2023, 1, 1)))
    assert refused.value.rule == "rate_change_outside"
    assert _percent(book, "BE", date(2023, 6, 1)) == Decimal(21)


def test_overlapping_and_impossible_rates_are_refused(book: Book) -> None:
    book.run(taxes.save_tax_rate, NEW)
    with pytest.raises(RowsRejected) as refused:
        book.run(taxes.save_tax_rate, replace(NEW, since=date(2026, 6, 1), percent=Decimal(101)))
    assert {problem.code for problem in refused.value.problems} == {"percent_out_of_range", "tax_rates_overlap"}


def test_a_rate_changed_by_somebody_else_is_not_overwritten(book: Book) -> None:
    book.run(taxes.save_tax_rate, NEW)
    (rate,) = book.query(taxes.list_tax_rates, "XX")
    book.run(taxes.save_tax_rate, replace(rate, percent=Decimal(8)))
    with pytest.raises(StaleRecord):
        book.run(taxes.save_tax_rate, replace(rate, percent=Decimal(9)))


def test_a_rate_can_be_deleted(book: Book) -> None:
    book.run(taxes.save_tax_rate, NEW)
    (rate,) = book.query(taxes.list_tax_rates, "XX")
    book.run(taxes.delete_tax_rate, rate.id)
    with pytest.raises(NotFound):
        book.run(taxes.delete_tax_rate, rate.id)
