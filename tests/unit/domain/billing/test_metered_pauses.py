from __future__ import annotations

from datetime import date
from decimal import Decimal

from billdesk.domain.subscriptions import EntryKind
from builders.contracts import Clerk, a_catalog, a_subscription, entry, metered, shown, started


def test_the_days_of_a_pause_lower_a_minimum_wherever_in_the_month_they_lie() -> None:
    price = metered(1, "per_unit", {"unit_price": "1"}, limits=(Decimal(310),))
    contract = a_subscription(started("01-01"), entry(EntryKind.PAUSE, "01-11"), entry(EntryKind.RESUME, "01-21"))
    clerk = Clerk(a_catalog((price,)), contract, [(date(2026, 1, 5), Decimal(30))])
    # 21 of 31 days of 310.00 are 210.00
    assert [line[0::3] for line in shown(clerk.bill("02-01"))] == [("usage", "30.00"), ("minimum", "180.00")]
