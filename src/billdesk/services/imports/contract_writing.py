"""Writing contracts and entries of an import, and taking them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from billdesk.domain.subscriptions import Entry, Override, Subscription
from billdesk.services.imports.contract_rows import ContractWork
from billdesk.services.imports.model import Held, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.plan_changes import refresh_standings
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange, held_back

_OWN: Final = ("subscription_entry",)
_UNDONE: Final = "import undone"


def apply_contracts(staged: Staged, work: ContractWork) -> list[RecordChange]:
    """Write all at once; gives what was made and changed."""
    db = staged.db
    made = [replace(_settled(staged, record), id=0) for _row, record in work.made]
    ids = storage.insert_many(db, made)
    log = [
        RecordChange(row, "subscription", ids[record.number], None, {"number": record.number})
        for row, record in work.made
    ]
    log += _apply_entries(staged, work)
    for row, old, record in work.updated:
        storage.update(db, record)
        before, after = replace(old, entries=()), replace(record, version=old.version + 1)
        log.append(RecordChange(row, "subscription", old.id, to_json(before), to_json(after)))
    storage.touch(db, work.touched)
    changed = {*ids.values(), *work.touched}
    refresh_standings(db, storage.load_many(db, changed).values())
    return log


def _apply_entries(staged: Staged, work: ContractWork) -> list[RecordChange]:
    db = staged.db
    last = storage.newest_entry_id(db)
    storage.insert_entries(db, [(key, _settled_entry(staged, entry)) for _row, key, entry in work.added])
    new = storage.entries_after(db, last)
    log = [
        RecordChange(row, "subscription_entry", entry_id)
        for (row, _key, _entry), (entry_id, _subscription) in zip(work.added, new, strict=True)
    ]
    storage.revoke(db, [entry_id for _row, _key, entry_id in work.revoked], reason="import")
    log += [RecordChange(row, "subscription_revocation", entry_id) for row, _key, entry_id in work.revoked]
    return log


def _settled(staged: Staged, record: Subscription) -> Subscription:
    return replace(
        record,
        customer_id=staged.real_id("customer", record.customer_id),
        entries=tuple(_settled_entry(staged, entry) for entry in record.entries),
    )


def _settled_entry(staged: Staged, entry: Entry) -> Entry:
    version = entry.plan_version_id
    return replace(
        entry,
        plan_version_id=None if version is None else staged.real_id("plan_version", version),
        quantities={staged.real_id("price", key): quantity for key, quantity in entry.quantities.items()},
        override=_settled_override(staged, entry.override),
    )


def _settled_override(staged: Staged, override: Override | None) -> Override | None:
    return None if override is None else replace(override, price_id=staged.real_id("price", override.price_id))


def plan_contracts(db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
    """Plan to delete new contracts that nothing refers to, to revoke new entries, and to restore own fields."""
    mine = [change for change in changes if change.record == "subscription"]
    new = [change for change in mine if change.before is None]
    held = held_back(db, "subscription", [change.record_id for change in new], plan.gone, _OWN)
    plan.removes("subscription").update(c.record_id for c in new if c.record_id not in held)
    plan.blocked += [(change, Held.by(held[change.record_id])) for change in new if change.record_id in held]
    plan.revoked.update(change.record_id for change in changes if change.record == "subscription_entry")
    plan.revived.update(change.record_id for change in changes if change.record == "subscription_revocation")
    old = [change for change in mine if change.before is not None]
    now = storage.load_many(db, [change.record_id for change in old])
    for change in old:
        if to_json(replace(now[change.record_id], entries=())) == change.after:
            plan.restored.append(change)
        else:
            plan.blocked.append((change, Held("changed_since")))


def undo_contracts(db: Db, plan: UndoPlan) -> None:
    """Carry a plan out; entries of contracts that stay are revoked, never deleted."""
    storage.delete_revocations(db, sorted(plan.revived))
    storage.revoke(db, storage.not_revoked(db, sorted(plan.revoked)), reason=_UNDONE)
    _restore(db, plan)
    storage.delete_many(db, sorted(plan.removes("subscription")))
    changed = plan.revoked | plan.revived
    _refresh(db, set(storage.owners_of(db, changed).values()), changed)


def _restore(db: Db, plan: UndoPlan) -> None:
    for change in plan.restored:
        if change.record == "subscription":
            storage.update(db, replace(from_json(Subscription, change.before), version=change.after["version"]))


def _refresh(db: Db, ids: Iterable[int], wanted: set[int]) -> None:
    records = storage.load_many(db, ids)
    since = {
        record.id: min(entry.effective for entry in record.entries if entry.id in wanted) for record in records.values()
    }
    storage.touch(db, since)
    refresh_standings(db, records.values())
