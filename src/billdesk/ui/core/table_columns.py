"""Columns of a list as data: what they show, how it is written, and where the rows come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

from billdesk.kernel.i18n import Language, _, current
from billdesk.kernel.money import Money
from billdesk.ui.core.tokens import Tone

R = TypeVar("R")
F = TypeVar("F")


class Kind(StrEnum):
    """How a column is written and aligned."""

    TEXT = "text"
    MUTED = "muted"
    MONEY = "money"
    NUMBER = "number"
    DATE = "date"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Status:
    """The word (a msgid) and the tone of one state."""

    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. `title` is a msgid; `value` gives text, Money, Decimal, int, date, None, or the key of a status.

    `stretch` columns share the room that is left; the higher `rank`, the earlier a column hides in a narrow
    window (0 never); `is_optional` columns are off until they are picked; `is_summed` money is added up for
    the selection; `tone` may colour a text, such as an overdue date in red.
    """

    key: str
    title: str
    value: Callable[[R], object]
    kind: Kind = Kind.TEXT
    stretch: int = 0
    rank: int = 0
    is_sortable: bool = True
    is_strong: bool = False
    is_optional: bool = False
    is_summed: bool = False
    statuses: Mapping[str, Status] = field(default_factory=dict)
    tone: Callable[[R], Tone | None] | None = None

    @property
    def is_right(self) -> bool:
        """Figures stand at the right."""
        return self.kind in {Kind.MONEY, Kind.NUMBER}


@dataclass(frozen=True, slots=True)
class Request(Generic[F]):
    """Which rows are wanted; `sort` is the key of a column, empty for the list's own order."""

    filter: F
    sort: str = ""
    descending: bool = False
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known about all rows that pass the filter; `hidden` rows exist but do not pass."""

    count: int
    sums: tuple[Money, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Source(Generic[R, F]):
    """Two queries over the book; both run in the `db` lane with the open `db` as first argument."""

    fetch: Callable[[Any, Request[F]], Sequence[R]]
    summarize: Callable[[Any, F], Summary]


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A record and its cells, written once when its page arrives."""

    record: R
    cells: tuple[str, ...]
    tones: tuple[Tone | None, ...]


DASH = "–"


def write_row(columns: Sequence[Column[R]], record: R) -> Row[R]:
    """Write the cells of one record in the language of the person at the desk."""
    cells: list[str] = []
    tones: list[Tone | None] = []
    for column in columns:
        value = column.value(record)
        if column.kind is Kind.STATUS:
            status = column.statuses.get(str(value), Status(str(value), Tone.GREY))
            cells.append(_(status.label))
            tones.append(status.tone)
        else:
            cells.append(write_value(value))
            tones.append(column.tone(record) if column.tone else None)
    return Row(record, tuple(cells), tuple(tones))


def write_value(value: object) -> str:
    """Write one value in the language of the person at the desk."""
    if value is None:
        return DASH
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _written(current(), value) if isinstance(value, Money | date | Decimal | int) else str(value)


# Amounts and dates repeat from row to row, and one costs 35 µs to write.
@lru_cache(maxsize=20_000)
def _written(language: Language, value: Money | date | Decimal | int) -> str:
    if isinstance(value, Money):
        return language.money(value)
    if isinstance(value, Decimal | int):
        return language.number(value)
    day = language.day(value)
    return f"{day} {value:%H:%M}" if isinstance(value, datetime) else day


def sort_key(value: object) -> tuple[int, Any]:
    """Give a key that sorts mixed values of one column, with nothing at the end."""
    if value is None:
        return (1, 0)
    if isinstance(value, Money):
        return (0, value.major)
    return (0, value.casefold() if isinstance(value, str) else value)
