"""Metrics between table and records."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from billdesk.domain.usage import Metric
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.storage.database import Db
from billdesk.storage.tables.catalog import price
from billdesk.storage.tables.usage import metric, usage_span

_FIELDS = tuple(field.name for field in fields(Metric) if field.name != "id")


def _record(row: Row[Any]) -> Metric:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["filters"] = {name: tuple(allowed) for name, allowed in row.filters.items()}
    return Metric(id=row.id, **values)


def _values(db: Db, record: Metric) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _FIELDS}
    values["filters"] = {name: list(allowed) for name, allowed in record.filters.items()}
    return values | {"names": dict(record.names), "changed_at": db.now, "changed_by": db.user}


def list_metrics(db: Db) -> list[Metric]:
    """Give all metrics by code."""
    return [_record(row) for row in db.connection.execute(select(metric).order_by(metric.c.code))]


def load(db: Db, metric_id: int) -> Metric:
    """Give one metric; raises NotFound."""
    row = db.connection.execute(select(metric).where(metric.c.id == metric_id)).one_or_none()
    if row is None:
        raise NotFound("usage", str(metric_id))
    return _record(row)


def insert_metric(db: Db, record: Metric) -> int:
    """Add a metric; gives its id."""
    statement = insert(metric).values(_values(db, record)).returning(metric.c.id)
    return int(db.connection.execute(statement).scalar_one())


def update_metric(db: Db, record: Metric) -> None:
    """Write a metric; raises StaleRecord when it was changed since it was read."""
    statement = update(metric).where(metric.c.id == record.id, metric.c.version == record.version)
    if db.connection.execute(statement.values(_values(db, record) | {"version": record.version + 1})).rowcount == 0:
        found = db.connection.execute(
            select(metric.c.changed_by, metric.c.changed_at).where(metric.c.id == record.id)
        ).one_or_none()
        if found is None:
            raise NotFound("usage", record.code)
        raise StaleRecord("usage", record.code, found.changed_by, found.changed_at.isoformat())


def delete_metric(db: Db, metric_id: int) -> None:
    """Delete a metric that nothing uses."""
    db.connection.execute(delete(metric).where(metric.c.id == metric_id))


def has_events(db: Db, metric_id: int) -> bool:
    """Tell whether events of a metric came in, so that its scale is frozen."""
    query = select(func.count()).select_from(usage_span).where(usage_span.c.metric_id == metric_id)
    return bool(db.connection.scalar(query))


def is_priced(db: Db, metric_id: int) -> bool:
    """Tell whether a price is charged by a metric."""
    return bool(db.connection.scalar(select(func.count()).select_from(price).where(price.c.metric_id == metric_id)))
