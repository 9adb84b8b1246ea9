"""What was measured in thousands of windows, in one query per kind of metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal, InvalidOperation
from enum import Enum
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Column, Integer, MetaData, Select, Table, and_, delete, func, literal, select
from sqlalchemy.exc import DBAPIError

from billdesk.domain.aggregations import EXACT, Reading, event_fees, highest, percentile, rounded, weighted_sum
from billdesk.domain.local_days import bounds, day_start
from billdesk.domain.usage import NO_USAGE, Aggregation, Metric, RoundingMode, UsageTotal, UsageWindow
from billdesk.kernel.collector import patient_collector
from billdesk.kernel.decimals import from_scaled, from_text
from billdesk.kernel.errors import BugError
from billdesk.storage.database import Db
from billdesk.storage.tables.usage import usage_event
from billdesk.storage.types import Id
from billdesk.storage.usage import metrics, rollups, series, writing
from billdesk.storage.usage.rollups import BILLION

_window = Table(
    "usage_window",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("subscription_id", Id, nullable=False),
    Column("metric_id", Id, nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)
_COLUMNS: Final = ("id", "subscription_id", "metric_id", "start", "end")

_BY_EVENT: Final = frozenset({Aggregation.LATEST, Aggregation.WEIGHTED_SUM, Aggregation.PERCENTILE})
_SINCE_EVER: Final = 0
"""Where a recurring metric is read from; there is no usage before 1970."""

_Properties = Mapping[tuple[int, int, int], Mapping[str, str]]


class _Asked(NamedTuple):
    """A window with its metric and its instants; events are read from `since`, a level is averaged over `whole`."""

    subscription_id: int
    metric_id: int
    since: int
    end: int
    start: int
    number: int
    window: UsageWindow
    metric: Metric
    whole: int


class _Kind(Enum):
    """How closely the events of a window must be looked at."""

    PLAIN = "plain"
    BY_SERIES = "by series"
    BY_EVENT = "by event"


def _kind_of(metric: Metric) -> _Kind:
    """Give how closely a metric itself is looked at."""
    level = metric.recurring and metric.aggregation is Aggregation.MAX
    if metric.aggregation in _BY_EVENT or level:
        return _Kind.BY_EVENT
    return _Kind.BY_SERIES if metric.filters or metric.aggregation is Aggregation.COUNT_UNIQUE else _Kind.PLAIN


def _kind(window: UsageWindow, kind: _Kind) -> _Kind:
    """Give how closely a window of a metric of some kind is looked at."""
    if window.fee is not None:
        return _Kind.BY_EVENT
    return _Kind.BY_SERIES if kind is _Kind.PLAIN and (window.dimensions or window.amount_property) else kind


@dataclass(frozen=True, slots=True)
class _Group:
    """Events of one window, or of one series in it."""

    series: int
    events: int
    scaled: int
    highest: int


@patient_collector()
def usage_totals(db: Db, windows: Iterable[UsageWindow]) -> dict[UsageWindow, UsageTotal]:
    """Give what was measured in each window; one in which nothing happened has `NO_USAGE`."""
    wanted = list(windows)
    totals = [NO_USAGE] * len(wanted)
    for kind, asked in _ask(db, wanted).items():
        if not asked:
            continue
        asked.sort(key=itemgetter(0, 1, 2, 3))
        for number, total in _MEASURE[kind](db, asked):
            totals[number] = total
    return dict(zip(wanted, totals, strict=True))


def _ask(db: Db, windows: Collection[UsageWindow]) -> dict[_Kind, list[_Asked]]:
    known = {metric.id: metric for metric in metrics.list_metrics(db)}
    zones = rollups.zones_of(db, {window.subscription_id for window in windows})
    instants: dict[tuple[date, date, int], tuple[int, int]] = {}
    asked: dict[_Kind, list[_Asked]] = {kind: [] for kind in _Kind}
    kinds = {key: _kind_of(metric) for key, metric in known.items()}
    for number, window in enumerate(windows):
        metric, zone, kind = known[window.metric_id], zones[window.subscription_id], kinds[window.metric_id]
        period = window.period
        key = (period.start, period.end, id(zone))
        found = instants.get(key)
        if found is None:
            found = instants[key] = bounds(period, zone)
        start, end = found
        since = start
        if metric.recurring:
            since = _SINCE_EVER
        elif window.fee is not None:
            since = min(start, day_start(window.counted_from, zone))
        whole = end - start if window.counted_until is None else _whole(window.counted_from, window.counted_until, zone)
        ids = (window.subscription_id, window.metric_id)
        asked[_kind(window, kind)].append(_Asked(*ids, since, end, start, number, window, metric, whole))
    return asked


def _whole(first: date, until: date, zone: tzinfo) -> int:
    return day_start(until, zone) - day_start(first, zone)


def _load(db: Db, asked: Sequence[_Asked]) -> None:
    """Write the windows beside the events; a join is as fast as one GROUP BY over the table."""
    _window.create(db.connection, checkfirst=True)
    db.connection.execute(delete(_window))
    rows = [(number, *one[:4]) for number, one in enumerate(asked)]
    writing.insert_rows(db, _window, _COLUMNS, rows)


def _joined(*columns: Any) -> Select[Any]:  # noqa: ANN401 - SQLAlchemy's own type of columns
    w, e = _window.c, usage_event.c
    same = and_(e.subscription_id == w.subscription_id, e.metric_id == w.metric_id)
    return select(w.id, *columns).join_from(_window, usage_event, and_(same, e.instant >= w.start, e.instant < w.end))


_QUANTITY: Final = usage_event.c.quantity
_SUMS: Final = (func.count(), func.sum(_QUANTITY // BILLION), func.sum(_QUANTITY % BILLION))
_HIGHEST: Final = func.max(_QUANTITY)
_OVERFLOW: Final = "integer overflow"


_Carrying = tuple[Reading, Mapping[str, str]]

_Totals = Iterator[tuple[int, UsageTotal]]
"""Totals by the number of their window."""


def _plain(db: Db, asked: Sequence[_Asked]) -> _Totals:
    _load(db, asked)
    measured = {one.metric_id: one.metric for one in asked}
    finish = {key: _finish(metric) for key, metric in measured.items()}
    highest = any(metric.aggregation is Aggregation.MAX for metric in measured.values())
    for position, events, scaled, most in _summed(db, _HIGHEST if highest else literal(0)):
        one = asked[position]
        yield one.number, UsageTotal(finish[one.metric_id](events, scaled, most), events)


def _summed(db: Db, highest: Any) -> Iterator[tuple[int, int, int, int]]:  # noqa: ANN401 - an SQL expression
    """Give window, count, sum and highest.

    One sum takes two thirds of the time of two halves. SQLite refuses one beyond 64 bits, and then halves are added
    up; PostgreSQL adds without bounds.
    """
    query = _joined(func.count(), func.sum(_QUANTITY), highest).group_by(_window.c.id)
    try:
        rows = db.connection.execute(query).all()
    except DBAPIError as error:
        if _OVERFLOW not in str(error.orig):
            raise
    else:
        return ((position, events, int(scaled), most) for position, events, scaled, most in rows)
    halves = db.connection.execute(_joined(*_SUMS, highest).group_by(_window.c.id)).all()
    return (
        (position, events, int(billions) * BILLION + int(rest), most)
        for position, events, billions, rest, most in halves
    )


def _finish(metric: Metric) -> Callable[[int, int, int], Decimal]:
    """Give how count, sum and highest of a metric become its quantity."""
    places = -metric.decimals
    unrounded: Callable[[int, int, int], Decimal]
    if metric.aggregation is Aggregation.COUNT:
        unrounded = lambda events, _scaled, _most: Decimal(events)  # noqa: E731 - three short ways to one signature
    elif metric.aggregation is Aggregation.MAX:
        unrounded = lambda _events, _scaled, most: Decimal(most).scaleb(places, EXACT)  # noqa: E731
    else:
        unrounded = lambda _events, scaled, _most: Decimal(scaled).scaleb(places, EXACT)  # noqa: E731
    if metric.rounding is RoundingMode.NONE:
        return unrounded
    return lambda events, scaled, most: rounded(unrounded(events, scaled, most), metric)


def _properties_of(db: Db, asked: Sequence[_Asked]) -> _Properties:
    return series.load_properties(db, {(one.subscription_id, one.metric_id) for one in asked})


_NONE: Final[Mapping[str, str]] = {}


def _carried(one: _Asked, number: int, properties: _Properties) -> Mapping[str, str]:
    return properties.get((one.subscription_id, one.metric_id, number), _NONE)


def _counts(metric: Metric, carried: Mapping[str, str]) -> bool:
    return all(carried.get(name, "") in allowed for name, allowed in metric.filters.items())


def _by_series(db: Db, asked: Sequence[_Asked]) -> _Totals:
    properties = _properties_of(db, asked)
    _load(db, asked)
    query = _joined(usage_event.c.series, *_SUMS, _HIGHEST).group_by(_window.c.id, usage_event.c.series)
    groups: defaultdict[int, list[_Group]] = defaultdict(list)
    for position, key, events, billions, rest, most in db.connection.execute(query):
        if _counts(asked[position].metric, _carried(asked[position], key, properties)):
            groups[position].append(_Group(key, events, int(billions) * BILLION + int(rest), most))
    for position, parts in groups.items():
        yield asked[position].number, _series_total(asked[position], parts, properties)


def _series_total(one: _Asked, groups: Sequence[_Group], properties: _Properties) -> UsageTotal:
    cells: defaultdict[tuple[str, ...], list[_Group]] = defaultdict(list)
    amount = Decimal(0)
    for group in groups:
        carried = _carried(one, group.series, properties)
        cells[tuple(carried.get(name, "") for name in one.window.dimensions)].append(group)
        if one.window.amount_property:
            amount += group.events * _carried_amount(carried, one.window.amount_property)
    quantities = ((key, _of_groups(one, parts, properties)) for key, parts in sorted(cells.items()))
    return UsageTotal(
        _of_groups(one, groups, properties),
        sum(group.events for group in groups),
        cells=tuple(quantities) if one.window.dimensions else (),
        amount=amount,
    )


def _of_groups(one: _Asked, groups: Sequence[_Group], properties: _Properties) -> Decimal:
    if one.metric.aggregation is Aggregation.COUNT_UNIQUE:
        return rounded(Decimal(_unique(one, groups, properties)), one.metric)
    events, scaled = sum(group.events for group in groups), sum(group.scaled for group in groups)
    return _finish(one.metric)(events, scaled, max(group.highest for group in groups))


def _unique(one: _Asked, groups: Sequence[_Group], properties: _Properties) -> int:
    """Count values; those of a recurring metric stay until events with negative quantities take them away."""
    standing: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        value = _carried(one, group.series, properties).get(one.metric.unique_property, "")
        standing[value] += group.scaled if one.metric.recurring else 1
    standing.pop("", None)
    return sum(level > 0 for level in standing.values())


class AmountUnreadable(BugError):
    """An event carries an amount that is not a decimal; imports refuse these."""


def _carried_amount(carried: Mapping[str, str], name: str) -> Decimal:
    try:
        return from_text(carried.get(name) or "0")
    except (ValueError, InvalidOperation) as error:
        raise AmountUnreadable(name) from error


def _by_event(db: Db, asked: Sequence[_Asked]) -> _Totals:
    properties = _properties_of(db, asked)
    _load(db, asked)
    e = usage_event.c
    query = _joined(e.instant, e.quantity, e.series).order_by(_window.c.id, e.instant, e.key_hash)
    readings: defaultdict[int, list[_Carrying]] = defaultdict(list)
    for position, instant, scaled, key in db.connection.execute(query):
        carried = _carried(asked[position], key, properties)
        if _counts(asked[position].metric, carried):
            readings[position].append((Reading(instant, scaled), carried))
    for position, found in readings.items():
        yield asked[position].number, _event_total(asked[position], found)


def _event_total(one: _Asked, found: Sequence[_Carrying]) -> UsageTotal:
    """Aggregate all events, and those of each cell by themselves."""
    readings = [reading for reading, _carried_ in found]
    inside = sum(reading.instant >= one.start for reading in readings)
    names = one.window.dimensions
    cells: defaultdict[tuple[str, ...], list[Reading]] = defaultdict(list)
    for reading, carried in found if names else ():
        cells[tuple(carried.get(name, "") for name in names)].append(reading)
    fees = amount = Decimal(0)
    if one.window.fee is not None:
        fees = event_fees(readings, one.start, one.window.fee, one.metric)
    if one.window.amount_property:
        amount = sum(
            (_carried_amount(carried, one.window.amount_property) for r, carried in found if r.instant >= one.start),
            Decimal(0),
        )
    quantities = ((key, _rounded_level(one, parts)) for key, parts in sorted(cells.items()))
    return UsageTotal(_rounded_level(one, readings), inside, tuple(quantities), fees, amount)


def _rounded_level(one: _Asked, readings: Sequence[Reading]) -> Decimal:
    inside = [reading for reading in readings if reading.instant >= one.start]
    return rounded(_level(one, readings, inside), one.metric)


def _level(one: _Asked, readings: Sequence[Reading], inside: Sequence[Reading]) -> Decimal:
    metric = one.metric
    seen = readings if metric.recurring else inside
    match metric.aggregation:
        case Aggregation.WEIGHTED_SUM:
            return weighted_sum(seen, one.start, one.end, metric, whole=one.whole)
        case Aggregation.PERCENTILE:
            return percentile(inside, metric)
        case Aggregation.LATEST:
            return from_scaled(seen[-1].scaled, metric.decimals) if seen else Decimal(0)
        case Aggregation.MAX:
            return highest(seen, one.start, metric)
        case Aggregation.COUNT:
            return Decimal(len(seen))
        case _:
            return from_scaled(sum(reading.scaled for reading in seen), metric.decimals)


_MEASURE: Final = {_Kind.PLAIN: _plain, _Kind.BY_SERIES: _by_series, _Kind.BY_EVENT: _by_event}
