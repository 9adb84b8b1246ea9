from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Price, PriceTerms, QuantitySource, Timing
from billdesk.domain.price_changes import PriceChange, changed_terms
from billdesk.kernel.errors import InvalidValue
from billdesk.kernel.period import Interval, Unit

TIERS = [{"up_to": "100", "unit_price": "0.05", "flat": "10"}, {"up_to": None, "unit_price": "0.03", "flat": "0"}]


def _price(model: str) -> Price:
    month = Interval(Unit.MONTH)
    return Price(1, "p", 1, "P", model, month, Timing.ADVANCE, QuantitySource.ONE, (PriceTerms("EUR", {}),))


def test_every_amount_of_a_tier_rises_and_its_edge_stays() -> None:
    assert changed_terms(PriceTerms("EUR", {"tiers": TIERS}), Decimal(10)).parameters == {
        "tiers": [
            {"up_to": "100", "unit_price": "0.055", "flat": "11"},
            {"up_to": None, "unit_price": "0.033", "flat": "0"},
        ]
    }


def test_sizes_and_free_units_stay() -> None:
    terms = PriceTerms("EUR", {"size": "100", "price": "8", "free": "50", "round_down": False})
    assert changed_terms(terms, Decimal("-2.5")).parameters == {
        "size": "100", "price": "7.8", "free": "50", "round_down": False,
    }  # fmt: skip


def test_minimum_and_maximum_move_too() -> None:
    terms = changed_terms(PriceTerms("EUR", {"amount": "1"}, Decimal(20), Decimal(40)), Decimal(5))
    assert (terms.minimum, terms.maximum) == (Decimal(21), Decimal(42))


def test_amounts_keep_twelve_decimals() -> None:
    assert changed_terms(PriceTerms("EUR", {"unit_price": "0.000000000003"}), Decimal(50)).parameters == {
        "unit_price": "0.000000000005"
    }


def test_percentages_are_left_alone() -> None:
    change = PriceChange(Decimal(5), date(2026, 1, 1))
    assert not change.concerns(_price("percentage"))
    assert change.concerns(_price("flat"))


def test_only_prices_that_are_named_change() -> None:
    assert not PriceChange(Decimal(5), date(2026, 1, 1), frozenset({2})).concerns(_price("flat"))


def test_more_than_all_of_a_price_cannot_be_taken_off_it() -> None:
    with pytest.raises(InvalidValue):
        changed_terms(PriceTerms("EUR", {"amount": "10"}), Decimal(-101))
    assert changed_terms(PriceTerms("EUR", {"amount": "10"}), Decimal(-100)).parameters == {"amount": "0"}
