"""Names for the columns of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from billdesk.sheets.cells import shown
from billdesk.sheets.sources import column_letters


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
