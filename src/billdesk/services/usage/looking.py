"""Usage as screens and reports look at it: meters, days, events, and the events behind an invoice line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.period import Period, add_months
from billdesk.storage.database import Db
from billdesk.storage.usage import listing, metrics, rollups
from billdesk.storage.usage.listing import EventFilter, EventRow, LineEvents, MeterFilter, MeterPage, MeterRow

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
    start = db.today.replace(day=1)
    current, previous = Period(start, add_months(start, 1)), Period(add_months(start, -1), start)
    return listing.list_meters(db, wanted, page, current=current, previous=previous)


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
