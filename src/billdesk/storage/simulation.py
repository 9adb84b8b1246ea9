"""What a simulation reads of its copy of the book: sums of what it issued, and what falls due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Text, cast, func, select, update

from billdesk.domain.invoices import DocumentStatus
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.invoices.outbox import DeliveryState
from billdesk.storage.tables.invoices import delivery, document

_UNPAID = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


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


def sum_due_by_month(db: Db, first: date, last: date) -> dict[tuple[str, str], int]:
    """Give what is open and falls due from `first` to `last`, by month (`2026-03`) and currency."""
    columns = document.c
    month = func.substr(cast(columns.due_date, Text), 1, 7).label("month")
    query = (
        select(month, columns.currency, func.sum(columns.open_minor).label("minor"))
        .where(columns.status.in_(_UNPAID), columns.due_date >= first, columns.due_date <= last)
        .group_by(month, columns.currency)
    )
    return {(row.month, row.currency): int(row.minor) for row in db.connection.execute(query)}


def cancel_deliveries(db: Db) -> None:
    """Empty the outbox: a copy that somebody keeps and opens must never send."""
    waiting = [DeliveryState.QUEUED.value, DeliveryState.SENDING.value, DeliveryState.FAILED.value]
    cancelled = DeliveryState.CANCELLED.value
    db.connection.execute(update(delivery).where(delivery.c.state.in_(waiting)).values(state=cancelled))
    shown = update(document).where(document.c.delivery_state.in_(waiting))
    db.connection.execute(shown.values(delivery_state=cancelled))
