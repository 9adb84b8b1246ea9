"""What a simulation reads and writes in its copy of the book: sums, what falls due, and usage that repeats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from billdesk.domain.invoices import DocumentStatus
from billdesk.storage import bulk
from billdesk.storage.billing import EVERYBODY, Scope
from billdesk.storage.database import Db
from billdesk.storage.invoices.outbox import DeliveryState
from billdesk.storage.tables.invoices import delivery, document
from billdesk.storage.tables.usage import usage_event
from billdesk.storage.usage.batches import Span

_UNPAID = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)
_MILLION: Final = 10**6
_HASHES: Final = 1 << 52
"""Repeated events keep so much of their key's hash; the rest says which repetition they are of."""


@dataclass(frozen=True, slots=True)
class IssuedSums:
    """Documents of one currency added up in minor units; credit notes are negative."""

    currency: str
    documents: int
    net_minor: int
    tax_minor: int
    total_minor: int


def sum_documents(db: Db, ids: Iterable[int]) -> list[IssuedSums]:
    """Add documents up by currency."""
    columns = document.c
    query = select(
        columns.currency,
        func.count().label("documents"),
        func.sum(columns.net_minor).label("net"),
        func.sum(columns.tax_minor).label("tax"),
        func.sum(columns.total_minor).label("total"),
    ).group_by(columns.currency)
    sums: dict[str, IssuedSums] = {}
    for row in bulk.rows_in(db, query, columns.id, ids):
        known = sums.get(row.currency, IssuedSums(row.currency, 0, 0, 0, 0))
        sums[row.currency] = IssuedSums(
            row.currency,
            known.documents + row.documents,
            known.net_minor + int(row.net),
            known.tax_minor + int(row.tax),
            known.total_minor + int(row.total),
        )
    return [sums[currency] for currency in sorted(sums)]


def sum_due_by_month(db: Db, first: date, last: date, scope: Scope = EVERYBODY) -> dict[tuple[str, str], int]:
    """Give what is open and falls due from `first` to `last`, by month (`2026-03`) and currency."""
    columns = document.c
    month = func.substr(cast(columns.due_date, Text), 1, 7).label("month")
    query = (
        select(month, columns.currency, func.sum(columns.open_minor).label("minor"))
        .where(columns.status.in_(_UNPAID), columns.due_date >= first, columns.due_date <= last, *_inside(scope))
        .group_by(month, columns.currency)
    )
    return {(row.month, row.currency): int(row.minor) for row in db.connection.execute(query)}


def _inside(scope: Scope) -> Iterator[ColumnElement[bool]]:
    if scope.entity_id is not None:
        yield document.c.entity_id == scope.entity_id
    if scope.customer_ids:
        yield document.c.customer_id.in_(sorted(scope.customer_ids))


def drafts_inside(db: Db, scope: Scope) -> list[int]:
    """Give the drafts of a scope's customers that may be issued, oldest first."""
    columns = document.c
    query = select(columns.id).where(columns.status == DocumentStatus.DRAFT, columns.hold.is_(False), *_inside(scope))
    return list(db.connection.execute(query.order_by(columns.id)).scalars())


@dataclass(frozen=True, slots=True)
class Repetition:
    """A month of usage to be written again in another month; all are instants.

    Events that would come after `target_end`, because that month is shorter, fall on its last instant; only those
    within `[since, until)` are written. Quantities are multiplied by `millionths` ÷ 1,000,000 and cut off.
    """

    source_start: int
    source_end: int
    target_start: int
    target_end: int
    since: int
    until: int
    millionths: int
    number: int
    batch_id: int


def repeat_usage(db: Db, wanted: Repetition) -> int:
    """Write events of one month again in another; gives how many there are."""
    event = usage_event.c
    moved = event.instant + (wanted.target_start - wanted.source_start)
    instant = case((moved >= wanted.target_end, literal(wanted.target_end - 1)), else_=moved)
    # Split, so that the product of a large quantity does not leave the range of whole numbers.
    grown = (event.quantity // _MILLION) * wanted.millionths + (
        event.quantity % _MILLION
    ) * wanted.millionths // _MILLION
    query = select(
        event.subscription_id,
        event.metric_id,
        instant.label("instant"),
        (event.key_hash % _HASHES + wanted.number * _HASHES).label("key_hash"),
        event.series,
        grown.label("quantity"),
        literal(wanted.batch_id).label("batch_id"),
        event.row,
    ).where(
        event.instant >= wanted.source_start,
        event.instant < wanted.source_end,
        event.batch_id != wanted.batch_id,
        instant >= wanted.since,
        instant < wanted.until,
    )
    names = [column.name for column in usage_event.columns]
    make = sqlite_insert if db.is_sqlite else postgres_insert
    written = db.connection.execute(make(usage_event).from_select(names, query).on_conflict_do_nothing())
    return max(0, int(written.rowcount))


def spans_of_repeated(db: Db, batch_id: int) -> list[Span]:
    """Give the ranges of events that were repeated."""
    event = usage_event.c
    query = (
        select(event.subscription_id, event.metric_id, func.min(event.instant), func.max(event.instant), func.count())
        .where(event.batch_id == batch_id)
        .group_by(event.subscription_id, event.metric_id)
    )
    return [Span(*row) for row in db.connection.execute(query)]


def cancel_deliveries(db: Db) -> None:
    """Empty the outbox: a copy that somebody keeps and opens must never send."""
    waiting = [DeliveryState.QUEUED.value, DeliveryState.SENDING.value, DeliveryState.FAILED.value]
    cancelled = DeliveryState.CANCELLED.value
    db.connection.execute(update(delivery).where(delivery.c.state.in_(waiting)).values(state=cancelled))
    shown = update(document).where(document.c.delivery_state.in_(waiting))
    db.connection.execute(shown.values(delivery_state=cancelled))
