"""Contracts for lists, panels and whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from billdesk.domain.catalog import PlanVersion
from billdesk.domain.contract_changes import term_on
from billdesk.domain.customers import Customer
from billdesk.domain.rating import plain_terms
from billdesk.domain.renewals import Renewal, RunningTerm
from billdesk.domain.standing import Standing, standing
from billdesk.domain.subscriptions import Subscription, SubscriptionState
from billdesk.domain.timeline import Term, lay_out
from billdesk.services.subscriptions.endings import next_renewal
from billdesk.services.timeline_words import TimelineItem, describe_entries
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import subscription_lists as lists
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db
from billdesk.storage.subscription_lists import Recurring, SubscriptionFilter, SubscriptionRow, SubscriptionSort

EVERYTHING = SubscriptionFilter()


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """A contract with all that a screen shows beside it; `terms` are the prices in force today.

    `term` is the contract term that runs, `renewal` the next time that it renews.
    """

    subscription: Subscription
    customer: Customer
    standing: Standing
    plan_name: str
    version: PlanVersion | None
    terms: tuple[Term, ...]
    timeline: tuple[TimelineItem, ...]
    next_due: date | None
    today: date
    term: RunningTerm | None = None
    renewal: Renewal | None = None


def load_subscription(db: Db, subscription_id: int) -> Subscription:
    """Give one contract with its entries; raises NotFound."""
    return storage.load(db, subscription_id)


def load_subscription_card(db: Db, subscription_id: int) -> SubscriptionCard:
    """Give one contract with customer, plan, prices in force today and its timeline in words."""
    record, catalog = storage.load(db, subscription_id), catalogue.load_catalog(db)
    now = standing(record, catalog, db.today)
    runs = lay_out(record, catalog, db.today).terms.values()
    plan = catalog.plans.get(now.plan_id or 0)
    return SubscriptionCard(
        record,
        parties.load(db, record.customer_id),
        now,
        plan.name if plan else "",
        catalog.plan_versions.get(now.plan_version_id or 0),
        tuple(
            replace(term, terms=plain_terms(catalog, term.price, term.terms, db.today))
            for run in runs
            for term in run
            if db.today in term.period
        ),
        describe_entries(record, catalog, db.today),
        storage.load_next_due(db, subscription_id),
        db.today,
        term_on(record, db.today),
        next_renewal(record, db.today),
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


def count_notices(db: Db, days: tuple[int, ...]) -> dict[int, int]:
    """Give how many contracts have their notice date within each of these numbers of days."""
    return {within: lists.count(db, SubscriptionFilter(notice_within=within)) for within in days}


def monthly_revenue(db: Db, wanted: SubscriptionFilter = EVERYTHING) -> list[Recurring]:
    """Give running contracts and their MRR per currency."""
    return lists.recurring_by_currency(db, wanted)


def monthly_revenue_by_plan(db: Db) -> list[Recurring]:
    """Give running contracts and their MRR per plan code and currency."""
    return lists.recurring_by_plan(db)
