"""Lists of contracts: filtered, sorted and paged in SQL, with counts and monthly revenue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from billdesk.domain.subscriptions import SubscriptionState
from billdesk.storage.database import Db
from billdesk.storage.search import contains
from billdesk.storage.tables.catalog import plan, plan_version
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.subscriptions import subscription


class SubscriptionSort(StrEnum):
    """What the list of contracts can be sorted by."""

    NUMBER = "number"
    CUSTOMER = "customer"
    PLAN = "plan"
    STATE = "state"
    STARTED = "started"
    NEXT_DUE = "next_due"
    MRR = "mrr"
    TERM_END = "term_end"
    NOTICE_BY = "notice_by"


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """Which contracts a list shows; empty parts do not filter. `to_bill` keeps those that billing must look at.

    `notice_within` keeps those whose notice date comes within so many days, today included.
    """

    search: str = ""
    states: tuple[SubscriptionState, ...] = ()
    customer_id: int | None = None
    plan_id: int | None = None
    plan_version_id: int | None = None
    currency: str = ""
    entity_id: int | None = None
    to_bill: bool = False
    notice_within: int | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """What the list shows of a contract."""

    id: int
    number: str
    name: str
    customer_id: int
    customer_number: str
    customer_name: str
    plan_code: str
    plan_name: str
    plan_version: int | None
    state: SubscriptionState
    currency: str
    mrr_minor: int
    started: date | None
    ended: date | None
    next_due: date | None
    needs_billing: bool
    term_end: date | None = None
    notice_by: date | None = None


@dataclass(frozen=True, slots=True)
class Recurring:
    """Contracts of one state, plan or currency: how many, and their monthly revenue in minor units."""

    key: str
    currency: str
    count: int
    mrr_minor: int


_SORTS: Final[dict[SubscriptionSort, ColumnElement[Any]]] = {
    SubscriptionSort.NUMBER: subscription.c.number,
    SubscriptionSort.CUSTOMER: customer.c.sort_name,
    SubscriptionSort.PLAN: plan.c.name,
    SubscriptionSort.STATE: subscription.c.state,
    SubscriptionSort.STARTED: subscription.c.started,
    SubscriptionSort.NEXT_DUE: subscription.c.next_due,
    SubscriptionSort.MRR: subscription.c.mrr_minor,
    SubscriptionSort.TERM_END: subscription.c.term_end,
    SubscriptionSort.NOTICE_BY: subscription.c.notice_by,
}


_WITH_CUSTOMER: Final = subscription.join(customer, customer.c.id == subscription.c.customer_id)


def _conditions(db: Db, wanted: SubscriptionFilter) -> ColumnElement[bool]:
    columns = subscription.c
    due = columns.needs_billing | (columns.next_due <= db.today)
    return and_(
        contains(columns.search_text.concat(" ").concat(customer.c.search_text), wanted.search),
        columns.state.in_(wanted.states) if wanted.states else true(),
        columns.customer_id == wanted.customer_id if wanted.customer_id is not None else true(),
        columns.plan_id == wanted.plan_id if wanted.plan_id is not None else true(),
        columns.plan_version_id == wanted.plan_version_id if wanted.plan_version_id is not None else true(),
        columns.currency == wanted.currency if wanted.currency else true(),
        columns.entity_id == wanted.entity_id if wanted.entity_id is not None else true(),
        due if wanted.to_bill else true(),
        true() if wanted.notice_within is None else notice_nears(db, wanted.notice_within),
    )


def notice_nears(db: Db, days: int) -> ColumnElement[bool]:
    """Say of a contract that its notice date comes within so many days."""
    last = db.today + timedelta(days=days)
    return subscription.c.notice_by.between(db.today, last)


def count(db: Db, wanted: SubscriptionFilter) -> int:
    """Give how many contracts a filter leaves."""
    query = select(func.count()).select_from(_WITH_CUSTOMER).where(_conditions(db, wanted))
    return db.connection.scalar(query) or 0


def count_states(db: Db, wanted: SubscriptionFilter) -> dict[SubscriptionState, int]:
    """Give how many contracts stand in each state, for the tabs above a list."""
    query = select(subscription.c.state, func.count()).select_from(_WITH_CUSTOMER).where(_conditions(db, wanted))
    return {row[0]: row[1] for row in db.connection.execute(query.group_by(subscription.c.state))}


def list_rows(
    db: Db, wanted: SubscriptionFilter, *, sort: SubscriptionSort, descending: bool, offset: int, limit: int
) -> list[SubscriptionRow]:
    """Give one page of contracts."""
    column = _SORTS[sort]
    order = (column.desc(), subscription.c.id.desc()) if descending else (column, subscription.c.id)
    rows = db.connection.execute(_rows().where(_conditions(db, wanted)).order_by(*order).offset(offset).limit(limit))
    return [SubscriptionRow(**row._mapping) for row in rows]


def _rows() -> Select[Any]:
    own = (
        "id number name customer_id state currency mrr_minor started ended next_due needs_billing term_end notice_by"
    ).split()
    return (
        select(
            *(subscription.c[name] for name in own),
            customer.c.number.label("customer_number"),
            customer.c.name.label("customer_name"),
            func.coalesce(plan.c.code, "").label("plan_code"),
            func.coalesce(plan.c.name, "").label("plan_name"),
            plan_version.c.number.label("plan_version"),
        )
        .join(customer, customer.c.id == subscription.c.customer_id)
        .outerjoin(plan, plan.c.id == subscription.c.plan_id)
        .outerjoin(plan_version, plan_version.c.id == subscription.c.plan_version_id)
    )


def recurring_by_currency(db: Db, wanted: SubscriptionFilter) -> list[Recurring]:
    """Give running contracts and their monthly revenue per currency."""
    return _recurring(db, subscription.c.currency, _conditions(db, wanted))


def recurring_by_plan(db: Db) -> list[Recurring]:
    """Give running contracts and their monthly revenue per plan code and currency."""
    return _recurring(db, plan.c.code, true())


def _recurring(db: Db, key: ColumnElement[str], condition: ColumnElement[bool]) -> list[Recurring]:
    running = subscription.c.state.not_in((SubscriptionState.ENDED, SubscriptionState.FUTURE))
    total = func.sum(subscription.c.mrr_minor)
    query = (
        select(key, subscription.c.currency, func.count(), total)
        .select_from(_WITH_CUSTOMER.outerjoin(plan, plan.c.id == subscription.c.plan_id))
        .where(running, condition)
        .group_by(key, subscription.c.currency)
        .order_by(total.desc(), key)
    )
    return [Recurring(name or "", currency, n, int(mrr)) for name, currency, n, mrr in db.connection.execute(query)]


def count_by_version(db: Db) -> dict[int, int]:
    """Give how many running contracts each plan version has."""
    query = (
        select(subscription.c.plan_version_id, func.count())
        .where(subscription.c.state != SubscriptionState.ENDED, subscription.c.plan_version_id.is_not(None))
        .group_by(subscription.c.plan_version_id)
    )
    return {row[0]: row[1] for row in db.connection.execute(query)}
