"""How a contract may end and what that costs, and moving what lies ahead to another day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from billdesk.domain.billing.fees import FeeQuote, quote_fee
from billdesk.domain.contract_changes import earliest_end, require_state, term_on
from billdesk.domain.renewals import Renewal, RunningTerm, course
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.timeline import in_order
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.period import add_months
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.services.subscriptions.checking import require_open, require_priced, saved, without
from billdesk.storage import catalog as catalogue
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db

_AHEAD = 60
"""Months in which the next renewal is looked for."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What holds when notice is given today: the first day without the contract, and what ending it now costs."""

    term: RunningTerm | None
    earliest: date
    fee: FeeQuote | None


def load_ending(db: Db, subscription_id: int, *, day: date | None = None) -> Ending:
    """Say when a contract may end at the earliest and what an end on `day` (today) costs; raises NotFound."""
    record = storage.load(db, subscription_id)
    wanted = day or db.today
    fee = quote_fee(record, catalogue.load_catalog(db), wanted, min(db.today, wanted))
    return Ending(term_on(record, db.today), earliest_end(record, db.today), fee)


def next_renewal(record: Subscription, today: date) -> Renewal | None:
    """Give the next day on which a contract renews by what is agreed now."""
    renewals = course(in_order(record.entries), add_months(today, _AHEAD)).renewals
    return next((one for one in renewals if one.day > today), None)


def move_entry(db: Db, subscription_id: int, entry_id: int, day: date) -> Result[Subscription]:
    """Move a change that lies ahead to another day: it is taken back and made again; raises RuleBroken."""
    record, entry = _movable(db, subscription_id, entry_id, day)
    require_priced(db, _moved(record, entry, day))
    storage.revoke(db, [entry_id], reason="moved")
    storage.insert_entries(db, [(subscription_id, _again(db, entry, day))])
    made = saved(db, subscription_id, min(entry.effective, day))
    details = {"number": record.number, "entry": entry.kind.value, "from": entry.effective.isoformat()}
    details |= {"day": day.isoformat()}
    audit.record(db, command="move_entry", noun=Noun.SUBSCRIPTIONS, subject=str(record.id), details=details)
    return Result(made, frozenset({Noun.SUBSCRIPTIONS, Noun.CUSTOMERS}))


def preview_move(db: Db, subscription_id: int, entry_id: int, day: date) -> Subscription:
    """Give the contract as it would be with a change on another day; raises RuleBroken."""
    record, entry = _movable(db, subscription_id, entry_id, day)
    return _moved(record, _again(db, entry, day), day, old_id=entry_id)


def _movable(db: Db, subscription_id: int, entry_id: int, day: date) -> tuple[Subscription, Entry]:
    record = storage.load(db, subscription_id)
    entry = next((one for one in record.entries if one.id == entry_id and not one.revoked), None)
    if entry is None:
        raise NotFound("subscriptions", f"{record.number} {entry_id}")
    if entry.kind is EntryKind.START:
        raise RuleBroken("start_stays")
    if entry.effective <= db.today or day < db.today:
        raise RuleBroken("entry_not_ahead")
    require_open(db, record.entity_id, day)
    require_state(without(record, entry), entry.kind, day)
    return record, entry


def _again(db: Db, entry: Entry, day: date) -> Entry:
    return replace(entry, id=0, effective=day, recorded_at=db.now, user=db.user)


def _moved(record: Subscription, entry: Entry, day: date, *, old_id: int | None = None) -> Subscription:
    gone = entry.id if old_id is None else old_id
    kept = [replace(one, revoked=True) if one.id == gone else one for one in record.entries]
    number = max(one.id for one in record.entries) + 1
    return replace(record, entries=(*kept, replace(entry, id=number, effective=day)))
