"""The queue of usage rows that wait: unmatched, or at odds with an event under the same key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, delete, func, select

from billdesk.domain.usage import WaitReason
from billdesk.kernel.decimals import to_text
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.imports import import_batch
from billdesk.storage.tables.usage import usage_unmatched
from billdesk.storage.types import from_micros
from billdesk.storage.usage import writing
from billdesk.storage.usage.series import canonical


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A row on its way into the queue, as the file has it; `instant` is in microseconds."""

    row: int
    reference: str
    metric: str
    key: str
    instant: int
    quantity: Decimal
    properties: tuple[tuple[str, str], ...]
    reason: WaitReason

    def fingerprint(self) -> int:
        """Give a number that is the same for the same row of another import."""
        content = (self.reference, self.metric, self.key, self.instant, to_text(self.quantity), self.properties)
        digest = hashlib.blake2b(repr(content).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row of the queue as a screen shows it."""

    id: int
    batch_id: int
    file_name: str
    row: int
    reference: str
    metric: str
    key: str
    instant: datetime
    quantity: Decimal
    properties: tuple[tuple[str, str], ...]
    reason: WaitReason


@dataclass(frozen=True, slots=True)
class WaitingFilter:
    """Which rows of the queue; `text` is found in reference, metric and key."""

    text: str = ""
    reason: WaitReason | None = None
    batch_id: int | None = None


def add(db: Db, batch_id: int, events: Sequence[WaitingEvent]) -> int:
    """Put rows into the queue; one that waits already is not added. Gives how many were."""
    columns = (
        "batch_id",
        "row",
        "reference",
        "metric",
        "key",
        "instant",
        "quantity",
        "properties",
        "reason",
        "fingerprint",
    )
    rows = [
        (
            *(batch_id, e.row, e.reference, e.metric, e.key, e.instant),
            *(to_text(e.quantity), canonical(dict(e.properties)), e.reason.value, e.fingerprint()),
        )
        for e in events
    ]
    return writing.insert_rows(db, usage_unmatched, columns, rows, on_conflict=writing.IGNORE)


def _filtered(query: Select[Any], wanted: WaitingFilter) -> Select[Any]:
    c = usage_unmatched.c
    if wanted.text:
        text = wanted.text.strip().lower()
        found = [func.lower(column).contains(text, autoescape=True) for column in (c.reference, c.metric, c.key)]
        query = query.where(found[0] | found[1] | found[2])
    if wanted.reason is not None:
        query = query.where(c.reason == wanted.reason)
    if wanted.batch_id is not None:
        query = query.where(c.batch_id == wanted.batch_id)
    return query


def _record(row: Row[Any]) -> WaitingRow:
    return WaitingRow(
        id=row.id,
        batch_id=row.batch_id,
        file_name=row.file_name,
        row=row.row,
        reference=row.reference,
        metric=row.metric,
        key=row.key,
        instant=from_micros(row.instant),
        quantity=row.quantity,
        properties=tuple(row.properties.items()),
        reason=row.reason,
    )


_LISTED = select(usage_unmatched, import_batch.c.file_name).join(
    import_batch, import_batch.c.id == usage_unmatched.c.batch_id
)


def list_waiting(db: Db, wanted: WaitingFilter, *, offset: int, limit: int) -> list[WaitingRow]:
    """Give rows of the queue in the order in which they came."""
    query = _filtered(_LISTED, wanted).order_by(usage_unmatched.c.id).offset(offset).limit(limit)
    return [_record(row) for row in db.connection.execute(query)]


def count_waiting(db: Db, wanted: WaitingFilter) -> int:
    """Count the rows that `list_waiting` would give."""
    return int(db.connection.scalar(_filtered(select(func.count()).select_from(usage_unmatched), wanted)) or 0)


def has_metric(db: Db, code: str) -> bool:
    """Tell whether rows of a metric wait."""
    return bool(db.connection.scalar(select(usage_unmatched.c.id).where(usage_unmatched.c.metric == code).limit(1)))


def walk_waiting(db: Db, size: int) -> Iterator[list[WaitingRow]]:
    """Give the whole queue in chunks; rows may be removed meanwhile."""
    after = 0
    while rows := db.connection.execute(
        _LISTED.where(usage_unmatched.c.id > after).order_by(usage_unmatched.c.id).limit(size)
    ).all():
        after = rows[-1].id
        yield [_record(row) for row in rows]


def remove(db: Db, ids: Iterable[int]) -> int:
    """Take rows out of the queue; gives how many were there."""
    removed = 0
    for chunk in bulk.chunks(ids):
        removed += db.connection.execute(delete(usage_unmatched).where(usage_unmatched.c.id.in_(chunk))).rowcount
    return removed


def remove_of_batch(db: Db, batch_id: int) -> int:
    """Take the rows of a batch out of the queue; gives how many were there."""
    return db.connection.execute(delete(usage_unmatched).where(usage_unmatched.c.batch_id == batch_id)).rowcount


def set_reasons(db: Db, reasons: dict[int, WaitReason]) -> None:
    """Write why rows wait now, by id."""
    for reason in set(reasons.values()):
        ids = [key for key, value in reasons.items() if value is reason]
        for chunk in bulk.chunks(ids):
            statement = usage_unmatched.update().where(
                usage_unmatched.c.id.in_(chunk), usage_unmatched.c.reason != reason
            )
            db.connection.execute(statement.values(reason=reason))
