"""Dates and instants written by people: the order of day and month is known or asked, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Final

from billdesk.kernel.written.cell_error import CellError


class DateOrder(StrEnum):
    """In which order a column writes day, month and year."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


# English, Dutch, French and German month names start so, accents folded; longer names are cut to fit.
_MONTHS: Final[dict[str, int]] = {
    word: number
    for number, words in enumerate(
        (
            "jan", "feb fev febr", "mar maa mrt mars maerz marz mae", "apr avr avri", "may mei mai", "jun juin",
            "jul juil",            "aug aou aout", "sep sept", "oct okt", "nov", "dec dez",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_DATE: Final = re.compile(r"(\d{1,4})([/.\- ])(\d{1,2})\2(\d{1,4})", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_NAMED: Final = re.compile(r"(\d{1,2})[. \-]+([^\W\d]+)\.?[ \-]+(\d{4}|\d{2})", re.UNICODE)
_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(am|pm|AM|PM)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII
)
_CENTURY: Final = 2000
_PIVOT: Final = 70
_LAST_MONTH: Final = 12
_NOON: Final = 12
_FULL_YEAR: Final = 4


def named_month(name: str) -> int | None:
    """Give the number of a month by its name in English, Dutch, French or German, None for another word."""
    plain = name.casefold().replace("é", "e").replace("û", "u").replace("ä", "a")
    for size in (5, 4, 3):
        if plain[:size] in _MONTHS:
            return _MONTHS[plain[:size]]
    return None


def _year(text: str) -> int:
    number = int(text)
    if len(text) == _FULL_YEAR:
        return number
    return number + (_CENTURY if number < _PIVOT else _CENTURY - 100)


def split_moment(text: str) -> tuple[str, str]:
    """Part a text into its date and its time of day."""
    plain = text.strip()
    match = re.search(r"(?:T|,? +)(\d{1,2}:\d{2}.*)$", plain)
    return (plain[: match.start()], match[1]) if match else (plain, "")


@lru_cache(maxsize=4096)
def parse_date(text: str, order: DateOrder | None = None) -> date:
    """Read a date; raises CellError for an impossible day or one that only fits another order.

    Year first and month names need no `order`; `01/02/2026` without one is refused as ambiguous.
    """
    year, month, day = _parts(text, order)
    try:
        return date(year, month, day)
    except ValueError:
        if order in {DateOrder.DMY, DateOrder.MDY} and month > _LAST_MONTH >= day and year:
            raise CellError("date_order_mixed", order=order) from None
        raise CellError("not_a_date") from None


def _parts(text: str, order: DateOrder | None) -> tuple[int, int, int]:
    plain = text.strip()
    if match := _COMPACT.fullmatch(plain):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DATE.fullmatch(plain):
        return _numeric_parts(match[1], match[3], match[4], order)
    if (match := _NAMED.fullmatch(plain)) and (month := named_month(match[2])):
        return _year(match[3]), month, int(match[1])
    raise CellError("not_a_date")


def _numeric_parts(first: str, second: str, third: str, order: DateOrder | None) -> tuple[int, int, int]:
    if len(first) == _FULL_YEAR or (order is DateOrder.YMD and len(first) == len(third)):
        return _year(first), int(second), int(third)
    if len(third) not in {2, _FULL_YEAR} or len(first) > 2:  # noqa: PLR2004 - a year has two or four digits
        raise CellError("not_a_date")
    if order is None:
        raise CellError("date_order_unknown")
    if order is DateOrder.YMD:
        raise CellError("date_order_mixed", order=order)
    day, month = (first, second) if order is DateOrder.DMY else (second, first)
    return _year(third), int(month), int(day)


def order_evidence(text: str) -> DateOrder | str | None:
    """Tell what one text proves about its column: an order, "ambiguous", "" (needs none), None (no date)."""
    plain, _time = split_moment(text)
    match = _DATE.fullmatch(plain)
    if not match:
        return "" if _is_date(plain) else None
    first, mark, second, _third = match.groups()
    if len(first) == _FULL_YEAR:
        return DateOrder.YMD
    fits = [order for order in (DateOrder.DMY, DateOrder.MDY) if _fits(plain, order)]
    if not fits:
        return None
    if mark == "." and DateOrder.DMY in fits:
        return DateOrder.DMY  # nobody writes the month first with full stops
    if int(first) == int(second):
        return ""
    return fits[0] if len(fits) == 1 else "ambiguous"


def _fits(text: str, order: DateOrder) -> bool:
    try:
        parse_date(text, order)
    except CellError:
        return False
    return True


def _is_date(text: str) -> bool:
    return _fits(text, DateOrder.YMD)


def parse_instant(text: str, order: DateOrder | None, zone: tzinfo) -> datetime:
    """Read a date with an optional time as an instant in UTC; without an offset it is local time of `zone`."""
    day_text, time_text = split_moment(text)
    day = parse_date(day_text, order)
    if not time_text:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    match = _TIME.fullmatch(time_text)
    if not match:
        raise CellError("not_an_instant")
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[5]:
        hour = hour % _NOON + (_NOON if match[5].lower() == "pm" else 0)
    micro = int((match[4] or "").ljust(6, "0")[:6])
    try:
        return datetime(
            day.year, day.month, day.day, hour, minute, second, micro, tzinfo=_offset(match[6]) or zone
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CellError("not_an_instant") from None


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in {"Z", "UTC"}:
        return UTC
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-shift if text[0] == "-" else shift)
