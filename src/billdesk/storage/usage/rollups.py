"""The daily rollup of usage, kept in the transaction that changes events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, delete, func, insert, literal, select, tuple_

from billdesk.domain.local_days import DAY_MICROS, day_number, local_day, numbered_day, offsets
from billdesk.kernel.period import Period
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import usage_event, usage_rollup
from billdesk.storage.usage import writing
from billdesk.storage.usage.batches import Span

BILLION: Final = 10**9
_KEY: Final = ("subscription_id", "metric_id", "day")
_SUMS: Final = ("events", "billions", "rest")


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Events of one local day; `scaled` is their sum in units of the metric's scale."""

    day: date
    events: int
    scaled: int


def add_days(db: Db, rows: Sequence[tuple[int, ...]]) -> None:
    """Add subscription, metric, day number, count and split sum to the rollup."""
    columns = (*_KEY, *_SUMS)
    writing.insert_rows(db, usage_rollup, columns, rows, on_conflict=writing.adding(_KEY, _SUMS, usage_rollup))


def zones(db: Db) -> list[ZoneInfo]:
    """Give the time zones of the book's entities, the first entity's first."""
    rows = db.connection.execute(select(entity.c.time_zone).order_by(entity.c.id))
    return [ZoneInfo(row.time_zone) for row in rows]


def zones_of(db: Db, subscription_ids: Iterable[int]) -> dict[int, ZoneInfo]:
    """Give the time zone of each subscription's entity."""
    names = {row.id: ZoneInfo(row.time_zone) for row in db.connection.execute(select(entity.c.id, entity.c.time_zone))}
    if len(set(names.values())) == 1:
        return dict.fromkeys(subscription_ids, next(iter(names.values())))
    query = select(subscription.c.id, subscription.c.entity_id)
    return {row.id: names[row.entity_id] for row in bulk.rows_in(db, query, subscription.c.id, subscription_ids)}


def rebuild(db: Db, spans: Sequence[Span]) -> None:
    """Count the days that the spans touch again from the events that are there."""
    zones = zones_of(db, {span.subscription_id for span in spans})
    by_zone: dict[ZoneInfo, list[Span]] = {}
    for span in spans:
        if span.subscription_id in zones:
            by_zone.setdefault(zones[span.subscription_id], []).append(span)
    for zone, group in by_zone.items():
        first, last = min(span.first for span in group), max(span.last for span in group)
        days = day_number(local_day(first, zone)), day_number(local_day(last, zone))
        for keys in bulk.chunks({(span.subscription_id, span.metric_id) for span in group}):
            _rebuild_days(db, keys, days, local_day_number(first, last, zone))


def local_day_number(first: int, last: int, zone: ZoneInfo) -> ColumnElement[int]:
    """Write the local day of an event between two instants; they are widened to whole days."""
    changes = offsets(first - 2 * DAY_MICROS, last + 2 * DAY_MICROS, zone)
    instant = usage_event.c.instant
    shift: ColumnElement[int] = literal(changes[-1][1])
    if len(changes) > 1:
        shift = case(*((instant < until, literal(offset)) for until, offset in changes[:-1]), else_=changes[-1][1])
    return (instant + shift) // DAY_MICROS


def _rebuild_days(db: Db, keys: Sequence[tuple[int, int]], days: tuple[int, int], day: ColumnElement[int]) -> None:
    rollup, event = usage_rollup.c, usage_event.c
    inside = tuple_(rollup.subscription_id, rollup.metric_id).in_(keys)
    db.connection.execute(delete(usage_rollup).where(inside, rollup.day.between(*days)))
    query = (
        select(
            event.subscription_id,
            event.metric_id,
            day.label("day"),
            func.count(),
            func.sum(event.quantity // BILLION),
            func.sum(event.quantity % BILLION),
        )
        .where(tuple_(event.subscription_id, event.metric_id).in_(keys))
        .where(event.instant >= (days[0] - 1) * DAY_MICROS, event.instant < (days[1] + 2) * DAY_MICROS)
        .where(day.between(*days))
        .group_by(event.subscription_id, event.metric_id, "day")
    )
    db.connection.execute(insert(usage_rollup).from_select([*_KEY, *_SUMS], query))


def daily(db: Db, subscription_id: int, metric_id: int, period: Period) -> list[DayTotal]:
    """Give the days of a period that have events."""
    c = usage_rollup.c
    query = select(c.day, c.events, c.billions, c.rest).where(
        c.subscription_id == subscription_id,
        c.metric_id == metric_id,
        c.day >= day_number(period.start),
        c.day < day_number(period.end),
    )
    rows = db.connection.execute(query.order_by(c.day))
    return [DayTotal(numbered_day(row.day), row.events, row.billions * BILLION + row.rest) for row in rows]


def metric_total(db: Db, metric_id: int, period: Period) -> int:
    """Add up a metric over all contracts; the sum is in units of its scale."""
    c = usage_rollup.c
    first, end = day_number(period.start), day_number(period.end)
    query = select(func.sum(c.billions), func.sum(c.rest)).where(c.metric_id == metric_id, c.day >= first, c.day < end)
    billions, rest = db.connection.execute(query).one()
    return int(billions or 0) * BILLION + int(rest or 0)
