"""The billing grid of a price: whole periods counted from where its alignment puts the first boundary."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from billdesk.domain.catalog import Alignment
from billdesk.kernel.period import Interval, Period, Unit

_MONTHS_IN_YEAR: Final = 12


class Grid:
    """Whole grid periods by number, remembered; boundary k is always computed from the origin, never chained."""

    def __init__(self, origin: date, interval: Interval, day: int) -> None:
        self.interval = interval
        self._origin = origin
        self._month = origin.year * _MONTHS_IN_YEAR + origin.month - 1
        self._day = day
        self._step = interval.months
        self._days = interval.count * (7 if interval.unit is Unit.WEEK else 1)
        self._known: dict[int, Period] = {}
        self._by_day: dict[date, Period] = {}

    def boundary(self, k: int) -> date:
        """Give boundary number `k`."""
        if not self._step:
            return self._origin + timedelta(days=self._days * k)
        year, month = divmod(self._month + self._step * k, _MONTHS_IN_YEAR)
        return date(year, month + 1, min(self._day, calendar.monthrange(year, month + 1)[1]))

    def number_at(self, day: date) -> int:
        """Give the number of the grid period that holds `day`."""
        if not self._step:
            return (day - self._origin).days // self._days
        k = (day.year * _MONTHS_IN_YEAR + day.month - 1 - self._month) // self._step
        return k - 1 if self.boundary(k) > day else k

    def period(self, k: int) -> Period:
        """Give grid period number `k`."""
        found = self._known.get(k)
        if found is None:
            found = self._known[k] = Period(self.boundary(k), self.boundary(k + 1))
        return found

    def period_at(self, day: date) -> Period:
        """Give the grid period that holds `day`."""
        found = self._by_day.get(day)
        if found is None:
            found = self._by_day[day] = self.period(self.number_at(day))
        return found


@lru_cache(maxsize=8192)
def grid_of(anchor: date, interval: Interval, alignment: Alignment, day: int) -> Grid:
    """Give the grid for an anchor and alignment; `day` is the day of the month for `Alignment.DAY`."""
    if not interval.months:
        to_monday = alignment is Alignment.CALENDAR and interval.unit is Unit.WEEK
        return Grid(anchor - timedelta(days=anchor.weekday()) if to_monday else anchor, interval, 0)
    if alignment is Alignment.CALENDAR:
        return Grid(_calendar_origin(anchor, interval.months), interval, 1)
    if alignment is Alignment.DAY:
        return Grid(_first_on_day(anchor, day), interval, day)
    return Grid(anchor, interval, anchor.day)


def _calendar_origin(anchor: date, months: int) -> date:
    """Give 1 January where the interval fits the year, else the first of the anchor's month."""
    fits = _MONTHS_IN_YEAR % months == 0 or months % _MONTHS_IN_YEAR == 0
    return date(anchor.year, 1 if fits else anchor.month, 1)


def _first_on_day(anchor: date, day: int) -> date:
    """Give the first day on or after the anchor that is the wanted day of its month, clipped to the month."""
    here = anchor.replace(day=min(day, calendar.monthrange(anchor.year, anchor.month)[1]))
    if here >= anchor:
        return here
    year, month = (anchor.year + 1, 1) if anchor.month == _MONTHS_IN_YEAR else (anchor.year, anchor.month + 1)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
