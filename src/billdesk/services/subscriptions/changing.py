"""What people do with contracts: start, change, pause, renew, cancel, take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from billdesk.domain.catalog import VersionState
from billdesk.domain.contract_changes import Change, Occasion, propose, with_entries
from billdesk.domain.contract_terms import ContractTerm, check_term
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.services import audit
from billdesk.services.indexes import require_index
from billdesk.services.plan_changes import refresh_standings
from billdesk.services.result import Result
from billdesk.services.subscriptions.checking import (
    check_subscription,
    require_open,
    require_priced,
    saved,
    suggest_subscription_number,
)
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import entities
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db

_CHANGED = frozenset({Noun.SUBSCRIPTIONS})
_SELLABLE = (VersionState.LIVE, VersionState.APPROVED)


@dataclass(frozen=True, slots=True)
class Start:
    """How a contract begins: quantities of seat prices by price id, the plan's own where left out.

    `trial_until` None takes the plan version's trial days.
    """

    plan_version_id: int
    day: date
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    trial_until: date | None = None
    reason: str = ""
    term: ContractTerm | None = None


def start_subscription(db: Db, record: Subscription, start: Start) -> Result[Subscription]:
    """Begin a contract (id 0, no entries); an empty number takes the next one. Raises RowsRejected and RuleBroken."""
    catalog = catalogue.load_catalog(db)
    record = preview_start(db, replace(record, number=record.number or suggest_subscription_number(db)), start)
    problems = check_subscription(record, catalog, parties.load_many(db, [record.customer_id]))
    if storage.load_by_numbers(db, [record.number]):
        problems.append(Problem("already_used", Place(field="number"), record.number))
    if problems:
        raise RowsRejected(tuple(problems))
    new_id = storage.insert_many(db, [record])[record.number]
    made = storage.load(db, new_id)
    refresh_standings(db, [made], catalog)
    _record(db, "start_subscription", made, start.reason)
    return Result(made, frozenset({Noun.SUBSCRIPTIONS, Noun.CUSTOMERS}))


def preview_start(db: Db, record: Subscription, start: Start) -> Subscription:
    """Give the contract as it would begin, without writing; raises RuleBroken, RowsRejected and NotFound."""
    version = catalogue.load_versions(db, [start.plan_version_id]).get(start.plan_version_id)
    if version is None:
        raise NotFound("catalog", str(start.plan_version_id))
    if version.state not in _SELLABLE:
        raise RuleBroken("version_state", (("number", str(version.number)), ("state", version.state.value)))
    require_open(db, record.entity_id, start.day)
    if start.term is not None:
        wrong = check_term(start.term, start.day)
        if wrong:
            raise RowsRejected(tuple(wrong))
        require_index(db, start.term.uplift)
    trial = start.trial_until
    if trial is None and version.trial_days:
        trial = start.day + timedelta(days=version.trial_days)
    entry = Entry(
        0,
        EntryKind.START,
        start.day,
        db.now,
        user=db.user,
        reason=start.reason,
        plan_version_id=version.id,
        quantities=dict(start.quantities),
        trial_until=trial,
        term=start.term,
    )
    return replace(record, id=0, version=1, entries=(entry,))


def _record(db: Db, command: str, record: Subscription, reason: str, **more: object) -> None:
    details = {"number": record.number, "reason": reason, **more}
    audit.record(db, command=command, noun=Noun.SUBSCRIPTIONS, subject=str(record.id), details=details)


def change_subscription(db: Db, subscription_id: int, change: Change) -> Result[Subscription]:
    """Carry a change out: plan, quantity, override, pause, resume, convert, anchor or cancel; raises RuleBroken."""
    record = storage.load(db, subscription_id)
    entries = _proposed(db, record, change)
    require_priced(db, with_entries(record, entries))
    storage.insert_entries(db, [(subscription_id, entry) for entry in entries])
    made = saved(db, subscription_id, min(entry.effective for entry in entries))
    days = [entry.effective.isoformat() for entry in entries]
    _record(db, change.kind.value, made, change.reason, days=days)
    return Result(made, frozenset({Noun.SUBSCRIPTIONS, Noun.CUSTOMERS}))


def preview_change(db: Db, subscription_id: int, change: Change) -> Subscription:
    """Give the contract as it would be after a change, without writing; raises RuleBroken."""
    record = storage.load(db, subscription_id)
    return with_entries(record, _proposed(db, record, change))


def _proposed(db: Db, record: Subscription, change: Change) -> tuple[Entry, ...]:
    require_index(db, change.uplift, change.term.uplift if change.term else None)
    lock_date = entities.load_entity(db, record.entity_id).lock_date
    occasion = Occasion(db.today, db.now, db.user)
    return propose(record, catalogue.load_catalog(db), change, occasion, lock_date)


def revoke_entry(db: Db, subscription_id: int, entry_id: int, *, reason: str = "") -> Result[Subscription]:
    """Take one entry back; it stays in the list without effect. Raises RuleBroken for a start others build on."""
    entry = _revocable(db, storage.load(db, subscription_id), entry_id)
    storage.revoke(db, [entry_id], reason=reason)
    made = saved(db, subscription_id, entry.effective)
    _record(db, "revoke_entry", made, reason, entry=entry.kind.value, day=entry.effective.isoformat())
    return Result(made, _CHANGED)


def preview_revoke(db: Db, subscription_id: int, entry_id: int) -> Subscription:
    """Give the contract as it would be without one entry; raises NotFound and RuleBroken."""
    record = storage.load(db, subscription_id)
    entry = _revocable(db, record, entry_id)
    kept = tuple(replace(one, revoked=True) if one.id == entry.id else one for one in record.entries)
    return replace(record, entries=kept)


def _revocable(db: Db, record: Subscription, entry_id: int) -> Entry:
    entry = next((one for one in record.entries if one.id == entry_id and not one.revoked), None)
    if entry is None:
        raise NotFound("subscriptions", f"{record.number} {entry_id}")
    require_open(db, record.entity_id, entry.effective)
    if entry.kind is EntryKind.START and any(not one.revoked and one.id != entry_id for one in record.entries):
        raise RuleBroken("start_has_followers", (("number", record.number),))
    return entry


def update_subscription(db: Db, record: Subscription) -> Result[Subscription]:
    """Change a contract's name, purchase order or notes; raises StaleRecord. Its terms change by entries only."""
    before = storage.load(db, record.id)
    kept = replace(
        before, name=record.name, purchase_order=record.purchase_order, notes=record.notes, version=record.version
    )
    storage.update(db, kept)
    _record(db, "update_subscription", kept, "")
    return Result(replace(kept, version=kept.version + 1), _CHANGED)


def refresh_due_standings(db: Db) -> Result[int]:
    """Bring up to date the lists of contracts that changed by the mere passing of days; gives how many."""
    catalog, done = catalogue.load_catalog(db), 0
    while records := storage.load_to_refresh(db):
        refresh_standings(db, records, catalog)
        done += len(records)
    return Result(done, _CHANGED if done else frozenset())
