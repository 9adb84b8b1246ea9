"""Many rows at once: inserts, updates, deletes and look-ups that stay within what a driver takes in one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Row, Select, Table, bindparam, delete, insert, select, union

from billdesk.storage.database import Db

CHUNK: Final = 500
"""Ids in one statement; SQLite takes 32,766 parameters, plans for long lists cost more than they save."""


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Give values in lists of bounded length."""
    everything = list(values)
    for start in range(0, len(everything), CHUNK):
        yield everything[start : start + CHUNK]


def insert_rows(db: Db, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys, by one executemany of the driver."""
    if not rows:
        return
    names = list(rows[0])
    compiled = insert(table).values({name: bindparam(name) for name in names}).compile(db.connection.engine)
    columns = [_bound(db, table.c[name], [row[name] for row in rows]) for name in names]
    if compiled.positional:
        order = [names.index(name) for name in compiled.positiontup or ()]
        db.connection.exec_driver_sql(compiled.string, list(zip(*(columns[i] for i in order), strict=True)))
    else:
        db.connection.exec_driver_sql(
            compiled.string, [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
        )


def _bound(db: Db, column: Column[Any], values: list[Any]) -> list[Any]:
    convert = column.type.dialect_impl(db.connection.dialect).bind_processor(db.connection.dialect)
    return values if convert is None else [convert(value) for value in values]


def update_rows(db: Db, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the other keys of each row, all alike, over the stored row with its `id`."""
    if not rows:
        return
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0] if name != "id"}
    statement = table.update().where(table.c.id == bindparam("key")).values(values)
    parameters = [
        {"key": row["id"]} | {f"new_{name}": value for name, value in row.items() if name != "id"} for row in rows
    ]
    db.connection.execute(statement, parameters)


def delete_rows(db: Db, column: Column[Any], values: Iterable[Any]) -> None:
    """Delete the rows whose `column` is one of the values."""
    for chunk in chunks(values):
        db.connection.execute(delete(column.table).where(column.in_(chunk)))


def rows_in(db: Db, query: Select[Any], column: Column[Any], values: Iterable[Any]) -> Iterator[Row[Any]]:
    """Give the rows of a query whose `column` is one of the values."""
    for chunk in chunks(dict.fromkeys(values)):
        yield from db.connection.execute(query.where(column.in_(chunk)))


def ids_by(db: Db, column: Column[Any], values: Iterable[Any]) -> dict[Any, int]:
    """Give the ids of rows by the value of a unique column."""
    key = column.table.c.id
    return {row.value: row.id for row in rows_in(db, select(key.label("id"), column.label("value")), column, values)}


def referenced(db: Db, table: Table, ids: Sequence[int], *, ignoring: Iterable[str] = ()) -> set[int]:
    """Give those ids that rows of other tables (and not of `ignoring`) point to by a foreign key."""
    ignored = set(ignoring)
    pointing = [
        column
        for other in table.metadata.tables.values()
        if other.name not in ignored
        for column in other.c
        for key in column.foreign_keys
        if key.column.table is table
    ]
    found: set[int] = set()
    for chunk in chunks(ids):
        queries = [select(column.label("id")).where(column.in_(chunk)) for column in pointing]
        if queries:
            found.update(db.connection.execute(union(*queries)).scalars())
    return found
