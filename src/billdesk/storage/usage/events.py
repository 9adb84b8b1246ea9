"""Usage events: stored once for ever by key, found again, removed and put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from billdesk.storage.database import Db
from billdesk.storage.tables.usage import usage_event, usage_event_removed
from billdesk.storage.types import Id
from billdesk.storage.usage import writing

COLUMNS: Final = tuple(column.name for column in usage_event.columns)
"""What an event is made of, in the order in which it is stored."""

_NOTHING: Final[Mapping[str, int]] = {}

_incoming = Table(
    "usage_incoming",
    MetaData(),
    *(Column(column.name, column.type) for column in usage_event.columns),
    prefixes=["TEMPORARY"],
)

_scope = Table(
    "usage_scope",
    MetaData(),
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    Column("metric_id", Id, primary_key=True, autoincrement=False),
    Column("first_instant", BigInteger, nullable=False),
    Column("last_instant", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class Known:
    """A row that was not stored because its key is there: the same event again, or another one under its key."""

    batch_id: int
    row: int
    same: bool


def insert_events(
    db: Db,
    rows: Sequence[tuple[int, ...]],
    *,
    columns: Sequence[str] = COLUMNS,
    fixed: Mapping[str, int] = _NOTHING,
) -> list[Known]:
    """Store events whose key is new; gives the others. Fastest with rows in the order of the table's key.

    `rows` hold `columns`; the other columns have the same value in all, given by `fixed`.
    """
    written = writing.insert_rows(db, usage_event, columns, rows, on_conflict=writing.IGNORE, fixed=fixed)
    return [] if written == len(rows) else _find_known(db, rows, columns, fixed)


def _find_known(
    db: Db, rows: Sequence[tuple[int, ...]], columns: Sequence[str], fixed: Mapping[str, int]
) -> list[Known]:
    """Look the rows up by key in one join; those stored a moment ago carry their own batch and row."""
    connection = db.connection
    _incoming.create(connection, checkfirst=True)
    connection.execute(delete(_incoming))
    writing.insert_rows(db, _incoming, columns, rows, fixed=fixed)
    new, old = _incoming.c, usage_event.c
    same_key = and_(*(new[name] == old[name] for name in ("subscription_id", "metric_id", "key_hash")))
    stored_now = and_(old.batch_id == new.batch_id, old.row == new.row)
    content = and_(*(new[name] == old[name] for name in ("instant", "series", "quantity")))
    query = select(new.batch_id, new.row, content.label("same")).join_from(_incoming, usage_event, same_key)
    return [Known(row.batch_id, row.row, bool(row.same)) for row in connection.execute(query.where(~stored_now))]


def set_scope(db: Db, ranges: Sequence[tuple[int, int, int, int]]) -> None:
    """Name the events that the next call is about: subscription, metric, first and last instant, both included."""
    _scope.create(db.connection, checkfirst=True)
    db.connection.execute(delete(_scope))
    columns = tuple(column.name for column in _scope.columns)
    writing.insert_rows(db, _scope, columns, ranges)


def _in_scope(table: Table) -> ColumnElement[bool]:
    c, s = table.c, _scope.c
    return and_(
        c.subscription_id == s.subscription_id,
        c.metric_id == s.metric_id,
        c.instant >= s.first_instant,
        c.instant <= s.last_instant,
    )


def _scoped(batch_id: int | None) -> Select[Any]:
    query = select(*usage_event.columns).join_from(_scope, usage_event, _in_scope(usage_event))
    return query if batch_id is None else query.where(usage_event.c.batch_id == batch_id)


def count_scope(db: Db, batch_id: int | None = None) -> int:
    """Count the events in the scope, of one batch or of all."""
    query = select(func.count()).select_from(_scoped(batch_id).subquery())
    return int(db.connection.execute(query).scalar_one())


def remove_scope(db: Db, *, batch_id: int | None = None, kept_by: int | None = None) -> int:
    """Take the events in the scope out, of one batch or of all; `kept_by` keeps them as removed by that batch."""
    if kept_by is not None:
        source = _scoped(batch_id).add_columns(literal(kept_by, BigInteger))
        db.connection.execute(insert(usage_event_removed).from_select([*COLUMNS, "removed_by"], source))
    key = tuple_(*usage_event.primary_key.columns)
    wanted = _scoped(batch_id).with_only_columns(*usage_event.primary_key.columns)
    return db.connection.execute(delete(usage_event).where(key.in_(wanted))).rowcount


def _removed(removed_by: int, batches: Sequence[int]) -> ColumnElement[bool]:
    c = usage_event_removed.c
    return and_(c.removed_by == removed_by, c.batch_id.in_(batches))


def count_removed(db: Db, removed_by: int, batches: Sequence[int]) -> int:
    """Count the events that `restore_removed` would put back."""
    query = select(func.count()).select_from(usage_event_removed).where(_removed(removed_by, batches))
    return int(db.connection.execute(query).scalar_one())


def restore_removed(db: Db, removed_by: int, batches: Sequence[int]) -> int:
    """Put back what a batch replaced, as far as its own batches still count; gives how many events.

    An event whose key came in again meanwhile stays aside.
    """
    wanted = _removed(removed_by, batches)
    columns = [usage_event_removed.c[name] for name in COLUMNS]
    rows = [tuple(row) for row in db.connection.execute(select(*columns).where(wanted).order_by(*columns))]
    aside = [(one.batch_id, one.row) for one in insert_events(db, rows)]
    origin = tuple_(usage_event_removed.c.batch_id, usage_event_removed.c.row)
    db.connection.execute(delete(usage_event_removed).where(wanted, origin.not_in(aside)))
    return len(rows) - len(aside)
