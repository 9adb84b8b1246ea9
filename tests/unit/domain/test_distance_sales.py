from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.distance_sales import (
    DistanceCounter,
    DistanceSales,
    counts,
    is_elsewhere_in_union,
    is_from_first_sale,
)
from billdesk.domain.entities import Address, Entity, TaxRegistration, TaxScheme
from billdesk.domain.invoices import Document, LineTax, Party, TaxCategory
from billdesk.kernel.money import Money
from builders.invoices import a_line, an_invoice

DAY = date(2026, 6, 1)
SELLER = Entity(1, "BD", "Desk", "EUR", address=Address(country="BE"))
BELGIAN = LineTax(TaxCategory.STANDARD, Decimal(21), country="BE")


def _sold(year: int, minor: int) -> DistanceSales:
    return DistanceSales().after(date(year, 2, 1), minor)


def _document(minor: int, country: str = "FR", tax: LineTax = BELGIAN) -> Document:
    buyer = Party("Marie", Address(country=country))
    return replace(an_invoice(lines=(a_line(minor=minor, tax=tax),), buyer=buyer), issue_date=DAY)


def _counter(sales: DistanceSales) -> DistanceCounter:
    return DistanceCounter(SELLER, sales, lambda amount, _day: amount)


def test_exactly_the_threshold_is_not_passed_and_a_cent_more_is() -> None:
    assert not _sold(2026, 900_000).is_passed(DAY, 100_000)
    assert _sold(2026, 900_000).is_passed(DAY, 100_001)


def test_a_threshold_passed_last_year_counts_all_of_this_year_and_no_longer() -> None:
    sales = _sold(2025, 1_000_001)
    assert sales.is_passed(date(2026, 1, 1))
    assert not sales.is_passed(date(2027, 1, 1))


def test_a_credit_note_later_in_the_year_does_not_undo_the_passing() -> None:
    sales = _sold(2026, 1_000_001).after(date(2026, 3, 1), -500_000)
    assert sales.sold[2026] == 500_001
    assert sales.is_passed(DAY, 1)


def test_the_sale_that_passes_is_itself_past_the_threshold() -> None:
    counter = _counter(_sold(2026, 990_000))
    assert not counter.is_passed_by(_document(10_000))
    assert counter.is_passed_by(_document(10_001))
    assert counter.after([_document(10_000)]).is_passed_by(_document(1))


@pytest.mark.parametrize(
    "document",
    [
        _document(5_000_000, "BE"),
        _document(5_000_000, "US"),
        _document(5_000_000, "FR", LineTax(TaxCategory.REVERSE_CHARGE, Decimal(0), country="FR")),
        _document(5_000_000, "FR", LineTax(TaxCategory.EXEMPT, Decimal(0), country="FR")),
    ],
)
def test_other_sales_do_not_count(document: Document) -> None:
    counter = _counter(DistanceSales())
    assert counter.after([document]) is counter
    assert not counter.is_passed_by(document)


def test_what_a_small_business_sells_without_tax_counts() -> None:
    assert counts(LineTax(TaxCategory.EXEMPT, Decimal(0), country="BE"), SELLER)


def test_a_registration_in_the_consumers_country_ends_the_counting() -> None:
    registered = replace(SELLER, registrations=(TaxRegistration("FR", "FR9"),))
    assert is_elsewhere_in_union(SELLER, Address(country="FR"), DAY)
    assert not is_elsewhere_in_union(registered, Address(country="FR"), DAY)


def test_the_destination_may_be_chosen_from_the_first_sale_on() -> None:
    chosen = replace(SELLER, registrations=(TaxRegistration("BE", "BE1", TaxScheme.OSS, since=date(2026, 7, 1)),))
    assert not is_from_first_sale(chosen, DAY)
    assert is_from_first_sale(chosen, date(2026, 7, 1))
    above = replace(SELLER, registrations=(TaxRegistration("BE", "BE1", TaxScheme.OSS_ABOVE),))
    assert not is_from_first_sale(above, DAY)


def test_sales_in_another_currency_count_at_what_they_are_worth_in_euro() -> None:
    counter = DistanceCounter(SELLER, DistanceSales(), lambda amount, _day: Money(amount.minor // 10, "EUR"))
    assert counter.minor(_document(50_000)) == 5_000


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(-300_000, 600_000)), max_size=30))
def test_the_counter_says_what_counting_by_hand_says(sales: list[tuple[int, int]]) -> None:
    known = DistanceSales()
    passed_on: dict[int, date] = {}
    sold: dict[int, int] = {}
    for number, minor in sorted(sales):
        day = date(2025, 1, 1) + timedelta(days=number)
        before = passed_on.get(day.year - 1) or passed_on.get(day.year)
        sold[day.year] = sold.get(day.year, 0) + minor
        if sold[day.year] > 1_000_000:
            passed_on.setdefault(day.year, day)
        assert known.is_passed(day, minor) is bool(before or passed_on.get(day.year))
        known = known.after(day, minor)
    assert known.sold == sold
