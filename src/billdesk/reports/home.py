"""The figures of the home screen, each from one index or a small table, so that a large book opens as fast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_, select, true

from billdesk.domain.invoices import DocumentStatus
from billdesk.domain.payments import LineState
from billdesk.kernel.money import Money
from billdesk.kernel.period import add_months
from billdesk.storage import alerts, entities
from billdesk.storage.alerts import AlertEventFilter
from billdesk.storage.database import Db
from billdesk.storage.invoices import local_minor, outbox
from billdesk.storage.invoices.outbox import DeliveryState
from billdesk.storage.subscription_lists import notice_nears
from billdesk.storage.tables.banking import statement_line
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import payment
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import usage_unmatched

MONTHS: Final = 12
BUCKET_DAYS: Final = (30, 60, 90)
"""Upper edges, in days overdue, of the overdue buckets; the last bucket is open."""
_SOON: Final = timedelta(days=30)
_UNPAID: Final = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents, and what is open on them (or their total, for drafts), by currency."""

    count: int
    amounts: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month's invoices in the reporting currency, tax included: what is paid, open and overdue today."""

    month: date
    paid: Money
    open: Money
    overdue: Money


@dataclass(frozen=True, slots=True)
class HomeFigures:
    """What the home screen shows. `overdue` goes by age: up to 30, 60, 90 days, and older; `alerts` nobody has seen.

    `notices` are contracts whose notice date comes soon.
    """

    today: date
    overdue: tuple[Counted, ...]
    due_soon: Counted
    drafts: Counted
    subscriptions_to_bill: int
    usage_unmatched: int
    bank_lines_to_match: int
    mails_failed: int
    mails_waiting: int
    mrr: tuple[Money, ...]
    cash_in: tuple[Money, ...]
    months: tuple[MonthBar, ...]
    alerts: int = 0
    notices: int = 0


def home_figures(db: Db) -> HomeFigures:
    """Read all figures of the home screen as of today."""
    mails = outbox.count_by_state(db)
    *overdue, due_soon = _unpaid(db)
    return HomeFigures(
        today=db.today,
        overdue=tuple(overdue),
        due_soon=due_soon,
        drafts=_drafts(db),
        subscriptions_to_bill=_to_bill(db),
        usage_unmatched=_count(db, select(func.count()).select_from(usage_unmatched)),
        bank_lines_to_match=_to_match(db),
        mails_failed=mails.get(DeliveryState.FAILED, 0),
        mails_waiting=mails.get(DeliveryState.QUEUED, 0),
        mrr=_amounts(db, select(subscription.c.currency, func.sum(subscription.c.mrr_minor)).group_by("currency")),
        cash_in=_cash_in(db),
        months=_months(db),
        alerts=alerts.count_events(db, AlertEventFilter(only_unseen=True)),
        notices=_count(db, select(func.count()).select_from(subscription).where(notice_nears(db, _SOON.days))),
    )


def _count(db: Db, query: Select[Any]) -> int:
    return int(db.connection.execute(query).scalar_one())


def _amounts(db: Db, query: Select[Any]) -> tuple[Money, ...]:
    rows = sorted((currency, int(minor)) for currency, minor in db.connection.execute(query))
    return tuple(Money(minor, currency) for currency, minor in rows if minor)


def _unpaid(db: Db) -> tuple[Counted, ...]:
    """Add up unpaid documents by due day: the overdue buckets, then what is due soon; credit notes are negative.

    One query reads one index for all of them; due days as a range would send the engine to each document.
    """
    due = document.c.due_date
    edges = [db.today - timedelta(days=days) for days in BUCKET_DAYS]
    spans = list(pairwise([db.today, *edges]))
    conditions = [and_(due < end, due >= start) for end, start in spans]
    conditions += [due < edges[-1], and_(due >= db.today, due < db.today + _SOON)]
    columns: list[ColumnElement[Any]] = []
    for condition in conditions:
        columns += [func.count(case((condition, 1))), func.sum(case((condition, document.c.open_minor), else_=0))]
    query = select(document.c.currency, *columns).where(document.c.status.in_(_UNPAID)).group_by(document.c.currency)
    rows = sorted(tuple(row) for row in db.connection.execute(query))
    return tuple(_counted([(row[0], row[1 + 2 * i], row[2 + 2 * i]) for row in rows]) for i in range(len(conditions)))


