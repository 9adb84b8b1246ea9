"""What people do with contracts: start, change, pause, cancel, take back, find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from billdesk.domain.catalog import Catalog, PlanVersion, VersionState
from billdesk.domain.contract_changes import Change, Occasion, When, propose, with_entries
from billdesk.domain.customers import Customer
from billdesk.domain.standing import Standing, standing
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription, SubscriptionState
from billdesk.domain.timeline import Term, lay_out
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.services import audit
from billdesk.services.identifiers import next_number
from billdesk.services.plan_changes import refresh_standings
from billdesk.services.result import Result
from billdesk.services.timeline_words import TimelineItem, describe_entries
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import entities
from billdesk.storage import subscription_lists as lists
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db
from billdesk.storage.subscription_lists import Recurring, SubscriptionFilter, SubscriptionRow, SubscriptionSort

__all__ = [
    "Change",
    "Recurring",
    "SubscriptionFilter",
    "SubscriptionRow",
    "SubscriptionSort",
    "TimelineItem",
    "When",
]

FIRST_NUMBER: Final = "S00001"
EVERYTHING = SubscriptionFilter()
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


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """A contract with all that a screen shows beside it; `terms` are the prices in force today."""

    subscription: Subscription
    customer: Customer
    standing: Standing
    plan_name: str
    version: PlanVersion | None
    terms: tuple[Term, ...]
    timeline: tuple[TimelineItem, ...]
    next_due: date | None


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
    """Give the contract as it would begin, without writing; raises RuleBroken and NotFound."""
    version = catalogue.load_versions(db, [start.plan_version_id]).get(start.plan_version_id)
    if version is None:
        raise NotFound("catalog", str(start.plan_version_id))
    if version.state not in _SELLABLE:
        raise RuleBroken("version_state", (("number", str(version.number)), ("state", version.state.value)))
    _require_open(db, record.entity_id, start.day)
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
    )
    return replace(record, id=0, version=1, entries=(entry,))


def check_subscription(record: Subscription, catalog: Catalog, customers: Mapping[int, Customer]) -> list[Problem]:
    """Say what is wrong with a contract: its customer, negative quantities, prices without its currency."""
    problems = []
    customer = customers.get(record.customer_id)
    if customer is None:
        problems.append(Problem("unknown_customer", Place(field="customer"), str(record.customer_id)))
    elif customer.archived:
        problems.append(Problem("customer_archived", Place(field="customer"), customer.number))
    problems += [
        Problem("too_small", Place(field="quantity"), f"{quantity:f}", (("minimum", "0"),))
        for entry in record.entries
        for quantity in entry.quantities.values()
        if quantity < 0
    ]
    return problems + list(lay_out(record, catalog).problems)


def _require_open(db: Db, entity_id: int, day: date) -> None:
    lock_date = entities.load_entity(db, entity_id).lock_date
    if lock_date is not None and day < lock_date:
        raise RuleBroken("before_lock_date", (("date", lock_date.isoformat()),))


def _record(db: Db, command: str, record: Subscription, reason: str, **more: object) -> None:
    details = {"number": record.number, "reason": reason, **more}
    audit.record(db, command=command, noun=Noun.SUBSCRIPTIONS, subject=str(record.id), details=details)


def change_subscription(db: Db, subscription_id: int, change: Change) -> Result[Subscription]:
    """Carry a change out: plan, quantity, override, pause, resume, convert, anchor or cancel; raises RuleBroken."""
    record = storage.load(db, subscription_id)
    entries = _proposed(db, record, change)
    _require_priced(db, with_entries(record, entries))
    storage.insert_entries(db, [(subscription_id, entry) for entry in entries])
    made = _changed(db, subscription_id, min(entry.effective for entry in entries))
    days = [entry.effective.isoformat() for entry in entries]
    _record(db, change.kind.value, made, change.reason, days=days)
    return Result(made, frozenset({Noun.SUBSCRIPTIONS, Noun.CUSTOMERS}))


def preview_change(db: Db, subscription_id: int, change: Change) -> Subscription:
    """Give the contract as it would be after a change, without writing; raises RuleBroken."""
    record = storage.load(db, subscription_id)
    return with_entries(record, _proposed(db, record, change))


def _proposed(db: Db, record: Subscription, change: Change) -> tuple[Entry, ...]:
    lock_date = entities.load_entity(db, record.entity_id).lock_date
    occasion = Occasion(db.today, db.now, db.user)
    return propose(record, catalogue.load_catalog(db), change, occasion, lock_date)


def _require_priced(db: Db, record: Subscription) -> None:
    problems = check_subscription(record, catalogue.load_catalog(db), parties.load_many(db, [record.customer_id]))
    problems = [problem for problem in problems if problem.code != "customer_archived"]
    if problems:
        raise RowsRejected(tuple(problems))


def _changed(db: Db, subscription_id: int, since: date) -> Subscription:
    storage.touch(db, {subscription_id: since})
    made = storage.load(db, subscription_id)
    refresh_standings(db, [made])
    return made


def revoke_entry(db: Db, subscription_id: int, entry_id: int, *, reason: str = "") -> Result[Subscription]:
    """Take one entry back; it stays in the list without effect. Raises RuleBroken for a start others build on."""
    record = storage.load(db, subscription_id)
    entry = next((one for one in record.entries if one.id == entry_id and not one.revoked), None)
    if entry is None:
        raise NotFound("subscriptions", f"{record.number} {entry_id}")
    _require_open(db, record.entity_id, entry.effective)
    if entry.kind is EntryKind.START and any(not one.revoked and one.id != entry_id for one in record.entries):
        raise RuleBroken("start_has_followers", (("number", record.number),))
    storage.revoke(db, [entry_id], reason=reason)
    made = _changed(db, subscription_id, entry.effective)
    _record(db, "revoke_entry", made, reason, entry=entry.kind.value, day=entry.effective.isoformat())
    return Result(made, _CHANGED)


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


# Reading


def suggest_subscription_number(db: Db) -> str:
    """Give the next free contract number in the form that is used most."""
    return next_number(storage.all_numbers(db), FIRST_NUMBER)


def load_subscription(db: Db, subscription_id: int) -> Subscription:
    """Give one contract with its entries; raises NotFound."""
    return storage.load(db, subscription_id)


def load_subscription_card(db: Db, subscription_id: int) -> SubscriptionCard:
    """Give one contract with customer, plan, prices in force today and its timeline in words."""
    record, catalog = storage.load(db, subscription_id), catalogue.load_catalog(db)
    now = standing(record, catalog, db.today)
    runs = lay_out(record, catalog).terms.values()
    plan = catalog.plans.get(now.plan_id or 0)
    return SubscriptionCard(
        record,
        parties.load(db, record.customer_id),
        now,
        plan.name if plan else "",
        catalog.plan_versions.get(now.plan_version_id or 0),
        tuple(term for run in runs for term in run if db.today in term.period),
        describe_entries(record, catalog, db.today),
        storage.load_next_due(db, subscription_id),
    )


def load_timeline(db: Db, subscription_id: int) -> tuple[TimelineItem, ...]:
    """Give the history and future of one contract in words, oldest first."""
    return describe_entries(storage.load(db, subscription_id), catalogue.load_catalog(db), db.today)


def list_subscriptions(
    db: Db,
    wanted: SubscriptionFilter = EVERYTHING,
    *,
    sort: SubscriptionSort = SubscriptionSort.NUMBER,
    descending: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> list[SubscriptionRow]:
    """Give one page of contracts."""
    return lists.list_rows(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)


def count_subscriptions(db: Db, wanted: SubscriptionFilter = EVERYTHING) -> int:
    """Give how many contracts a filter leaves."""
    return lists.count(db, wanted)


def count_states(db: Db, wanted: SubscriptionFilter = EVERYTHING) -> dict[SubscriptionState, int]:
    """Give how many contracts stand in each state, for tabs."""
    return lists.count_states(db, wanted)


def monthly_revenue(db: Db, wanted: SubscriptionFilter = EVERYTHING) -> list[Recurring]:
    """Give running contracts and their MRR per currency."""
    return lists.recurring_by_currency(db, wanted)


def monthly_revenue_by_plan(db: Db) -> list[Recurring]:
    """Give running contracts and their MRR per plan code and currency."""
    return lists.recurring_by_plan(db)
