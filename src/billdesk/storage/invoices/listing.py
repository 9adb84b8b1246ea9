"""Lists of documents: pages, counts and sums, sorted and filtered by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, and_, case, func, or_, select, union_all

from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus
from billdesk.kernel.money import Money
from billdesk.storage.database import Db
from billdesk.storage.invoices import search
from billdesk.storage.tables.invoices import document


class DocumentSort(StrEnum):
    """What a list of documents can be sorted by."""

    NUMBER = "number"
    CUSTOMER = "customer"
    ISSUE_DATE = "issue_date"
    DUE_DATE = "due_date"
    TOTAL = "total"
    OPEN = "open"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents to show; an empty field does not filter. Day bounds are both inside."""

    statuses: frozenset[DocumentStatus] = field(default_factory=frozenset)
    kind: DocumentKind | None = None
    text: str = ""
    entity_id: int | None = None
    customer_id: int | None = None
    run_id: int | None = None
    currency: str = ""
    issued_from: date | None = None
    issued_until: date | None = None
    due_from: date | None = None
    due_until: date | None = None
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as a list shows it; `total_local` is in the entity's currency."""

    id: int
    kind: DocumentKind
    state: DocumentState
    status: DocumentStatus
    number: str
    entity_id: int
    customer_id: int
    customer_name: str
    issue_date: date
    due_date: date
    net: Money
    tax: Money
    total: Money
    open: Money
    total_local_minor: int
    purchase_order: str
    structured_reference: str
    delivery: str
    run_id: int | None
    issued_at: datetime | None
    language: str
    version: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Documents of one currency added up."""

    count: int
    total: Money
    open: Money


_CHUNK: Final = 500
_UNPAID: Final = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)
_SORTS: Final[Mapping[DocumentSort, tuple[Column[Any], ...]]] = {
    DocumentSort.NUMBER: (document.c.number, document.c.id),
    DocumentSort.CUSTOMER: (document.c.customer_sort, document.c.id),
    DocumentSort.ISSUE_DATE: (document.c.issue_date, document.c.id),
    DocumentSort.DUE_DATE: (document.c.due_date, document.c.id),
    DocumentSort.TOTAL: (document.c.total_local_minor, document.c.id),
    DocumentSort.OPEN: (document.c.open_minor, document.c.id),
    DocumentSort.STATUS: (document.c.status, document.c.issue_date, document.c.id),
}


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
    keys = [column.desc() if descending else column for column in _SORTS[sort]]
    statuses = _stored_statuses(wanted.statuses)
    if len(statuses) > 1 and sort is not DocumentSort.STATUS:
        page = _merged(db, wanted, statuses, sort=sort, descending=descending, limit=offset + limit).offset(offset)
    else:
        page = _where(db, select(document.c.id), wanted).order_by(*keys).offset(offset).limit(limit)
    # Skipping happens over an index of ids; only the rows of the page itself are read.
    query = select(document).where(document.c.id.in_(page)).order_by(*keys)
    return [_row(row, db.today) for row in db.connection.execute(query)]


def _stored_statuses(statuses: frozenset[DocumentStatus]) -> list[DocumentStatus]:
    """Give the statuses as rows have them: overdue is kept as open or partly paid."""
    late = set(_UNPAID) if DocumentStatus.OVERDUE in statuses else set()
    return sorted((statuses - {DocumentStatus.OVERDUE}) | late)


def _merged(
    db: Db, wanted: DocumentFilter, statuses: list[DocumentStatus], *, sort: DocumentSort, descending: bool, limit: int
) -> Select[Any]:
    """Give a page over several statuses: each comes from its own index in order, then they are merged."""
    columns = _SORTS[sort]
    keys = [column.desc() if descending else column for column in columns]
    found = _where(db, select(*columns), replace(wanted, statuses=frozenset()))
    parts = [
        found.where(_one_status(status, wanted.statuses, db.today)).order_by(*keys).limit(limit).subquery()
        for status in statuses
    ]
    merged = union_all(*(select(part) for part in parts)).subquery()
    outer = [merged.c[column.name].desc() if descending else merged.c[column.name] for column in columns]
    return select(merged.c.id).order_by(*outer).limit(limit)


def _one_status(status: DocumentStatus, wanted: frozenset[DocumentStatus], today: date) -> ColumnElement[bool]:
    """Give the condition for one stored status; what is unpaid may be wanted only when late, or only in time."""
    is_status = document.c.status == status
    if status not in _UNPAID or {status, DocumentStatus.OVERDUE} <= wanted:
        return is_status
    # Without coalesce the engine would take the index of due days and sort all that it finds there.
    due = func.coalesce(document.c.due_date, document.c.due_date)
    return and_(is_status, _is_timely(due, today) if status in wanted else _is_late(due, today))


def _is_late(due: ColumnElement[Any], today: date) -> ColumnElement[bool]:
    """Give the condition for an unpaid document to be overdue; a credit note waits for us, not for the customer."""
    return and_(due < today, document.c.kind == DocumentKind.INVOICE)


def _is_timely(due: ColumnElement[Any], today: date) -> ColumnElement[bool]:
    return or_(due >= today, document.c.kind == DocumentKind.CREDIT_NOTE)


def rows_by_ids(db: Db, ids: Sequence[int]) -> list[DocumentRow]:
    """Give the documents with these ids, by id."""
    found: list[DocumentRow] = []
    for start in range(0, len(ids), _CHUNK):
        query = select(document).where(document.c.id.in_(ids[start : start + _CHUNK])).order_by(document.c.id)
        found += [_row(row, db.today) for row in db.connection.execute(query)]
    return found


def list_ids(db: Db, wanted: DocumentFilter) -> list[int]:
    """Give the ids of all documents that pass, oldest first."""
    query = _where(db, select(document.c.id), wanted).order_by(document.c.issue_date, document.c.id)
    return list(db.connection.execute(query).scalars())


def count_documents(db: Db, wanted: DocumentFilter) -> int:
    """Give how many documents pass."""
    return int(db.connection.execute(_where(db, select(func.count()).select_from(document), wanted)).scalar_one())


def sum_documents(db: Db, wanted: DocumentFilter) -> dict[str, Sums]:
    """Add up the documents that pass, by currency."""
    result: dict[str, Sums] = {}
    for per_currency in sum_by_status(db, wanted, ignore_status=False).values():
        for currency, sums in per_currency.items():
            known = result.get(currency, Sums(0, Money.zero(currency), Money.zero(currency)))
            result[currency] = Sums(known.count + sums.count, known.total + sums.total, known.open + sums.open)
    return result


def sum_by_status(
    db: Db, wanted: DocumentFilter, *, ignore_status: bool = True
) -> dict[DocumentStatus, dict[str, Sums]]:
    """Add up documents by status and currency, for status tabs; the filter's own statuses are ignored."""
    if ignore_status:
        wanted = replace(wanted, statuses=frozenset())
    result: dict[DocumentStatus, dict[str, Sums]] = {}
    for row in db.connection.execute(_where(db, _closed_sums(), wanted)):
        closed = Sums(row.documents, Money(int(row.total), row.currency), Money.zero(row.currency))
        _add(result, row.status, row.currency, closed)
    for row in db.connection.execute(_where(db, _unpaid_sums(db.today), wanted)):
        late = Sums(int(row.late), Money(int(row.late_total), row.currency), Money(int(row.late_open), row.currency))
        all_of_it = Sums(row.documents, Money(int(row.total), row.currency), Money(int(row.open), row.currency))
        if row.kind is not DocumentKind.INVOICE:
            _add(result, row.status, row.currency, all_of_it)
            continue
        timely = Sums(all_of_it.count - late.count, all_of_it.total - late.total, all_of_it.open - late.open)
        _add(result, row.status, row.currency, timely)
        _add(result, DocumentStatus.OVERDUE, row.currency, late)
    return result


