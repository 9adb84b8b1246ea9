from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.alerts import Alert, AlertKind
from billdesk.kernel.errors import NotFound, RowsRejected, StaleRecord
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import alerts, billing, invoices, usage
from billdesk.services.alerts import AlertEventFilter, AlertEventRow
from billdesk.services.check import check_book
from billdesk.services.customer_overview import preview_next_invoice
from billdesk.services.reports import load_home_figures
from billdesk.services.wallets import Grant, grant_wallet
from builders.usage import PROFILE, Meters, a_metered_book

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
SPEND = Alert(0, "Spend", AlertKind.SPEND, Decimal(10), currency="EUR")


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1", "S2")
    yield made
    assert made.book.query(check_book) == []
    made.book.close()


def _usage(meters: Meters, **changes: object) -> Alert:
    return Alert(0, "Calls", AlertKind.USAGE, Decimal(1000), metric_id=meters.metric_ids["calls"], **changes)  # type: ignore[arg-type]


def _save(meters: Meters, record: Alert) -> int:
    return meters.book.run(alerts.save_alert, record).value


def _told(meters: Meters, wanted: AlertEventFilter = alerts.EVERYTHING) -> list[AlertEventRow]:
    return meters.book.query(alerts.list_alert_events, wanted)


def test_usage_below_the_threshold_is_not_told(meters: Meters) -> None:
    _save(meters, _usage(meters))
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,999.999,a").alerts == 0
    assert _told(meters) == []


