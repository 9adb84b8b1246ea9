from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.alerts import Alert, AlertKind, Level, check_alert, percent_of, reached
from billdesk.kernel.period import Period

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
USAGE = Alert(1, "Calls", AlertKind.USAGE, Decimal(100), metric_id=7)
LEVEL = Level(AlertKind.USAGE, 3, 5, MARCH, Decimal(100), metric_id=7)


def _is_told(alert: Alert, level: Level = LEVEL, today: date = date(2026, 3, 16)) -> bool:
    return bool(list(reached([alert], [level], today)))


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


def test_a_threshold_on_unbilled_usage_is_of_money_and_bills() -> None:
    unbilled = Alert(1, "Bill", AlertKind.UNBILLED, Decimal(10), customer_id=3)
    assert [one.place.field for one in check_alert(unbilled)] == ["currency"]
    assert [kind for kind in AlertKind if kind.bills] == [AlertKind.UNBILLED]
    assert unbilled.watches(3, 5)
    assert not unbilled.watches(4, 5)
    assert not replace(unbilled, subscription_id=6).watches(3, 5)


COMMITTED = Level(AlertKind.COMMITMENT, 3, 5, Period(date(2026, 1, 1), date(2027, 1, 1)), Decimal("79.99"))


def test_a_commitment_is_told_when_its_percentage_is_charged() -> None:
    alert = Alert(1, "Nearly", AlertKind.COMMITMENT, Decimal(80))
    assert not _is_told(alert, COMMITTED)
    assert _is_told(alert, replace(COMMITTED, value=Decimal(80)))


def test_a_shortfall_is_told_only_so_many_days_before_the_end() -> None:
    alert = Alert(1, "Short", AlertKind.SHORTFALL, Decimal(80), days_before=30)
    assert not _is_told(alert, COMMITTED, date(2026, 12, 1))
    assert _is_told(alert, COMMITTED, date(2026, 12, 2))
    assert not _is_told(alert, replace(COMMITTED, value=Decimal(80)), date(2026, 12, 2))


def test_percentages_are_rounded_down_so_that_nothing_is_told_too_early() -> None:
    assert percent_of(79_999, 100_000) == Decimal("79.99")
    assert percent_of(2, 3) == Decimal("66.66")
    assert percent_of(0, 0) == Decimal(100)


def test_a_shortfall_needs_days_and_a_percentage_has_an_upper_limit() -> None:
    short = Alert(1, "Short", AlertKind.SHORTFALL, Decimal(1001))
    assert [(one.code, one.place.field) for one in check_alert(short)] == [
        ("too_small", "days_before"), ("too_large", "threshold"),
    ]  # fmt: skip
