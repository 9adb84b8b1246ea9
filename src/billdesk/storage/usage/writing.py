"""Many rows per statement: measured twice as fast as a statement per row, also in one call of the driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from sqlalchemy import Table

from billdesk.storage.database import Db

_ROWS: Final = 100
"""Rows per statement; more than about 50 gain nothing."""

_NOTHING: Final[Mapping[str, int]] = {}

IGNORE: Final = "ON CONFLICT DO NOTHING"


def adding(keys: Sequence[str], sums: Sequence[str], table: Table, *more: str) -> str:
    """Write the clause that adds to a row which is there; SQLite and PostgreSQL spell it alike."""
    name = table.name
    parts = [f"{column} = {name}.{column} + excluded.{column}" for column in sums]
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join((*parts, *more))}"


def insert_rows(
    db: Db,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    on_conflict: str = "",
    fixed: Mapping[str, int] = _NOTHING,
) -> int:
    """Insert tuples in the order of `columns`, in the driver's own types; gives how many rows were written.

    `fixed` are whole numbers that are the same in every row.
    """
    sql = _Statement(db, table, columns, fixed, on_conflict)
    whole = len(rows) - len(rows) % _ROWS
    written = 0
    if whole:
        blocks = [tuple(chain.from_iterable(rows[at : at + _ROWS])) for at in range(0, whole, _ROWS)]
        written += db.connection.exec_driver_sql(sql.text(_ROWS), blocks).rowcount
    if whole < len(rows):
        rest = list(rows[whole:])
        written += db.connection.exec_driver_sql(sql.text(1), rest).rowcount
    return written


@dataclass(frozen=True, slots=True)
class _Statement:
    """An INSERT for any number of rows."""

    db: Db
    table: Table
    columns: Sequence[str]
    fixed: Mapping[str, int]
    on_conflict: str

    def text(self, count: int) -> str:
        """Write the statement for `count` rows."""
        quote = self.db.connection.dialect.identifier_preparer.quote
        mark = "?" if self.db.is_sqlite else "%s"
        row = f"({', '.join([*([mark] * len(self.columns)), *(str(int(value)) for value in self.fixed.values())])})"
        names = ", ".join(map(quote, (*self.columns, *self.fixed)))
        rows = ", ".join([row] * count)
        return f"INSERT INTO {quote(self.table.name)} ({names}) VALUES {rows} {self.on_conflict}"
