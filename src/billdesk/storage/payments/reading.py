"""Reading steps, payments and allocations back as records; what was taken back is left out unless asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Table, and_, exists, func, or_, select

from billdesk.domain.payments import (
    Allocation,
    AllocationKind,
    LineBooking,
    Payment,
    PaymentPast,
    PaymentRest,
    Settlement,
    Step,
)
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.tables.payments import allocation, line_booking, open_payment, payment, settlement


def is_live(table: FromClause) -> ColumnElement[bool]:
    """Say that a row is neither a reversal nor reversed."""
    other = table.alias()
    return and_(table.c.reverses_id.is_(None), ~exists().where(other.c.reverses_id == table.c.id))


def load_step(db: Db, settlement_id: int) -> Step:
    """Give a step with those of its rows that still count; raises NotFound."""
    row = db.connection.execute(select(settlement).where(settlement.c.id == settlement_id)).one_or_none()
    if row is None:
        raise NotFound("payments", str(settlement_id))
    return Step(
        Settlement(**row._mapping),
        tuple(_payment(found) for found in _live_rows(db, payment, settlement_id)),
        tuple(_allocation(found) for found in _live_rows(db, allocation, settlement_id)),
        tuple(_booking(found) for found in _live_rows(db, line_booking, settlement_id)),
    )


def _live_rows(db: Db, table: Table, settlement_id: int) -> list[Row[Any]]:
    wanted = (table.c.settlement_id == settlement_id) & is_live(table)
    return list(db.connection.execute(select(table).where(wanted).order_by(table.c.id)))


def live_settlement_of_line(db: Db, line_id: int) -> int | None:
    """Give the step that settled a statement line and was not taken back."""
    wanted = (settlement.c.statement_line_id == line_id) & is_live(settlement)
    return db.connection.execute(select(settlement.c.id).where(wanted)).scalar()


def last_settlement_of_line(db: Db, line_id: int) -> Settlement | None:
    """Give the latest step with a statement line, also one that took another back."""
    query = select(settlement).where(settlement.c.statement_line_id == line_id).order_by(settlement.c.id.desc())
    row = db.connection.execute(query.limit(1)).one_or_none()
    return None if row is None else Settlement(**row._mapping)


def load_later(db: Db, step: Step) -> list[Allocation]:
    """Give the live allocations that other steps made from the payments of a step."""
    ids = [row.id for row in step.payments]
    touching = or_(allocation.c.payment_id.in_(ids), allocation.c.target_payment_id.in_(ids))
    wanted = and_(touching, allocation.c.settlement_id != step.settlement.id, is_live(allocation))
    return [
        _allocation(row) for row in db.connection.execute(select(allocation).where(wanted).order_by(allocation.c.id))
    ]


def live_returns_of(db: Db, payment_ids: Iterable[int]) -> list[Payment]:
    """Give the payments by which one of these came back."""
    query = select(payment).where(is_live(payment))
    return [_payment(row) for row in rows_in(db, query, payment.c.returns_id, payment_ids)]


def noted_on_lines(db: Db, payment_ids: Iterable[int]) -> dict[int, int]:
    """Give the statement line by which the bank confirmed each of these payments."""
    query = select(line_booking.c.payment_id, line_booking.c.statement_line_id).where(is_live(line_booking))
    return {row.payment_id: row.statement_line_id for row in rows_in(db, query, line_booking.c.payment_id, payment_ids)}


def load_payments(db: Db, ids: Iterable[int]) -> list[Payment]:
    """Give payments by id, those taken back too."""
    return [_payment(row) for row in rows_in(db, select(payment), payment.c.id, ids)]


def is_taken_back(db: Db, settlement_id: int) -> bool:
    """Whether a step was taken back."""
    query = select(settlement.c.id).where(settlement.c.reverses_id == settlement_id)
    return db.connection.execute(query).first() is not None


def load_past(db: Db, payment_id: int) -> PaymentPast:
    """Give what happened to a payment so far."""
    returns = live_returns_of(db, [payment_id])
    sources = [payment_id, *(row.id for row in returns)]
    on_documents = and_(allocation.c.document_id.is_not(None), is_live(allocation))
    used = select(allocation).where(on_documents, allocation.c.payment_id.in_(sources)).order_by(allocation.c.id)
    own = select(payment.c.settlement_id).where(payment.c.id == payment_id).scalar_subquery()
    given = select(allocation).where(
        on_documents,
        allocation.c.settlement_id == own,
        allocation.c.kind.not_in([AllocationKind.PAYMENT, AllocationKind.CREDIT_NOTE]),
    )
    return PaymentPast(
        tuple(_allocation(row) for row in db.connection.execute(used)),
        tuple(_allocation(row) for row in db.connection.execute(given.order_by(allocation.c.id))),
        sum(row.amount.minor for row in returns),
    )


def load_uses_of_document(db: Db, document_id: int) -> list[Allocation]:
    """Give what settled a document and still counts, with the other side of credit notes, oldest first."""
    other_side = and_(allocation.c.kind == AllocationKind.CREDIT_NOTE, allocation.c.credit_document_id == document_id)
    wanted = and_(or_(allocation.c.document_id == document_id, other_side), is_live(allocation))
    query = select(allocation).where(wanted).order_by(allocation.c.allocated_on, allocation.c.id)
    return [_allocation(row) for row in db.connection.execute(query)]


def load_rests(db: Db, payment_ids: Iterable[int]) -> list[PaymentRest]:
    """Give payments with what is left of them, also when nothing is."""
    query = select(payment, func.coalesce(open_payment.c.rest_minor, 0).label("rest_minor")).outerjoin(
        open_payment, open_payment.c.payment_id == payment.c.id
    )
    return [_rest(row) for row in rows_in(db, query, payment.c.id, payment_ids)]


def load_open_rests(db: Db, customer_ids: Iterable[int]) -> list[PaymentRest]:
    """Give the payments of customers that are not used up."""
    query = select(payment, open_payment.c.rest_minor).join(open_payment, open_payment.c.payment_id == payment.c.id)
    return [_rest(row) for row in rows_in(db, query, open_payment.c.customer_id, customer_ids)]


def load_all_open_rests(db: Db) -> list[PaymentRest]:
    """Give every payment that is not used up."""
    query = select(payment, open_payment.c.rest_minor).join(open_payment, open_payment.c.payment_id == payment.c.id)
    return [_rest(row) for row in db.connection.execute(query)]


def _rest(row: Row[Any]) -> PaymentRest:
    return PaymentRest(
        payment_id=row.id,
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        currency=row.currency,
        received_on=row.received_on,
        amount_minor=row.amount_minor,
        local_minor=row.local_minor,
        rest_minor=row.rest_minor,
    )


def _payment(row: Row[Any]) -> Payment:
    values = dict(row._mapping)
    amount = Money(values.pop("amount_minor"), values.pop("currency"))
    return Payment(amount=amount, **values)


def _allocation(row: Row[Any]) -> Allocation:
    values = dict(row._mapping)
    amount = Money(values.pop("amount_minor"), values.pop("currency"))
    return Allocation(amount=amount, **values)


def _booking(row: Row[Any]) -> LineBooking:
    values = dict(row._mapping)
    amount = Money(values.pop("amount_minor"), values.pop("currency"))
    return LineBooking(amount=amount, **values)
