"""What stays editable on issued documents, and how documents belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus, LineKind
from billdesk.kernel.errors import StaleRecord
from billdesk.kernel.period import Period
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document, document_correction, document_line


@dataclass(frozen=True, slots=True)
class Related:
    """A document that corrects another or is corrected by it."""

    id: int
    number: str
    kind: DocumentKind
    corrects: bool


@dataclass(frozen=True, slots=True)
class Credited:
    """What later documents took off a line, negative, in minor units."""

    amount_minor: int
    discount_minor: int
    included_tax_minor: int


def load_memo(db: Db, document_id: int) -> str:
    """Give the note that the desk keeps on a document."""
    return str(db.connection.execute(select(document.c.memo).where(document.c.id == document_id)).scalar_one())


def save_memo(db: Db, document_id: int, memo: str, version: int) -> None:
    """Write the desk's note; raises StaleRecord when the document was changed since it was read."""
    matching = (document.c.id == document_id) & (document.c.version == version)
    change = update(document).where(matching).values(memo=memo, version=version + 1)
    if db.connection.execute(change).rowcount != 1:
        raise StaleRecord("invoices", str(document_id), "?", "?")


def mark_uncollectible(db: Db, document_id: int) -> None:
    """Say that nothing more will come of a document."""
    values = {"state": DocumentState.UNCOLLECTIBLE, "status": DocumentStatus.UNCOLLECTIBLE}
    db.connection.execute(update(document).where(document.c.id == document_id).values(values))


def related_documents(db: Db, document_id: int) -> list[Related]:
    """Give the documents that this one corrects, and those that correct it."""
    link = document_correction.c
    columns = (document.c.id, document.c.number, document.c.kind)
    corrected = select(*columns).join(document_correction, link.corrects_id == document.c.id)
    correcting = select(*columns).join(document_correction, link.document_id == document.c.id)
    found = [
        Related(row.id, row.number, row.kind, corrects=False)
        for row in db.connection.execute(corrected.where(link.document_id == document_id))
    ]
    return found + [
        Related(row.id, row.number, row.kind, corrects=True)
        for row in db.connection.execute(correcting.where(link.corrects_id == document_id))
    ]


def credited_lines(db: Db, line_ids: Sequence[int]) -> dict[int, Credited]:
    """Give what issued documents took off these lines, by line."""
    line = document_line.c
    query = (
        select(
            line.corrects_line_id,
            func.sum(line.amount_minor).label("amount"),
            func.sum(line.discount_minor).label("discount"),
            func.sum(func.coalesce(line.included_tax_minor, 0)).label("included"),
        )
        .join(document, document.c.id == line.document_id)
        .where(line.corrects_line_id.in_(line_ids), document.c.state != DocumentState.DRAFT)
        .group_by(line.corrects_line_id)
    )
    return {
        row.corrects_line_id: Credited(int(row.amount), int(row.discount), int(row.included))
        for row in db.connection.execute(query)
    }


def credited_days(db: Db, line_ids: Sequence[int]) -> dict[int, list[Period]]:
    """Give the days that issued credits took back from these lines, by line; adjustments take none."""
    line = document_line.c
    query = (
        select(line.corrects_line_id, line.period_start, line.period_end)
        .join(document, document.c.id == line.document_id)
        .where(line.corrects_line_id.in_(line_ids), line.kind == LineKind.CREDIT)
        .where(document.c.state != DocumentState.DRAFT, line.period_start.is_not(None), line.period_end.is_not(None))
        .order_by(line.id)
    )
    result: dict[int, list[Period]] = {}
    for row in db.connection.execute(query):
        result.setdefault(row.corrects_line_id, []).append(Period(row.period_start, row.period_end))
    return result
