from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from billdesk.domain.billing import SettledState, SettleOptions
from billdesk.domain.catalog import Commitment, Timing
from billdesk.kernel.period import Interval
from builders.contracts import (
    MONTH,
    QUARTER,
    YEAR,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    day,
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


def test_a_charge_that_falls_due_late_is_taken_off_the_commitment_of_the_month_in_which_it_began() -> None:
    clerk = a_clerk((SUPPORT, MONTH, "280"))
    clerk.bill("02-01")
    for number in range(3, 13):
        clerk.bill(f"{number:02}-01", SettleOptions(SettledState(day(f"{number - 1:02}-01"))))
    lines = clerk.bill("2027-01-01", SettleOptions(SettledState(day("12-01"))))
    assert shown(line for line in lines if line.period.start == day("01-01")) == [
        ("charge", "26-01-01", "26-12-31", "365.00"), ("credit", "26-01-01", "26-01-31", "-180.00")]  # fmt: skip
