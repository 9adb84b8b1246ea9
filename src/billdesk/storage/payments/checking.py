"""Promises about money, asked of the stored rows themselves; each query gives the rows that break one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from billdesk.domain.invoices import DocumentState
from billdesk.domain.ledger import Account
from billdesk.domain.payments import LineState
from billdesk.storage.database import Db
from billdesk.storage.payments.reading import is_live
from billdesk.storage.tables.banking import statement, statement_line
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.ledger import journal_entry, posting
from billdesk.storage.tables.payments import allocation, line_booking, open_payment, payment, settlement


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two figures of one record that must agree and do not, in minor units."""

    name: str
    found: int
    expected: int


def _rows(db: Db, query: Select[Any]) -> list[Contradiction]:
    return [Contradiction(str(row[0]), int(row[1]), int(row[2])) for row in db.connection.execute(query)]


def wrong_open_amounts(db: Db) -> list[Contradiction]:
    """Give documents whose open amount is not what they asked for less what settled them."""
    settled = _settled_by_document()
    left = document.c.due_minor - func.coalesce(settled.c.minor, 0)
    query = select(document.c.number, document.c.open_minor, left)
    query = query.select_from(document.outerjoin(settled, settled.c.document_id == document.c.id))
    return _rows(db, query.where(document.c.state != DocumentState.DRAFT, document.c.open_minor != left))


def _settled_by_document() -> Any:  # noqa: ANN401 - SQLAlchemy's own type
    total = func.sum(allocation.c.amount_minor).label("minor")
    query = select(allocation.c.document_id, total).where(allocation.c.document_id.is_not(None))
    return query.group_by(allocation.c.document_id).subquery()


def settled_beyond(db: Db) -> list[Contradiction]:
    """Give documents on which more was settled than they asked for, or less than nothing."""
    due, left = document.c.due_minor, document.c.open_minor
    beyond = or_(and_(due >= 0, or_(left < 0, left > due)), and_(due < 0, or_(left > 0, left < due)))
    query = select(document.c.number, left, due)
    return _rows(db, query.where(document.c.state != DocumentState.DRAFT, beyond))


def wrong_rests(db: Db) -> list[Contradiction]:
    """Give payments whose unused rest is not their amount less what was made of them."""
    used = select(allocation.c.payment_id, func.sum(allocation.c.payment_minor).label("minor"))
    used_by = used.where(allocation.c.payment_id.is_not(None)).group_by(allocation.c.payment_id).subquery()
    got = select(allocation.c.target_payment_id, func.sum(allocation.c.amount_minor).label("minor"))
    got_by = got.where(allocation.c.target_payment_id.is_not(None)).group_by(allocation.c.target_payment_id).subquery()
    left = payment.c.amount_minor - func.coalesce(used_by.c.minor, 0) + func.coalesce(got_by.c.minor, 0)
    stored = func.coalesce(open_payment.c.rest_minor, 0)
    joined = (
        payment.outerjoin(used_by, used_by.c.payment_id == payment.c.id)
        .outerjoin(got_by, got_by.c.target_payment_id == payment.c.id)
        .outerjoin(open_payment, open_payment.c.payment_id == payment.c.id)
    )
    return _rows(db, select(payment.c.id, stored, left).select_from(joined).where(stored != left))


def lines_not_used_fully(db: Db) -> list[Contradiction]:
    """Give settled lines whose parts are not the line, and open lines that have parts."""
    paid = select(payment.c.statement_line_id.label("line"), payment.c.amount_minor.label("minor"))
    paid = paid.where(payment.c.statement_line_id.is_not(None), is_live(payment))
    booked = select(line_booking.c.statement_line_id.label("line"), line_booking.c.amount_minor.label("minor"))
    every = paid.union_all(booked.where(is_live(line_booking))).subquery()
    parts = select(every.c.line, func.sum(every.c.minor).label("minor")).group_by(every.c.line).subquery()
    used = func.coalesce(parts.c.minor, 0)
    settled = statement_line.c.state.in_([LineState.MATCHED, LineState.NOT_CUSTOMER])
    wrong = or_(and_(settled, used != statement_line.c.amount_minor), and_(~settled, parts.c.line.is_not(None)))
    query = select(statement_line.c.id, used, statement_line.c.amount_minor)
    joined = statement_line.outerjoin(parts, parts.c.line == statement_line.c.id)
    return _rows(db, query.select_from(joined).where(wrong))


def broken_statements(db: Db) -> list[Contradiction]:
    """Give statements whose lines are not their movement, beyond the difference that a person accepted.

    Lines that came with an earlier statement are counted there, so only statements that brought all of their lines
    can be checked.
    """
    columns = statement.c
    total = select(statement_line.c.statement_id, func.sum(statement_line.c.amount_minor).label("minor"))
    sums = total.where(statement_line.c.state != LineState.WITHDRAWN).group_by(statement_line.c.statement_id).subquery()
    moved = columns.closing_minor - columns.opening_minor - columns.difference_minor
    query = select(columns.number, func.coalesce(sums.c.minor, 0), moved)
    joined = statement.outerjoin(sums, sums.c.statement_id == columns.id)
    complete = and_(~columns.withdrawn, columns.is_complete, columns.opening_minor.is_not(None))
    wanted = and_(complete, columns.closing_minor.is_not(None), func.coalesce(sums.c.minor, 0) != moved)
    return _rows(db, query.select_from(joined).where(wanted))


def balances_against_ledger(db: Db) -> list[tuple[int, int, int]]:
    """Give (entity, customer, minor units) of the ledger's account of customers' unused money."""
    query = (
        select(journal_entry.c.entity_id, posting.c.customer_id, func.sum(posting.c.minor))
        .join(journal_entry, journal_entry.c.id == posting.c.entry_id)
        .where(posting.c.account == Account.CUSTOMER_BALANCE)
        .group_by(journal_entry.c.entity_id, posting.c.customer_id)
    )
    return [(row[0], row[1] or 0, int(row[2])) for row in db.connection.execute(query)]


def settlements_without_entry(db: Db) -> int:
    """Give how many journal entries name a step that does not exist."""
    sources = ("payment", "allocation", "reversal")
    query = (
        select(func.count())
        .select_from(journal_entry.outerjoin(settlement, settlement.c.id == journal_entry.c.source_id))
        .where(journal_entry.c.source.in_(sources), settlement.c.id.is_(None))
    )
    return int(db.connection.execute(query).scalar_one())
