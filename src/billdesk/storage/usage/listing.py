"""Meters and events as screens list them, and the way from an invoice line to its events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, and_, func, null, or_, select, union_all

from billdesk.domain.local_days import day_start
from billdesk.domain.usage import UsageWindow
from billdesk.kernel.decimals import from_scaled, round_exact
from billdesk.kernel.errors import NotFound
from billdesk.kernel.period import Period
from billdesk.storage.database import Db
from billdesk.storage.search import contains
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.imports import import_batch
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import metric, usage_event, usage_event_removed, usage_span
from billdesk.storage.types import from_micros
from billdesk.storage.usage import metrics, rollups, series
from billdesk.storage.usage.totals import usage_totals


@dataclass(frozen=True, slots=True)
class MeterFilter:
    """Which meters; `text` is found in contract and customer."""

    text: str = ""
    metric_id: int | None = None
    customer_id: int | None = None
    subscription_id: int | None = None


class MeterSort(StrEnum):
    """What meters can be ordered by."""

    CUSTOMER = "customer"
    CONTRACT = "contract"
    METRIC = "metric"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A metric of a contract: the running period, the one before, and the latest event.

    `same_days` is what the period before had after as many days as the running one has now.
    """

    subscription_id: int
    contract: str
    customer_id: int
    customer: str
    metric_id: int
    code: str
    name: str
    unit: str
    current: Decimal
    previous: Decimal
    last_instant: datetime
    same_days: Decimal = Decimal(0)

    @property
    def change(self) -> int | None:
        """Give how much more or less that is in percent, None where nothing was used before."""
        return change_percent(self.current, self.same_days)


def change_percent(now: Decimal, before: Decimal) -> int | None:
    """Give how much more or less a quantity is than one before, in percent; None where that was nothing."""
    return None if before <= 0 else round_exact(Fraction(now - before) * 100 / Fraction(before))


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods that meters are compared over."""

    current: Period
    previous: Period
    same_days: Period


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Events of one contract and metric on local days from `first` to `last`, both included; None is open."""

    subscription_id: int
    metric_id: int
    first: date | None = None
    last: date | None = None


