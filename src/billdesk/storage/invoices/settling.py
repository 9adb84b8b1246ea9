"""What is open on documents: read for settling, and moved in this one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, or_, select, update

from billdesk.domain.invoices import DocumentState, DocumentStatus
from billdesk.domain.payments import Receivable
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document

_COLUMNS = (
    document.c.id,
    document.c.number,
    document.c.entity_id,
    document.c.customer_id,
    document.c.currency,
    document.c.issue_date,
    document.c.total_minor,
    document.c.total_local_minor,
    document.c.open_minor,
    document.c.state,
)


def load_receivables(db: Db, ids: Iterable[int]) -> list[Receivable]:
    """Give documents as settling needs them; an id that does not exist is left out."""
    return [_receivable(row) for row in rows_in(db, select(*_COLUMNS), document.c.id, ids)]


def _receivable(row: Row[Any]) -> Receivable:
    return Receivable(
        document_id=row.id,
        number=row.number,
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        currency=row.currency,
        issue_date=row.issue_date,
        total_minor=row.total_minor,
        local_minor=row.total_local_minor,
        open_minor=row.open_minor,
        is_issued=row.state is DocumentState.ISSUED or row.state is DocumentState.UNCOLLECTIBLE,
    )


def change_open(db: Db, deltas: Mapping[int, int], day: date) -> None:
    """Move open amounts by `deltas` (minor units by document) and with them status and the day of closing."""
    columns = document.c
    after = columns.open_minor + bindparam("delta")
    untouched = or_(
        and_(columns.due_minor >= 0, after >= columns.due_minor),
        and_(columns.due_minor < 0, after <= columns.due_minor),
    )
    status = case(
        (columns.state != DocumentState.ISSUED, columns.status),
        (after == 0, DocumentStatus.PAID),
        (untouched, DocumentStatus.OPEN),
        else_=DocumentStatus.PARTLY_PAID,
    )
    statement = (
        update(document)
        .where(columns.id == bindparam("document_id"))
        .values(open_minor=after, status=status, closed_on=case((after == 0, bindparam("day")), else_=None))
    )
    rows = [{"document_id": key, "delta": delta, "day": day} for key, delta in sorted(deltas.items()) if delta]
    if rows:
        db.connection.execute(statement, rows)
