"""Writing the journal and reading balances, entries and deferred revenue from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, update

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.kernel.records import quick
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples, reserve_ids
from billdesk.storage.tables.ledger import deferral, journal_entry, posting
from billdesk.storage.types import to_micros

_ENTRY: Final = ("id", "entity_id", "posted_on", "source", "source_id", "text", "created_at")
_POSTING: Final = ("entry_id", "position", "account", "minor", "original_minor", "original_currency", "customer_id")
_DEFERRAL: Final = (
    "entity_id customer_id document_id line_id account start_day end_day minor recognised_minor recognised_until"
).split()


@quick
@dataclass(frozen=True, slots=True)
class Deferral:
    """Revenue of an issued line that is earned by day over `[start, end)`, in the entity's currency."""

    entity_id: int
    customer_id: int
    document_id: int
    line_id: int
    account: str
    start: date
    end: date
    minor: int
    recognised_minor: int = 0
    recognised_until: date | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list; days are both inside."""

    entity_id: int | None = None
    source: EntrySource | None = None
    source_id: int | None = None
    account: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with the id under which the journal knows it."""

    id: int
    entry: JournalEntry


def insert_entries(db: Db, entries: Sequence[JournalEntry]) -> None:
    """Add entries with their postings."""
    ids = reserve_ids(db, journal_entry, len(entries)) if entries else range(0)
    created = to_micros(db.now)
    rows = [
        (key, entry.entity_id, entry.posted_on.isoformat(), entry.source.value, entry.source_id, entry.text, created)
        for key, entry in zip(ids, entries, strict=True)
    ]
    insert_tuples(db, journal_entry, _ENTRY, rows)
    postings = [
        (key, position, line.account, line.minor, line.original_minor, line.original_currency, line.customer_id)
        for key, entry in zip(ids, entries, strict=True)
        for position, line in enumerate(entry.postings, start=1)
    ]
    insert_tuples(db, posting, _POSTING, postings)


def list_entries(db: Db, wanted: EntryFilter, *, offset: int = 0, limit: int = 100) -> list[StoredEntry]:
    """Give entries with their postings, newest first."""
    table = journal_entry
    query = _filtered(select(table), wanted).order_by(table.c.posted_on.desc(), table.c.id.desc())
    rows = db.connection.execute(query.offset(offset).limit(limit)).all()
    lines = select(posting).where(posting.c.entry_id.in_([row.id for row in rows]))
    postings: dict[int, list[Posting]] = {}
    for line in db.connection.execute(lines.order_by(posting.c.entry_id, posting.c.position)):
        record = Posting(line.account, line.minor, line.original_minor, line.original_currency, line.customer_id)
        postings.setdefault(line.entry_id, []).append(record)
    return [StoredEntry(row.id, _entry(row, tuple(postings.get(row.id, ())))) for row in rows]


def _entry(row: Row[Any], postings: tuple[Posting, ...]) -> JournalEntry:
    return JournalEntry(row.entity_id, row.posted_on, row.source, row.source_id, row.text, postings)


def _filtered(query: Select[Any], wanted: EntryFilter) -> Select[Any]:
    table = journal_entry.c
    if wanted.entity_id is not None:
        query = query.where(table.entity_id == wanted.entity_id)
    if wanted.source is not None:
        query = query.where(table.source == wanted.source)
    if wanted.source_id is not None:
        query = query.where(table.source_id == wanted.source_id)
    if wanted.first is not None:
        query = query.where(table.posted_on >= wanted.first)
    if wanted.last is not None:
        query = query.where(table.posted_on <= wanted.last)
    if wanted.account:
        query = query.where(table.id.in_(select(posting.c.entry_id).where(posting.c.account == wanted.account)))
    return query


def balances(db: Db, entity_id: int, *, first: date | None = None, until: date | None = None) -> dict[str, int]:
    """Add up postings by account, from `first` to `until`, both inside; debit positive."""
    query = (
        select(posting.c.account, func.sum(posting.c.minor))
        .join(journal_entry, journal_entry.c.id == posting.c.entry_id)
        .where(journal_entry.c.entity_id == entity_id)
        .group_by(posting.c.account)
        .order_by(posting.c.account)
    )
    if first is not None:
        query = query.where(journal_entry.c.posted_on >= first)
    if until is not None:
        query = query.where(journal_entry.c.posted_on <= until)
    return {account: int(minor) for account, minor in db.connection.execute(query)}


def receivables_by_source(db: Db, entity_id: int) -> dict[EntrySource, int]:
    """Add up what each kind of event posted to receivables, in the entity's currency."""
    query = (
        select(journal_entry.c.source, func.sum(posting.c.minor))
        .join(journal_entry, journal_entry.c.id == posting.c.entry_id)
        .where(journal_entry.c.entity_id == entity_id, posting.c.account == Account.RECEIVABLES.value)
        .group_by(journal_entry.c.source)
    )
    return {source: int(minor) for source, minor in db.connection.execute(query)}


def unbalanced_entries(db: Db, limit: int = 20) -> list[int]:
    """Give ids of entries whose postings do not sum to zero; empty in a sound book."""
    query = select(posting.c.entry_id).group_by(posting.c.entry_id).having(func.sum(posting.c.minor) != 0)
    return list(db.connection.execute(query.limit(limit)).scalars())


def insert_deferrals(db: Db, deferrals: Sequence[Deferral]) -> None:
    """Add revenue that will be earned by day."""
    rows = [
        (
            one.entity_id,
            one.customer_id,
            one.document_id,
            one.line_id,
            one.account,
            one.start.isoformat(),
            one.end.isoformat(),
            one.minor,
            one.recognised_minor,
            one.start.isoformat(),
        )
        for one in deferrals
    ]
    insert_tuples(db, deferral, _DEFERRAL, rows)


def open_deferrals(db: Db, until: date, *, after_id: int = 0, limit: int = 5_000) -> list[Deferral]:
    """Give deferrals with days before `until` (not inside) that are not recognised yet, by id."""
    table = deferral.c
    query = select(deferral).where(
        table.id > after_id, table.recognised_until < until, table.recognised_until < table.end_day
    )
    return [_deferral(row) for row in db.connection.execute(query.order_by(table.id).limit(limit))]


def _deferral(row: Row[Any]) -> Deferral:
    return Deferral(
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        document_id=row.document_id,
        line_id=row.line_id,
        account=row.account,
        start=row.start_day,
        end=row.end_day,
        minor=row.minor,
        recognised_minor=row.recognised_minor,
        recognised_until=row.recognised_until,
        id=row.id,
    )


def save_recognised(db: Db, recognised: Sequence[tuple[int, int, date]]) -> None:
    """Write how much of each deferral (by id) is recognised, and up to which day."""
    for key, minor, until in recognised:
        values = {"recognised_minor": minor, "recognised_until": until}
        db.connection.execute(update(deferral).where(deferral.c.id == key).values(values))


def deferred_by_entity(db: Db) -> dict[int, int]:
    """Give what is still to be earned, by entity, from the deferrals themselves."""
    query = select(deferral.c.entity_id, func.sum(deferral.c.minor - deferral.c.recognised_minor))
    return {key: int(minor) for key, minor in db.connection.execute(query.group_by(deferral.c.entity_id))}
