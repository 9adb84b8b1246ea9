"""How much of a grid period some of its days are, by each proration policy, in whole numbers."""

from __future__ import annotations

import calendar
from datetime import date

from billdesk.domain.catalog import Price, Proration
from billdesk.kernel.period import Interval, Period, add_months

_COMMERCIAL_MONTH = 30
_COMMERCIAL_YEAR = 360
_MONTHS_IN_YEAR = 12


def part_of(price: Price, whole: Period, part: Period) -> tuple[int, int]:
    """Give (share, of) for the days `part` of the grid period `whole`; parts of one whole add up to it.

    By day: days of days. 30/360: every month counts 30 days. Actual/360: real days of 30 per month.
    Fixed: real days of N per month, where the part that reaches a month's end takes what is left of N.
    """
    if part == whole:
        return (1, 1)
    if price.proration is Proration.BY_DAY or price.interval is None or not price.interval.months:
        return (part.end - part.start).days, (whole.end - whole.start).days
    of = _whole(price, whole, price.interval)
    return _position(price, whole, part.end, of) - _position(price, whole, part.start, of), of


def _whole(price: Price, whole: Period, interval: Interval) -> int:
    if price.proration is Proration.THIRTY_360:
        return _serial(whole.end) - _serial(whole.start)
    if price.proration is Proration.FIXED_DAYS:
        return price.proration_days * interval.months
    return _COMMERCIAL_MONTH * interval.months


def _position(price: Price, whole: Period, day: date, of: int) -> int:
    """Give how far `day` is into the period, from 0 at its start to `of` at its end."""
    if day == whole.end:
        return of
    if price.proration is Proration.THIRTY_360:
        return _serial(day) - _serial(whole.start)
    if price.proration is Proration.FIXED_DAYS:
        return min(_fixed_position(whole.start, day, price.proration_days), of)
    return min((day - whole.start).days, of)


def _serial(day: date) -> int:
    """Give the running number of a day when every month has 30; the last day of a month is its thirtieth."""
    last = calendar.monthrange(day.year, day.month)[1]
    counted = _COMMERCIAL_MONTH if day.day == last else min(day.day, _COMMERCIAL_MONTH)
    return day.year * _COMMERCIAL_YEAR + day.month * _COMMERCIAL_MONTH + counted


def _fixed_position(start: date, day: date, per_month: int) -> int:
    """Count whole months as `per_month` days; inside a month real days, put right where the month ends."""
    months = (day.year - start.year) * _MONTHS_IN_YEAR + day.month - start.month
    if add_months(start, months) > day:
        months -= 1
    opened = add_months(start, months)
    days = (day - opened).days
    if day.month != opened.month:
        days -= calendar.monthrange(opened.year, opened.month)[1] - per_month
        return months * per_month + max(0, min(days, per_month))
    return months * per_month + max(0, min(days, per_month + 1 - opened.day))
