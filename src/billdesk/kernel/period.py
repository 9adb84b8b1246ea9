"""Days and grids: `[start, end)` periods and boundaries counted from an anchor, never chained."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from billdesk.kernel.records import quick


class Unit(StrEnum):
    """The units in which a billing interval is counted."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.HALF_YEAR: 6, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


@quick
@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole local days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            msg = f"period ends before it starts: {self.start} > {self.end}"
            raise ValueError(msg)

    @property
    def days(self) -> int:
        """Number of days covered."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside, as people write periods on invoices; the start when no day is inside."""
        return max(self.start, self.end - timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def intersect(self, other: Period) -> Period | None:
        """Give the common days, or None when there are none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class Interval:
    """How often a price is billed: `count` units, such as 3 months."""

    unit: Unit
    count: int = 1
    months: int = field(init=False, compare=False, repr=False)
    """Length in months, 0 for intervals counted in days."""

    def __post_init__(self) -> None:
        if self.count < 1:
            msg = f"an interval needs at least one unit: {self.count}"
            raise ValueError(msg)
        object.__setattr__(self, "months", _MONTHS.get(self.unit, 0) * self.count)

    def __hash__(self) -> int:
        """Hash what tells most intervals apart: a run looks grids up by their interval all the time."""
        return self.months or -self.count


def add_months(anchor: date, months: int) -> date:
    """Move `anchor` by whole months, clipped to the last day of a short month (31 Jan + 1 = 28/29 Feb)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def boundary(anchor: date, interval: Interval, k: int) -> date:
    """Give boundary number `k` of the grid: anchor + k intervals; `k` may be negative."""
    if interval.months:
        return add_months(anchor, interval.months * k)
    return anchor + timedelta(days=_DAYS[interval.unit] * interval.count * k)


def index_at(anchor: date, interval: Interval, day: date) -> int:
    """Give k of the grid period `[boundary k, boundary k+1)` that holds `day`."""
    if not interval.months:
        return (day - anchor).days // (_DAYS[interval.unit] * interval.count)
    k = ((day.year - anchor.year) * 12 + day.month - anchor.month) // interval.months
    while boundary(anchor, interval, k) > day:
        k -= 1
    while boundary(anchor, interval, k + 1) <= day:
        k += 1
    return k


def grid_period(anchor: date, interval: Interval, k: int) -> Period:
    """Give grid period number `k`."""
    return Period(boundary(anchor, interval, k), boundary(anchor, interval, k + 1))


def grid_periods(anchor: date, interval: Interval, span: Period) -> list[Period]:
    """Give every whole grid period that shares a day with `span`, in order."""
    if span.start >= span.end:
        return []
    first, last = index_at(anchor, interval, span.start), index_at(anchor, interval, span.last_day)
    return [grid_period(anchor, interval, k) for k in range(first, last + 1)]
