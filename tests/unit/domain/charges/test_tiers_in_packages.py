from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billdesk.domain.catalog import PriceTerms
from billdesk.domain.rating import amount_of, check_terms
from billdesk.domain.usage import UsageTotal

BULLETS = (
    {"up_to": "1000", "unit_price": "2.95", "size": "100"},
    {"unit_price": "5.95", "size": "1000"},
)


def _amount(model: str, tiers: tuple[dict[str, str], ...], quantity: str) -> str:
    terms = PriceTerms("USD", {"tiers": list(tiers)})
    assert check_terms(model, terms.parameters) == []
    return f"{amount_of(model, terms, UsageTotal(Decimal(quantity)))[0].major:.2f}"


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("0", "0.00"), ("1", "2.95"), ("199", "5.90"), ("1000", "29.50"), ("1001", "35.45"), ("3000.5", "47.35")],
)
def test_each_tier_charges_the_packages_begun_in_it(quantity: str, expected: str) -> None:
    assert _amount("graduated", BULLETS, quantity) == expected


@pytest.mark.parametrize(("quantity", "expected"), [("1000", "29.50"), ("1001", "11.90"), ("2000", "11.90")])
def test_all_units_are_packed_as_the_tier_that_holds_them_says(quantity: str, expected: str) -> None:
    assert _amount("volume", BULLETS, quantity) == expected


def test_tiers_with_and_without_packages_stand_side_by_side() -> None:
    tiers = ({"up_to": "10", "unit_price": "1", "flat": "5"}, {"unit_price": "3", "size": "4"})
    assert _amount("graduated", tiers, "15") == "21.00"


def test_the_trace_of_packages_recomputes_and_names_their_size() -> None:
    rated: Any = amount_of("graduated", PriceTerms("USD", {"tiers": list(BULLETS)}), UsageTotal(Decimal(1001)))[1]
    assert [step.values.get("package") for step in rated.steps] == ["100", "1000"]
    assert [step.values["quantity"] for step in rated.steps] == ["10", "1"]


def test_a_package_of_nothing_is_refused() -> None:
    (problem,) = check_terms("volume", {"tiers": [{"unit_price": "1", "size": "0"}]})
    assert (problem.code, problem.place.field) == ("too_small", "tiers[1].size")
