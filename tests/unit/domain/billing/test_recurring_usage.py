from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from billdesk.domain.usage import UsageTotal, UsageWindow
from builders.contracts import Clerk, a_catalog, a_subscription, metered, override, shown, started


@dataclass
class Standing(Clerk):
    """A clerk whose metric carries its level over: 10 units stand since before the contract."""

    def measured(self, window: UsageWindow) -> UsageTotal:
        return UsageTotal(Decimal(10) if window.period.days else Decimal(0), 1)


def test_a_new_price_in_the_month_prices_a_level_by_days_and_not_twice() -> None:
    catalog = a_catalog((metered(1, "per_unit", {"unit_price": "3.10"}),))
    catalog = replace(catalog, metrics={1: replace(catalog.metrics[1], recurring=True)})
    clerk = Standing(catalog, a_subscription(started("01-01"), override("01-11", 1, unit_price="6.20")))
    # 31.00 for 10 of 31 days and 62.00 for 21
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", "52.00")]