def test_usage_that_reaches_the_threshold_is_told_with_its_level(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,600,a")
    assert meters.bring("S1,calls,2026-03-06T10:00:00Z,400.5,b").alerts == 1
    (row,) = _told(meters)
    assert (row.contract, row.event.level, row.event.period) == ("S1", Decimal("1000.5"), MARCH)


def test_an_alert_is_told_once_in_a_period(meters: Meters) -> None:
    _save(meters, _usage(meters))
    assert [meters.bring(f"S1,calls,2026-03-0{day}T10:00:00Z,1000,{day}").alerts for day in (1, 2, 3)] == [1, 0, 0]


def test_an_alert_is_told_again_in_the_next_period(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-02-05T10:00:00Z,1000,a")
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,b").alerts == 1
    assert [row.event.period.start for row in _told(meters)] == [date(2026, 3, 1), date(2026, 2, 1)]


def test_each_contract_is_told_of_by_itself(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a", "S2,calls,2026-03-05T10:00:00Z,2000,b")
    assert sorted(row.contract for row in _told(meters)) == ["S1", "S2"]


def test_an_alert_of_one_contract_leaves_others_alone(meters: Meters) -> None:
    _save(meters, _usage(meters, subscription_id=2))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a", "S2,gb,2026-03-05T10:00:00Z,2000,b")
    assert _told(meters) == []
    meters.bring("S2,calls,2026-03-05T10:00:00Z,2000,c")
    assert [row.contract for row in _told(meters)] == ["S2"]


def test_an_alert_of_one_customer_leaves_others_alone(meters: Meters) -> None:
    meters.add("S3", customer="C2")
    _save(meters, _usage(meters, customer_id=2))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a", "S3,calls,2026-03-05T10:00:00Z,2000,b")
    assert [row.contract for row in _told(meters)] == ["S3"]


def test_spend_adds_up_all_metrics_of_a_contract(meters: Meters) -> None:
    _save(meters, SPEND)
    meters.bring("S1,calls,2026-03-05T10:00:00Z,600,a", "S2,calls,2026-03-05T10:00:00Z,999,b")
    meters.bring("S1,gb,2026-03-05T10:00:00Z,450,c")
    (row,) = _told(meters)
    assert (row.contract, row.event.level, row.unit) == ("S1", Decimal("10.5"), "EUR")


def test_late_usage_of_a_billed_period_counts_with_what_is_billed(meters: Meters) -> None:
    _save(meters, SPEND)
    meters.bring("S1,calls,2026-01-05T10:00:00Z,800,a")
    run = meters.book.run(billing.run_billing, date(2026, 2, 1), progress=Progress()).value
    assert run.run_id is not None
    meters.book.run(invoices.issue_run, run.run_id, progress=Progress())
    meters.bring("S1,calls,2026-01-06T10:00:00Z,300,late")
    (row,) = _told(meters)
    assert (row.event.level, row.event.period) == (Decimal(11), Period(date(2026, 1, 1), date(2026, 2, 1)))


def test_an_alert_that_is_switched_off_is_silent(meters: Meters) -> None:
    _save(meters, _usage(meters, is_active=False))
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a").alerts == 0


def test_a_preview_of_a_file_tells_nothing(meters: Meters) -> None:
    _save(meters, _usage(meters))
    path = meters.file("S1,calls,2026-03-05T10:00:00Z,1000,a")
    meters.book.query(usage.preview_usage_import, path, PROFILE)
    assert _told(meters) == []


def test_what_a_person_has_seen_waits_no_longer(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a", "S2,calls,2026-03-05T10:00:00Z,1000,b")
    first = _told(meters)[0].event.id
    assert meters.book.run(alerts.mark_alerts_seen, [first]).value == 1
    assert meters.book.query(alerts.count_alert_events, AlertEventFilter(only_unseen=True)) == 1
    assert meters.book.run(alerts.mark_alerts_seen).value == 1
    assert [row.event.seen_by for row in _told(meters)] == ["Ann", "Ann"]


def test_an_alert_is_changed_and_deleted(meters: Meters) -> None:
    key = _save(meters, _usage(meters))
    _save(meters, Alert(key, "Fewer", AlertKind.SPEND, Decimal(5), currency="EUR"))
    (row,) = meters.book.query(alerts.list_alerts)
    assert (row.alert.name, row.alert.version, row.events) == ("Fewer", 2, 0)
    with pytest.raises(StaleRecord):
        _save(meters, Alert(key, "Stale", AlertKind.SPEND, Decimal(5), currency="EUR"))
    meters.book.run(alerts.delete_alert, key)
    with pytest.raises(NotFound):
        meters.book.run(alerts.delete_alert, key)


def test_an_alert_that_cannot_work_is_refused(meters: Meters) -> None:
    with pytest.raises(RowsRejected) as refused:
        _save(meters, Alert(0, " ", AlertKind.WALLET, Decimal(0), subscription_id=1))
    fields = [problem.place.field for problem in refused.value.problems]
    assert fields == ["name", "threshold", "currency", "subscription"]


def test_unbilled_now_has_usage_of_the_running_month(meters: Meters) -> None:
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1250,a", "S2,gb,2026-01-05T10:00:00Z,100,b")
    found = meters.book.query(billing.unbilled_now, 1)
    assert found.net == (Money(1350, "EUR"),)
    assert meters.book.query(billing.preview_documents, date(2026, 3, 16), 1)[0].net == Money(100, "EUR")


def test_what_is_billed_is_not_unbilled(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,800,a")
    run = meters.book.run(billing.run_billing, date(2026, 2, 1), progress=Progress()).value
    assert meters.book.query(billing.unbilled_now, 1).net == (Money(800, "EUR"),)
    assert run.run_id is not None
    meters.book.run(invoices.issue_run, run.run_id, progress=Progress())
    assert meters.book.query(billing.unbilled_now, 1).net == ()


def _grant(meters: Meters, major: int) -> None:
    given = Grant(1, 1, "Prepaid", Money(major * 100, "EUR"))
    meters.book.run(grant_wallet, given)


def test_a_wallet_that_running_usage_will_empty_is_told_of_in_time(meters: Meters) -> None:
    _grant(meters, 50)
    _save(meters, Alert(0, "Low", AlertKind.WALLET, Decimal(20), currency="EUR"))
    # 24.79 and 21 % VAT are 30.00: exactly the threshold is left, and nothing is told.
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,2479,a").alerts == 0
    assert meters.bring("S2,calls,2026-03-05T10:00:00Z,1,b").alerts == 1
    (row,) = _told(meters)
    assert (row.contract, row.event.level, row.event.period) == ("", Decimal("19.99"), MARCH)
    assert meters.bring("S2,calls,2026-03-06T10:00:00Z,100,c").alerts == 0


def test_customers_without_a_wallet_are_not_told_that_it_is_empty(meters: Meters) -> None:
    _save(meters, Alert(0, "Low", AlertKind.WALLET, Decimal(20), currency="EUR"))
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,2479,a").alerts == 0


def test_home_counts_thresholds_nobody_has_seen(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a", "S2,calls,2026-03-05T10:00:00Z,1000,b")
    assert meters.book.query(load_home_figures).alerts == 2
    meters.book.run(alerts.mark_alerts_seen, [1])
    assert meters.book.query(load_home_figures).alerts == 1


def test_the_panel_of_a_customer_says_what_is_unbilled_today(meters: Meters) -> None:
    meters.book.run(billing.run_billing, date(2026, 2, 1), progress=Progress())
    meters.bring("S1,calls,2026-03-05T10:00:00Z,200,b")
    found = meters.book.query(preview_next_invoice, 1)
    assert (found.documents, found.unbilled) == ((), (Money(200, "EUR"),))


def test_waiting_usage_that_finds_its_contract_is_looked_at_too(meters: Meters) -> None:
    _save(meters, _usage(meters))
    meters.bring("S9,calls,2026-03-05T10:00:00Z,1000,a")
    assert _told(meters) == []
    meters.add("S9")
    meters.book.run(usage.rematch_unmatched)
    assert [row.contract for row in _told(meters)] == ["S9"]


def test_what_stands_on_a_draft_is_unbilled_still(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,800,a")
    meters.book.run(billing.run_billing, date(2026, 3, 1), progress=Progress())
    meters.bring("S1,calls,2026-02-05T10:00:00Z,100,b")
    assert meters.book.query(billing.unbilled_now, 1).net == (Money(900, "EUR"),)


def _look(meters: Meters) -> int:
    return meters.book.run(alerts.look_at_alerts, progress=Progress()).value.reached


def test_a_paused_alert_is_silent_until_it_goes_on(meters: Meters) -> None:
    key = _save(meters, _usage(meters))
    assert not meters.book.run(alerts.pause_alert, key).value.is_active
    assert meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a").alerts == 0
    meters.book.run(alerts.pause_alert, key, paused=False)
    assert _look(meters) == 1


def test_what_a_deleted_alert_told_stays_and_the_alert_can_come_back(meters: Meters) -> None:
    key = _save(meters, _usage(meters))
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a")
    meters.book.run(alerts.delete_alert, key)
    assert (meters.book.query(alerts.list_alerts), len(_told(meters))) == ([], 1)
    assert meters.bring("S2,calls,2026-03-05T10:00:00Z,1000,b").alerts == 0
    assert meters.book.run(alerts.restore_alert, key).value.name == "Calls"
    assert _look(meters) == 1


def test_looking_again_tells_nothing_more(meters: Meters) -> None:
    meters.bring("S1,calls,2026-03-05T10:00:00Z,1000,a")
    _save(meters, _usage(meters))
    assert [_look(meters), _look(meters)] == [1, 0]


def test_looking_without_alerts_is_nothing(meters: Meters) -> None:
    assert _look(meters) == 0
