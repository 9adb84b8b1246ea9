"""What issuing reads and writes: headers and lines of drafts, numbers, and open amounts afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update

from billdesk.domain.catalog import Recognition
from billdesk.domain.entities import Address
from billdesk.domain.invoices import (
    CreditUse,
    DocumentKind,
    DocumentState,
    DocumentStatus,
    ExchangeRate,
    LineKind,
    Party,
)
from billdesk.domain.payments import OpenItem
from billdesk.kernel.money import Money
from billdesk.kernel.records import quick
from billdesk.storage.database import Db
from billdesk.storage.invoices.search import search_text
from billdesk.storage.invoices.writing import fields_of, flat, local_minor
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document, document_content, document_line, document_tax

_CHUNK: Final = 500
_UNPAID: Final = (DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)


@quick
@dataclass(frozen=True, slots=True)
class ToIssue:
    """A draft as issuing needs it; `tax_local_minor` is in the entity's currency."""

    id: int
    kind: DocumentKind
    state: DocumentState
    hold: bool
    entity_id: int
    local_currency: str
    customer_id: int
    customer_name: str
    language: str
    issue_date: date
    due_date: date
    purchase_order: str
    total: Money
    due: Money
    rate: Decimal
    rate_day: date
    tax_local_minor: int
    payment: Mapping[str, Any]
    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    credits: tuple[CreditUse, ...] = ()
    cash_rounding: Money | None = None


@dataclass(frozen=True, slots=True)
class CreditsAtIssue:
    """What wallets pay of a draft on its day of issue, and what is due then."""

    document_id: int
    credits: tuple[CreditUse, ...]
    cash_rounding: Money | None
    due: Money


@quick
@dataclass(frozen=True, slots=True)
class LineToIssue:
    """A line of a draft as ledger and billed days need it."""

    id: int
    document_id: int
    kind: LineKind
    net: Money
    account: str
    recognition: Recognition
    start: date | None
    end: date | None
    subscription_id: int | None
    price_id: int | None
    corrects_line_id: int | None


@dataclass(frozen=True, slots=True)
class Numbered:
    """What issuing gives a document."""

    id: int
    number: str
    year: int
    sequence: int
    issue_date: date
    due_date: date
    structured_reference: str
    printed_reference: str
    customer_name: str
    purchase_order: str
    open: Money
    payment: Mapping[str, Any]


def load_to_issue(db: Db, ids: Sequence[int]) -> list[ToIssue]:
    """Give the drafts with these ids in the order of their ids."""
    taxes = (
        select(func.coalesce(func.sum(document_tax.c.tax_local_minor), 0))
        .where(document_tax.c.document_id == document.c.id)
        .scalar_subquery()
    )
    query = (
        select(
            document,
            document_content.c.payment,
            document_content.c.seller,
            document_content.c.buyer,
            document_content.c.credits,
            document_content.c.cash_rounding_minor,
            entity.c.currency.label("local_currency"),
            taxes.label("tax_local_minor"),
        )
        .join(document_content, document_content.c.document_id == document.c.id)
        .join(entity, entity.c.id == document.c.entity_id)
        .order_by(document.c.id)
    )
    return [
        _to_issue(row) for part in _parts(ids) for row in db.connection.execute(query.where(document.c.id.in_(part)))
    ]


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(set(ids))
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))


def _to_issue(row: Row[Any]) -> ToIssue:
    return ToIssue(
        id=row.id,
        kind=row.kind,
        state=row.state,
        hold=row.hold,
        entity_id=row.entity_id,
        local_currency=row.local_currency,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        language=row.language,
        issue_date=row.issue_date,
        due_date=row.due_date,
        purchase_order=row.purchase_order,
        total=Money(row.total_minor, row.currency),
        due=Money(row.due_minor, row.currency),
        rate=row.rate,
        rate_day=row.rate_day,
        tax_local_minor=row.tax_local_minor,
        payment=row.payment,
        seller=row.seller,
        buyer=row.buyer,
        credits=tuple(CreditUse(text, Money(minor, row.currency), *ids) for text, minor, *ids in row.credits),
        cash_rounding=None if row.cash_rounding_minor is None else Money(row.cash_rounding_minor, row.currency),
    )


def load_lines_to_issue(db: Db, ids: Sequence[int]) -> list[LineToIssue]:
    """Give the lines of these drafts, by document and position."""
    line = document_line.c
    query = (
        select(
            line.id,
            line.document_id,
            line.kind,
            line.amount_minor,
            line.discount_minor,
            line.included_tax_minor,
            line.revenue_account,
            line.recognition,
            line.period_start,
            line.period_end,
            line.subscription_id,
            line.price_id,
            line.corrects_line_id,
            document.c.currency,
        )
        .join(document, document.c.id == line.document_id)
        .order_by(line.document_id, line.position)
    )
    found: list[LineToIssue] = []
    for part in _parts(ids):
        rows: Iterable[Row[Any]] = db.connection.execute(query.where(line.document_id.in_(part)))
        found += [_line_to_issue(row) for row in rows]
    return found


