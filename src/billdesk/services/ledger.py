"""The journal: posting, recognising revenue by day, and proving that the book ties out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import InvariantBroken, Problem, RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import entities, invoices
from billdesk.storage import ledger as storage
from billdesk.storage.database import Db
from billdesk.storage.ledger import Deferral, EntryFilter, StoredEntry

_CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class TieOut:
    """What documents and journal of one entity say about the same things, in minor units of its currency.

    From documents: `issued`, `open_items`, `unearned` (revenue still to be recognised). From the journal:
    `receivables`, `settled` (what receipts, credits and write-offs took from receivables), `deferred`, and
    `balance`, the sum of all postings.
    """

    entity_id: int
    currency: str
    issued: int
    receivables: int
    settled: int
    open_items: int
    deferred: int
    unearned: int
    balance: int

    @property
    def holds(self) -> bool:
        """Whether issued = receivables + settled, receivables = open items, deferred = unearned, Σ = 0."""
        return (
            self.balance == 0
            and self.receivables == self.open_items
            and self.deferred == self.unearned
            and self.issued == self.receivables + self.settled
        )


def post(db: Db, entries: Sequence[JournalEntry]) -> None:
    """Write entries; raises InvariantBroken when one is not balanced, RuleBroken in a closed period."""
    unbalanced = [f"{entry.source} {entry.source_id}" for entry in entries if not entry.is_balanced]
    if unbalanced:
        raise InvariantBroken("postings_sum_to_zero", tuple(unbalanced))
    locks = {record.id: record.lock_date for record in entities.list_entities(db)} if entries else {}
    for entry in entries:
        require_open(locks.get(entry.entity_id), entry.posted_on)
    storage.insert_entries(db, entries)


def require_open(lock_date: date | None, day: date) -> None:
    """Raise RuleBroken `period_locked` when `day` is in a closed period (billing rules §14)."""
    if lock_date is not None and day <= lock_date:
        raise RuleBroken("period_locked", (("date", day.isoformat()), ("lock_date", lock_date.isoformat())))


def list_entries(db: Db, wanted: EntryFilter, *, offset: int = 0, limit: int = 100) -> list[StoredEntry]:
    """Give entries with their postings, newest first."""
    return storage.list_entries(db, wanted, offset=offset, limit=limit)


def trial_balance(db: Db, entity_id: int, *, first: date | None = None, until: date | None = None) -> dict[str, int]:
    """Give each account's sum between two days, both inside; debit positive, minor units of the entity's currency."""
    return storage.balances(db, entity_id, first=first, until=until)


def recognise_revenue(db: Db, until: date, *, progress: Progress) -> Result[int]:
    """Post revenue that was earned before `until` and is not posted yet; gives how many lines earned something.

    Each line earns by day: round(amount × days passed ÷ days) less what it earned before, so that its parts
    add up to the amount. Doing it twice posts nothing.
    """
    done, after = 0, 0
    while chunk := storage.open_deferrals(db, until, after_id=after, limit=_CHUNK):
        _recognise(db, chunk, until)
        done, after = done + len(chunk), chunk[-1].id
        progress.step(done)
    details = {"until": until.isoformat(), "lines": done}
    audit.record(db, command="recognise_revenue", noun=Noun.LEDGER, details=details)
    return Result(done, frozenset({Noun.LEDGER}))


def _recognise(db: Db, chunk: Sequence[Deferral], until: date) -> None:
    currencies = {record.id: record.currency for record in entities.list_entities(db)}
    earned = [(one, _earned(one, until)) for one in chunk]
    day = until - timedelta(days=1)
    entries = []
    for (entity_id, document_id), group in groupby(
        sorted(earned, key=lambda pair: (pair[0].entity_id, pair[0].document_id)),
        key=lambda pair: (pair[0].entity_id, pair[0].document_id),
    ):
        postings = _recognition(list(group), currencies[entity_id])
        if postings:
            entries.append(JournalEntry(entity_id, day, EntrySource.RECOGNITION, document_id, "", postings))
    post(db, entries)
    storage.save_recognised(db, [(one.id, minor, min(until, one.end)) for one, minor in earned])


def _earned(one: Deferral, until: date) -> int:
    days, passed = (one.end - one.start).days, (min(until, one.end) - one.start).days
    return round_ratio(one.minor * passed, days)


def _recognition(earned: Sequence[tuple[Deferral, int]], currency: str) -> tuple[Posting, ...]:
    postings = []
    for one, minor in earned:
        part = minor - one.recognised_minor
        if part:
            postings.append(Posting(Account.DEFERRED_REVENUE.value, part, part, currency, one.customer_id))
            postings.append(Posting(one.account, -part, -part, currency, one.customer_id))
    return combine(postings)


def combine(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Add up postings of one account, currency and customer; sums of nothing are left out."""
    key = _account_key
    result = []
    for (account, currency, customer_id), group in groupby(sorted(postings, key=key), key=key):
        members = list(group)
        minor, original = sum(one.minor for one in members), sum(one.original_minor for one in members)
        if minor or original:
            result.append(Posting(account, minor, original, currency, customer_id or None))
    return tuple(result)


def _account_key(one: Posting) -> tuple[str, str, int]:
    return one.account, one.original_currency, one.customer_id or 0


def tie_out(db: Db, entity_id: int) -> TieOut:
    """Compare the journal with the documents of an entity."""
    record = entities.load_entity(db, entity_id)
    accounts = storage.balances(db, entity_id)
    posted = storage.receivables_by_source(db, entity_id)
    receivables = accounts.get(Account.RECEIVABLES.value, 0)
    return TieOut(
        entity_id=entity_id,
        currency=record.currency,
        issued=invoices.issued_local(db, entity_id, record.currency),
        receivables=receivables,
        settled=-sum(minor for source, minor in posted.items() if source is not EntrySource.DOCUMENT),
        open_items=invoices.open_local(db, entity_id, record.currency),
        deferred=-accounts.get(Account.DEFERRED_REVENUE.value, 0),
        unearned=storage.deferred_by_entity(db).get(entity_id, 0),
        balance=sum(accounts.values()),
    )


def check_ledger(db: Db) -> list[Problem]:
    """Give every way in which journal and documents disagree, empty when the book is sound."""
    problems = [Problem("entry_unbalanced", value=str(key)) for key in storage.unbalanced_entries(db)]
    for record in entities.list_entities(db):
        found = tie_out(db, record.id)
        if found.receivables != found.open_items:
            problems.append(_differs("receivables_differ", record.code, found.receivables, found.open_items))
        if found.issued != found.receivables + found.settled:
            problems.append(_differs("issued_differ", record.code, found.receivables + found.settled, found.issued))
        if found.deferred != found.unearned:
            problems.append(_differs("deferred_differs", record.code, found.deferred, found.unearned))
    return problems


def _differs(code: str, entity: str, ledger: int, documents: int) -> Problem:
    return Problem(code, value=entity, details=(("ledger", str(ledger)), ("documents", str(documents))))