def _counted(rows: Iterable[tuple[str, int, int]]) -> Counted:
    found = [(currency, count, Money(int(minor), currency)) for currency, count, minor in rows if count]
    return Counted(sum(count for _c, count, _m in found), tuple(amount for _c, _n, amount in found))


def _drafts(db: Db) -> Counted:
    query = select(document.c.currency, func.count(), func.sum(document.c.total_minor))
    query = query.where(document.c.status == DocumentStatus.DRAFT).group_by(document.c.currency)
    return _counted(sorted(tuple(row) for row in db.connection.execute(query)))


def _to_bill(db: Db) -> int:
    due = or_(subscription.c.needs_billing, subscription.c.next_due <= db.today)
    return _count(db, select(func.count()).select_from(subscription).where(due))


def _to_match(db: Db) -> int:
    return _count(db, select(func.count()).select_from(statement_line).where(statement_line.c.state == LineState.OPEN))


def _cash_in(db: Db) -> tuple[Money, ...]:
    """Add up what came in this month, less what bounced or was given back."""
    first = db.today.replace(day=1)
    query = select(payment.c.currency, func.sum(payment.c.amount_minor)).where(payment.c.received_on >= first)
    return _amounts(db, query.group_by(payment.c.currency))


def _months(db: Db) -> tuple[MonthBar, ...]:
    companies = entities.list_entities(db)
    if not companies:
        return ()
    currency = companies[0].currency
    this_month = db.today.replace(day=1)
    starts = [add_months(this_month, k) for k in range(1 - MONTHS, 1)]
    totals = _month_totals(db, starts[0], currency)
    unpaid = _month_unpaid(db, starts[0], currency)
    bars = []
    for start in starts:
        key = start.isoformat()[:7]
        opened, late = unpaid.get((key, False), 0), unpaid.get((key, True), 0)
        paid = totals.get(key, 0) - opened - late
        bars.append(MonthBar(start, Money(paid, currency), Money(opened, currency), Money(late, currency)))
    return tuple(bars)


def _month_totals(db: Db, first: date, currency: str) -> dict[str, int]:
    """Add up issued documents by month, of the companies that keep their books in the reporting currency."""
    month = func.substr(cast(document.c.issue_date, Text), 1, 7)
    query = (
        select(month, func.sum(document.c.total_local_minor))
        .where(document.c.issue_date >= first, document.c.status != DocumentStatus.DRAFT, _kept_in(db, currency))
        .group_by(month)
    )
    return {key: int(minor) for key, minor in db.connection.execute(query)}


def _kept_in(db: Db, currency: str) -> ColumnElement[bool]:
    companies = entities.list_entities(db)
    if all(company.currency == currency for company in companies):
        # Saying so would make the engine read every document instead of the index alone.
        return true()
    return document.c.entity_id.in_(select(entity.c.id).where(entity.c.currency == currency))


def _month_unpaid(db: Db, first: date, currency: str) -> dict[tuple[str, bool], int]:
    month = func.substr(cast(document.c.issue_date, Text), 1, 7).label("month")
    late = (document.c.due_date < db.today).label("late")
    keys = (month, late, document.c.currency, document.c.rate)
    query = (
        select(*keys, func.sum(document.c.open_minor).label("minor"))
        .where(document.c.status.in_(_UNPAID), document.c.issue_date >= first, _kept_in(db, currency))
        .group_by(*keys)
    )
    result: dict[tuple[str, bool], int] = {}
    for row in db.connection.execute(query):
        key = (row.month, bool(row.late))
        result[key] = result.get(key, 0) + local_minor(Money(int(row.minor), row.currency), row.rate, currency)
    return result
