from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.catalog import PriceTerms
from billdesk.domain.subscriptions import EntryKind, Override
from builders.contracts import (
    Clerk,
    a_catalog,
    a_subscription,
    day,
    entry,
    metered,
    override,
    plan_change,
    shown,
    started,
)


def test_a_rebate_that_became_a_charge_is_given_back_and_billed_in_one_run() -> None:
    rebate = metered(1, "per_unit", {"unit_price": "-0.50"})
    clerk = Clerk(a_catalog((rebate,)), a_subscription(started("01-01")), [(date(2026, 1, 5), Decimal(20))])
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", "-10.00")]
    clerk.know(override("01-01", 1, unit_price="0.25"))
    assert shown(clerk.bill("02-02")) == [
        ("credit", "26-01-01", "26-01-31", "10.00"), ("usage", "26-01-01", "26-01-31", "5.00")]  # fmt: skip


def a_volume_clerk(*quantities: tuple[str, int]) -> Clerk:
    tiers = {"tiers": [{"up_to": "100", "unit_price": "10"}, {"unit_price": "8", "flat": "6"}]}
    cheap = {"tiers": [{"up_to": "100", "unit_price": "5"}, {"unit_price": "1"}]}
    special = Override(1, PriceTerms("EUR", cheap), "deal")
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-16", override=special)
    clerk = Clerk(a_catalog((metered(1, "volume", tiers),)), a_subscription(started("01-01"), deal))
    clerk.events = [(day(on), Decimal(quantity)) for on, quantity in quantities]
    return clerk


@pytest.mark.parametrize(
    ("before", "after", "amount"),
    [
        (90, 0, "900.00"),
        (0, 90, "450.00"),
        (60, 40, "800.00"),
        # 101 units are in the second tier: 100 of them at 8.00, with as much of its flat fee, and one at 1.00.
        (100, 1, "806.94"),
        (30, 90, "331.50"),
    ],
)
def test_volume_tiers_that_change_in_the_month_price_all_units_in_the_tier_of_the_months_quantity(
    before: int, after: int, amount: str
) -> None:
    clerk = a_volume_clerk(("01-05", before), ("01-20", after))
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", amount)]


def test_a_month_of_volume_tiers_never_costs_less_than_nothing() -> None:
    tiers = {"tiers": [{"up_to": "100", "unit_price": "10"}, {"unit_price": "1"}]}
    cheap = Override(1, PriceTerms("EUR", {"tiers": [{"unit_price": "0.10"}]}), "deal", day("01-16"))
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-01", override=cheap)
    clerk = Clerk(a_catalog((metered(1, "volume", tiers),)), a_subscription(started("01-01"), deal))
    clerk.events = [(day("01-05"), Decimal(100)), (day("01-20"), Decimal(1))]
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", "11.00")]


def test_usage_that_a_new_anchor_learnt_late_moves_to_another_period_is_billed_once() -> None:
    clerk = Clerk(a_catalog((metered(1, "per_unit", {"unit_price": "0.10"}),), ()), a_subscription(started("01-01")))
    clerk.events = [(day("01-25"), Decimal(50))]
    assert clerk.bill("02-01")[0].amount.minor == 500
    clerk.know(entry(EntryKind.RESET_ANCHOR, "01-10", new_anchor=day("01-10")))
    clerk.subscription = replace(clerk.subscription, entries=(
        replace(clerk.subscription.entries[0], plan_version_id=2), *clerk.subscription.entries[1:],
        plan_change("01-20", 1, id=9)))  # fmt: skip
    assert shown(clerk.bill("02-15")) == [
        ("usage", "26-01-20", "26-02-09", "5.00"), ("credit", "26-01-01", "26-01-31", "-5.00")]  # fmt: skip
