"""A table to export, whatever the file format: titled columns and rows of typed cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billdesk.kernel.money import Money

Cell = str | int | Decimal | Money | date | datetime | bool | None
"""What a cell may hold; there is no float."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its title; `width` is in characters, 0 fits it to the first rows."""

    title: str
    width: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; `rows` may be a generator and is read once."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]


def is_formula_like(text: str) -> bool:
    """Tell whether a spreadsheet program might take a text for a formula (OWASP: CSV injection)."""
    return text[:1] in {"=", "+", "-", "@", "\t", "\r"}
