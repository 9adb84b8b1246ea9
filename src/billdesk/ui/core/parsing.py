"""What people type into fields, read strictly: amounts, small sums, dates. No Qt.

Every reading gives the value *and* how it was understood, so that a form can show it while one types.
A mark that could mean two things is never guessed silently: `12.5` is read by the rules below or refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.period import add_months

_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'’_")
_PARTS: Final = re.compile(r"[0-9.,]+|[-+*/×÷()]")
_BAD_SPACE: Final = re.compile(r"\d[ \u00a0\u202f'’]+(?!\d{3}(?!\d))\d")
"""A space inside a number that does not part a group of three digits: `1 2` is a slip, not 12."""
_OPERATORS: Final = {"×": "*", "÷": "/"}
_DECIMALS_LIMIT: Final = 28
_LONGEST: Final = 200
_ROUNDED: Final = Context(prec=60)
"""What a division that never ends is rounded to; everything else is exact."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and whether its meaning should be shown: a sum was worked out, or a mark had to be interpreted."""

    value: Decimal
    is_worked_out: bool = False
    is_interpreted: bool = False


def read_number(text: str, language: Language) -> Reading:
    """Read a number or a small sum such as `2*35` or `(100-15,5)/3`; raises InvalidValue.

    The language's own marks come first: `1.234,56` in German. The other marks are understood where only
    one meaning is possible: `1,234.56` anywhere, and `12.5` in German, because a group has three digits.
    `1.234` in German is the German one thousand two hundred thirty-four and says so.
    """
    if _BAD_SPACE.search(text) or len(text) > _LONGEST:
        raise _invalid("not_a_number", text)
    compact = text.translate(_SPACES)
    parts = _PARTS.findall(compact)
    if not parts or "".join(parts) != compact:
        raise _invalid("not_a_number", text)
    sum_reader = _Sum([_OPERATORS.get(part, part) for part in parts], language, text)
    value = sum_reader.read()
    is_sum = len(parts) > (2 if parts[0] in "+-" else 1)
    return Reading(value, is_sum, sum_reader.is_interpreted)


def read_money(text: str, currency: str, language: Language) -> tuple[Money, Reading]:
    """Read an amount; a currency sign or code of `currency` may stand beside it. Refuses lost decimals."""
    bare = text.replace(currency, "")
    for sign, code in (("€", "EUR"), ("£", "GBP"), ("$", "USD"), ("¥", "JPY")):
        if code == currency:
            bare = bare.replace(sign, "")
    reading = read_number(bare, language)
    if reading.is_worked_out:
        return Money.of(reading.value, currency), reading
    places = exponent(currency)
    if (Fraction(reading.value) * 10**places).denominator != 1:
        raise _invalid("too_many_decimals", text, places=str(places))
    return Money.of(reading.value, currency), reading


class _Sum:
    """Reads `+ - * / ( )` over numbers, with the usual precedence."""

    def __init__(self, parts: list[str], language: Language, text: str) -> None:
        self._parts, self._language, self._text = parts, language, text
        self._at = 0
        self.is_interpreted = False

    def read(self) -> Decimal:
        value = self._terms()
        if self._at < len(self._parts):
            raise _invalid("not_a_number", self._text)
        return _as_decimal(value)

    def _next(self) -> str:
        return self._parts[self._at] if self._at < len(self._parts) else ""

    def _take(self) -> str:
        part = self._next()
        self._at += 1
        return part

    def _terms(self) -> Fraction:
        value = self._factors()
        while self._next() in {"+", "-"}:
            value = value + self._factors() if self._take() == "+" else value - self._factors()
        return value

    def _factors(self) -> Fraction:
        value = self._atom()
        while self._next() in {"*", "/"}:
            value = value * self._atom() if self._take() == "*" else self._divide(value, self._atom())
        return value

    def _divide(self, value: Fraction, by: Fraction) -> Fraction:
        if not by:
            raise _invalid("not_a_number", self._text)
        return value / by

    def _atom(self) -> Fraction:
        part = self._take()
        if part in {"-", "+"}:
            return -self._atom() if part == "-" else self._atom()
        if part == "(":
            value = self._terms()
            if self._take() != ")":
                raise _invalid("not_a_number", self._text)
            return value
        if not part or part[0] not in "0123456789.,":
            raise _invalid("not_a_number", self._text)
        plain, is_interpreted = _plain(part, self._language, self._text)
        self.is_interpreted |= is_interpreted
        return Fraction(plain)


