"""Decimal numbers written by people: marks, groups and signs, read exactly and never guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.kernel.written.cell_error import CellError


class Mark(StrEnum):
    """The sign between whole units and decimals."""

    POINT = "."
    COMMA = ","


_SPACES: Final = "\u0020\u00a0\u2007\u2009\u202f'\u2019"
_MINUS: Final = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})
_NUMBER: Final = re.compile(
    r"-?(?:\d+|\d{1,3}(?:(?P<group>[.,\x00])\d{3})(?:(?P=group)\d{3})*)(?:[.,]\d*)?|-?[.,]\d+", re.ASCII
)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+", re.ASCII)
_EXCEL_DIGITS: Final = 15
_GROUP: Final = 3


def _strip(text: str) -> str:
    """Put the sign in front and turn spaces and apostrophes between groups of three digits into a zero byte."""
    plain = text.strip(_SPACES + "\t").translate(_MINUS)
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1]
    elif plain.endswith(("-", "+")):
        plain = plain[-1] + plain[:-1]
    plain = plain.removeprefix("+").lstrip(_SPACES)
    return re.sub(rf"[{_SPACES}](?=\d{{3}}(?!\d))", "\x00", plain.replace("- ", "-", 1))


def parse_decimal(text: str, mark: Mark = Mark.POINT) -> Decimal:
    """Read a number whose decimal mark is known; raises CellError for anything doubtful.

    Groups of three may be parted by the other mark, a space or an apostrophe. Exponents are refused: a
    spreadsheet that wrote one has already lost digits.
    """
    plain = _strip(text)
    match = _NUMBER.fullmatch(plain)
    if not match:
        raise CellError("scientific_notation" if _SCIENTIFIC.fullmatch(plain) else "not_a_number")
    other = "," if mark is Mark.POINT else "."
    whole, _mark, decimals = plain.partition(mark.value)
    if mark.value in decimals or other in decimals or match["group"] == mark.value:
        raise CellError("decimal_mark_mixed", mark=mark.value)
    groups = re.split(r"[.,\x00]", whole)
    if any(len(group) != _GROUP for group in groups[1:]):
        raise CellError("decimal_mark_mixed", mark=mark.value)
    return Decimal("".join(groups) + "." + (decimals or "0"))


def from_float(value: float) -> Decimal:
    """Take a number out of a workbook, which stores binary doubles, as the digits the spreadsheet shows.

    The shortest text that gives the double is exact for what a person typed; results of formulas such as
    0.1 + 0.2 carry noise beyond the 15 digits that a spreadsheet shows, so these are cut there.
    """
    shortest = Decimal(repr(value))
    if not shortest.is_finite():
        raise CellError("not_a_number")
    if len(shortest.normalize().as_tuple().digits) > _EXCEL_DIGITS:
        shortest = Decimal(format(value, f".{_EXCEL_DIGITS}g"))
    return Decimal(format(shortest.normalize(), "f"))


def mark_evidence(text: str) -> Mark | str | None:
    """Tell what one text proves about its column's decimal mark.

    A `Mark` when only that one is possible, "ambiguous" for the like of `1.234`, "" for a number that
    proves nothing, None when it is no number.
    """
    plain = _strip(text)
    if not _NUMBER.fullmatch(plain):
        return None
    points, commas = plain.count("."), plain.count(",")
    if not points and not commas:
        return ""
    last, count = (".", points) if plain.rfind(".") > plain.rfind(",") else (",", commas)
    if points and commas:
        return Mark(last) if count == 1 else None
    if count > 1:
        return Mark.COMMA if last == "." else Mark.POINT
    whole, _last, decimals = plain.lstrip("-").partition(last)
    could_be_group = len(decimals) == _GROUP and 1 <= len(whole) <= _GROUP and not whole.startswith("0")
    return "ambiguous" if could_be_group and "\x00" not in whole else Mark(last)