def _closed_sums() -> Select[Any]:
    """Add up documents on which nothing is open, in the order of one index, so that nothing has to be sorted."""
    columns = document.c
    return (
        select(
            columns.status,
            columns.currency,
            func.count().label("documents"),
            func.sum(columns.total_minor).label("total"),
        )
        .where(columns.status.not_in(_UNPAID))
        .group_by(columns.status, columns.currency)
    )


def _unpaid_sums(today: date) -> Select[Any]:
    """Add up unpaid documents, and those of them whose due day has passed, in the order of one index."""
    columns = document.c
    is_late = columns.due_date < today
    return (
        select(
            columns.status,
            columns.currency,
            columns.kind,
            func.count().label("documents"),
            func.sum(columns.total_minor).label("total"),
            func.sum(columns.open_minor).label("open"),
            func.count(case((is_late, 1))).label("late"),
            func.sum(case((is_late, columns.total_minor), else_=0)).label("late_total"),
            func.sum(case((is_late, columns.open_minor), else_=0)).label("late_open"),
        )
        .where(columns.status.in_(_UNPAID))
        .group_by(columns.status, columns.currency, columns.kind)
    )


def _add(result: dict[DocumentStatus, dict[str, Sums]], status: DocumentStatus, currency: str, more: Sums) -> None:
    if not more.count:
        return
    per_currency = result.setdefault(status, {})
    known = per_currency.get(currency, Sums(0, Money.zero(currency), Money.zero(currency)))
    per_currency[currency] = Sums(known.count + more.count, known.total + more.total, known.open + more.open)


