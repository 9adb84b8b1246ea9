"""Contradictions among documents, found by the database itself; each query gives nothing in a sound book."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, func, select

from billdesk.domain.invoices import DocumentState
from billdesk.storage.database import Db
from billdesk.storage.tables.billing import billed_slice
from billdesk.storage.tables.invoices import document, document_line

_MOST = 50
_CHUNK = 500


def wrong_sums(db: Db) -> list[str]:
    """Give documents (number or id) whose net is not the sum of their lines, or whose total is not net plus tax."""
    line = document_line.c
    net = func.sum(line.amount_minor - line.discount_minor - func.coalesce(line.included_tax_minor, 0))
    lines = select(line.document_id, net.label("net")).group_by(line.document_id).subquery()
    columns = document.c
    query = (
        select(columns.id, columns.number)
        .join(lines, lines.c.document_id == columns.id)
        .where((lines.c.net != columns.net_minor) | (columns.net_minor + columns.tax_minor != columns.total_minor))
    )
    return [row.number or str(row.id) for row in db.connection.execute(query.limit(_MOST))]


def days_charged_twice(db: Db) -> list[tuple[int, int]]:
    """Give pairs of lines that charge the same day of a contract's price."""
    one, other = billed_slice.alias("one"), billed_slice.alias("other")
    query = (
        select(one.c.line_id, other.c.line_id)
        .where(one.c.subscription_id == other.c.subscription_id, one.c.price_id == other.c.price_id)
        .where(one.c.id < other.c.id, one.c.start_day < other.c.end_day, one.c.end_day > other.c.start_day)
    )
    return [(row[0], row[1]) for row in db.connection.execute(query.limit(_MOST))]


def credited_too_much(db: Db, line_ids: Sequence[int] | None = None) -> list[int]:
    """Give lines, of all or of these, from which issued documents took more than they charged."""
    return _by_what_is_left(db, line_ids, lambda left: left < 0)


def credited_in_full(db: Db, line_ids: Sequence[int]) -> list[int]:
    """Give those of these lines of which issued documents left nothing."""
    return _by_what_is_left(db, line_ids, lambda left: left == 0)


def _by_what_is_left(
    db: Db, line_ids: Sequence[int] | None, wanted: Callable[[ColumnElement[int]], ColumnElement[bool]]
) -> list[int]:
    charge, credit = document_line.alias("charge"), document_line.alias("credit")
    query = (
        select(charge.c.id)
        .join(credit, credit.c.corrects_line_id == charge.c.id)
        .join(document, document.c.id == credit.c.document_id)
        .where(document.c.state != DocumentState.DRAFT, charge.c.amount_minor > 0)
        .group_by(charge.c.id, charge.c.amount_minor)
        .having(wanted(charge.c.amount_minor + func.sum(credit.c.amount_minor)))
        .order_by(charge.c.id)
    )
    if line_ids is None:
        return list(db.connection.execute(query.limit(_MOST)).scalars())
    parts = (line_ids[start : start + _CHUNK] for start in range(0, len(line_ids), _CHUNK))
    return [key for part in parts for key in db.connection.execute(query.where(charge.c.id.in_(part))).scalars()]
