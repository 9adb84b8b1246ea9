"""Local days of a time zone as instants: microseconds since 1970 UTC, the form in which usage is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from billdesk.kernel.period import Period

DAY_MICROS: Final = 86_400_000_000
EARLIEST: Final = -(2**62)
LATEST: Final = 2**62
"""Instants before and after all others."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_MICRO: Final = timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def day_start(day: date, zone: tzinfo) -> int:
    """Give the instant at which a local day begins; days without end begin after all instants."""
    if day == date.max:
        return LATEST
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - _EPOCH) // _MICRO


def bounds(period: Period, zone: tzinfo) -> tuple[int, int]:
    """Give the instants `[start, end)` of a period of local days."""
    return day_start(period.start, zone), day_start(period.end, zone)


def offset_at(instant: int, zone: tzinfo) -> int:
    """Give how far local time is ahead of UTC at an instant, in microseconds."""
    return ((_EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset() or timedelta()) // _MICRO


def local_day(instant: int, zone: tzinfo) -> date:
    """Give the local day on which an instant falls."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def day_number(day: date) -> int:
    """Give the number of a day, counted from 1970."""
    return (day - _FIRST_DAY).days


def numbered_day(number: int) -> date:
    """Give the day with a number counted from 1970."""
    return _FIRST_DAY + timedelta(days=number)


def offsets(first: int, last: int, zone: tzinfo) -> list[tuple[int, int]]:
    """Give (until, offset) for instants from `first` to `last`; the last `until` is `LATEST`."""
    found: list[tuple[int, int]] = []
    current = offset_at(first, zone)
    at = first
    while at <= last:
        later = at + DAY_MICROS
        following = offset_at(later, zone)
        if following != current:
            found.append((_change(at, later, zone), current))
            current = following
        at = later
    return [*found, (LATEST, current)]


def _change(before: int, after: int, zone: tzinfo) -> int:
    """Find the instant between two at which the offset changes."""
    offset = offset_at(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if offset_at(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after
