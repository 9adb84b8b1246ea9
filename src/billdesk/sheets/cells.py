"""One cell to one typed value, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global

from billdesk.kernel.decimals import MAX_PLACES
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder, parse_date, parse_instant
from billdesk.kernel.written.numbers import Mark, from_float, parse_decimal
from billdesk.sheets.columns import Column, ColumnKind, normalise

_TRUE: Final = frozenset("1 true yes y ja j oui o wahr vrai waar x on aan".split())
_FALSE: Final = frozenset("0 false no n nee non nein falsch faux onwaar off uit".split())
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "EURO": "EUR"}  # $ and ¥ name more than one currency
_LANGUAGES: Final = ("en", "nl", "fr", "de")


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a column writes its values; `zone` is the local time of instants without an offset."""

    mark: Mark = Mark.POINT
    order: DateOrder | None = None
    zone: tzinfo = UTC


def shown(value: object) -> str:
    """Give the text a person sees in a raw cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)


def _float_text(value: float) -> str:
    try:
        return format(from_float(value), "f")
    except CellError:
        return repr(value)


def parse_cell(raw: object, column: Column, how: CellFormat) -> object:
    """Turn a raw cell into the column's type, None when empty and optional; raises CellError."""
    if raw is None or raw == "" or (isinstance(raw, str) and not raw.strip()):
        if column.required:
            raise CellError("value_missing")
        return None
    return _PARSERS[column.kind](raw, column, how)


def _text(raw: object, _column: Column, _how: CellFormat) -> str:
    return shown(raw)


def _decimal(raw: object, column: Column, how: CellFormat) -> Decimal:
    number = _number(raw, how)
    places = MAX_PLACES if column.places is None else column.places
    if -int(number.normalize().as_tuple().exponent) > places:
        raise CellError("too_many_decimals", places=places)
    return number


def _number(raw: object, how: CellFormat) -> Decimal:
    if isinstance(raw, bool):
        raise CellError("not_a_number")
    if isinstance(raw, float):
        return from_float(raw)
    if isinstance(raw, (int, Decimal)):
        number = Decimal(raw)
        if not number.is_finite():
            raise CellError("not_a_number")
        return number
    if isinstance(raw, str):
        return parse_decimal(raw, how.mark)
    raise CellError("not_a_number")


def _integer(raw: object, _column: Column, how: CellFormat) -> int:
    number = _number(raw, how)
    if number != number.to_integral_value():
        raise CellError("not_an_integer")
    return int(number)


def _date(raw: object, _column: Column, how: CellFormat) -> date:
    if isinstance(raw, datetime):
        if raw.hour or raw.minute or raw.second:
            raise CellError("time_in_date")
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, str):
        return parse_date(raw.strip(), how.order)
    # A bare number may be a spreadsheet's day count, but only a cell that says it is a date is believed.
    raise CellError("not_a_date")


def _instant(raw: object, _column: Column, how: CellFormat) -> datetime:
    if isinstance(raw, datetime):
        return (raw if raw.tzinfo else raw.replace(tzinfo=how.zone)).astimezone(UTC)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=how.zone).astimezone(UTC)
    if isinstance(raw, str):
        return parse_instant(raw, how.order, how.zone)
    raise CellError("not_an_instant")


def _boolean(raw: object, _column: Column, _how: CellFormat) -> bool:
    if isinstance(raw, bool):
        return raw
    word = normalise(shown(raw))
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise CellError("not_a_boolean")


def _choice(raw: object, column: Column, _how: CellFormat) -> str:
    found = _choices(column.choices, tuple(column.aliases.items())).get(normalise(shown(raw)))
    if found is None:
        raise CellError("not_a_choice", choices=", ".join(column.choices))
    return found


@cache
def _choices(choices: tuple[str, ...], aliases: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {normalise(word): value for word, value in (*aliases, *((choice, choice) for choice in choices))}


def _currency(raw: object, column: Column, _how: CellFormat) -> str:
    text = shown(raw).upper()
    code = column.aliases.get(text) or _SYMBOLS.get(text, text)
    if code not in currency_codes():
        raise CellError("unknown_currency")
    return code


@cache
def currency_codes() -> frozenset[str]:
    """Give every ISO 4217 code that CLDR knows."""
    return frozenset(get_global("all_currencies"))


def _country(raw: object, column: Column, _how: CellFormat) -> str:
    text = shown(raw)
    code = column.aliases.get(text) or _countries().get(normalise(text))
    if code is None:
        raise CellError("unknown_country")
    return code


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {"uk": "GB", "usa": "US", "holland": "NL", "el": "GR"}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"ZZ", "EU", "EZ", "UN", "XA", "XB"}:  # noqa: PLR2004
                found[normalise(name)] = code
                found[code.lower()] = code
    return found


_PARSERS: Final[dict[ColumnKind, Callable[[object, Column, CellFormat], object]]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.DECIMAL: _decimal,
    ColumnKind.INTEGER: _integer,
    ColumnKind.DATE: _date,
    ColumnKind.INSTANT: _instant,
    ColumnKind.CHOICE: _choice,
    ColumnKind.BOOLEAN: _boolean,
    ColumnKind.CURRENCY: _currency,
    ColumnKind.COUNTRY: _country,
}
