"""What lines may be about, fetched for a whole page of lines in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, and_, exists, select

from billdesk.domain.earlier_payments import EarlierPayment
from billdesk.domain.invoices import DocumentStatus
from billdesk.domain.matching import Candidate
from billdesk.domain.payments import PaymentMethod
from billdesk.kernel.money import Money
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.payments.reading import is_live
from billdesk.storage.tables.banking import statement_line
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import allocation, line_booking, payment

_UNPAID: Final = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)
_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Clues:
    """What the lines of a page say: references, possible document numbers, open amounts, customers."""

    references: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    amounts: frozenset[int] = frozenset()
    customer_ids: frozenset[int] = frozenset()


def find_candidates(db: Db, entity_id: int, clues: Clues) -> list[Candidate]:
    """Give the open documents of an entity that any clue points at."""
    columns = document.c
    base = select(document).where(columns.entity_id == entity_id, columns.status.in_(_UNPAID))
    base = base.order_by(columns.due_date, columns.id).limit(_MOST)
    found: dict[int, Candidate] = {}
    for column, values in (
        (columns.structured_reference, clues.references),
        (columns.number, clues.numbers),
        (columns.open_minor, clues.amounts),
        (columns.customer_id, clues.customer_ids),
    ):
        for row in rows_in(db, base, column, sorted(values)):
            found[row.id] = _candidate(row)
    return list(found.values())


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        document_id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        currency=row.currency,
        total_minor=row.total_minor,
        open_minor=row.open_minor,
        issue_date=row.issue_date,
        due_date=row.due_date,
        structured_reference=row.structured_reference,
    )


def paid_by_reference(db: Db, entity_id: int, references: Iterable[str], numbers: Iterable[str]) -> list[Candidate]:
    """Give documents that are paid already and are named again: somebody paid twice."""
    base = select(document).where(document.c.entity_id == entity_id, document.c.status == DocumentStatus.PAID)
    rows = [*rows_in(db, base, document.c.structured_reference, references)]
    return [_candidate(row) for row in (*rows, *rows_in(db, base, document.c.number, numbers))]


def open_customer_names(db: Db, entity_id: int) -> dict[int, str]:
    """Give the names of all customers with something open."""
    query = select(document.c.customer_id, document.c.customer_name).distinct()
    wanted = query.where(document.c.entity_id == entity_id, document.c.status.in_(_UNPAID))
    return {row.customer_id: row.customer_name for row in db.connection.execute(wanted)}


def find_noted(db: Db, entity_id: int, amounts: Iterable[int]) -> list[EarlierPayment]:
    """Give payments that were noted by hand, of these amounts, and that no line has confirmed."""
    confirmed = exists().where(line_booking.c.payment_id == payment.c.id, is_live(line_booking))
    wanted = and_(payment.c.statement_line_id.is_(None), payment.c.method != PaymentMethod.CASH, ~confirmed)
    return _earlier(db, _payments(entity_id).where(wanted), amounts, is_noted=True)


def find_returnable(db: Db, entity_id: int, amounts: Iterable[int]) -> list[EarlierPayment]:
    """Give payments of these amounts that did not come back yet."""
    other = payment.alias()
    came_back = exists().where(other.c.returns_id == payment.c.id, is_live(other))
    wanted = and_(payment.c.statement_line_id.is_not(None), payment.c.returns_id.is_(None), ~came_back)
    return _earlier(db, _payments(entity_id).where(wanted), amounts, is_noted=False)


def _payments(entity_id: int) -> Select[Any]:
    columns = (payment, customer.c.name.label("customer_name"), statement_line.c.content)
    return (
        select(*columns, statement_line.c.counterparty_account)
        .join(customer, customer.c.id == payment.c.customer_id)
        .outerjoin(statement_line, statement_line.c.id == payment.c.statement_line_id)
        .where(payment.c.entity_id == entity_id, is_live(payment))
        .order_by(payment.c.received_on.desc(), payment.c.id.desc())
        .limit(_MOST)
    )


def _earlier(db: Db, query: Select[Any], amounts: Iterable[int], *, is_noted: bool) -> list[EarlierPayment]:
    rows = list(rows_in(db, query, payment.c.amount_minor, amounts))
    numbers = _numbers(db, [row.id for row in rows])
    return [_earlier_payment(row, numbers.get(row.id, ()), is_noted=is_noted) for row in rows]


def _earlier_payment(row: Row[Any], numbers: tuple[str, ...], *, is_noted: bool) -> EarlierPayment:
    content = row.content or {}
    return EarlierPayment(
        payment_id=row.id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        amount=Money(row.amount_minor, row.currency),
        received_on=row.received_on,
        is_noted=is_noted,
        reference=row.reference,
        end_to_end_id=content.get("end_to_end_id", ""),
        mandate_id=content.get("mandate_id", ""),
        counterparty_account=row.counterparty_account or "",
        numbers=numbers,
    )


def _numbers(db: Db, payment_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(allocation.c.payment_id, document.c.number)
        .join(document, document.c.id == allocation.c.document_id)
        .where(is_live(allocation))
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows_in(db, query, allocation.c.payment_id, payment_ids):
        found[row.payment_id] = (*found.get(row.payment_id, ()), row.number)
    return found
