"""Alerts and their events between tables and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Text, cast, func, insert, or_, select, update

from billdesk.domain.alerts import Alert, AlertEvent, Level
from billdesk.domain.subscriptions import SubscriptionState
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.kernel.period import Period
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.alerts import alert, alert_event
from billdesk.storage.tables.catalog import plan_version
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.subscriptions import subscription, subscription_entry
from billdesk.storage.tables.usage import metric

_FIELDS: Final = tuple(Alert.__dataclass_fields__)
_MET: Final = (
    "alert_id customer_id subscription_id period_start period_end level raised_at batch_id seen_at seen_by"
).split()


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with the names of what it watches, the unit of its threshold, and how often it was reached."""

    alert: Alert
    metric_name: str
    unit: str
    customer_name: str
    contract: str
    events: int


@dataclass(frozen=True, slots=True)
class AlertEventRow:
    """A reached alert as lists show it; `unit` is a metric's unit, a currency, or % of what was committed."""

    event: AlertEvent
    alert: Alert
    metric_name: str
    unit: str
    customer_name: str
    contract: str


@dataclass(frozen=True, slots=True)
class AlertEventFilter:
    """Which reached alerts; an empty field does not limit."""

    only_unseen: bool = False
    customer_id: int | None = None
    batch_id: int | None = None


def insert_alert(db: Db, record: Alert) -> int:
    """Add an alert and give its id."""
    values = _values(db, record)
    return int(db.connection.execute(insert(alert).values(values).returning(alert.c.id)).scalar_one())


def update_alert(db: Db, record: Alert) -> None:
    """Replace an alert; raises StaleRecord."""
    values = _values(db, record) | {"version": record.version + 1}
    query = update(alert).where(alert.c.id == record.id, alert.c.version == record.version).values(values)
    if not db.connection.execute(query).rowcount:
        row = db.connection.execute(select(alert).where(alert.c.id == record.id)).one_or_none()
        if row is None:
            raise NotFound("usage", str(record.id))
        raise StaleRecord("usage", str(record.id), row.changed_by, row.changed_at.isoformat())


def _values(db: Db, record: Alert) -> dict[str, object]:
    values = {name: value for name, value in asdict(record).items() if name != "id"}
    return values | {"changed_at": db.now, "changed_by": db.user}


def delete_alert(db: Db, alert_id: int) -> None:
    """Take an alert out of the lists; what it told stays. Raises NotFound."""
    _write_deletion(db, alert_id, db.now)


def restore_alert(db: Db, alert_id: int) -> None:
    """Put a deleted alert back; raises NotFound."""
    _write_deletion(db, alert_id, None)


def _write_deletion(db: Db, alert_id: int, moment: datetime | None) -> None:
    is_there = alert.c.deleted_at.is_not(None) if moment is None else alert.c.deleted_at.is_(None)
    change = update(alert).where(alert.c.id == alert_id, is_there)
    values = {"deleted_at": moment, "changed_at": db.now, "changed_by": db.user, "version": alert.c.version + 1}
    if not db.connection.execute(change.values(values)).rowcount:
        raise NotFound("usage", str(alert_id))


