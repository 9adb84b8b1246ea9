"""Threshold alerts: made and changed by people, looked at when usage comes in and after a run.

Most are told once per period; one on unbilled usage drafts a bill each time it is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.alerts import Alert, AlertEvent, AlertKind, Level, check_alert, percent_of, reached
from billdesk.domain.invoices import Document
from billdesk.domain.usage import NO_USAGE, UsageWindow
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period, add_months
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.billing.computing import Desk
from billdesk.services.billing.offers import NO_OFFERS
from billdesk.services.billing.records import ThresholdBill
from billdesk.services.billing.running_usage import unbilled_level
from billdesk.services.billing.thresholds import bill_thresholds
from billdesk.services.billing.unbilled import Running, documents_due, open_running, settle_running
from billdesk.services.result import Result
from billdesk.storage import alerts as storage
from billdesk.storage import bulk, subscriptions
from billdesk.storage.alerts import AlertEventFilter, AlertEventRow, AlertRow
from billdesk.storage.database import Db

__all__ = [
    "Alert",
    "AlertEvent",
    "AlertEventFilter",
    "AlertEventRow",
    "AlertKind",
    "AlertRow",
    "Looked",
    "ThresholdBill",
    "check_alert",
    "count_alert_events",
    "delete_alert",
    "evaluate_alerts",
    "list_alert_events",
    "list_alerts",
    "load_alert",
    "look_at_alerts",
    "mark_alerts_seen",
    "pause_alert",
    "preview_bill",
    "restore_alert",
    "save_alert",
]

EVERYTHING: Final = AlertEventFilter()
_CHANGED: Final = frozenset({Noun.USAGE})
_BILLED: Final = frozenset({Noun.USAGE, Noun.BILLING, Noun.INVOICES, Noun.SUBSCRIPTIONS})
_CHUNK: Final = 250


@dataclass(frozen=True, slots=True)
class Looked:
    """How many thresholds were reached for the first time in their period, and what that drafted."""

    reached: int = 0
    bill: ThresholdBill | None = None


NOTHING_REACHED: Final = Looked()
_Found = list[tuple[Alert, Level]]


def save_alert(db: Db, record: Alert) -> Result[int]:
    """Add an alert (id 0) or replace one, and give its id; raises RowsRejected and StaleRecord."""
    problems = check_alert(record)
    if problems:
        raise RowsRejected(tuple(problems))
    alert_id = record.id
    if alert_id:
        storage.update_alert(db, record)
    else:
        alert_id = storage.insert_alert(db, record)
    details = {"name": record.name, "kind": record.kind.value, "threshold": f"{record.threshold:f}"}
    audit.record(db, command="save_alert", noun=Noun.USAGE, subject=str(alert_id), details=details)
    return Result(alert_id, _CHANGED)


def pause_alert(db: Db, alert_id: int, *, paused: bool = True) -> Result[Alert]:
    """Stop watching for a while, or go on; raises NotFound."""
    record = replace(storage.load_alert(db, alert_id), is_active=not paused)
    storage.update_alert(db, record)
    command = "pause_alert" if paused else "resume_alert"
    audit.record(db, command=command, noun=Noun.USAGE, subject=str(alert_id), details={"name": record.name})
    return Result(storage.load_alert(db, alert_id), _CHANGED)


def delete_alert(db: Db, alert_id: int) -> Result[None]:
    """Delete an alert; what it told stays in the list, and it can be restored. Raises NotFound."""
    name = storage.load_alert(db, alert_id).name
    storage.delete_alert(db, alert_id)
    audit.record(db, command="delete_alert", noun=Noun.USAGE, subject=str(alert_id), details={"name": name})
    return Result(None, _CHANGED)


def restore_alert(db: Db, alert_id: int) -> Result[Alert]:
    """Put a deleted alert back as it was; raises NotFound."""
    storage.restore_alert(db, alert_id)
    record = storage.load_alert(db, alert_id)
    audit.record(db, command="restore_alert", noun=Noun.USAGE, subject=str(alert_id), details={"name": record.name})
    return Result(record, _CHANGED)


def load_alert(db: Db, alert_id: int) -> Alert:
    """Give one alert; raises NotFound."""
    return storage.load_alert(db, alert_id)


def list_alerts(db: Db) -> list[AlertRow]:
    """Give all alerts by name."""
    return storage.list_alerts(db)


def list_alert_events(
    db: Db, wanted: AlertEventFilter = EVERYTHING, *, offset: int = 0, limit: int = 100
) -> list[AlertEventRow]:
    """Give reached alerts, newest first."""
    return storage.list_events(db, wanted, offset=offset, limit=limit)


def count_alert_events(db: Db, wanted: AlertEventFilter = EVERYTHING) -> int:
    """Count reached alerts."""
    return storage.count_events(db, wanted)


def mark_alerts_seen(db: Db, ids: Sequence[int] = ()) -> Result[int]:
    """Note that a person has seen events (all of them without ids); gives how many were new."""
    seen = storage.mark_seen(db, ids)
    if seen:
        audit.record(db, command="mark_alerts_seen", noun=Noun.USAGE, details={"events": seen})
    return Result(seen, _CHANGED if seen else frozenset())


def look_at_alerts(db: Db, *, progress: Progress) -> Result[Looked]:
    """Look at every contract that an alert watches, as after a billing run, and draft the bills that are reached.

    What was told before in the same period is not told again, so that looking twice tells nothing more.
    """
    known = storage.load_active(db)
    if not known:
        return Result(NOTHING_REACHED)
    ids = storage.contracts_in_reach(db, committed_only=all(alert.kind.is_percent for alert in known))
    looked = _look(db, ids, None, progress)
    if looked.reached or looked.bill:
        details = {"reached": looked.reached, "drafts": looked.bill.documents if looked.bill else 0}
        audit.record(db, command="look_at_alerts", noun=Noun.USAGE, details=details)
    return Result(looked, _BILLED if looked.bill else _CHANGED if looked.reached else frozenset())


def evaluate_alerts(
    db: Db, subscription_ids: Iterable[int], batch_id: int | None = None, *, progress: Progress | None = None
) -> Looked:
    """Look at contracts whose usage changed, note each alert reached, and draft the bills that are reached.

    Part of another command, which records the audit event and says what changed.
    """
    return _look(db, sorted(set(subscription_ids)), batch_id, progress or Progress())


def preview_bill(db: Db, subscription_ids: Iterable[int], *, progress: Progress) -> ThresholdBill | None:
    """Give what `evaluate_alerts` would draft, by drafting it in a transaction that is not kept."""
    if not any(alert.kind.bills for alert in storage.load_active(db)):
        return None
    bill = evaluate_alerts(db, subscription_ids, progress=progress).bill
    return None if bill is None else replace(bill, run_id=None)


def _look(db: Db, ids: Sequence[int], batch_id: int | None, progress: Progress) -> Looked:
    known = storage.load_active(db)
    owners = _in_scope(known, subscriptions.load_owners(db, ids)) if known else {}
    if not owners:
        return NOTHING_REACHED
    desk = open_running(db)
    found: _Found = []
    for done, chunk in enumerate(bulk.chunks(sorted(owners), _CHUNK)):
        progress.step(done * _CHUNK, len(owners))
        found += reached(known, _contract_levels(desk, chunk, known), db.today)
    found += reached(known, _wallet_levels(desk, owners, known), db.today)
    progress.step(len(owners), len(owners))
    due = {level.subscription_id for alert, level in found if alert.kind.bills and level.subscription_id}
    bill = bill_thresholds(db, due, batch_id=batch_id, progress=progress) if due else None
    if bill is None or bill.run_id is None:
        # What stands on a draft already, or cannot be billed, was not reached anew.
        found = [(alert, level) for alert, level in found if not alert.kind.bills]
    return Looked(_tell(db, found, batch_id), bill)


def _tell(db: Db, found: _Found, batch_id: int | None) -> int:
    """Note what was not told before in its period; gives how many."""
    before = storage.told(db, [level for _alert, level in found])
    fresh = [
        (alert, level)
        for alert, level in found
        if (alert.id, level.customer_id, level.subscription_id, level.period.start) not in before
    ]
    storage.insert_events(db, fresh, batch_id)
    return len(fresh)


def _in_scope(known: Iterable[Alert], owners: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    limits = [(alert.customer_id, alert.subscription_id) for alert in known]
    if (None, None) in limits:
        return dict(owners)
    people = {customer for customer, _contract in limits if customer}
    contracts = {contract for _customer, contract in limits if contract}
    return {key: who for key, who in owners.items() if key in contracts or people.intersection(who)}


def _contract_levels(desk: Desk, contract_ids: Sequence[int], known: Iterable[Alert]) -> Iterator[Level]:
    if all(alert.kind is AlertKind.WALLET for alert in known):
        return
    running = settle_running(desk, contract_ids)
    for key, record in running.batch.subscriptions.items():
        yield from _usage_levels(running, key)
        yield from _spend_levels(running, key)
        yield from _commitment_levels(running, key)
        yield unbilled_level(record, running.batch.settlements[key], desk.progressive, desk.as_of)


def _usage_levels(running: Running, key: int) -> Iterator[Level]:
    """Add up each metric per grid period; where several prices charge it, all of them count the same events."""
    record = running.batch.subscriptions[key]
    windows: dict[tuple[int, int, date], list[UsageWindow]] = {}
    for window in running.batch.windows[key]:
        windows.setdefault((window.metric_id, window.price_id, window.counted_from), []).append(window)
    highest: dict[tuple[int, date], Level] = {}
    for (metric_id, _price_id, start), group in windows.items():
        value = sum((running.batch.usage.get(window, NO_USAGE).quantity for window in group), Decimal(0))
        period = Period(start, max(window.period.end for window in group))
        before = highest.get((metric_id, start))
        if before is None or value > before.value:
            level = Level(AlertKind.USAGE, record.customer_id, key, period, value, metric_id=metric_id)
            highest[metric_id, start] = level
    yield from highest.values()


def _spend_levels(running: Running, key: int) -> Iterator[Level]:
    """Add up what usage costs per period: what is billed of it, and what is not."""
    record = running.batch.subscriptions[key]
    starts = {window.period.start: window.period.end for window in running.batch.windows[key]}
    prices = {window.price_id for window in running.batch.windows[key]}
    sums = dict.fromkeys(starts, 0)
    lines = [(one.price_id, one.period, one.amount.minor) for one in running.batch.settlements[key].lines]
    lines += [(one.price_id, one.period, one.amount) for one in running.billed[key]]
    for price_id, period, minor in lines:
        if price_id in prices and period.start in sums:
            sums[period.start] += minor
            starts[period.start] = max(starts[period.start], period.end)
    for start, minor in sums.items():
        amount = Money(minor, record.currency).major
        period = Period(start, starts[start])
        yield Level(AlertKind.SPEND, record.customer_id, key, period, amount, currency=record.currency)


def _commitment_levels(running: Running, key: int) -> Iterator[Level]:
    """Give how much of each committed amount is charged, running usage included."""
    owner = running.batch.subscriptions[key].customer_id
    for found in running.batch.settlements[key].commitments:
        value = percent_of(found.charged, found.committed)
        yield Level(AlertKind.COMMITMENT, owner, key, found.period, value)


def _wallet_levels(desk: Desk, owners: Mapping[int, tuple[int, int]], known: Iterable[Alert]) -> Iterator[Level]:
    """Give what is left in the wallets of payers once all that is unbilled is paid from them."""
    limits = {alert.customer_id for alert in known if alert.kind is AlertKind.WALLET}
    month = desk.as_of.replace(day=1)
    period = Period(month, add_months(month, 1))
    for payer in sorted({payer for _customer, payer in owners.values()}):
        if not limits & {None, payer}:
            continue
        running = settle_running(desk, subscriptions.ids_paid_by(desk.db, payer))
        offers = running.batch.offers.get(payer, NO_OFFERS)
        left = offers.after(_documents(desk, running, payer)) if offers.wallets else offers
        sums: dict[str, int] = {}
        for _entity_id, wallet in left.wallets:
            sums[wallet.balance.currency] = sums.get(wallet.balance.currency, 0) + wallet.balance.minor
        for currency, minor in sorted(sums.items()):
            value = Money(minor, currency).major
            yield Level(AlertKind.WALLET, payer, None, period, value, currency=currency)


def _documents(desk: Desk, running: Running, payer: int) -> Sequence[Document]:
    try:
        return documents_due(desk, running, payer)
    except RuleBroken:
        # Something keeps the invoice from being made, which the next run names; the wallet stays as it is.
        return ()
