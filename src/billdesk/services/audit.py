"""The audit trail: one event per command, chained so that nothing can be taken out unseen."""

from __future__ import annotations

from collections.abc import Mapping

from billdesk.domain.audit import GENESIS, AuditEvent, canonical, chain_hash
from billdesk.kernel.changes import Noun
from billdesk.storage import audit as storage
from billdesk.storage.database import Db
from billdesk.storage.types import to_micros


def record(db: Db, *, command: str, noun: Noun, subject: str = "", details: Mapping[str, object] | None = None) -> int:
    """Write that this transaction's user did `command`; `details` must be JSON values."""
    return storage.append(db, command=command, noun=noun.value, subject=subject, details=canonical(details or {}))


def list_events(db: Db, *, offset: int = 0, limit: int = 100, noun: str = "", subject: str = "") -> list[AuditEvent]:
    """Give events, newest first, optionally of one noun or one record."""
    return storage.list_events(db, offset=offset, limit=limit, noun=noun, subject=subject)


def count_events(db: Db, *, noun: str = "") -> int:
    """Give how many events there are."""
    return storage.count_events(db, noun=noun)


def first_broken_event(db: Db) -> AuditEvent | None:
    """Walk the chain and give the first event that does not follow from the one before, or None."""
    previous = GENESIS
    for event in storage.walk_events(db):
        micros = str(to_micros(event.at))
        expected = chain_hash(previous, micros, event.user, event.command, event.subject, event.details)
        if event.previous_hash != previous or event.hash != expected:
            return event
        previous = event.hash
    return None
