"""Lists of documents and everything about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billdesk.domain.audit import AuditEvent
from billdesk.domain.invoices import Document, DocumentStatus
from billdesk.kernel.changes import Noun
from billdesk.services import audit, payments
from billdesk.services.payments import DocumentSettlement
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import DocumentFilter, DocumentRow, DocumentSort, Related, Sums, outbox
from billdesk.storage.invoices.outbox import Delivery


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document with all that happened to it; `related` are corrections in both directions."""

    document: Document
    row: DocumentRow
    memo: str
    related: tuple[Related, ...]
    settlements: tuple[DocumentSettlement, ...]
    deliveries: tuple[Delivery, ...]
    history: tuple[AuditEvent, ...]


def list_documents(
    db: Db,
    wanted: DocumentFilter,
    *,
    sort: DocumentSort = DocumentSort.ISSUE_DATE,
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
) -> list[DocumentRow]:
    """Give one page of documents."""
    return storage.list_documents(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)


def count_documents(db: Db, wanted: DocumentFilter) -> int:
    """Give how many documents pass."""
    return storage.count_documents(db, wanted)


def sum_documents(db: Db, wanted: DocumentFilter) -> dict[str, Sums]:
    """Add up the documents that pass, by currency."""
    return storage.sum_documents(db, wanted)


def sum_by_status(db: Db, wanted: DocumentFilter) -> dict[DocumentStatus, dict[str, Sums]]:
    """Add up documents by status and currency, for status tabs; the filter's own statuses are ignored."""
    return storage.sum_by_status(db, wanted)


def list_ids(db: Db, wanted: DocumentFilter) -> list[int]:
    """Give the ids of all documents that pass, oldest first, for bulk actions."""
    return storage.list_ids(db, wanted)


def list_draft_ids(db: Db) -> list[int]:
    """Give all drafts that may be issued, oldest first."""
    return storage.list_draft_ids(db)


def load_document(db: Db, document_id: int) -> Document:
    """Give one document with lines, taxes and traces; raises NotFound."""
    return storage.load_document(db, document_id)


def load_documents(db: Db, ids: Sequence[int]) -> list[Document]:
    """Give documents in the order of `ids`."""
    return storage.load_documents(db, ids)


def load_rows(db: Db, ids: Sequence[int]) -> list[DocumentRow]:
    """Give documents as lists show them, by id; ids that are not there are left out."""
    return storage.rows_by_ids(db, ids)


def load_view(db: Db, document_id: int) -> DocumentView:
    """Give a document with payments, deliveries, corrections and history; raises NotFound."""
    document = storage.load_document(db, document_id)
    (row,) = storage.rows_by_ids(db, [document_id])
    return DocumentView(
        document=document,
        row=row,
        memo=storage.load_memo(db, document_id),
        related=tuple(storage.related_documents(db, document_id)),
        settlements=tuple(payments.list_document_settlements(db, document_id)),
        deliveries=tuple(outbox.list_deliveries(db, document_id=document_id)),
        history=tuple(audit.list_events(db, noun=Noun.INVOICES.value, subject=str(document_id))),
    )
