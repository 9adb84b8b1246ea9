"""How corrections belong to what they correct, and the open invoices that credit notes are set off against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from billdesk.domain.invoices import DocumentKind, DocumentStatus
from billdesk.kernel.money import Money
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document, document_correction

_UNPAID: Final = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An issued invoice on which something is open."""

    document_id: int
    entity_id: int
    customer_id: int
    due_date: date
    open: Money


def corrected_by(db: Db, ids: Iterable[int]) -> dict[int, list[int]]:
    """Give by document the ids of those that it corrects, oldest first; documents that correct nothing are left out."""
    link = document_correction.c
    query = select(link.document_id, link.corrects_id).order_by(link.corrects_id)
    result: dict[int, list[int]] = {}
    for row in rows_in(db, query, link.document_id, ids):
        result.setdefault(row.document_id, []).append(row.corrects_id)
    return result


def replacements(db: Db, ids: Iterable[int]) -> set[int]:
    """Give those invoices that a person put in the place of another one."""
    query = (
        select(document.c.id)
        .join(document_correction, document_correction.c.document_id == document.c.id)
        .where(document.c.kind == DocumentKind.INVOICE, document.c.run_id.is_(None))
    )
    return {row.id for row in rows_in(db, query, document.c.id, ids)}


def open_invoices(db: Db, customer_ids: Iterable[int]) -> list[OpenInvoice]:
    """Give the invoices of customers on which something is open, the first due first."""
    columns = document.c
    query = select(document).where(columns.status.in_(_UNPAID), columns.open_minor > 0)
    found = [
        OpenInvoice(row.id, row.entity_id, row.customer_id, row.due_date, Money(row.open_minor, row.currency))
        for row in rows_in(db, query, columns.customer_id, customer_ids)
    ]
    return sorted(found, key=lambda one: (one.due_date, one.document_id))