def load_alert(db: Db, alert_id: int) -> Alert:
    """Give an alert that was not deleted; raises NotFound."""
    row = db.connection.execute(select(alert).where(alert.c.id == alert_id, alert.c.deleted_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound("usage", str(alert_id))
    return _alert(row._mapping)


def load_active(db: Db) -> list[Alert]:
    """Give the alerts that are watched."""
    watched = select(alert).where(alert.c.is_active, alert.c.deleted_at.is_(None))
    return [_alert(row._mapping) for row in db.connection.execute(watched.order_by(alert.c.id))]


def contracts_in_reach(db: Db, *, committed_only: bool) -> list[int]:
    """Give the contracts that could reach an alert: all that have not ended, or only those with a commitment."""
    query = select(subscription.c.id).where(subscription.c.state != SubscriptionState.ENDED)
    if committed_only:
        entry, version = subscription_entry, plan_version
        # By the plan, or agreed in a term of the contract.
        committed = (
            select(entry.c.subscription_id)
            .outerjoin(version, version.c.id == entry.c.plan_version_id)
            .where(or_(cast(version.c.commitment, Text) != "null", cast(entry.c.term, Text) != "null"))
        )
        query = query.where(subscription.c.id.in_(committed))
    return list(db.connection.execute(query.order_by(subscription.c.id)).scalars())


def _alert(values: Any, prefix: str = "") -> Alert:  # noqa: ANN401 - a row's mapping
    return Alert(**{name: values[f"{prefix}{name}"] for name in _FIELDS})


def list_alerts(db: Db) -> list[AlertRow]:
    """Give all alerts by name."""
    events = select(func.count()).where(alert_event.c.alert_id == alert.c.id).scalar_subquery()
    query = (
        select(
            alert,
            func.coalesce(metric.c.name, "").label("metric_name"),
            func.coalesce(metric.c.unit, alert.c.currency).label("unit"),
            func.coalesce(customer.c.name, "").label("customer_name"),
            func.coalesce(subscription.c.number, "").label("contract"),
            events.label("events"),
        )
        .outerjoin(metric, metric.c.id == alert.c.metric_id)
        .outerjoin(customer, customer.c.id == alert.c.customer_id)
        .outerjoin(subscription, subscription.c.id == alert.c.subscription_id)
        .where(alert.c.deleted_at.is_(None))
        .order_by(alert.c.name, alert.c.id)
    )
    return [_alert_row(row) for row in db.connection.execute(query)]


def _alert_row(row: Row[Any]) -> AlertRow:
    known = _alert(row._mapping)
    unit = _unit(known, row.unit)
    return AlertRow(known, row.metric_name, unit, row.customer_name, row.contract, row.events)


def _unit(known: Alert, unit: str) -> str:
    return "%" if known.kind.is_percent else unit


def told(db: Db, levels: Iterable[Level]) -> set[tuple[int, int, int | None, date]]:
    """Give what was told before of the customers of these levels: alert, customer, contract, start of the period."""
    columns = alert_event.c
    query = select(columns.alert_id, columns.customer_id, columns.subscription_id, columns.period_start)
    rows = bulk.rows_in(db, query, columns.customer_id, {level.customer_id for level in levels})
    return {(row.alert_id, row.customer_id, row.subscription_id, row.period_start) for row in rows}


def insert_events(db: Db, found: Sequence[tuple[Alert, Level]], batch_id: int | None) -> None:
    """Note that alerts were reached."""
    rows = [
        {
            "alert_id": one.id,
            "customer_id": level.customer_id,
            "subscription_id": level.subscription_id,
            "period_start": level.period.start,
            "period_end": level.period.end,
            "level": level.value,
            "raised_at": db.now,
            "batch_id": batch_id,
            "seen_at": None,
            "seen_by": "",
        }
        for one, level in found
    ]
    bulk.insert_rows(db, alert_event, rows)


def list_events(db: Db, wanted: AlertEventFilter, *, offset: int, limit: int) -> list[AlertEventRow]:
    """Give reached alerts, newest first."""
    query = _event_query().where(*_conditions(wanted))
    query = query.order_by(alert_event.c.id.desc()).offset(offset).limit(limit)
    return [_event_row(row) for row in db.connection.execute(query)]


def count_events(db: Db, wanted: AlertEventFilter) -> int:
    """Count reached alerts."""
    query = select(func.count()).select_from(alert_event).where(*_conditions(wanted))
    return int(db.connection.execute(query).scalar_one())


def mark_seen(db: Db, ids: Sequence[int]) -> int:
    """Note that a person has seen events, without ids all of them; gives how many were new."""
    query = update(alert_event).where(alert_event.c.seen_at.is_(None)).values(seen_at=db.now, seen_by=db.user)
    parts = [query.where(alert_event.c.id.in_(chunk)) for chunk in bulk.chunks(ids)] if ids else [query]
    return sum(int(db.connection.execute(part).rowcount) for part in parts)


def _conditions(wanted: AlertEventFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.only_unseen:
        yield alert_event.c.seen_at.is_(None)
    if wanted.customer_id is not None:
        yield alert_event.c.customer_id == wanted.customer_id
    if wanted.batch_id is not None:
        yield alert_event.c.batch_id == wanted.batch_id


def _event_query() -> Select[Any]:
    return (
        select(
            alert_event.c.id,
            *(alert_event.c[name].label(f"event_{name}") for name in _MET),
            *(alert.c[name].label(f"alert_{name}") for name in _FIELDS),
            func.coalesce(metric.c.name, "").label("metric_name"),
            func.coalesce(metric.c.unit, alert.c.currency).label("unit"),
            customer.c.name.label("customer_name"),
            func.coalesce(subscription.c.number, "").label("contract"),
        )
        .join(alert, alert.c.id == alert_event.c.alert_id)
        .join(customer, customer.c.id == alert_event.c.customer_id)
        .outerjoin(metric, metric.c.id == alert.c.metric_id)
        .outerjoin(subscription, subscription.c.id == alert_event.c.subscription_id)
    )


def _event_row(row: Row[Any]) -> AlertEventRow:
    event = AlertEvent(
        row.id,
        row.event_alert_id,
        row.event_customer_id,
        row.event_subscription_id,
        Period(row.event_period_start, row.event_period_end),
        row.event_level,
        row.event_raised_at,
        row.event_batch_id,
        row.event_seen_at,
        row.event_seen_by,
    )
    known = _alert(row._mapping, "alert_")
    unit = _unit(known, row.unit)
    return AlertEventRow(event, known, row.metric_name, unit, row.customer_name, row.contract)
