"""Threshold alerts: what is watched, how high it stands, and which alerts that reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.period import Period


class AlertKind(StrEnum):
    """What an alert watches: a metric's quantity, usage rated in money, or what is left in wallets."""

    USAGE = "usage"
    SPEND = "spend"
    WALLET = "wallet"

    @property
    def is_money(self) -> bool:
        """Whether the threshold is an amount of money."""
        return self is not AlertKind.USAGE


@dataclass(frozen=True, slots=True)
class Alert:
    """Tells once per period that a level reached `threshold` (a wallet: that it fell below it).

    Usage and spend are measured per contract and billing period, wallets per customer and calendar month.
    `customer_id` and `subscription_id` limit whose; with neither, everybody's. Amounts are major units.
    """

    id: int
    name: str
    kind: AlertKind
    threshold: Decimal
    currency: str = ""
    metric_id: int | None = None
    customer_id: int | None = None
    subscription_id: int | None = None
    is_active: bool = True
    version: int = 1

    def concerns(self, level: Level) -> bool:
        """Whether a level is what this alert watches."""
        return (
            self.kind is level.kind
            and self.currency == level.currency
            and self.metric_id == level.metric_id
            and self.customer_id in {None, level.customer_id}
            and self.subscription_id in {None, level.subscription_id}
        )

    def is_reached(self, value: Decimal) -> bool:
        """Whether a value is worth telling."""
        return value < self.threshold if self.kind is AlertKind.WALLET else value >= self.threshold


@dataclass(frozen=True, slots=True)
class Level:
    """How high something stands in a period: units of a metric, or major units of a currency."""

    kind: AlertKind
    customer_id: int
    subscription_id: int | None
    period: Period
    value: Decimal
    currency: str = ""
    metric_id: int | None = None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """An alert was reached; `seen_at` is None until a person has seen it."""

    id: int
    alert_id: int
    customer_id: int
    subscription_id: int | None
    period: Period
    level: Decimal
    raised_at: datetime
    batch_id: int | None = None
    seen_at: datetime | None = None
    seen_by: str = ""


def reached(alerts: Iterable[Alert], levels: Iterable[Level]) -> Iterator[tuple[Alert, Level]]:
    """Give each alert with each level that reaches it."""
    known = list(alerts)
    for level in levels:
        for alert in known:
            if alert.concerns(level) and alert.is_reached(level.value):
                yield alert, level


def check_alert(alert: Alert) -> list[Problem]:
    """Say what is wrong with an alert: name, threshold, and what its kind needs or cannot have."""
    problems = []
    if not alert.name.strip():
        problems.append(Problem("value_missing", Place(field="name")))
    if alert.threshold <= 0:
        problems.append(Problem("threshold_not_positive", Place(field="threshold"), to_text(alert.threshold)))
    if alert.kind.is_money and not alert.currency:
        problems.append(Problem("value_missing", Place(field="currency")))
    if alert.kind is AlertKind.USAGE and alert.metric_id is None:
        problems.append(Problem("value_missing", Place(field="metric")))
    if alert.kind is AlertKind.WALLET and alert.subscription_id is not None:
        problems.append(Problem("alert_per_customer", Place(field="subscription")))
    return problems
