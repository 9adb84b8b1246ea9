"""What was open on any day, by document and by customer, computed from what is open now and what came after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, Subquery, case, func, select

from billdesk.domain.invoices import DocumentState
from billdesk.domain.payments import AllocationKind, OpenItem
from billdesk.kernel.money import Money
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.payments.reading import is_live
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.payments import allocation, open_payment, payment, settlement

BUCKET_DAYS: Final = (0, 30, 60, 90)
"""Upper edges, in days overdue and inside, of the ageing buckets; the last bucket is open."""


@dataclass(frozen=True, slots=True)
class ReceivablesFilter:
    """Which receivables to show as they were at the end of a day; an empty field does not filter."""

    as_of: date
    entity_id: int | None = None
    customer_id: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class AgedSums:
    """Invoices of one customer and currency by age, in minor units, and what the customer has to its credit.

    `buckets`: not due, 1–30, 31–60, 61–90 and more than 90 days overdue. `credits` is negative: open credit notes
    and unused money.
    """

    customer_id: int
    customer_name: str
    currency: str
    buckets: tuple[int, ...]
    credits: int


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One movement of a customer's account: positive owes more; `kind` is `document`, or an allocation kind."""

    day: date
    kind: str
    text: str
    amount: Money
    document_id: int | None = None
    payment_id: int | None = None


def list_open_items(db: Db, wanted: ReceivablesFilter, *, offset: int = 0, limit: int = 1000) -> list[OpenItem]:
    """Give documents that were open on the day, oldest due first; credit notes are negative."""
    query, amount = _open_on(wanted)
    names = "id number customer_id customer_name issue_date due_date currency total_minor structured_reference".split()
    query = query.add_columns(*(document.c[name] for name in names), amount.label("open_minor"))
    rows = db.connection.execute(query.order_by(document.c.due_date, document.c.id).offset(offset).limit(limit))
    return [_item(row) for row in rows]


def _item(row: Row[Any]) -> OpenItem:
    return OpenItem(
        document_id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        issue_date=row.issue_date,
        due_date=row.due_date,
        total=Money(row.total_minor, row.currency),
        open=Money(int(row.open_minor), row.currency),
        structured_reference=row.structured_reference,
    )


def _open_on(wanted: ReceivablesFilter) -> tuple[Select[Any], ColumnElement[int]]:
    """Give an empty selection of what was open on a day, and the column of what was."""
    later = _settled_later(wanted.as_of)
    columns = document.c
    amount = columns.open_minor + func.coalesce(later.c.minor, 0)
    query = select().select_from(document.outerjoin(later, later.c.document_id == columns.id))
    query = query.where(columns.issue_date <= wanted.as_of, columns.state != DocumentState.DRAFT, amount != 0)
    return query.where(*_narrow(wanted, columns.entity_id, columns.customer_id, columns.currency)), amount


def _settled_later(day: date) -> Subquery:
    total = func.sum(allocation.c.amount_minor).label("minor")
    query = select(allocation.c.document_id, total).where(
        allocation.c.allocated_on > day, allocation.c.document_id.is_not(None)
    )
    return query.group_by(allocation.c.document_id).subquery()


def _narrow(
    wanted: ReceivablesFilter, entity: Column[Any], customer_id: Column[Any], currency: Column[Any]
) -> list[ColumnElement[bool]]:
    pairs = ((entity, wanted.entity_id), (customer_id, wanted.customer_id), (currency, wanted.currency or None))
    return [column == value for column, value in pairs if value is not None]


def age(db: Db, wanted: ReceivablesFilter) -> list[AgedSums]:
    """Add up what was open on the day by customer, currency and age, in the order of the customers' names."""
    found: dict[tuple[int, str], list[int]] = {}
    query, amount = _open_on(wanted)
    columns = document.c
    sums = [func.sum(case((condition, amount), else_=0)) for condition in _buckets(wanted.as_of, amount)]
    query = query.add_columns(columns.customer_id, columns.currency, *sums)
    for row in db.connection.execute(query.group_by(columns.customer_id, columns.currency)):
        found[row[0], row[1]] = [int(value) for value in row[2:]]
    for (customer_id, currency), minor in _unused_on(db, wanted).items():
        sums_of = found.setdefault((customer_id, currency), [0] * (len(BUCKET_DAYS) + 2))
        sums_of[-1] -= minor
    names = _names(db, {customer_id for customer_id, _ in found})
    rows = [
        AgedSums(customer_id, names[customer_id], currency, tuple(values[:-1]), values[-1])
        for (customer_id, currency), values in found.items()
        if any(values)
    ]
    return sorted(rows, key=lambda sums: (sums.customer_name.casefold(), sums.customer_id, sums.currency))


