from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Conversion, Ending, PriceTerms, Shelf
from billdesk.domain.conversion import (
    DayRate,
    changed_amounts,
    check_conversion,
    conversion_rate,
    converted_terms,
    terms_to_convert,
    to_ending,
)
from billdesk.domain.rating import charge_models
from billdesk.kernel.errors import RuleBroken
from builders.contracts import a_price

JANUARY_2 = date(2026, 1, 2)


@pytest.mark.parametrize(
    ("amount", "ending", "places", "rounded"),
    [
        ("41.8068", Ending.NINETY, 2, "41.90"),
        ("41.4068", Ending.NINETY, 2, "41.90"),
        ("41.40", Ending.NINETY, 2, "41.90"),
        ("41.39", Ending.NINETY, 2, "40.90"),
        ("41.8068", Ending.WHOLE, 2, "42.00"),
        ("41.8068", Ending.NINETY_NINE, 2, "41.99"),
        ("41.8068", Ending.NINETY_FIVE, 2, "41.95"),
        ("1.10", Ending.NINETY_NINE, 2, "0.99"),
        ("1.2", Ending.WHOLE, 2, "1.00"),
        ("8012.48", Ending.NINETY_NINE, 0, "8012"),
        ("8012.50", Ending.WHOLE, 0, "8013"),
        ("15.3274", Ending.NINETY, 3, "14.900"),
        ("0.0017064321", Ending.NINETY, 2, "0.001706"),
        ("1.63525", Ending.NINETY, 0, "1.635"),
        ("0", Ending.NINETY, 2, "0"),
        ("-41.8068", Ending.NINETY, 2, "-41.90"),
    ],
)
def test_amounts_are_rounded_to_the_nearest_with_the_ending(
    amount: str, ending: Ending, places: int, rounded: str
) -> None:
    assert to_ending(Decimal(amount), ending, places) == Decimal(rounded)


def test_the_rate_is_the_last_one_known_on_the_day_across_the_euro() -> None:
    shelf = Shelf(rates={
        "GBP": ((JANUARY_2, Decimal("0.8532")), (date(2026, 1, 9), Decimal("0.86"))),
        "USD": ((date(2026, 1, 5), Decimal("1.0665")),),
    })  # fmt: skip
    terms = PriceTerms("GBP", {}, conversion=Conversion("USD"))
    found = conversion_rate(shelf, a_price(1), terms, date(2026, 1, 8))
    assert found == DayRate(Decimal("0.8"), JANUARY_2)


def test_without_a_rate_on_the_day_the_price_the_currency_and_the_day_are_named() -> None:
    shelf = Shelf(rates={"GBP": ((JANUARY_2, Decimal("0.8532")),)})
    terms = PriceTerms("GBP", {}, conversion=Conversion("EUR"))
    with pytest.raises(RuleBroken) as caught:
        conversion_rate(shelf, a_price(7), terms, date(2026, 1, 1))
    assert caught.value.rule == "conversion_rate_missing"
    assert dict(caught.value.details)["day"] == "2026-01-01"


def test_converted_terms_say_from_what_and_how() -> None:
    terms = PriceTerms("GBP", {"amount": "49.00"}, Decimal(100), None, Conversion("EUR", Ending.NINETY))
    found = converted_terms("flat", terms, DayRate(Decimal("0.8532"), JANUARY_2))
    assert (found.parameters, found.minimum) == ({"amount": "41.9"}, Decimal("84.90"))
    assert dict(found.origin) == {
        "source": "converted", "base": "EUR", "amount": "49.00", "rate": "0.8532", "day": "2026-01-02", "ending": ".90",
    }  # fmt: skip


def test_a_matrix_converts_its_cells_and_a_graduated_percentage_its_edges() -> None:
    def double(amount: Decimal) -> Decimal:
        return amount * 2

    rows = [{"value": "eu", "model": "volume", "tiers": "100: 1.5 + 5 | 0.8"}, {"value": "", "price": "3"}]
    found = changed_amounts("matrix", {"first": "region", "rows": rows}, double)
    assert found["rows"] == [
        {"value": "eu", "model": "volume", "tiers": "100: 3 + 10 | 1.6"}, {"value": "", "price": "6"},
    ]  # fmt: skip
    tiers = [{"up_to": "1000", "rate": "2", "flat": "1"}, {"rate": "1"}]
    assert changed_amounts("graduated_percentage", {"tiers": tiers}, double)["tiers"] == [
        {"up_to": "2000", "rate": "2", "flat": "2"}, {"rate": "1"},
    ]  # fmt: skip


def test_a_price_converts_only_from_a_currency_it_has_and_with_amounts_of_its_own() -> None:
    price = replace(a_price(1), conversion=Conversion("USD"))
    assert [problem.code for problem in check_conversion(price)] == ["conversion_base_missing"]
    dynamic = a_price(1, "dynamic", {"property": "amount"}, conversion=Conversion("EUR"))
    assert [problem.code for problem in check_conversion(dynamic)] == ["model_not_convertible"]
    assert check_conversion(replace(price, conversion=Conversion("EUR"))) == []


def test_every_model_of_ours_but_the_one_without_amounts_converts() -> None:
    models = {model.key for model in charge_models()} - {"dynamic"}
    assert all(not check_conversion(a_price(1, key, conversion=Conversion("EUR"))) for key in models)


def test_a_price_that_does_not_convert_has_no_terms_to_convert() -> None:
    assert check_conversion(a_price(1)) == []
    assert terms_to_convert(a_price(1), "GBP") is None
    assert terms_to_convert(replace(a_price(1), conversion=Conversion("USD")), "GBP") is None
    assert a_price(1, conversion=Conversion("EUR")).is_sold_in("GBP")
    assert not a_price(1).is_sold_in("GBP")
