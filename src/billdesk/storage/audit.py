"""Writing and reading the hash-chained audit events of a book."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Row, func, insert, select

from billdesk.domain.audit import GENESIS, AuditEvent, chain_hash
from billdesk.storage.database import Db
from billdesk.storage.tables.audit import audit_event
from billdesk.storage.types import to_micros


def append(db: Db, *, command: str, noun: str, subject: str, details: str) -> int:
    """Add an event behind the last one and give its id."""
    table = audit_event
    last = db.connection.execute(select(table.c.hash).order_by(table.c.id.desc()).limit(1)).scalar()
    previous = last or GENESIS
    values = {"at": db.now, "user": db.user, "command": command, "noun": noun, "subject": subject, "details": details}
    values |= {"previous_hash": previous}
    values |= {"hash": chain_hash(previous, str(to_micros(db.now)), db.user, command, subject, details)}
    key = db.connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return int(key)


def list_events(db: Db, *, offset: int = 0, limit: int = 100, noun: str = "", subject: str = "") -> list[AuditEvent]:
    """Give events, newest first, optionally of one noun or one record."""
    query = select(audit_event).order_by(audit_event.c.id.desc()).offset(offset).limit(limit)
    if noun:
        query = query.where(audit_event.c.noun == noun)
    if subject:
        query = query.where(audit_event.c.subject == subject)
    return [_record(row) for row in db.connection.execute(query)]


def count_events(db: Db, *, noun: str = "") -> int:
    """Give how many events there are."""
    query = select(func.count()).select_from(audit_event)
    if noun:
        query = query.where(audit_event.c.noun == noun)
    return db.connection.execute(query).scalar_one()


def walk_events(db: Db) -> Iterator[AuditEvent]:
    """Give every event, oldest first, without holding them all."""
    result = db.connection.execution_options(yield_per=1000).execute(select(audit_event).order_by(audit_event.c.id))
    for row in result:
        yield _record(row)


def _record(row: Row[tuple[object, ...]]) -> AuditEvent:
    return AuditEvent(**row._mapping)
