"""Usage as screens and reports look at it: meters, days, events, and the events behind an invoice line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from billdesk.domain.usage import Metric
from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.period import Period, add_months
from billdesk.storage.database import Db
from billdesk.storage.usage import listing, metrics, rollups
from billdesk.storage.usage.listing import (
    EventFilter,
    EventRow,
    LineEvents,
    MeterFilter,
    MeterPage,
    MeterRow,
    Periods,
    change_percent,
)

_DAY: Final = timedelta(days=1)
_MONTHS: Final = 6
_ALL_METERS: Final = MeterFilter()
_FIRST_PAGE: Final = MeterPage()


@dataclass(frozen=True, slots=True)
class DayUsage:
    """What came in for one local day."""

    day: date
    events: int
    quantity: Decimal


def list_meters(db: Db, wanted: MeterFilter = _ALL_METERS, page: MeterPage = _FIRST_PAGE) -> list[MeterRow]:
    """Give meters with this calendar month's usage and the last one's."""
    return listing.list_meters(db, wanted, page, _periods(db))


def _periods(db: Db) -> Periods:
    start = db.today.replace(day=1)
    before = add_months(start, -1)
    same_days = Period(before, min(start, before + (db.today - start) + _DAY))
    return Periods(Period(start, add_months(start, 1)), Period(before, start), same_days)


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric over all contracts: this month, the same days of the last one, all of it, and the months before that.

    Quantities are added up, whatever the metric does with them; `months` ends with the running one.
    """

    metric: Metric
    current: Decimal
    same_days: Decimal
    previous: Decimal
    months: tuple[Decimal, ...]
    until: date

    @property
    def change(self) -> int | None:
        """Give how much more or less is used than after as many days last month, in percent."""
        return change_percent(self.current, self.same_days)


def compare_metrics(db: Db) -> list[MetricComparison]:
    """Give every metric that had usage in the last months, by code."""
    found = [_compared(db, one, _periods(db)) for one in metrics.list_metrics(db)]
    return [one for one in found if any(one.months)]


def _compared(db: Db, metric: Metric, periods: Periods) -> MetricComparison:
    def total(period: Period) -> Decimal:
        return from_scaled(rollups.metric_total(db, metric.id, period), metric.decimals)

    starts = [add_months(periods.current.start, -number) for number in reversed(range(_MONTHS))]
    months = tuple(total(Period(start, add_months(start, 1))) for start in starts)
    return MetricComparison(
        metric=metric,
        current=months[-1],
        same_days=total(periods.same_days),
        previous=months[-2],
        months=months,
        until=periods.same_days.last_day,
    )


def count_meters(db: Db, wanted: MeterFilter = _ALL_METERS) -> int:
    """Count the meters that `list_meters` would give."""
    return listing.count_meters(db, wanted)


def daily_usage(db: Db, subscription_id: int, metric_id: int, period: Period) -> list[DayUsage]:
    """Give the days of a period on which something came in; quantities are added up, whatever the metric does."""
    places = metrics.load(db, metric_id).decimals
    days = rollups.daily(db, subscription_id, metric_id, period)
    return [DayUsage(one.day, one.events, from_scaled(one.scaled, places)) for one in days]


def list_events(db: Db, wanted: EventFilter, *, offset: int = 0, limit: int = 200) -> list[EventRow]:
    """Give events in order of time, with file and row."""
    return listing.list_events(db, wanted, offset=offset, limit=limit)


def count_events(db: Db, wanted: EventFilter) -> int:
    """Count the events that `list_events` would give."""
    return listing.count_events(db, wanted)


def trace_line_to_events(db: Db, line_id: int, *, offset: int = 0, limit: int = 200) -> LineEvents:
    """Give the events behind an invoice line, with file and row; raises NotFound."""
    return listing.events_of_line(db, line_id, offset=offset, limit=limit)
