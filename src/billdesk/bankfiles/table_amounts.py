"""Amounts in a bank's table: each cell that proves its own decimal mark is read by it, the rest by the column's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from billdesk.bankfiles.tables import sign_of
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.numbers import Mark, mark_evidence, parse_decimal

_WORD: Final = re.compile(r"^(?P<before>[A-Za-z]{1,3}\b|[€$£])?\s*(?P<number>.*?)\s*(?P<after>\b[A-Za-z]{1,3}|[€$£])?$")


def split_amount(text: str) -> tuple[str, int | None]:
    """Part a cell into its number and the sign that a CR or DR beside it gives; a currency is dropped."""
    match = _WORD.match(text.strip())
    if not match:
        return text, None
    words = [word for word in (match["before"], match["after"]) if word]
    signs = [sign for word in words if (sign := sign_of(word)) is not None]
    return match["number"], signs[0] if signs else None


def column_mark(cells: Iterable[str]) -> Mark | None:
    """Give the decimal mark of a column when its cells prove exactly one."""
    found = {mark for cell in cells if isinstance(mark := mark_evidence(split_amount(cell)[0]), Mark)}
    return found.pop() if len(found) == 1 else None


def read_amount(text: str, mark: Mark | None) -> Decimal:
    """Read an amount with its sign; raises CellError, with `decimal_mark_unknown` for the like of 1.234."""
    number, sign = split_amount(text)
    evidence = mark_evidence(number)
    if evidence is None:
        raise CellError("not_a_number")
    if evidence == "ambiguous" and mark is None:
        raise CellError("decimal_mark_unknown")
    own = evidence if isinstance(evidence, Mark) else (mark or Mark.POINT)
    amount = parse_decimal(number, own)
    return amount if sign is None else sign * abs(amount)