def _as_decimal(value: Fraction) -> Decimal:
    for places in range(2 * _DECIMALS_LIMIT):
        scaled = value * 10**places
        if scaled.denominator == 1:
            return from_scaled(scaled.numerator, places)
    return _ROUNDED.divide(Decimal(value.numerator), Decimal(value.denominator))


def _plain(part: str, language: Language, text: str) -> tuple[str, bool]:
    """Give a number with a point and no groups, and whether its marks had to be interpreted."""
    decimal, group = _marks(language)
    if set(part) <= set("0123456789"):
        return part, False
    own = _try_marks(part, decimal, group)
    if own is not None:
        # A lone group mark is right by the language's rules, but people mistake it: show what it means.
        return own, decimal not in part
    other = _try_marks(part, group, decimal)
    if other is None:
        raise _invalid("not_a_number", text)
    return other, True


def _try_marks(part: str, decimal: str, group: str) -> str | None:
    whole, mark, rest = part.partition(decimal)
    if decimal in rest or group in rest or (mark and not rest):
        return None
    if group in whole:
        first, *groups = whole.split(group)
        if not 1 <= len(first) <= 3 or first.startswith("0") or any(len(digits) != 3 for digits in groups):  # noqa: PLR2004 - a group has three digits
            return None
    digits = whole.replace(group, "") or "0"
    if len(rest) > _DECIMALS_LIMIT or not digits.isdecimal() or (rest and not rest.isdecimal()):
        return None
    return f"{digits}.{rest}" if rest else digits


def _marks(language: Language) -> tuple[str, str]:
    """Give decimal and group mark as typed; a language that groups with spaces has the other mark free."""
    decimal = language.locale.number_symbols["latn"]["decimal"]
    return (",", ".") if decimal == "," else (".", ",")


def month_end(day: date) -> date:
    """Give the last day of a day's month."""
    return add_months(day.replace(day=1), 1) - timedelta(days=1)


_WORDS: Final[dict[str, Callable[[date], date]]] = {
    "today": lambda today: today,
    "tomorrow": lambda today: today + timedelta(days=1),
    "yesterday": lambda today: today - timedelta(days=1),
    "end of month": month_end,
    "end of year": lambda today: date(today.year, 12, 31),
    "start of month": lambda today: today.replace(day=1),
    "next month": lambda today: add_months(today.replace(day=1), 1),
}
"""Words for dates, as msgids; each is understood in English and in the language of the desk."""

DATE_WORDS: Final = tuple(_WORDS)

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[./ -](\d{1,2})(?:[./ -](\d{2}|\d{4}))?[.]?")
_MOVED: Final = re.compile(r"([+-])\s*(\d{1,4})\s*([a-z]?)", re.IGNORECASE)
_CENTURY: Final = 2000
_YEARS: Final = range(1900, 2200)
"""A day outside of these years is a slip of the keys: no contract begins or ends there."""
_TWO_DIGITS: Final = 100


def read_date(text: str, today: date, language: Language) -> date:
    """Read `1.4`, `1/4/27`, `2027-04-01`, `+30`, `+2m`, `end of month`; raises InvalidValue.

    Days come first in all our languages; a year that is left out is the present one.
    """
    day = _read_day(text, today, language)
    if day.year not in _YEARS:
        raise _invalid("date_out_of_range", text, first=str(_YEARS[0]), last=str(_YEARS[-1]))
    return day


def _read_day(text: str, today: date, language: Language) -> date:
    typed = " ".join(text.split()).casefold()
    for word, rule in _WORDS.items():
        if typed in {word, language.text(word).casefold()}:
            return rule(today)
    try:
        found = _ISO.fullmatch(typed)
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        found = _DAY_FIRST.fullmatch(typed)
        if found:
            return date(_year(found[3], today), int(found[2]), int(found[1]))
        found = _MOVED.fullmatch(typed)
        if found:
            return _moved(today, int(found[1] + found[2]), found[3])
    except (ValueError, OverflowError):
        raise _invalid("not_a_date", text) from None
    raise _invalid("not_a_date", text)


def _year(digits: str | None, today: date) -> int:
    if not digits:
        return today.year
    return int(digits) if int(digits) >= _TWO_DIGITS else _CENTURY + int(digits)


def _moved(today: date, count: int, unit: str) -> date:
    if unit in {"", "d"}:
        return today + timedelta(days=count)
    if unit == "w":
        return today + timedelta(weeks=count)
    if unit == "m":
        return add_months(today, count)
    if unit in {"y", "j", "a"}:
        return add_months(today, 12 * count)
    raise ValueError(unit)


def _invalid(code: str, text: str, **details: str) -> InvalidValue:
    return InvalidValue(Problem(code, Place(), text.strip(), tuple(details.items())))
