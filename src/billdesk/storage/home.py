"""Sums by day for the home screen: what is open, what came in, which contracts ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select

from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus
from billdesk.kernel.money import Money
from billdesk.storage.database import Db
from billdesk.storage.invoices import local_minor
from billdesk.storage.tables.banking import statement_line
from billdesk.storage.tables.catalog import price
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import payment
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import usage_event

_UNPAID = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Open documents of one due day and kind, in the companies' currency."""

    due_date: date
    documents: int
    minor: int
    kind: DocumentKind


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What a book has at least one of."""

    company: bool
    customers: bool
    prices: bool
    subscriptions: bool
    usage: bool
    invoices: bool
    bank: bool


def sum_unpaid(db: Db, entity_ids: Sequence[int], currency: str) -> list[Unpaid]:
    """Add up what is open by due day and kind, each document at its own frozen rate; credit notes are negative."""
    columns = document.c
    # Without coalesce the engine would take the index of numbers by company and read every document; all that is
    # asked for stands in the index of sums.
    unpaid = (columns.status.in_(_UNPAID), func.coalesce(columns.entity_id, 0).in_(entity_ids))
    same = (
        select(columns.due_date, columns.kind, func.count(), func.sum(columns.open_minor))
        .where(*unpaid, columns.currency == currency)
        .group_by(columns.due_date, columns.kind)
    )
    found = [Unpaid(row[0], row[2], int(row[3]), row[1]) for row in db.connection.execute(same)]
    # Rates are exact texts, which SQL cannot multiply with.
    alike = (columns.due_date, columns.currency, columns.rate, columns.open_minor, columns.kind)
    foreign = select(*alike, func.count().label("n")).where(*unpaid, columns.currency != currency).group_by(*alike)
    for row in db.connection.execute(foreign):
        each = local_minor(Money(row.open_minor, row.currency), row.rate, currency)
        found.append(Unpaid(row.due_date, row.n, row.n * each, row.kind))
    return found


def sum_received(db: Db, entity_ids: Sequence[int], since: date) -> dict[date, int]:
    """Add up payments by day, in the companies' currency; what was taken back or returned counts against them."""
    columns = payment.c
    query = (
        select(columns.received_on, func.sum(columns.local_minor))
        .where(columns.entity_id.in_(entity_ids), columns.received_on >= since)
        .group_by(columns.received_on)
    )
    return {row[0]: int(row[1]) for row in db.connection.execute(query)}


def count_starts(db: Db) -> dict[date, int]:
    """Count contracts by the day they started."""
    return _count_by(db, "started")


def count_ends(db: Db) -> dict[date, int]:
    """Count contracts by their first day without service."""
    return _count_by(db, "ended")


def _count_by(db: Db, name: str) -> dict[date, int]:
    column = subscription.c[name]
    query = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in db.connection.execute(query)}


def load_beginnings(db: Db) -> Beginnings:
    """Tell what a book has at least one of."""
    issued = select(document.c.id).where(document.c.state != DocumentState.DRAFT)
    query = select(
        exists(select(entity.c.id)),
        exists(select(customer.c.id)),
        exists(select(price.c.id)),
        exists(select(subscription.c.id)),
        exists(select(usage_event.c.subscription_id)),
        exists(issued),
        exists(select(statement_line.c.id)),
    )
    return Beginnings(*(bool(found) for found in db.connection.execute(query).one()))
