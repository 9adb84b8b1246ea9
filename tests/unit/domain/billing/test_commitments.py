from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billdesk.domain.billing import SettledState, SettleOptions
from billdesk.domain.catalog import Commitment, Price, Timing
from billdesk.domain.contract_terms import ContractTerm, EarlyFee, FeeKind
from billdesk.kernel.period import Interval
from builders.contracts import (
    MONTH,
    QUARTER,
    YEAR,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    metered,
    plan_change,
    shown,
    started,
)

BASE = a_price(1)
SUPPORT = a_price(2, "flat", {"amount": "365"}, interval=YEAR, timing=Timing.ARREARS)


def a_clerk(*plans: tuple[object, Interval, str]) -> Clerk:
    catalog = a_catalog(*((BASE, price) if price else (BASE,) for price, _interval, _amount in plans))  # type: ignore[arg-type]
    versions = {
        number: replace(catalog.plan_versions[number], commitment=Commitment(interval, (("EUR", Decimal(amount)),)))
        for number, (_price, interval, amount) in enumerate(plans, 1)
    }
    return Clerk(replace(catalog, plan_versions=versions), a_subscription(started("01-01")))


def test_a_commitment_that_comes_back_after_another_one_is_trued_up_once() -> None:
    clerk = a_clerk((None, QUARTER, "900"), (None, MONTH, "280"))
    clerk.know(plan_change("02-01", 2), plan_change("03-01", 1))
    lines = [line for line in shown(clerk.bill("04-01")) if line[0] == "commitment"]
    # 62 of 90 days of 900.00 are 620.00, of which 200.00 is charged.
    assert lines == [("commitment", "26-01-01", "26-03-31", "420.00"), ("commitment", "26-02-01", "26-02-28", "180.00")]
    assert shown(clerk.bill("05-01")) == [("charge", "26-05-01", "26-05-31", "100.00")]


def test_a_year_in_advance_counts_for_the_commitment_of_each_month() -> None:
    clerk = a_clerk((a_price(2, "flat", {"amount": "3650"}, interval=YEAR), MONTH, "420"))
    clerk.bill("01-01")
    assert shown(clerk.bill("02-01"))[-1] == ("commitment", "26-01-01", "26-01-31", "10.00")


def test_a_charge_that_falls_due_late_is_taken_off_the_commitments_of_its_days() -> None:
    clerk = a_clerk((SUPPORT, MONTH, "280"))
    clerk.bill("02-01")
    for number in range(3, 13):
        clerk.bill(f"{number:02}-01", SettleOptions(SettledState(day(f"{number - 1:02}-01"))))
    lines = clerk.bill("2027-01-01", SettleOptions(SettledState(day("12-01"))))
    assert shown(line for line in lines if line.period.start == day("01-01")) == [
        ("charge", "26-01-01", "26-12-31", "365.00"), ("credit", "26-01-01", "26-01-31", "-31.00")]  # fmt: skip


def test_leaving_early_costs_a_part_of_what_was_promised_where_that_is_more_than_the_prices() -> None:
    fee = EarlyFee(FeeKind.PERCENT, percent=Decimal(50))
    term = ContractTerm(months=12, fee=fee, commitment=Decimal(3650))
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("01-01", term=term)))
    clerk.bill("03-01")
    clerk.know(cancelled("04-01"))
    # 275 days at 10.00 were promised, and nine months at 100.00 are left.
    assert shown(clerk.bill("04-01")) == [
        ("commitment", "26-01-01", "26-03-31", "600.00"),
        ("termination_fee", "26-04-01", "26-04-01", "1375.00"),
    ]


@pytest.mark.parametrize("credit", [True, False])
def test_leaving_a_contract_of_usage_alone_costs_the_commitment_that_is_left(*, credit: bool) -> None:
    clerk = a_usage_clerk(months=3)
    clerk.know(cancelled("02-15", credit=credit))
    assert shown(clerk.bill("02-15")) == [
        ("commitment", "26-01-01", "26-01-31", "31.00"), ("commitment", "26-02-01", "26-02-14", "15.50"),
        ("termination_fee", "26-02-15", "26-02-15", "46.50")]  # fmt: skip


def test_a_month_that_stays_billed_is_not_paid_again_as_a_part_of_the_commitment() -> None:
    clerk = a_usage_clerk(BASE, months=3, commitment=Decimal(280), commitment_months=1)
    clerk.know(cancelled("02-15", credit=False))
    assert shown(clerk.bill("02-15"))[-1] == ("termination_fee", "26-02-15", "26-02-15", "280.00")


def a_usage_clerk(*prices: Price, **terms: object) -> Clerk:
    calls = metered(3, "per_unit", {"unit_price": "0.10"})
    catalog = a_catalog((calls, *prices))
    version = replace(catalog.plan_versions[1], commitment=Commitment(MONTH, (("EUR", Decimal(31)),)))
    term = ContractTerm(fee=EarlyFee(FeeKind.REMAINING), **terms)  # type: ignore[arg-type]
    return Clerk(replace(catalog, plan_versions={1: version}), a_subscription(started("01-01", term=term)))
