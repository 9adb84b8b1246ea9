"""Numbers that other billing engines publish in their tests and documentation, restated by hand: one per subject."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billdesk.domain.aggregations import Reading, weighted_sum
from billdesk.domain.billing import SettleOptions, check_billed
from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.catalog import Alignment, Price, PriceTerms, Proration, Timing
from billdesk.domain.discounts import Discount, DiscountedLine, DiscountFrequency, apply_discounts
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import ExchangeRate, LineKind, LineTax, TaxCategory
from billdesk.domain.rating import amount_of
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.usage import Aggregation, EventFee, Metric, UsageTotal, each_fee
from billdesk.domain.wallets import OpenCredit, Purse, Wallet, use_credits
from billdesk.kernel.errors import InvariantBroken
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.period import Interval, Period, Unit
from builders.contracts import (
    MONTH,
    YEAR,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    entry,
    metered,
    plan_change,
    started,
)
from builders.invoices import a_line

ENTITY = Entity(1, "E", "Entity", "EUR")
RATE = ExchangeRate(Decimal(1), date(2026, 1, 1), "")
LEVEL = Metric(1, "m", "m", aggregation=Aggregation.WEIGHTED_SUM)


def _flat(number: int, amount: str, **more: Any) -> Price:
    return a_price(number, "flat", {"amount": amount}, **more)


def _billed(clerk: Clerk, on: str) -> list[tuple[str, str, str, str]]:
    return [
        (line.kind.value, line.period.start.isoformat(), line.period.end.isoformat(), f"{line.amount.major:f}")
        for line in clerk.bill(on)
    ]


def _rated(model: str, parameters: dict[str, object], quantity: str) -> str:
    return f"{amount_of(model, PriceTerms('USD', parameters), UsageTotal(Decimal(quantity), 1))[0].major:f}"


def test_days_before_the_first_billing_day_are_a_share_of_the_month_they_lie_in() -> None:
    """Kill Bill, TestLeadingProRation: from 1 to 13 February 2011 are 12 of the 31 days since 13 January."""
    contract = a_subscription(started("2011-02-01"), anchor="2011-01-13")
    clerk = Clerk(a_catalog((_flat(1, "310"),)), contract)
    assert _billed(clerk, "2011-02-01") == [("charge", "2011-02-01", "2011-02-13", "120.00")]


def test_a_year_and_eight_days_of_the_next_are_two_lines() -> None:
    """Kill Bill, TestTrailingProRation: 8 of 366 days."""
    contract = a_subscription(started("2010-06-17"), cancelled("2011-06-25"))
    clerk = Clerk(a_catalog((_flat(1, "366", interval=YEAR),)), contract)
    assert [line[3] for line in _billed(clerk, "2011-08-01")] == ["366.00", "8.00"]


@pytest.mark.parametrize("start", ["2023-05-23", "2023-02-23", "2024-02-23"])
def test_a_fixed_month_of_thirty_days_counts_any_month_as_thirty(start: str) -> None:
    """Kill Bill, TestInvoiceDateUtils: days between with fixed days in a month."""
    first = date.fromisoformat(start)
    whole = grid_of(first.replace(day=15), MONTH, Alignment.ANNIVERSARY, 1).period_at(first)
    price = a_price(1, proration=Proration.FIXED_DAYS, proration_days=30)
    assert part_of(price, whole, Period(first, whole.end)) == (22, 30)


def test_thirty_day_periods_do_not_follow_months() -> None:
    """Kill Bill, TestBillingPeriod: seven periods of thirty days from 8 April 2016."""
    grid = grid_of(date(2016, 4, 8), Interval(Unit.DAY, 30), Alignment.ANNIVERSARY, 1)
    assert [grid.boundary(n).isoformat() for n in (1, 5, 7)] == ["2016-05-08", "2016-09-05", "2016-11-04"]


def test_a_change_of_plan_credits_the_days_left_and_charges_them_anew() -> None:
    """Kill Bill, TestWithBCDUpdate: 27 of 31 days of 249.95 go back on 5 May 2016."""
    clerk = Clerk(a_catalog((_flat(1, "249.95"),), (_flat(2, "599.95"),)), a_subscription(started("2016-05-01")))
    clerk.bill("2016-05-01")
    clerk.know(plan_change("2016-05-05", 2))
    assert _billed(clerk, "2016-05-05") == [
        ("credit", "2016-05-05", "2016-06-01", "-217.70"),
        ("charge", "2016-05-05", "2016-06-01", "522.54"),
    ]


def test_a_pause_credits_its_days_and_a_resumption_bills_from_its_day() -> None:
    """Kill Bill, TestOverdueIntegration.testOverdueStages3: blocked from 10 July, cleared on 1 August 2012."""
    clerk = Clerk(a_catalog((_flat(1, "249.95"),)), a_subscription(started("2012-05-31")))
    for on in ("2012-05-31", "2012-06-30"):
        clerk.bill(on)
    clerk.know(entry(EntryKind.PAUSE, "2012-07-10"), entry(EntryKind.RESUME, "2012-08-01"))
    assert _billed(clerk, "2012-08-01") == [
        ("credit", "2012-07-10", "2012-07-31", "-169.32"),
        ("charge", "2012-08-01", "2012-08-31", "241.89"),
    ]


def test_a_cancellation_in_the_middle_of_what_is_billed_credits_its_days_once() -> None:
    """Kill Bill, TestSubscriptionItemTree.testMergeCancellationWithFinalRepair: 7 of 31 days of 12.00."""
    clerk = Clerk(a_catalog((_flat(1, "12"),)), a_subscription(started("2014-01-01")))
    clerk.bill("2014-01-01")
    clerk.know(cancelled("2014-01-25"))
    assert _billed(clerk, "2014-01-25") == [("credit", "2014-01-25", "2014-02-01", "-2.71")]


def test_a_period_billed_twice_is_refused() -> None:
    """Kill Bill, TestFixedAndRecurringInvoiceItemGenerator.testSubscriptionAlreadyDoubleBilledForServicePeriod."""
    clerk = Clerk(a_catalog((_flat(1, "10"),)), a_subscription(started("2016-01-01")))
    clerk.bill("2016-01-01")
    with pytest.raises(InvariantBroken, match="day_billed_twice"):
        check_billed([*clerk.billed, replace(clerk.billed[0], line_id=2)])


@pytest.mark.parametrize(("model", "used", "expected"), [("volume", "1000", "10.00"), ("graduated", "199", "2.00")])
def test_tiers_are_sold_in_blocks(model: str, used: str, expected: str) -> None:
    """Kill Bill, TestContiguousIntervalConsumableInArrear: ten blocks of 100, then blocks of 1,000."""
    tiers = [{"up_to": "1000", "unit_price": "1", "size": "100"}, {"unit_price": "1", "size": "1000"}]
    assert _rated(model, {"tiers": tiers}, used) == expected


def test_usage_counts_for_the_period_it_falls_in_also_on_its_first_day() -> None:
    """Kill Bill, TestUsageInArrear.testWithUsageAtCancellationDayWithUncancel."""
    price = metered(1, "graduated", {"tiers": [{"unit_price": "2.95", "size": "100"}]})
    events = [("2012-04-01", 99), ("2012-04-15", 100), ("2012-05-01", 50), ("2012-06-01", 300)]
    clerk = Clerk(a_catalog((price,)), a_subscription(started("2012-04-01")),
                  [(date.fromisoformat(on), Decimal(quantity)) for on, quantity in events])  # fmt: skip
    assert [_billed(clerk, on)[0][3] for on in ("2012-05-01", "2012-06-01", "2012-07-01")] == ["5.90", "2.95", "8.85"]


STEPS = [{"up_to": "5", "unit_price": "10", "flat": "100"}, {"unit_price": "5", "flat": "50"}]
ALL_AT = [{"up_to": "100", "unit_price": "2", "flat": "10"}, {"unit_price": "1"}]
RATES = [{"up_to": "100", "rate": "5"}, {"rate": "2", "flat": "10"}]


@pytest.mark.parametrize(
    ("model", "parameters", "units", "expected"),
    [
        ("package", {"size": "10", "price": "100", "free": "5"}, "12", "100.00"),
        ("graduated", {"tiers": STEPS}, "3", "130.00"),
        ("volume", {"tiers": ALL_AT}, "100", "210.00"),
        ("graduated_percentage", {"tiers": RATES}, "150", "16.00"),
    ],
)
def test_charge_models_give_their_published_amounts(
    model: str, parameters: dict[str, object], units: str, expected: str
) -> None:
    """Lago, charge models."""
    assert _rated(model, parameters, units) == expected


def test_a_fee_per_event_is_bounded_for_each_event() -> None:
    """Lago, usage sequence: 1 % and 1.00 for each event, at least 1.75 and at most 12.00."""
    fee = EventFee(Decimal(1), Decimal(1), Decimal("1.75"), Decimal(12))
    values = [Decimal(100), Decimal(1000), Decimal(10000)]
    assert list(each_fee(fee, values)) == [Decimal(2), Decimal(11), Decimal(12)]


def test_a_level_is_averaged_over_the_seconds_it_held() -> None:
    """Lago, weighted sum: 100 and, for all but an hour of 31 days, 3 more."""
    hours = 31 * 24
    readings = [Reading(-1, 100), Reading(1, 3)]
    assert round(weighted_sum(readings, 0, hours, LEVEL), 5) == Decimal("102.99597")


def test_units_that_came_later_count_for_the_days_that_remain() -> None:
    """Lago, prorated graduated: 75 units, from 17 October 20 more for 15 of 31 days."""
    tiers = [{"up_to": "5", "unit_price": "10", "flat": "100"}, {"up_to": "15", "unit_price": "5", "flat": "50"},
             {"unit_price": "2"}]  # fmt: skip
    level = weighted_sum([Reading(-1, 75), Reading(16, 20)], 0, 31, LEVEL)
    assert _rated("graduated", {"tiers": tiers}, f"{level:f}") == "389.35"


@pytest.mark.parametrize(
    ("anchor", "alignment", "interval", "on", "expected"),
    [
        (date(2024, 1, 31), Alignment.ANNIVERSARY, MONTH, date(2024, 2, 29), ("2024-02-29", "2024-03-31")),
        (date(2022, 2, 2), Alignment.CALENDAR, Interval(Unit.QUARTER), date(2022, 5, 7), ("2022-04-01", "2022-07-01")),
        (date(2022, 2, 2), Alignment.CALENDAR, Interval(Unit.WEEK), date(2022, 3, 9), ("2022-03-07", "2022-03-14")),
    ],
)
def test_periods_begin_where_calendar_or_anchor_say(
    anchor: date, alignment: Alignment, interval: Interval, on: date, expected: tuple[str, str]
) -> None:
    """Lago, periods; Stripe, billing cycle: the 31st never drifts."""
    whole = grid_of(anchor, interval, alignment, 1).period_at(on)
    assert (whole.start.isoformat(), whole.end.isoformat()) == expected


def test_the_day_of_the_end_is_paid_for() -> None:
    """Lago, subscription proration: 12 of the 29 days of February 2024, in arrears."""
    contract = a_subscription(started("2024-02-01"), cancelled("2024-02-13"))
    clerk = Clerk(a_catalog((_flat(1, "29", timing=Timing.ARREARS),)), contract)
    assert [line[3] for line in _billed(clerk, "2024-02-13")] == ["12.00"]


def test_more_units_in_a_billed_period_are_charged_in_full_where_a_part_costs_all() -> None:
    """Lago, fixed charges: units of 5.00, 10 paid for, 15 wanted."""
    price = a_price(1, "per_unit", {"unit_price": "5"}, proration=Proration.NONE)
    clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01", quantities={1: Decimal(10)})))
    clerk.bill("01-01")
    clerk.know(entry(EntryKind.CHANGE_QUANTITY, "01-11", quantities={1: Decimal(15)}))
    assert sum(line.amount.minor for line in clerk.bill("01-11")) == 2500


def test_a_minimum_is_prorated_and_trued_up() -> None:
    """Lago, commitments: 10.00 for 25 of 28 days, 8.00 used."""
    price = metered(1, "per_unit", {"unit_price": "0.01"}, limits=(Decimal(10),))
    contract = a_subscription(started("2023-02-01"), cancelled("2023-02-26"))
    clerk = Clerk(a_catalog((price,)), contract, [(date(2023, 2, 2), Decimal(800))])
    assert [(line.kind, line.amount.minor) for line in clerk.bill("2023-03-01")] == [
        (LineKind.USAGE, 800), (LineKind.MINIMUM, 93)]  # fmt: skip


def test_discounts_follow_one_another_each_on_what_is_left() -> None:
    """Lago, coupons: 10 off 100, then 20 %."""
    once = DiscountFrequency.ONCE
    discounts = [
        Discount(1, "ten", amount=Money(10, "EUR"), left=Money(10, "EUR"), frequency=once, position=1),
        Discount(2, "fifth", percent=Decimal(20), frequency=once, position=2),
    ]
    line = DiscountedLine(100, 1, 1, date(2026, 1, 1))
    assert apply_discounts([line], discounts, a_catalog((a_price(1),)), "EUR").shares == [28]


def test_tax_is_rounded_once_for_a_rate() -> None:
    """Lago, taxes: 20 % of two lines of 68.33; by line it would be 27.34."""
    twenty = LineTax(TaxCategory.STANDARD, Decimal(20))
    lines = [a_line(position=position, minor=6833, tax=twenty) for position in (1, 2)]
    assert tax_lines(lines, [False, False], RATE, ENTITY).tax == Money(2733, "EUR")


def test_a_credit_returns_its_share_of_the_discount() -> None:
    """Lago, credit notes: 16 of 31 days of 31.00 with 5.00 off."""
    clerk = Clerk(a_catalog((_flat(1, "31"),)), a_subscription(started("2022-10-01")))
    clerk.bill("2022-10-01")
    clerk.billed[0] = replace(clerk.billed[0], discount=500)
    clerk.know(cancelled("2022-10-16"))
    (credit,) = clerk.look("2022-10-16").lines
    assert (credit.amount.minor, credit.discount) == (-1600, Money(-258, "EUR"))


def test_a_credit_note_pays_what_it_can_and_keeps_the_rest() -> None:
    """Lago, credit notes: 10 of notes of 20 and 50."""
    notes = tuple(OpenCredit(n, f"CN{n}", Money(minor, "EUR"), date(2024, 1, n)) for n, minor in ((1, 20), (2, 50)))
    uses, purse = use_credits(Purse(credits=notes), Money(10, "EUR"), (), date(2024, 2, 1))
    assert [use.amount.minor for use in uses] == [10]
    assert [note.left.minor for note in purse.credits] == [10, 50]


def test_a_wallet_of_the_invoices_currency_pays_the_total_with_tax() -> None:
    """Lago, wallets: 1,429 and 24 % of tax from 3,900; dollars are left alone."""
    granted = date(2024, 1, 1)
    wallets = (Wallet(1, "usd", Money(9000, "USD"), granted), Wallet(2, "eur", Money(3900, "EUR"), granted))
    uses, purse = use_credits(Purse(wallets), Money(1772, "EUR"), (), date(2024, 2, 1))
    assert [(use.label, use.amount.minor) for use in uses] == [("eur", 1772)]
    assert [wallet.balance.minor for wallet in purse.wallets] == [9000, 2128]


def test_the_last_invoice_subtracts_what_a_threshold_billed_before() -> None:
    """Lago, invoices: 31.00 in arrears and 1,000,000 units at 0.0002; Stripe, thresholds."""
    prices = (_flat(1, "31", timing=Timing.ARREARS), metered(2, "per_unit", {"unit_price": "0.0002"}))
    clerk = Clerk(a_catalog(prices), a_subscription(started("01-01")), [(date(2026, 1, 2), Decimal(1_000_000))])
    early = clerk.bill("01-02", SettleOptions(progressive=frozenset({2})))
    assert [line.amount.minor for line in early] == [20000]
    assert [line.amount.minor for line in clerk.bill("02-01")] == [3100]


@pytest.mark.parametrize(
    ("quantity", "expected"), [("0", "100.00"), ("7", "150.00"), ("22", "235.00")]
)  # fmt: skip
def test_flat_fees_are_added_for_each_tier_that_is_reached(quantity: str, expected: str) -> None:
    """OpenMeter, graduated tiers."""
    tiers = [{"up_to": "5", "flat": "100"}, {"up_to": "10", "flat": "50"}, {"up_to": "15", "unit_price": "10"},
             {"unit_price": "5"}]  # fmt: skip
    assert _rated("graduated", {"tiers": tiers}, quantity) == expected


def test_a_fraction_of_a_cent_is_rounded_in_the_currency_of_the_invoice() -> None:
    """Chargebee, rounding: 10.625 at 4.4556."""
    terms = {"unit_price": "4.4556"}
    amounts = [amount_of("per_unit", PriceTerms(c, terms), UsageTotal(Decimal("10.625")))[0] for c in ("USD", "JPY")]
    assert [f"{amount.major:f}" for amount in amounts] == ["47.34", "47"]


@pytest.mark.parametrize(
    ("currency", "digits"), [("JPY", 0), ("KRW", 0), ("ISK", 0), ("EUR", 2), ("MGA", 2), ("KWD", 3)]
)
def test_currencies_have_the_decimals_of_iso_4217(currency: str, digits: int) -> None:
    """Stripe, currencies; ISO 4217 list one for the ariary."""
    assert exponent(currency) == digits


def test_each_half_of_a_month_is_credited_and_charged() -> None:
    """Stripe, prorations: from 10.00 to 20.00 on the 16th of thirty days."""
    clerk = Clerk(a_catalog((_flat(1, "10"),), (_flat(2, "20"),)), a_subscription(started("04-01")))
    clerk.bill("04-01")
    clerk.know(plan_change("04-16", 2))
    assert [line[3] for line in _billed(clerk, "04-16")] == ["-5.00", "10.00"]
