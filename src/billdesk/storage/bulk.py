"""Many rows in one call: inserts, updates and look-ups whose cost does not grow with round trips."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Column, Select, Table, Text, bindparam, delete, func, select

from billdesk.storage.database import Db

T = TypeVar("T")

_IN_JSON: Final = (int, str)
# SQLite reads a list of numbers or texts out of one JSON parameter: a third of the time of a parameter for each.
_LISTED: Final = select(func.json_each(bindparam("wanted", type_=Text)).table_valued("value").c.value)

CHUNK: Final = 5_000
"""Values in one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut values into lists that fit one statement."""
    items = list(values)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert_rows(db: Db, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys, by one executemany of the driver."""
    if not rows:
        return
    names = list(rows[0])
    compiled = table.insert().compile(dialect=db.connection.dialect, column_keys=names)
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
    """Delete the rows whose column has one of the values."""
    for chunk in chunks(values):
        db.connection.execute(delete(column.table).where(column.in_(chunk)))


def rows_in(db: Db, query: Select[Any], column: Column[Any], values: Iterable[Any]) -> Iterator[Any]:
    """Give the rows of a query whose column has one of the values."""
    wanted = dict.fromkeys(values)
    if not wanted:
        return
    as_list = db.is_sqlite and all(type(value) in _IN_JSON for value in wanted)
    # One parameter for all values: with one for each, building the statement takes longer than running it.
    statement = query.where(column.in_(_LISTED if as_list else _expanded(column)))
    for chunk in chunks(wanted):
        # All at once: fetching row by row takes twice as long.
        yield from db.connection.execute(statement, {"wanted": json.dumps(chunk) if as_list else chunk}).all()


def _expanded(column: Column[Any]) -> BindParameter[Any]:
    return bindparam("wanted", expanding=True, type_=column.type)


def ids_by(db: Db, column: Column[Any], values: Iterable[Any]) -> dict[Any, int]:
    """Give the ids of rows by the value of a unique column."""
    key = column.table.c.id
    return {row.value: row.id for row in rows_in(db, select(key.label("id"), column.label("value")), column, values)}
