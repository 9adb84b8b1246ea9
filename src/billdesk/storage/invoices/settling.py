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
    document.c.rate,
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
        rate=row.rate,
        open_minor=row.open_minor,
        is_issued=row.state is DocumentState.ISSUED or row.state is DocumentState.UNCOLLECTIBLE,
    )


def set_open(db: Db, amounts: Mapping[int, int], day: date) -> None:
    """Write what is open on documents (minor units by id), and with it their status and the day of closing."""
    columns = document.c
    after = bindparam("after", type_=columns.open_minor.type)
    untouched = or_(
        and_(columns.due_minor >= 0, after >= columns.due_minor),
        and_(columns.due_minor < 0, after <= columns.due_minor),
    )
    given_up = columns.state == DocumentState.UNCOLLECTIBLE
    # A write-off that is taken back, or money that comes after all, makes the document an open one again.
    state = case((and_(given_up, after != 0), DocumentState.ISSUED), else_=columns.state)
    status = case(
        (and_(given_up, after == 0), DocumentStatus.UNCOLLECTIBLE),
        (after == 0, DocumentStatus.PAID),
        (untouched, DocumentStatus.OPEN),
        else_=DocumentStatus.PARTLY_PAID,
    )
    closed = case((after == 0, bindparam("day", type_=columns.closed_on.type)), else_=None)
    statement = update(document).where(columns.id == bindparam("document_id"))
    rows = [{"document_id": key, "after": minor, "day": day} for key, minor in sorted(amounts.items())]
    if rows:
        db.connection.execute(statement.values(open_minor=after, state=state, status=status, closed_on=closed), rows)
