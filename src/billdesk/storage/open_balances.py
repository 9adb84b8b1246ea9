"""What customers owe, for pages of lists."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from billdesk.domain.invoices import DocumentStatus
from billdesk.kernel.money import Money
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document

_UNPAID = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


def sum_open(db: Db, customer_ids: Iterable[int]) -> dict[int, tuple[Money, ...]]:
    """Give what is open on the documents of customers, one amount per currency; those without are left out."""
    columns = document.c
    query = (
        select(columns.customer_id, columns.currency, func.sum(columns.open_minor).label("open"))
        .where(columns.status.in_(_UNPAID))
        .group_by(columns.customer_id, columns.currency)
    )
    found: dict[int, tuple[Money, ...]] = {}
    for row in bulk.rows_in(db, query, columns.customer_id, list(customer_ids)):
        if row.open:
            found[row.customer_id] = (*found.get(row.customer_id, ()), Money(int(row.open), row.currency))
    return found