class EventState(StrEnum):
    """Whether an event counts, and if it came after the invoice line it is shown for."""

    COUNTED = "counted"
    LATE = "late"
    REPLACED = "replaced"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with the file and row it came from."""

    subscription_id: int
    metric_id: int
    instant: datetime
    quantity: Decimal
    properties: tuple[tuple[str, str], ...]
    file_name: str
    row: int
    batch_id: int
    state: EventState


@dataclass(frozen=True, slots=True)
class LineEvents:
    """The events behind an invoice line: how many there are, and some of them."""

    total: int
    rows: tuple[EventRow, ...]


def _meters(wanted: MeterFilter) -> Subquery:
    span = usage_span.c
    keys = select(span.subscription_id, span.metric_id, func.max(span.last_instant).label("last")).group_by(
        span.subscription_id, span.metric_id
    )
    if wanted.metric_id is not None:
        keys = keys.where(span.metric_id == wanted.metric_id)
    if wanted.subscription_id is not None:
        keys = keys.where(span.subscription_id == wanted.subscription_id)
    return keys.subquery("meter")


def _filtered(wanted: MeterFilter, meter: Subquery, *columns: Any) -> Select[Any]:  # noqa: ANN401 - SQLAlchemy's own
    query = (
        select(*columns)
        .select_from(meter)
        .join(subscription, subscription.c.id == meter.c.subscription_id)
        .join(customer, customer.c.id == subscription.c.customer_id)
        .join(metric, metric.c.id == meter.c.metric_id)
    )
    if wanted.customer_id is not None:
        query = query.where(subscription.c.customer_id == wanted.customer_id)
    if wanted.text:
        query = query.where(
            or_(contains(subscription.c.search_text, wanted.text), contains(customer.c.search_text, wanted.text))
        )
    return query


def count_meters(db: Db, wanted: MeterFilter) -> int:
    """Count the meters that `list_meters` would give."""
    return int(db.connection.execute(_filtered(wanted, _meters(wanted), func.count())).scalar_one())


@dataclass(frozen=True, slots=True)
class MeterPage:
    """Which part of the meters, in which order."""

    sort: MeterSort = MeterSort.CUSTOMER
    descending: bool = False
    offset: int = 0
    limit: int = 100


def list_meters(db: Db, wanted: MeterFilter, page: MeterPage, periods: Periods) -> list[MeterRow]:
    """Give a page of meters, each with its totals of these periods as billing would count them."""
    meter = _meters(wanted)
    order: dict[MeterSort, tuple[ColumnElement[Any], ...]] = {
        MeterSort.CUSTOMER: (customer.c.sort_name, subscription.c.number, metric.c.code),
        MeterSort.CONTRACT: (subscription.c.number, metric.c.code),
        MeterSort.METRIC: (metric.c.code, subscription.c.number),
        MeterSort.LAST: (meter.c.last, subscription.c.number, metric.c.code),
    }
    keys = [column.desc() if page.descending else column for column in order[page.sort]]
    names = (customer.c.name.label("customer"), subscription.c.number, metric.c.code, metric.c.name, metric.c.unit)
    query = _filtered(wanted, meter, meter, subscription.c.customer_id, *names)
    rows = db.connection.execute(query.order_by(*keys).offset(page.offset).limit(page.limit)).all()
    windows = [
        [
            UsageWindow(row.subscription_id, row.metric_id, 0, period, period.start)
            for period in (periods.current, periods.previous, periods.same_days)
        ]
        for row in rows
    ]
    totals = usage_totals(db, (window for pair in windows for window in pair))
    return [
        MeterRow(
            subscription_id=row.subscription_id,
            contract=row.number,
            customer_id=row.customer_id,
            customer=row.customer,
            metric_id=row.metric_id,
            code=row.code,
            name=row.name,
            unit=row.unit,
            current=totals[now].quantity,
            previous=totals[before].quantity,
            last_instant=from_micros(row.last),
            same_days=totals[same].quantity,
        )
        for row, (now, before, same) in zip(rows, windows, strict=True)
    ]


def _bounds(db: Db, wanted: EventFilter) -> tuple[int | None, int | None]:
    zone = rollups.zones_of(db, [wanted.subscription_id]).get(wanted.subscription_id)
    if zone is None:
        raise NotFound("subscriptions", str(wanted.subscription_id))
    start = None if wanted.first is None else day_start(wanted.first, zone)
    end = None if wanted.last is None else day_start(wanted.last + timedelta(days=1), zone)
    return start, end


_SHOWN: Final = ("instant", "key_hash", "series", "quantity", "batch_id", "row")


def _inside(table: Any, wanted: EventFilter, bounds: tuple[int | None, int | None]) -> ColumnElement[bool]:  # noqa: ANN401
    c = table.c
    parts = [c.subscription_id == wanted.subscription_id, c.metric_id == wanted.metric_id]
    start, end = bounds
    if start is not None:
        parts.append(c.instant >= start)
    if end is not None:
        parts.append(c.instant < end)
    return and_(*parts)


def _events(db: Db, wanted: EventFilter, *, removed: bool) -> Subquery:
    """Give the events of a filter, with those taken away where they matter."""
    bounds = _bounds(db, wanted)
    columns = [usage_event.c[name] for name in _SHOWN]
    queries = [
        select(*columns, null().cast(BigInteger).label("removed_by")).where(_inside(usage_event, wanted, bounds))
    ]
    if removed:
        gone = [usage_event_removed.c[name] for name in (*_SHOWN, "removed_by")]
        queries.append(select(*gone).where(_inside(usage_event_removed, wanted, bounds)))
    return union_all(*queries).subquery("event")


def count_events(db: Db, wanted: EventFilter) -> int:
    """Count the events that `list_events` would give."""
    bounds = _bounds(db, wanted)
    query = select(func.count()).select_from(usage_event).where(_inside(usage_event, wanted, bounds))
    return int(db.connection.execute(query).scalar_one())


def list_events(db: Db, wanted: EventFilter, *, offset: int, limit: int) -> list[EventRow]:
    """Give the events that count, in order of time."""
    return _page(db, wanted, _events(db, wanted, removed=False), offset=offset, limit=limit)


def _page(db: Db, wanted: EventFilter, event: Subquery, *, offset: int, limit: int) -> list[EventRow]:
    query = (
        select(event, import_batch.c.file_name)
        .join(import_batch, import_batch.c.id == event.c.batch_id)
        .order_by(event.c.instant, event.c.key_hash)
    )
    rows = db.connection.execute(query.offset(offset).limit(limit)).all()
    places = metrics.load(db, wanted.metric_id).decimals
    carried = series.load_properties(db, [(wanted.subscription_id, wanted.metric_id)])
    return [
        EventRow(
            *(wanted.subscription_id, wanted.metric_id, from_micros(row.instant), from_scaled(row.quantity, places)),
            tuple(carried.get((wanted.subscription_id, wanted.metric_id, row.series), {}).items()),
            *(row.file_name, row.row, row.batch_id, _state(row)),
        )
        for row in rows
    ]


def _state(row: Any) -> EventState:  # noqa: ANN401 - a row of the query above
    if row.removed_by is None:
        return EventState.COUNTED
    return EventState.UNDONE if row.removed_by == row.batch_id else EventState.REPLACED


def events_of_line(db: Db, line_id: int, *, offset: int, limit: int) -> LineEvents:
    """Give the events of an invoice line's days, those that came or went after it was issued marked as such."""
    line = document_line.c
    query = select(line.subscription_id, line.metric_id, line.period_start, line.period_end, document.c.issued_at)
    found = db.connection.execute(query.join(document, document.c.id == line.document_id).where(line.id == line_id))
    row = found.one_or_none()
    if row is None:
        raise NotFound("invoices", str(line_id))
    if row.metric_id is None or row.subscription_id is None:
        return LineEvents(0, ())
    wanted = EventFilter(row.subscription_id, row.metric_id, row.period_start, row.period_end - timedelta(days=1))
    event = _events(db, wanted, removed=True)
    total = int(db.connection.execute(select(func.count()).select_from(event)).scalar_one())
    shown = _page(db, wanted, event, offset=offset, limit=limit)
    late = _late_batches(db, row.issued_at) if row.issued_at is not None else set()
    marked = (replace(one, state=EventState.LATE) if _is_late(one, late) else one for one in shown)
    return LineEvents(total, tuple(marked))


def _is_late(one: EventRow, late: set[int]) -> bool:
    return one.batch_id in late and one.state is EventState.COUNTED


def _late_batches(db: Db, issued_at: datetime) -> set[int]:
    query = select(import_batch.c.id).where(import_batch.c.imported_at > issued_at)
    return set(db.connection.scalars(query))
