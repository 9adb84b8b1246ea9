from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Conversion, Ending, PlanItem, Price, PriceTerms, Product, QuantitySource
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import VersionChange
from billdesk.ui.screens.catalog.catalog_words import change_text, full_name, interval_text, item_text, price_text
from billdesk.ui.screens.catalog.price_panel import terms_facts
from billdesk.ui.screens.catalog.price_values import (
    blank_price,
    curve_lines,
    own_problems,
    terms_of,
    to_record,
    to_values,
)
from builders.catalog import a_price

HOSTING = Product(1, "HOST", "Hosting")
TIERS = [{"up_to": "10", "unit_price": "2"}, {"unit_price": "1"}]


def _tiered(model: str = "volume") -> Price:
    return replace(a_price(1), id=1, model=model, terms=(PriceTerms("EUR", {"tiers": TIERS}),))


def test_a_price_survives_the_way_through_the_form() -> None:
    record = replace(a_price(1, EUR="50", JPY="8000"), days_before=5, skip_zero=True)
    assert to_record(to_values(record), terms_of(record), record) == record


def test_a_conversion_survives_the_way_through_the_form() -> None:
    record = replace(a_price(1, EUR="50"), conversion=Conversion("EUR", Ending.NINETY))
    assert to_record(to_values(record), terms_of(record), record) == record
    assert own_problems(replace(record, conversion=Conversion("USD")), "EUR")[0].code == "conversion_base_missing"


def test_a_one_off_price_has_no_interval() -> None:
    record = replace(a_price(1), interval=None)
    assert to_record(to_values(record), terms_of(record), record).interval is None


def test_a_curve_stands_on_both_sides_of_every_edge() -> None:
    (line,) = curve_lines(_tiered(), "EUR")
    points = dict(line.points)
    assert (points[Decimal(10)], points[Decimal(11)]) == (Money(2000, "EUR"), Money(1100, "EUR"))


def test_a_price_with_mistakes_has_no_curve() -> None:
    wrong = replace(a_price(1), terms=(PriceTerms("EUR", {}),))
    assert curve_lines(wrong, "EUR") == ()
    assert [problem.place.field for problem in own_problems(wrong, "EUR")] == ["amount"]


def test_amounts_that_events_carry_have_no_curve() -> None:
    dynamic = replace(a_price(1), model="dynamic", terms=(PriceTerms("EUR", {"property": "amount"}),))
    assert curve_lines(dynamic, "EUR") == ()


def test_a_new_price_still_wants_its_amount() -> None:
    assert [problem.code for problem in own_problems(blank_price(1), "EUR")] == ["price_without_terms"]


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (None, "once"),
        (Interval(Unit.MONTH), "monthly"),
        (Interval(Unit.YEAR), "yearly"),
        (Interval(Unit.MONTH, 2), "every 2 months"),
    ],
)
def test_intervals_in_words(interval: Interval | None, text: str) -> None:
    assert interval_text(interval) == text


def test_prices_in_a_few_words() -> None:
    assert price_text(a_price(1)) == "€50.00, monthly"
    fine = replace(a_price(1), model="per_unit", terms=(PriceTerms("EUR", {"unit_price": "0.0025"}),))
    assert price_text(fine) == "0.0025 EUR per unit, monthly"
    assert price_text(_tiered()) == "Volume tiers, monthly"


def test_a_tier_per_line() -> None:
    price = _tiered()
    facts = terms_facts(price, price.terms[0])
    assert [(fact.name, fact.value) for fact in facts] == [("Up to 10", "€2.00"), ("Above", "€1.00")]


def test_a_tier_in_packages_says_how_many_units_its_price_buys() -> None:
    tiers = [
        {"up_to": "1000", "unit_price": "2.95", "size": "100"},
        {"unit_price": "5.95", "flat": "1", "size": "1000"},
    ]
    terms = PriceTerms("EUR", {"tiers": tiers})
    facts = terms_facts(replace(_tiered(), model="graduated", terms=(terms,)), terms)
    assert [(fact.name, fact.value) for fact in facts] == [
        ("Up to 1,000", "€2.95 per 100"), ("Above", "€5.95 per 1,000 + €1.00")]  # fmt: skip


def test_limits_are_told_with_the_terms() -> None:
    terms = PriceTerms("EUR", {"amount": "50"}, minimum=Decimal(10), maximum=Decimal(90))
    facts = terms_facts(a_price(1), terms)
    assert [fact.name for fact in facts] == ["Amount", "At least", "At most"]


def test_an_item_names_product_and_price() -> None:
    price = a_price(1)
    assert item_text(PlanItem(1, Decimal(3)), price, {1: HOSTING}) == "3 × Hosting · BASE-M price"
    assert full_name(replace(price, name="Hosting"), {1: HOSTING}) == "Hosting"
    assert item_text(PlanItem(7), None, {}) == "7"


def test_changes_between_versions_in_words() -> None:
    prices, products = {1: replace(a_price(1), id=1)}, {1: HOSTING}
    told = [
        change_text(VersionChange("added", 1, "", "1"), prices, products),
        change_text(VersionChange("quantity", 1, "1", "5"), prices, products),
        change_text(VersionChange("effective", None, "2026-01-01", "2026-07-01"), prices, products),
        change_text(VersionChange("trial_days", None, "0", "14"), prices, products),
    ]
    assert told == [
        "+ Hosting · BASE-M price, €50.00, monthly",
        "Hosting · BASE-M price: 1 → 5",
        "Effective: 1 Jan 2026 → 1 Jul 2026",
        "Trial: 0 → 14 days",
    ]


def test_metered_prices_want_their_metric() -> None:
    metered = replace(a_price(1), quantity_source=QuantitySource.USAGE)
    assert [problem.place.field for problem in own_problems(metered, "EUR")] == ["metric"]
