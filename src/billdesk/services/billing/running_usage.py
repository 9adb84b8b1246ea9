"""Usage of periods that still run, for those who want it as well or watch how much of it is unbilled (§6.4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from billdesk.domain.alerts import AlertKind, Level
from billdesk.domain.billing import Settlement
from billdesk.domain.catalog import Catalog, QuantitySource
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period

_DAY: Final = timedelta(days=1)


def usage_prices(catalog: Catalog) -> frozenset[int]:
    """Give the prices that charge usage."""
    prices = catalog.prices.values()
    return frozenset(price.id for price in prices if price.quantity_source is QuantitySource.USAGE)


def unbilled_level(record: Subscription, settlement: Settlement, prices: Collection[int], as_of: date) -> Level:
    """Give what usage comes to that no issued document charges, before discounts and tax.

    `settlement` has the usage of running periods. The level is of the day: a bill may be reached more than once in a
    billing period, and each time the one before is taken off.
    """
    minor = sum(line.amount.minor for line in settlement.lines if line.price_id in prices)
    value = Money(minor, record.currency).major
    day = Period(as_of, as_of + _DAY)
    return Level(AlertKind.UNBILLED, record.customer_id, record.id, day, value, currency=record.currency)