def _line_to_issue(row: Row[Any]) -> LineToIssue:
    net = row.amount_minor - row.discount_minor - (row.included_tax_minor or 0)
    return LineToIssue(
        id=row.id,
        document_id=row.document_id,
        kind=row.kind,
        net=Money(net, row.currency),
        account=row.revenue_account,
        recognition=Recognition(row.recognition),
        start=row.period_start,
        end=row.period_end,
        subscription_id=row.subscription_id,
        price_id=row.price_id,
        corrects_line_id=row.corrects_line_id,
    )


def last_issue_date(db: Db, entity_id: int, kind: DocumentKind, year: int) -> date | None:
    """Give the date of the series' last number, None when it has none."""
    columns = document.c
    query = select(columns.issue_date).where(
        columns.entity_id == entity_id, columns.kind == kind, columns.series_year == year
    )
    return db.connection.execute(query.order_by(columns.sequence.desc()).limit(1)).scalar()


def mark_issued(db: Db, numbered: Sequence[Numbered]) -> None:
    """Turn drafts into issued documents; from here on the database refuses to change them."""
    if not numbered:
        return
    payments = [
        {"key": one.id, "new": {**one.payment, "structured_reference": one.printed_reference}}
        for one in numbered
        if one.structured_reference
    ]
    content = document_content
    if payments:
        change = update(content).where(content.c.document_id == bindparam("key"))
        db.connection.execute(change.values(payment=bindparam("new", type_=content.c.payment.type)), payments)
    columns = document.c
    names = (
        "status number series_year sequence issue_date due_date structured_reference search_text open_minor closed_on"
    ).split()
    change = update(document).where(columns.id == bindparam("key"), columns.state == DocumentState.DRAFT)
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    values |= {"state": DocumentState.ISSUED, "issued_at": db.now}
    db.connection.execute(change.values(values), [_issued(one) for one in numbered])


def _issued(one: Numbered) -> dict[str, Any]:
    words = search_text(one.number, str(one.sequence), one.customer_name, one.purchase_order, one.structured_reference)
    return {
        "key": one.id,
        "new_status": DocumentStatus.OPEN if one.open else DocumentStatus.PAID,
        "new_number": one.number,
        "new_series_year": one.year,
        "new_sequence": one.sequence,
        "new_issue_date": one.issue_date,
        "new_due_date": one.due_date,
        "new_structured_reference": one.structured_reference,
        "new_search_text": words,
        "new_open_minor": one.open.minor,
        "new_closed_on": None if one.open else one.issue_date,
    }


def freeze_parties(db: Db, parties: Sequence[tuple[int, Party, Party, Address | None]]) -> None:
    """Write seller, buyer and delivery address on drafts (by id) as they are on the day of issue."""
    if not parties:
        return
    content, columns = document_content, document.c
    rows = [
        {"key": key, "new_seller": fields_of(seller), "new_buyer": fields_of(buyer), "new_place": place and flat(place)}
        for key, seller, buyer, place in parties
    ]
    values = {
        "seller": bindparam("new_seller", type_=content.c.seller.type),
        "buyer": bindparam("new_buyer", type_=content.c.buyer.type),
        "delivery_address": bindparam("new_place", type_=content.c.delivery_address.type),
    }
    db.connection.execute(update(content).where(content.c.document_id == bindparam("key")).values(values), rows)
    names = [
        {"key": key, "new_name": buyer.name, "new_sort": search_text(buyer.name).strip()}
        for key, _seller, buyer, _place in parties
    ]
    shown: dict[str, Any] = {"customer_name": bindparam("new_name"), "customer_sort": bindparam("new_sort")}
    db.connection.execute(update(document).where(columns.id == bindparam("key")).values(shown), names)


