"""Rows as text for a spreadsheet: tabs between cells, figures bare, texts that stay texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from babel.numbers import format_decimal

from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money, exponent

_FORMULA_STARTS = ("=", "+", "-", "@")
_LINE_BREAKS = str.maketrans("\t\r\n", "   ")


def copied(value: object, language: Language) -> str:
    """Write a value as a spreadsheet in this language reads it."""
    if value is None:
        return ""
    if isinstance(value, Money):
        pattern = "0" + ("." + "0" * exponent(value.currency) if exponent(value.currency) else "")
        return format_decimal(value.major, format=pattern, locale=language.locale)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return format_decimal(value, locale=language.locale, decimal_quantization=False, group_separator=False)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value))


def guarded(text: str) -> str:
    """Keep a text from becoming a formula: a leading apostrophe is the spreadsheet's own sign for text."""
    flat = text.translate(_LINE_BREAKS)
    return f"'{flat}" if flat.lstrip().startswith(_FORMULA_STARTS) else flat


def to_tsv(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Join cells to lines; `titles` is the first line."""
    return "\n".join("\t".join(cells) for cells in [titles, *rows])
