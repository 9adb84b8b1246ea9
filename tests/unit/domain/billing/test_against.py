from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Price, Proration
from billdesk.domain.subscriptions import Entry
from builders.contracts import Clerk, a_catalog, a_subscription, cancelled, per_unit, seats, shown, started


def a_clerk(price: Price) -> Clerk:
    return Clerk(a_catalog((price,)), a_subscription(started("01-01")))


def test_a_cent_that_a_later_line_took_over_is_taken_back_when_the_earlier_one_goes() -> None:
    clerk = Clerk(a_catalog((per_unit(2, "9.95"),)), a_subscription(started("01-01"), seats("01-04", 2, 2)))
    assert [line.amount.minor for line in clerk.bill("01-04")] == [96, 1798]
    clerk.subscription = a_subscription(started("01-04", quantities={2: Decimal(2)}), anchor="01-01")
    lines = clerk.bill("01-04")
    assert [(line.amount.minor, line.period.days) for line in lines] == [(-96, 3), (-1, 0)]


def test_a_day_that_is_not_worth_a_cent_is_given_back_when_it_is_charged_anew() -> None:
    clerk = a_clerk(per_unit(2, "0.10"))
    clerk.bill("01-01")
    clerk.know(seats("01-31", 2, 60))
    assert shown(clerk.bill("01-31")) == [
        ("credit", "26-01-31", "26-01-31", "-0.01"), ("charge", "26-01-31", "26-01-31", "0.20")]  # fmt: skip
    clerk.know(cancelled("01-31"))
    assert clerk.bill("01-31")[0].amount.minor == -19


def test_a_day_that_costs_nothing_by_the_policy_takes_no_cent_when_its_price_changes() -> None:
    clerk = a_clerk(per_unit(2, "19.90", proration=Proration.ACTUAL_360))
    clerk.bill("01-01")
    clerk.know(seats("01-31", 2, 60), cancelled("02-01"))
    assert clerk.bill("01-31") == []


def test_a_stretch_of_which_rounding_left_nothing_still_counts_for_the_sum_of_its_period() -> None:
    clerk = Clerk(a_catalog((per_unit(2, "0.02"),)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    undo = clerk.subscription
    clerk.know(cancelled("01-08"))
    assert [line.amount.minor for line in clerk.bill("01-20")] == [-2]
    clerk.subscription = undo
    assert [line.amount.minor for line in clerk.bill("01-20")] == [2]
    assert clerk.total == 2


@pytest.mark.parametrize(("entries", "lines", "total"), [
    ((started("2028-04-01"),),
     [("credit", "28-02-03", "28-02-05", "-2.88"), ("credit", "28-01-28", "28-01-28", "-0.01")], 0),
    ((started("2028-02-27"), cancelled("2028-02-28")),
     [("credit", "28-02-03", "28-02-05", "-2.88"), ("charge", "28-02-27", "28-02-27", "0.31")], 32),
])  # fmt: skip
def test_a_cent_left_of_a_line_goes_when_the_line_that_was_rounded_for_it_does(
    entries: tuple[Entry, ...], lines: list[tuple[str, ...]], total: int
) -> None:
    plan, until = a_catalog((per_unit(2, "9.95"),)), cancelled("2028-02-06")
    clerk = Clerk(plan, a_subscription(started("2028-01-28"), until))
    clerk.bill("2028-02-06")
    clerk.know(seats("2028-02-03", 2, 3))
    clerk.bill("2028-02-06")
    clerk.subscription = a_subscription(started("2028-02-03", quantities={2: Decimal(3)}), until, anchor="2028-01-28")
    assert shown(clerk.bill("2028-02-06")) == [("credit", "28-01-28", "28-02-02", "-1.92")]
    clerk.subscription = a_subscription(*entries, anchor="2028-01-28")
    assert shown(clerk.bill("2028-02-28")) == lines
    assert clerk.total == total


def test_a_cent_that_a_gone_line_must_leave_counts_for_the_days_that_come_back() -> None:
    clerk = Clerk(a_catalog((per_unit(2, "10"),)), a_subscription(started("01-01"), seats("01-02", 2, 2)))
    clerk.bill("01-02")
    clerk.billed[1] = replace(clerk.billed[1], amount=clerk.billed[1].amount - 2)
    clerk.subscription = a_subscription(started("01-02", quantities={2: Decimal(2)}), anchor="01-01")
    assert [line.amount.minor for line in clerk.bill("01-02")] == [-31]
    clerk.subscription = a_subscription(started("01-01"), seats("01-02", 2, 2))
    clerk.bill("01-02")
    assert clerk.total == 1968
