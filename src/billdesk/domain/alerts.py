"""Threshold alerts: what is watched, how high it stands, and which alerts that reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.kernel.decimals import from_scaled, to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.period import Period

_HUNDRED: Final = 100
_MOST_PERCENT: Final = 1000
"""Ten times what was committed: more is a slip of the keyboard."""


class AlertKind(StrEnum):
    """What an alert watches.

    A metric's quantity, usage rated in money, what is left in wallets, how much of a committed amount is charged, or
    (SHORTFALL) that too little of it is charged so many days before the commitment ends. UNBILLED is usage that no
    issued document charges yet, in money: reaching it bills the contract up to that day (billing rules §6.4).
    """

    USAGE = "usage"
    SPEND = "spend"
    WALLET = "wallet"
    COMMITMENT = "commitment"
    SHORTFALL = "shortfall"
    UNBILLED = "unbilled"

    @property
    def is_money(self) -> bool:
        """Whether the threshold is an amount of money."""
        return self in {AlertKind.SPEND, AlertKind.WALLET, AlertKind.UNBILLED}

    @property
    def bills(self) -> bool:
        """Whether reaching it drafts a bill instead of telling only."""
        return self is AlertKind.UNBILLED

    @property
    def is_percent(self) -> bool:
        """Whether the threshold is a percentage of a committed amount."""
        return self in {AlertKind.COMMITMENT, AlertKind.SHORTFALL}

    @property
    def is_below(self) -> bool:
        """Whether it is told when the level is below the threshold."""
        return self in {AlertKind.WALLET, AlertKind.SHORTFALL}

    @property
    def watched(self) -> AlertKind:
        """The kind of level that it looks at."""
        return AlertKind.COMMITMENT if self is AlertKind.SHORTFALL else self


@dataclass(frozen=True, slots=True)
class Alert:
    """Tells once per period that a level reached `threshold` (a wallet or shortfall: that it is below it).

    Usage and spend are measured per contract and billing period, wallets per customer and calendar month, and
    commitments per contract and committed period, in percent. What is unbilled counts per contract from its last bill
    on, and is told on each day on which it drafts one. `customer_id` and `subscription_id` limit whose; with
    neither, everybody's. Amounts are major units. A shortfall is told from `days_before` the end of its period on.
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
    days_before: int = 0
    version: int = 1

    def watches(self, customer_id: int, subscription_id: int) -> bool:
        """Whether a contract of a customer is among those it is about."""
        return self.customer_id in {None, customer_id} and self.subscription_id in {None, subscription_id}

    def concerns(self, level: Level) -> bool:
        """Whether a level is what this alert watches."""
        return (
            self.kind.watched is level.kind
            and self.currency == level.currency
            and self.metric_id == level.metric_id
            and self.customer_id in {None, level.customer_id}
            and self.subscription_id in {None, level.subscription_id}
        )

    def is_reached(self, level: Level, today: date) -> bool:
        """Whether a level is worth telling on a day."""
        if self.kind is AlertKind.SHORTFALL and today < level.period.end - timedelta(days=self.days_before):
            return False
        return level.value < self.threshold if self.kind.is_below else level.value >= self.threshold


@dataclass(frozen=True, slots=True)
class Level:
    """How high something stands in a period: units of a metric, major units of a currency, or percent."""

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


def percent_of(charged: int, committed: int) -> Decimal:
    """Give how much of a committed amount is charged, in percent with two decimals, rounded down."""
    return from_scaled(charged * _HUNDRED * _HUNDRED // committed, 2) if committed > 0 else Decimal(_HUNDRED)


def reached(alerts: Iterable[Alert], levels: Iterable[Level], today: date) -> Iterator[tuple[Alert, Level]]:
    """Give each alert with each level that reaches it."""
    known = list(alerts)
    for level in levels:
        for alert in known:
            if alert.concerns(level) and alert.is_reached(level, today):
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
    if alert.kind is AlertKind.SHORTFALL and alert.days_before < 1:
        minimum = (("minimum", "1"),)
        problems.append(Problem("too_small", Place(field="days_before"), str(alert.days_before), minimum))
    if alert.kind.is_percent and alert.threshold > _MOST_PERCENT:
        maximum = (("maximum", str(_MOST_PERCENT)),)
        problems.append(Problem("too_large", Place(field="threshold"), to_text(alert.threshold), maximum))
    if alert.kind is AlertKind.WALLET and alert.subscription_id is not None:
        problems.append(Problem("alert_per_customer", Place(field="subscription")))
    return problems
