from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billdesk.domain.catalog import PriceTerms
from billdesk.domain.explain import Step, StepKind, Trace, recompute
from billdesk.domain.rating import amount_of, charge_models, check_terms
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem

TIERS = [{"up_to": "10", "unit_price": "10", "flat": "2"}, {"up_to": "20", "unit_price": "5", "flat": "3"},
         {"unit_price": "1"}]  # fmt: skip
CARD = {"rate": "2.9", "fixed": "0.30"}
TABLE = {
    "first": "region",
    "second": "speed",
    "rows": [
        {"value": "eu", "value2": "fast", "price": "2"},
        {"value": "eu", "value2": "slow", "model": "flat", "price": "7"},
        {"value": "us", "value2": "fast", "model": "package", "price": "5", "size": "10"},
        {"value": "us", "value2": "slow", "model": "graduated", "tiers": "10: 1.00 + 5 | 0.50"},
        {"value": "as", "value2": "fast", "model": "volume", "tiers": "10: 1 | 0.50"},
        {"price": "3"},
    ],
}
EXAMPLES: list[tuple[str, dict[str, Any], str, str]] = [
    ("flat", {"amount": "49.90"}, "7", "49.9"),
    ("per_unit", {"unit_price": "0.000000000001"}, "3", "0.000000000003"),
    ("per_unit", {"unit_price": "5"}, "2.5", "12.5"),
    ("graduated", {"tiers": TIERS}, "0", "2"),
    ("graduated", {"tiers": TIERS}, "10", "102"),
    ("graduated", {"tiers": TIERS}, "10.5", "107.5"),
    ("graduated", {"tiers": TIERS}, "25", "160"),
    ("volume", {"tiers": TIERS}, "0", "2"),
    ("volume", {"tiers": TIERS}, "11", "58"),
    ("volume", {"tiers": TIERS}, "21", "21"),
    ("stairstep", {"tiers": [{"up_to": "10", "flat": "100"}, {"flat": "150"}]}, "10", "100"),
    ("stairstep", {"tiers": [{"up_to": "10", "flat": "100"}, {"flat": "150"}]}, "10.01", "150"),
    ("package", {"size": "10", "price": "15"}, "0", "0"),
    ("package", {"size": "10", "price": "100", "free": "5"}, "12", "100"),
    ("package", {"size": "10", "price": "100"}, "121", "1300"),
    ("package", {"size": "10", "price": "100", "round_down": True}, "129", "1200"),
    ("package", {"size": "10", "price": "100", "at_least_one": True}, "0", "100"),
    ("percentage", CARD, "100", "3.5"),
    ("percentage", {"rate": "1", "free_value": "40"}, "100", "0.6"),
    ("graduated_percentage", {"tiers": [{"up_to": "100", "rate": "5"}, {"rate": "2", "flat": "10"}]}, "150", "16"),
    ("graduated_percentage", {"tiers": [{"up_to": "10", "rate": "1", "flat": "200"}, {"rate": "2"}]}, "0", "200"),
]


def rated(model: str, parameters: dict[str, Any], usage: UsageTotal) -> Decimal:
    """Rate, and prove that the steps recompute."""
    assert check_terms(model, parameters) == []
    money, found = amount_of(model, PriceTerms("EUR", parameters), usage)
    trace = Trace((*found.steps, Step(StepKind.FULL, {})))
    assert recompute(trace, "EUR") == money
    return found.amount


@pytest.mark.parametrize(("model", "parameters", "quantity", "amount"), EXAMPLES)
def test_a_model_gives_the_exact_amount(model: str, parameters: dict[str, Any], quantity: str, amount: str) -> None:
    assert rated(model, parameters, UsageTotal(Decimal(quantity), 2)) == Decimal(amount)


def test_dynamic_adds_what_the_events_carry() -> None:
    assert rated("dynamic", {}, UsageTotal(Decimal(3), 3, amount=Decimal("12.345"))) == Decimal("12.345")


def test_percentage_with_limits_takes_the_fees_computed_per_event() -> None:
    usage = UsageTotal(Decimal(800), 4, fees=Decimal("7.2"))
    assert rated("percentage", {**CARD, "free_events": 3}, usage) == Decimal("7.2")


@pytest.mark.parametrize(
    ("cell", "quantity", "amount"),
    [
        (("eu", "fast"), "4", "8"),
        (("eu", "slow"), "4", "7"),
        (("us", "fast"), "11", "10"),
        (("us", "slow"), "12", "16"),
        (("as", "fast"), "12", "6"),
        (("xx", "yy"), "2", "6"),
    ],
)
def test_matrix_prices_each_cell_on_its_own(cell: tuple[str, str], quantity: str, amount: str) -> None:
    usage = UsageTotal(Decimal(quantity), 1, ((cell, Decimal(quantity)),))
    assert rated("matrix", TABLE, usage) == Decimal(amount)


def test_matrix_without_a_default_charges_nothing_for_other_values() -> None:
    table = {"first": "region", "rows": [{"value": "eu", "price": "2"}]}
    assert rated("matrix", table, UsageTotal(Decimal(9), 1, ((("us",), Decimal(9)),))) == 0


@pytest.mark.parametrize(
    ("model", "parameters", "code"),
    [
        ("graduated", {"tiers": []}, "tiers_missing"),
        ("graduated", {"tiers": [{"up_to": "5"}]}, "last_tier_closed"),
        ("volume", {"tiers": [{"up_to": "5"}, {"up_to": "5"}, {}]}, "tiers_not_rising"),
        ("stairstep", {"tiers": [{"flat": "1"}, {"flat": "2"}]}, "tier_open_inside"),
        ("graduated_percentage", {"tiers": [{"up_to": "5"}]}, "last_tier_closed"),
        ("package", {"size": "0", "price": "1"}, "too_small"),
        ("percentage", {"rate": "1", "minimum": "5", "maximum": "4"}, "maximum_below_minimum"),
        ("percentage", {"rate": "1", "free_events": -1}, "too_small"),
        ("matrix", {"first": "a", "rows": []}, "value_missing"),
        ("matrix", {"first": "a", "rows": [{"value": "x"}, {"value": "x"}]}, "row_twice"),
        ("matrix", {"first": "a", "rows": [{"value": "x", "model": "package"}]}, "value_missing"),
        ("matrix", {"first": "a", "rows": [{"model": "volume", "tiers": "5: 1"}]}, "tiers_unreadable"),
        ("matrix", {"first": "a", "rows": [{"model": "volume", "tiers": "one"}]}, "tiers_unreadable"),
        ("matrix", {"first": "a", "rows": [{"model": "volume", "tiers": "0.1234567890123"}]}, "too_many_decimals"),
        ("per_unit", {"unit_price": "1,5"}, "not_a_number"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(model: str, parameters: dict[str, Any], code: str) -> None:
    assert [problem.code for problem in check_terms(model, parameters)] == [code]


def test_every_plugin_has_a_key_a_label_and_fields() -> None:
    for plugin in charge_models():
        assert plugin.key
        assert plugin.label
        assert plugin.fields
        problems = check_terms(plugin.key, {"nonsense": "1"})
        assert Problem("unknown_field", problems[0].place, "1") == problems[0]


def test_every_model_of_the_rules_is_there() -> None:
    assert {plugin.key for plugin in charge_models()} >= {
        "flat", "per_unit", "graduated", "volume", "stairstep", "package", "percentage", "graduated_percentage",
        "matrix", "dynamic",
    }  # fmt: skip
