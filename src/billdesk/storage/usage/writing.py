"""Many rows per statement: measured twice as fast as a statement per row, also in one call of the driver."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Table

from billdesk.storage.database import Db

_ROWS: Final = 100
"""Rows per statement; more than about 50 gain nothing."""

IGNORE: Final = "ON CONFLICT DO NOTHING"


def adding(keys: Sequence[str], sums: Sequence[str], table: Table, *more: str) -> str:
    """Write the clause that adds to a row which is there; SQLite and PostgreSQL spell it alike."""
    name = table.name
    parts = [f"{column} = {name}.{column} + excluded.{column}" for column in sums]
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join((*parts, *more))}"


def insert_rows(
    db: Db, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, on_conflict: str = ""
) -> int:
    """Insert tuples in the order of `columns`, in the driver's own types; gives how many rows were written."""
    whole = len(rows) - len(rows) % _ROWS
    written = 0
    if whole:
        blocks = [tuple(chain.from_iterable(rows[at : at + _ROWS])) for at in range(0, whole, _ROWS)]
        written += db.connection.exec_driver_sql(_sql(db, table, columns, _ROWS, on_conflict), blocks).rowcount
    if whole < len(rows):
        rest = list(rows[whole:])
        written += db.connection.exec_driver_sql(_sql(db, table, columns, 1, on_conflict), rest).rowcount
    return written


def _sql(db: Db, table: Table, columns: Sequence[str], count: int, on_conflict: str) -> str:
    quote = db.connection.dialect.identifier_preparer.quote
    mark = "?" if db.is_sqlite else "%s"
    row = f"({', '.join([mark] * len(columns))})"
    names = ", ".join(map(quote, columns))
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES {', '.join([row] * count)} {on_conflict}"
