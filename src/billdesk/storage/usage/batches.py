"""Import batches of usage files and the ranges of events that each touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.errors import NotFound
from billdesk.storage.database import Db
from billdesk.storage.tables.imports import import_batch
from billdesk.storage.tables.usage import usage_span
from billdesk.storage.usage import writing

KIND = "usage"
"""The kind under which import batches of usage stand."""

_FIELDS = tuple(field.name for field in fields(ImportBatch))


@dataclass(frozen=True, slots=True)
class Span:
    """Events of a subscription and metric from `first` to `last` instant, both included."""

    subscription_id: int
    metric_id: int
    first: int
    last: int
    events: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a file."""

    read: int
    added: int = 0
    changed: int = 0
    duplicate: int = 0
    rejected: int = 0
    unmatched: int = 0

    def columns(self) -> dict[str, int]:
        """Give the counts by column."""
        return {f"rows_{name}": getattr(self, name) for name in self.__slots__}


def _record(row: Row[Any]) -> ImportBatch:
    return ImportBatch(**{name: getattr(row, name) for name in _FIELDS})


def subscriptions_of(db: Db, batch_id: int) -> list[int]:
    """Give the contracts whose events a batch touched."""
    columns = usage_span.c
    query = select(columns.subscription_id).where(columns.batch_id == batch_id).distinct()
    return sorted(db.connection.execute(query).scalars())


def start(db: Db, *, file_name: str, sha256: str) -> int:
    """Write a batch whose counts are not known yet; gives its id."""
    values = {"file_name": file_name, "file_sha256": sha256, "imported_at": db.now, "user": db.user}
    statement = insert(import_batch).values(kind=KIND, state=BatchState.APPLIED, **values, **Counts(0).columns())
    return int(db.connection.execute(statement.returning(import_batch.c.id)).scalar_one())


def finish(db: Db, batch_id: int, counts: Counts) -> None:
    """Write what became of the rows."""
    db.connection.execute(update(import_batch).where(import_batch.c.id == batch_id).values(counts.columns()))


def set_undone(db: Db, batch_id: int) -> None:
    """Mark a batch as undone; it stays in the history."""
    db.connection.execute(update(import_batch).where(import_batch.c.id == batch_id).values(state=BatchState.UNDONE))


def load(db: Db, batch_id: int) -> ImportBatch:
    """Give one batch of usage; raises NotFound."""
    query = select(import_batch).where(import_batch.c.id == batch_id, import_batch.c.kind == KIND)
    row = db.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("usage", str(batch_id))
    return _record(row)


def find_complete(db: Db, sha256: str) -> ImportBatch | None:
    """Give the batch that brought all of a file with this content, so that reading it again can add nothing."""
    batch = _find_applied(db, sha256)
    return None if batch is None or batch.rows_rejected or _leaned_on_undone(db, batch) else batch


def _leaned_on_undone(db: Db, batch: ImportBatch) -> bool:
    """Tell whether rows of a batch were duplicates of events that may be gone, their import being undone."""
    query = select(import_batch.c.id).where(
        import_batch.c.kind == KIND,
        import_batch.c.state == BatchState.UNDONE,
        import_batch.c.id < batch.id,
    )
    return bool(batch.rows_duplicate) and db.connection.execute(query.limit(1)).first() is not None


def _find_applied(db: Db, sha256: str) -> ImportBatch | None:
    query = select(import_batch).where(
        import_batch.c.file_sha256 == sha256,
        import_batch.c.kind == KIND,
        import_batch.c.state == BatchState.APPLIED,
    )
    row = db.connection.execute(query.order_by(import_batch.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _record(row)


_SPAN_KEY: Final = ("subscription_id", "metric_id", "batch_id")
_GROW: Final = tuple(
    f"{name} = CASE WHEN excluded.{name} {sign} usage_span.{name} THEN excluded.{name} ELSE usage_span.{name} END"
    for name, sign in (("first_instant", "<"), ("last_instant", ">"))
)


def add_spans(db: Db, batch_id: int, spans: Sequence[Span]) -> None:
    """Note which events a batch touched; what it noted before for the same subscription and metric grows."""
    rows = [(s.subscription_id, s.metric_id, batch_id, s.first, s.last, s.events) for s in spans]
    writing.insert_rows(
        db,
        usage_span,
        (*_SPAN_KEY, "first_instant", "last_instant", "events"),
        rows,
        on_conflict=writing.adding(_SPAN_KEY, ("events",), usage_span, *_GROW),
    )


def spans_of(db: Db, batch_id: int) -> list[Span]:
    """Give the ranges that a batch touched."""
    c = usage_span.c
    query = select(c.subscription_id, c.metric_id, c.first_instant, c.last_instant, c.events)
    query = query.where(c.batch_id == batch_id).order_by(c.subscription_id, c.metric_id)
    return [Span(*row) for row in db.connection.execute(query)]


def states(db: Db) -> dict[int, BatchState]:
    """Give the state of every batch of usage."""
    query = select(import_batch.c.id, import_batch.c.state).where(import_batch.c.kind == KIND)
    return {row.id: row.state for row in db.connection.execute(query)}
