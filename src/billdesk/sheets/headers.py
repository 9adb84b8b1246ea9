"""Finding the header below whatever a program wrote above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from billdesk.sheets.cells import shown
from billdesk.sheets.moments import order_evidence
from billdesk.sheets.numbers import mark_evidence
from billdesk.sheets.sources import column_letters

LOOK_AHEAD: Final = 40
"""Rows in which the header must stand."""
_LONGEST_TITLE: Final = 80


def _is_title(value: object) -> bool:
    if not isinstance(value, str):
        return False
    text = value.strip()
    return bool(text) and len(text) <= _LONGEST_TITLE and mark_evidence(text) is None and order_evidence(text) is None


def find_header(rows: Sequence[Sequence[object]]) -> int | None:
    """Give the index of the header among the first rows, None when there is none.

    It is the first of the rows with the most different titles, where a number or a date in a row speaks against it.
    """
    best, best_score = None, 0
    for index, row in enumerate(rows[:LOOK_AHEAD]):
        filled = [value for value in row if shown(value)]
        titles = {shown(value).casefold() for value in filled if _is_title(value)}
        others = len(filled) - sum(map(_is_title, filled))
        score = len(titles) - 2 * others
        if score > best_score and (len(filled) > 1 or len(row) == 1):
            best, best_score = index, score
    if best is not None and _looks_like_data(rows, best):
        return None
    return best


def _looks_like_data(rows: Sequence[Sequence[object]], index: int) -> bool:
    """Tell a first row of data, which has a number or date in it like the rows below, from a header."""
    row = rows[index]
    return any(shown(value) and not _is_title(value) for value in row)


def name_columns(row: Sequence[object], width: int) -> tuple[str, ...]:
    """Give every column a different name: its title, or its letter; repeated titles are numbered."""
    titles = [shown(value) for value in row] + [""] * (width - len(row))
    while len(titles) > 1 and not titles[-1] and len(titles) > width:
        titles.pop()
    seen: Counter[str] = Counter()
    names = []
    for index, title in enumerate(titles):
        name = " ".join(title.split()) or column_letters(index)
        seen[name.casefold()] += 1
        names.append(name if seen[name.casefold()] == 1 else f"{name} ({seen[name.casefold()]})")
    return tuple(names)
