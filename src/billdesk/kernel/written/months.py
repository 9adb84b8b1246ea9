"""Months written by people and by statistical offices, as the first day of the month."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import named_month

# 2026-01, 2026/1, 202601, 2026M01 as Eurostat writes it, or a day of the month as a spreadsheet gives it.
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:[-/. ]?[Mm]?)(\d{1,2})(?:-\d{1,2}(?: 00:00:00)?)?", re.ASCII)
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})[-/. ](\d{4})", re.ASCII)
_NAMED: Final = re.compile(r"([^\W\d]+)\.?[-/. ]*(\d{4})", re.UNICODE)
_NAMED_LAST: Final = re.compile(r"(\d{4})[-/. ]*([^\W\d]+)\.?", re.UNICODE)
_MONTHS: Final = 12


def parse_month(text: str, year: int | None = None) -> date:
    """Read a month with its year, or a month alone of a year that is known; raises CellError."""
    plain = text.strip()
    found_year, month = (year, _alone(plain)) if year is not None else _parts(plain)
    if found_year is None or month is None or not 1 <= month <= _MONTHS or found_year < 1:
        raise CellError("month_wrong")
    return date(found_year, month, 1)


def _alone(text: str) -> int | None:
    if text.isascii() and text.isdecimal():
        return int(text)
    return named_month(text)


def _parts(text: str) -> tuple[int | None, int | None]:
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[2])
    if match := _MONTH_FIRST.fullmatch(text):
        return int(match[2]), int(match[1])
    if match := _NAMED.fullmatch(text):
        return int(match[2]), named_month(match[1])
    if match := _NAMED_LAST.fullmatch(text):
        return int(match[1]), named_month(match[2])
    return None, None