def save_credits(db: Db, changed: Sequence[CreditsAtIssue]) -> None:
    """Write what wallets pay of drafts, and what is due."""
    if not changed:
        return
    content = document_content
    rows = [
        {
            "key": one.document_id,
            "new_credits": [
                [use.label, use.amount.minor, use.wallet_id, use.credit_document_id] for use in one.credits
            ],
            "new_used": sum(use.amount.minor for use in one.credits) if one.credits else None,
            "new_rounding": None if one.cash_rounding is None else one.cash_rounding.minor,
        }
        for one in changed
    ]
    values = {
        "credits": bindparam("new_credits", type_=content.c.credits.type),
        "credits_used_minor": bindparam("new_used", type_=content.c.credits_used_minor.type),
        "cash_rounding_minor": bindparam("new_rounding", type_=content.c.cash_rounding_minor.type),
    }
    db.connection.execute(update(content).where(content.c.document_id == bindparam("key")).values(values), rows)
    dues = [{"key": one.document_id, "new_due": one.due.minor} for one in changed]
    change = update(document).where(document.c.id == bindparam("key"))
    db.connection.execute(change.values(due_minor=bindparam("new_due")), dues)


def freeze_rates(db: Db, frozen: Sequence[tuple[int, ExchangeRate, int]], currencies: Mapping[int, str]) -> None:
    """Write the rate of the day of issue on drafts, with total and taxes in the entity's currency.

    Each is a document id, its rate, and its total in the entity's currency, which `currencies` gives by document.
    """
    for key, rate, total_local in frozen:
        values = {"rate": rate.rate, "rate_day": rate.day, "rate_source": rate.source}
        db.connection.execute(
            update(document).where(document.c.id == key).values(**values, total_local_minor=total_local)
        )
        taxes = select(document_tax.c.id, document_tax.c.tax_minor, document.c.currency).join(
            document, document.c.id == document_tax.c.document_id
        )
        for row in db.connection.execute(taxes.where(document.c.id == key)).all():
            local = local_minor(Money(row.tax_minor, row.currency), rate.rate, currencies[key])
            db.connection.execute(update(document_tax).where(document_tax.c.id == row.id).values(tax_local_minor=local))


def list_draft_ids(db: Db, run_id: int | None = None) -> list[int]:
    """Give the drafts that may be issued, of one run or all, oldest first."""
    columns = document.c
    query = select(columns.id).where(columns.status == DocumentStatus.DRAFT, columns.hold.is_(False))
    if run_id is not None:
        query = query.where(columns.run_id == run_id)
    return list(db.connection.execute(query.order_by(columns.id)).scalars())


def open_items(
    db: Db,
    *,
    entity_id: int | None = None,
    customer_id: int | None = None,
    currency: str = "",
    reference: str = "",
    credit_notes: bool | None = None,
) -> list[OpenItem]:
    """Give issued documents with something open, oldest due first; credit notes are negative.

    `credit_notes` True gives only those, False leaves them out.
    """
    columns = document.c
    query = select(document).where(columns.status.in_(_UNPAID))
    if credit_notes is not None:
        query = query.where(columns.open_minor < 0 if credit_notes else columns.open_minor > 0)
    equals = (
        (columns.entity_id, entity_id),
        (columns.customer_id, customer_id),
        (columns.currency, currency or None),
        (columns.structured_reference, reference or None),
    )
    query = query.where(*(column == value for column, value in equals if value is not None))
    rows = db.connection.execute(query.order_by(columns.due_date, columns.id))
    return [
        OpenItem(
            document_id=row.id,
            number=row.number,
            customer_id=row.customer_id,
            customer_name=row.customer_name,
            issue_date=row.issue_date,
            due_date=row.due_date,
            total=Money(row.total_minor, row.currency),
            open=Money(row.open_minor, row.currency),
            structured_reference=row.structured_reference,
        )
        for row in rows
    ]


def open_local(db: Db, entity_id: int, currency: str) -> int:
    """Add up open documents in the entity's currency, each at its own frozen rate."""
    return _local_sum(db, entity_id, currency, "open_minor", unpaid=True)


def issued_local(db: Db, entity_id: int, currency: str) -> int:
    """Add up what issued documents asked for, in the entity's currency, each at its own frozen rate."""
    return _local_sum(db, entity_id, currency, "due_minor", unpaid=False)


def _local_sum(db: Db, entity_id: int, currency: str, name: str, *, unpaid: bool) -> int:
    columns = document.c
    wanted = columns.status.in_(_UNPAID) if unpaid else columns.state != DocumentState.DRAFT
    query = select(func.coalesce(func.sum(columns[name]), 0)).where(
        columns.entity_id == entity_id, wanted, columns.currency == currency
    )
    same = int(db.connection.execute(query).scalar_one())
    # Rates are exact texts, which SQL cannot multiply with.
    foreign = select(columns.currency, columns.rate, columns[name].label("minor")).where(
        columns.entity_id == entity_id, wanted, columns.currency != currency
    )
    rows = db.connection.execute(foreign)
    return same + sum(local_minor(Money(row.minor, row.currency), row.rate, currency) for row in rows)
