"""Lists of payments and balances of customers, sorted, filtered and added up by the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from billdesk.domain.payments import AllocationKind, PaymentMethod
from billdesk.kernel.money import Money
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.payments.reading import is_live
from billdesk.storage.search import contains
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import allocation, open_payment, payment


class PaymentSort(StrEnum):
    """What a list of payments can be sorted by."""

    RECEIVED = "received"
    CUSTOMER = "customer"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments to show; an empty field does not filter. Day bounds are both inside.

    Payments that were taken back are shown only with `taken_back`.
    """

    text: str = ""
    entity_id: int | None = None
    customer_id: int | None = None
    currency: str = ""
    method: PaymentMethod | None = None
    received_from: date | None = None
    received_until: date | None = None
    with_rest: bool = False
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment as a list shows it; `numbers` are the documents that it settled."""

    id: int
    settlement_id: int
    received_on: date
    customer_id: int
    customer_name: str
    amount: Money
    rest: Money
    method: PaymentMethod
    reference: str
    note: str
    statement_line_id: int | None
    returns_id: int | None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentSums:
    """Payments of one currency added up."""

    count: int
    amount: Money
    rest: Money


@dataclass(frozen=True, slots=True)
class DocumentSettlement:
    """One thing that settled a document, as its panel shows it."""

    settlement_id: int
    day: date
    kind: AllocationKind
    amount: Money
    payment_id: int | None
    credit_number: str
    note: str


_SORTS: Final[Mapping[PaymentSort, tuple[ColumnElement[Any], ...]]] = {
    PaymentSort.RECEIVED: (payment.c.received_on, payment.c.id),
    PaymentSort.CUSTOMER: (customer.c.sort_name, payment.c.id),
    PaymentSort.AMOUNT: (payment.c.amount_minor, payment.c.id),
}
_REST: Final = func.coalesce(open_payment.c.rest_minor, 0)


def list_payments(
    db: Db,
    wanted: PaymentFilter,
    *,
    sort: PaymentSort = PaymentSort.RECEIVED,
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
) -> list[PaymentRow]:
    """Give one page of payments."""
    keys = [column.desc() if descending else column for column in _SORTS[sort]]
    query = _where(_joined(select(payment, customer.c.name.label("customer_name"), _REST.label("rest_minor"))), wanted)
    rows = db.connection.execute(query.order_by(*keys).offset(offset).limit(limit)).all()
    numbers = _numbers(db, [row.id for row in rows])
    return [_row(row, numbers.get(row.id, ())) for row in rows]


def sum_payments(db: Db, wanted: PaymentFilter) -> dict[str, PaymentSums]:
    """Count and add up the payments that pass, by currency."""
    sums = (func.count().label("n"), func.sum(payment.c.amount_minor).label("amount"), func.sum(_REST).label("rest"))
    query = _where(_joined(select(payment.c.currency, *sums)), wanted).group_by(payment.c.currency)
    return {
        row.currency: PaymentSums(row.n, Money(int(row.amount), row.currency), Money(int(row.rest), row.currency))
        for row in db.connection.execute(query)
    }


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(payment)
        .join(customer, customer.c.id == payment.c.customer_id)
        .outerjoin(open_payment, open_payment.c.payment_id == payment.c.id)
    )


def _where(query: Select[Any], wanted: PaymentFilter) -> Select[Any]:
    columns = payment.c
    equals: tuple[tuple[ColumnElement[Any], object], ...] = (
        (columns.entity_id, wanted.entity_id),
        (columns.customer_id, wanted.customer_id),
        (columns.currency, wanted.currency or None),
        (columns.method, wanted.method),
    )
    query = query.where(*(column == value for column, value in equals if value is not None))
    if wanted.received_from is not None:
        query = query.where(columns.received_on >= wanted.received_from)
    if wanted.received_until is not None:
        query = query.where(columns.received_on <= wanted.received_until)
    if wanted.with_rest:
        query = query.where(open_payment.c.rest_minor != 0)
    if not wanted.taken_back:
        query = query.where(is_live(payment))
    if wanted.text:
        named = contains(customer.c.search_text, wanted.text)
        query = query.where(or_(named, columns.reference.contains(wanted.text, autoescape=True)))
    return query


def _numbers(db: Db, payment_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(allocation.c.payment_id, document.c.number)
        .join(document, document.c.id == allocation.c.document_id)
        .where(is_live(allocation))
        .order_by(allocation.c.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows_in(db, query, allocation.c.payment_id, payment_ids):
        found.setdefault(row.payment_id, []).append(row.number)
    return {key: tuple(dict.fromkeys(numbers)) for key, numbers in found.items()}


def _row(row: Row[Any], numbers: tuple[str, ...]) -> PaymentRow:
    return PaymentRow(
        id=row.id,
        settlement_id=row.settlement_id,
        received_on=row.received_on,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        amount=Money(row.amount_minor, row.currency),
        rest=Money(row.rest_minor, row.currency),
        method=row.method,
        reference=row.reference,
        note=row.note,
        statement_line_id=row.statement_line_id,
        returns_id=row.returns_id,
        numbers=numbers,
    )


def sum_balances(db: Db, customer_ids: Iterable[int]) -> dict[int, tuple[Money, ...]]:
    """Give the unused money of customers, one amount per currency; those without are left out."""
    query = select(
        open_payment.c.customer_id, open_payment.c.currency, func.sum(open_payment.c.rest_minor).label("rest")
    ).group_by(open_payment.c.customer_id, open_payment.c.currency)
    found: dict[int, tuple[Money, ...]] = {}
    for row in rows_in(db, query, open_payment.c.customer_id, customer_ids):
        if row.rest:
            found[row.customer_id] = (*found.get(row.customer_id, ()), Money(int(row.rest), row.currency))
    return found


def list_document_settlements(db: Db, document_id: int) -> list[DocumentSettlement]:
    """Give what settled a document and still counts, oldest first."""
    credit = document.alias()
    query = (
        select(allocation, credit.c.number.label("credit_number"))
        .outerjoin(credit, credit.c.id == allocation.c.credit_document_id)
        .where(allocation.c.document_id == document_id, is_live(allocation))
        .order_by(allocation.c.allocated_on, allocation.c.id)
    )
    return [
        DocumentSettlement(
            settlement_id=row.settlement_id,
            day=row.allocated_on,
            kind=row.kind,
            amount=Money(row.amount_minor, row.currency),
            payment_id=row.payment_id,
            credit_number=row.credit_number or "",
            note=row.note,
        )
        for row in db.connection.execute(query)
    ]