def _buckets(as_of: date, amount: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    edges = [as_of - timedelta(days=days) for days in BUCKET_DAYS]
    due = document.c.due_date
    yield (amount > 0) & (due >= edges[0])
    for newer, older in pairwise(edges):
        yield (amount > 0) & (due < newer) & (due >= older)
    yield (amount > 0) & (due < edges[-1])
    yield amount < 0


def _names(db: Db, ids: set[int]) -> dict[int, str]:
    query = select(customer.c.id, customer.c.name)
    return {row.id: row.name for row in rows_in(db, query, customer.c.id, ids)}


def _unused_on(db: Db, wanted: ReceivablesFilter) -> dict[tuple[int, str], int]:
    """Give customers' unused money on the day: what is unused now, without what came and went later."""
    narrow = _narrow(wanted, payment.c.entity_id, payment.c.customer_id, payment.c.currency)
    keys = (payment.c.customer_id, payment.c.currency)
    now = select(*keys, func.sum(open_payment.c.rest_minor)).join(payment, payment.c.id == open_payment.c.payment_id)
    came = select(*keys, -func.sum(payment.c.amount_minor)).join(settlement, settlement.c.id == payment.c.settlement_id)
    used = select(*keys, func.sum(allocation.c.payment_minor)).join(payment, payment.c.id == allocation.c.payment_id)
    after = (settlement.c.settled_on > wanted.as_of, allocation.c.allocated_on > wanted.as_of)
    queries = (now, came.where(after[0]), used.where(after[1], allocation.c.document_id.is_not(None)))
    found: dict[tuple[int, str], int] = {}
    for query in queries:
        for customer_id, currency, minor in db.connection.execute(query.where(*narrow).group_by(*keys)):
            found[customer_id, currency] = found.get((customer_id, currency), 0) + int(minor)
    return {key: minor for key, minor in found.items() if minor}


def list_account_entries(db: Db, customer_id: int, currency: str, until: date) -> list[AccountEntry]:
    """Give every movement of a customer's account in a currency up to a day, oldest first."""
    entries = [
        *_documents(db, customer_id, currency, until),
        *_payments(db, customer_id, currency, until),
        *_differences(db, customer_id, currency, until),
    ]
    return sorted(entries, key=lambda entry: (entry.day, entry.amount.minor < 0, entry.text))


def _documents(db: Db, customer_id: int, currency: str, until: date) -> list[AccountEntry]:
    settled = select(allocation.c.document_id, func.sum(allocation.c.amount_minor).label("minor"))
    total = settled.where(allocation.c.document_id.is_not(None)).group_by(allocation.c.document_id).subquery()
    asked = (document.c.open_minor + func.coalesce(total.c.minor, 0)).label("asked")
    query = (
        select(document.c.id, document.c.number, document.c.issue_date, asked)
        .select_from(document.outerjoin(total, total.c.document_id == document.c.id))
        .where(
            document.c.customer_id == customer_id,
            document.c.currency == currency,
            document.c.state != DocumentState.DRAFT,
            document.c.issue_date <= until,
        )
    )
    return [
        AccountEntry(row.issue_date, "document", row.number, Money(int(row.asked), currency), document_id=row.id)
        for row in db.connection.execute(query)
    ]


def _payments(db: Db, customer_id: int, currency: str, until: date) -> list[AccountEntry]:
    query = (
        select(payment, settlement.c.settled_on)
        .join(settlement, settlement.c.id == payment.c.settlement_id)
        .where(
            payment.c.customer_id == customer_id,
            payment.c.currency == currency,
            settlement.c.settled_on <= until,
            is_live(payment),
        )
    )
    return [
        AccountEntry(
            row.settled_on, AllocationKind.PAYMENT, row.reference, Money(-row.amount_minor, currency), payment_id=row.id
        )
        for row in db.connection.execute(query)
    ]


def _differences(db: Db, customer_id: int, currency: str, until: date) -> list[AccountEntry]:
    """Give what settled documents without money of this currency, and what of it paid documents of another."""
    columns = allocation.c
    query = (
        select(allocation, document.c.number, document.c.customer_id, payment.c.currency.label("paid_in"))
        .join(document, document.c.id == columns.document_id)
        .outerjoin(payment, payment.c.id == columns.payment_id)
        .where(
            document.c.customer_id == customer_id,
            columns.allocated_on <= until,
            columns.kind != AllocationKind.CREDIT_NOTE,
            is_live(allocation),
        )
    )
    entries = []
    for row in db.connection.execute(query):
        foreign = row.paid_in is not None and row.paid_in != row.currency
        if row.currency == currency and (foreign or row.kind is not AllocationKind.PAYMENT):
            amount = Money(-row.amount_minor, currency)
        elif foreign and row.paid_in == currency:
            amount = Money(row.payment_minor, currency)
        else:
            continue
        entries.append(AccountEntry(row.allocated_on, row.kind, row.number, amount, row.document_id, row.payment_id))
    return entries
