from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.alerts import Alert, AlertKind, Level, check_alert, reached
from billdesk.kernel.period import Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
USAGE = Alert(1, "Calls", AlertKind.USAGE, Decimal(100), metric_id=7)
LEVEL = Level(AlertKind.USAGE, 3, 5, MARCH, Decimal(100), metric_id=7)


def _is_told(alert: Alert, level: Level = LEVEL) -> bool:
    return bool(list(reached([alert], [level])))


def test_a_level_at_the_threshold_is_told() -> None:
    assert _is_told(USAGE)
    assert not _is_told(USAGE, replace(LEVEL, value=Decimal("99.999")))


def test_a_wallet_is_told_when_it_falls_below() -> None:
    wallet = Alert(1, "Low", AlertKind.WALLET, Decimal(20), currency="EUR")
    level = Level(AlertKind.WALLET, 3, None, MARCH, Decimal(20), currency="EUR")
    assert not _is_told(wallet, level)
    assert _is_told(wallet, replace(level, value=Decimal("19.99")))
    assert not _is_told(wallet, replace(level, value=Decimal(1), currency="USD"))


def test_another_metric_customer_or_contract_is_none_of_its_business() -> None:
    assert not _is_told(replace(USAGE, metric_id=8))
    assert not _is_told(replace(USAGE, customer_id=4))
    assert not _is_told(replace(USAGE, subscription_id=6))
    assert _is_told(replace(USAGE, customer_id=3, subscription_id=5))


def test_a_complete_alert_has_no_problems() -> None:
    assert check_alert(USAGE) == []


def test_usage_needs_a_metric_and_money_a_currency() -> None:
    assert [one.place.field for one in check_alert(replace(USAGE, metric_id=None))] == ["metric"]
    assert [one.place.field for one in check_alert(replace(USAGE, kind=AlertKind.SPEND))] == ["currency"]
