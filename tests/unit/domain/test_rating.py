from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from billdesk.domain.catalog import PriceTerms, QuantitySource, Timing
from billdesk.domain.offers import IncludedOverage, build_included_overage, check_included_overage
from billdesk.domain.rating import CompiledTerms, amount_of, compiled
from billdesk.domain.usage import EventFee, UsageTotal, each_fee
from billdesk.kernel.money import Money
from builders.contracts import a_catalog, a_price, metered, per_unit

SEATS = per_unit(2, "9.95")


def terms_of(parameters: dict[str, object], **more: Any) -> CompiledTerms:
    return compiled(a_catalog((SEATS,)), SEATS, PriceTerms("EUR", parameters, **more))


def test_equal_terms_have_one_fingerprint_however_they_are_written() -> None:
    first, second = terms_of({"unit_price": "5"}), terms_of({"unit_price": "5.00"})
    assert first.fingerprint(Decimal(3)) == second.fingerprint(Decimal("3.0"))
    assert first.fingerprint(Decimal(3)).startswith("3@")
    assert first.digest != terms_of({"unit_price": "6"}).digest
    assert first.digest != terms_of({"unit_price": "5"}, minimum=Decimal(1)).digest


def test_a_fingerprint_looks_into_tables_and_leaves_other_values_alone() -> None:
    one = terms_of({"unit_price": "1", "tiers": [{"up_to": "5.0"}], "flag": True, "text": "x"})
    assert one.digest == terms_of({"unit_price": "1", "tiers": [{"up_to": "5"}], "flag": True, "text": "x"}).digest


def test_terms_are_compiled_once_per_catalogue_and_amounts_remembered() -> None:
    catalog = a_catalog((SEATS,))
    found = compiled(catalog, SEATS, SEATS.terms[0])
    assert compiled(catalog, SEATS, SEATS.terms[0]) is found
    assert found.full(Decimal(3)) is found.full(Decimal(3))
    for quantity in range(5000):
        found.full(Decimal(quantity))
    assert len(found.remembered) < 5000


def test_twelve_decimals_are_rounded_once() -> None:
    price = PriceTerms("EUR", {"unit_price": "0.000000000001"})
    assert amount_of("per_unit", price, UsageTotal(Decimal(5_000_000_000)))[0] == Money(1, "EUR")


def test_included_units_and_overage_are_two_prices_from_one_form() -> None:
    offer = IncludedOverage("EUR", Decimal(100), Decimal(1000), Decimal("0.04"))
    flat, over = build_included_overage(replace(metered(3, "per_unit", {}), code="CALLS"), (offer,))
    assert (flat.code, flat.timing, flat.quantity_source) == ("CALLS-FEE", Timing.ADVANCE, QuantitySource.ONE)
    assert amount_of(flat.model, flat.terms[0], UsageTotal(Decimal(1)))[0].minor == 10000
    assert amount_of(over.model, over.terms[0], UsageTotal(Decimal(3000)))[0].minor == 8000


def test_an_offer_without_included_units_charges_every_unit() -> None:
    offer = IncludedOverage("EUR", Decimal(100), Decimal(0), Decimal("0.04"))
    _flat, over = build_included_overage(metered(3, "per_unit", {}), (offer,))
    assert amount_of(over.model, over.terms[0], UsageTotal(Decimal(100)))[0].minor == 400


def test_an_offer_that_makes_no_sense_is_refused() -> None:
    offer = IncludedOverage("EUR", Decimal(1), Decimal(-1), Decimal(1))
    good = IncludedOverage("USD", Decimal(1), Decimal(1), Decimal(1))
    assert [problem.code for problem in check_included_overage((offer,))] == ["too_small"]
    assert [problem.code for problem in check_included_overage((good, good))] == ["currency_twice"] * 2


def fees(fee: EventFee, *values: str) -> str:
    return f"{sum(each_fee(fee, [Decimal(value) for value in values]), Decimal(0)).normalize():f}"


def test_fees_per_event_are_clamped_and_added_up() -> None:
    fee = EventFee(Decimal(1), Decimal(1), Decimal("1.75"), Decimal(12))
    assert fees(fee, "100", "1000", "10000") == "25"
    assert fees(fee, "10") == "1.75"


def test_the_first_events_are_free_and_pay_no_fixed_fee() -> None:
    assert fees(EventFee(Decimal("1.3"), Decimal(2), free_events=3), "50", "100", "250", "400") == "7.2"


def test_the_first_value_is_free_and_an_event_across_its_edge_pays_the_rest() -> None:
    assert fees(EventFee(Decimal(10), Decimal(1), free_value=Decimal(150)), "100", "50", "30", "5") == "5.5"
    assert fees(EventFee(Decimal(10), free_value=Decimal(150)), "100", "80") == "3"


def test_an_event_without_value_pays_the_fixed_fee_once_the_allowance_is_used_up() -> None:
    assert fees(EventFee(Decimal(10), Decimal(1), free_value=Decimal(5)), "5", "0") == "1"


def test_both_allowances_last_while_both_do() -> None:
    fee = EventFee(Decimal(10), free_events=1, free_value=Decimal(50))
    assert fees(fee, "80", "10") == "4"


def test_a_catalogue_price_has_terms_in_its_currencies_only() -> None:
    assert a_price(1).terms_in("USD") is None
