from __future__ import annotations

from datetime import date
from decimal import Decimal

from builders.contracts import Clerk, a_catalog, a_subscription, metered, override, shown, started


def test_a_rebate_that_became_a_charge_is_given_back_and_billed_in_one_run() -> None:
    rebate = metered(1, "per_unit", {"unit_price": "-0.50"})
    clerk = Clerk(a_catalog((rebate,)), a_subscription(started("01-01")), [(date(2026, 1, 5), Decimal(20))])
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", "-10.00")]
    clerk.know(override("01-01", 1, unit_price="0.25"))
    assert shown(clerk.bill("02-02")) == [
        ("credit", "26-01-01", "26-01-31", "10.00"), ("usage", "26-01-01", "26-01-31", "5.00")]  # fmt: skip