def _where(db: Db, query: Select[Any], wanted: DocumentFilter) -> Select[Any]:
    columns = document.c
    equals = (
        (columns.kind, wanted.kind),
        (columns.entity_id, wanted.entity_id),
        (columns.customer_id, wanted.customer_id),
        (columns.run_id, wanted.run_id),
        (columns.currency, wanted.currency or None),
        (columns.delivery_state, wanted.delivery or None),
    )
    query = query.where(*(column == value for column, value in equals if value is not None))
    bounds = (
        (columns.issue_date, wanted.issued_from, wanted.issued_until),
        (columns.due_date, wanted.due_from, wanted.due_until),
    )
    for column, first, last in bounds:
        if first is not None:
            query = query.where(column >= first)
        if last is not None:
            query = query.where(column <= last)
    if wanted.statuses:
        query = query.where(or_(*_status_conditions(wanted.statuses, db.today)))
    found = search.condition(db, wanted.text)
    return query if found is None else query.where(found)


def _status_conditions(statuses: frozenset[DocumentStatus], today: date) -> list[ColumnElement[bool]]:
    columns = document.c
    stored = sorted(statuses - {*_UNPAID, DocumentStatus.OVERDUE})
    conditions: list[ColumnElement[bool]] = [columns.status.in_(stored)] if stored else []
    timely = sorted(statuses & set(_UNPAID))
    if DocumentStatus.OVERDUE in statuses and len(timely) == len(_UNPAID):
        return [*conditions, columns.status.in_(timely)]
    if timely:
        conditions.append(and_(columns.status.in_(timely), _is_timely(columns.due_date, today)))
    if DocumentStatus.OVERDUE in statuses:
        conditions.append(and_(columns.status.in_(_UNPAID), _is_late(columns.due_date, today)))
    return conditions


def shown_status(kind: DocumentKind, status: DocumentStatus, due_date: date, today: date) -> DocumentStatus:
    """Give what people see: an invoice unpaid past its due date is overdue."""
    is_late = kind is DocumentKind.INVOICE and status in _UNPAID and due_date < today
    return DocumentStatus.OVERDUE if is_late else status


def _row(row: Row[Any], today: date) -> DocumentRow:
    currency = row.currency
    return DocumentRow(
        id=row.id,
        kind=row.kind,
        state=row.state,
        status=shown_status(row.kind, row.status, row.due_date, today),
        number=row.number,
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        issue_date=row.issue_date,
        due_date=row.due_date,
        net=Money(row.net_minor, currency),
        tax=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        open=Money(row.open_minor, currency),
        total_local_minor=row.total_local_minor,
        purchase_order=row.purchase_order,
        structured_reference=row.structured_reference,
        delivery=row.delivery_state,
        run_id=row.run_id,
        issued_at=row.issued_at,
        language=row.language,
        version=row.version,
    )
