"""Changes of plan that a new plan version brings to running contracts, and keeping standings true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from billdesk.domain.catalog import Catalog, PlanVersion, RunningPolicy
from billdesk.domain.contract_changes import carried_quantities, next_renewal
from billdesk.domain.standing import plan_version_on, standing
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription, SubscriptionState
from billdesk.domain.timeline import in_order, state_on
from billdesk.storage import catalog as catalogue
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db


def refresh_standings(db: Db, records: Iterable[Subscription], catalog: Catalog | None = None) -> None:
    """Derive again what lists show of contracts, from their entries as of today."""
    known = catalog or catalogue.load_catalog(db)
    storage.write_standings(db, {record.id: standing(record, known, db.today) for record in records})


def move_running(db: Db, version: PlanVersion) -> int:
    """Put running contracts of the plan on a version as its policy says; gives how many."""
    if version.running_policy is RunningPolicy.KEEP:
        return 0
    catalog = catalogue.load_catalog(db)
    older = [v.id for v in catalog.plan_versions.values() if v.plan_id == version.plan_id and v.id != version.id]
    running = [
        record
        for record in storage.load_on_versions(db, older)
        if state_on(record, version.effective) not in (SubscriptionState.ENDED, SubscriptionState.FUTURE)
        and plan_version_on(in_order(record.entries), version.effective) in older
    ]
    days = {record.id: _day_of_change(record, catalog, version) for record in running}
    entries = [
        (
            record.id,
            Entry(
                0,
                EntryKind.CHANGE_PLAN,
                days[record.id],
                db.now,
                user=db.user,
                reason=version.note,
                plan_version_id=version.id,
                quantities=carried_quantities(record, catalog, version, days[record.id]),
            ),
        )
        for record in running
    ]
    storage.insert_entries(db, entries)
    storage.touch(db, days)
    refresh_standings(db, storage.load_many(db, days).values(), catalog)
    return len(entries)


def _day_of_change(record: Subscription, catalog: Catalog, version: PlanVersion) -> date:
    """Give the version's own date, or when the contract renews: the end of its term, or of its period without one."""
    if version.running_policy is RunningPolicy.FROM_DATE:
        return version.effective
    return next_renewal(record, catalog, version.effective)
