"""Many rows in one call of the driver, past SQLAlchemy's per-row work.

Values go in as the driver takes them: days as ISO text, enums as their value, decimals as canonical text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, func, select, text

from billdesk.storage.database import Db


def insert_tuples(db: Db, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of `columns`."""
    if not rows:
        return
    quote = db.connection.dialect.identifier_preparer.quote
    mark = "?" if db.is_sqlite else "%s"
    names = ", ".join(quote(name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    db.connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})", list(rows))


def update_tuples(db: Db, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write `columns` of rows given as tuples in that order, each with the row's id at its end."""
    if not rows:
        return
    quote = db.connection.dialect.identifier_preparer.quote
    mark = "?" if db.is_sqlite else "%s"
    values = ", ".join(f"{quote(name)} = {mark}" for name in columns)
    db.connection.exec_driver_sql(f"UPDATE {quote(table.name)} SET {values} WHERE id = {mark}", list(rows))


def reserve_ids(db: Db, table: Table, count: int) -> range:
    """Give `count` ids for rows that are about to be inserted; on a server they come from its sequence."""
    if not db.is_sqlite:
        sequence = f"{table.name}_id_seq"
        last = db.connection.execute(
            text("SELECT setval(:name, nextval(:name) + :more)"), {"name": sequence, "more": count - 1}
        )
        end = int(last.scalar_one())
        return range(end - count + 1, end + 1)
    # The write transaction is exclusive on SQLite, so nobody else can take these.
    used = _last_given(db, table)
    return range(used + 1, used + count + 1)


def _last_given(db: Db, table: Table) -> int:
    highest = db.connection.execute(select(func.max(table.c.id))).scalar() or 0
    if table.dialect_kwargs.get("sqlite_autoincrement"):
        row = db.connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return max(int(row.scalar() or 0), highest)
    return int(highest)
