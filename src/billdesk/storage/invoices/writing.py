"""Writing drafts in bulk, replacing one, deleting them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from billdesk.domain.catalog import Product, Recognition
from billdesk.domain.entities import Address
from billdesk.domain.invoices import (
    DiscountShown,
    Document,
    DocumentState,
    DocumentStatus,
    Line,
    LineTax,
    Party,
    PaymentDetails,
    TaxGroup,
)
from billdesk.domain.ledger import Account
from billdesk.kernel.decimals import to_text
from billdesk.kernel.money import Money
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples, reserve_ids
from billdesk.storage.invoices.search import index_new, search_text
from billdesk.storage.tables.invoices import (
    document,
    document_content,
    document_correction,
    document_discount,
    document_line,
    document_tax,
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What documents are written beside: products by id, and each entity's currency."""

    products: Mapping[int, Product]
    currencies: Mapping[int, str]


_CONTENT: Final = (
    "document_id seller buyer delivery_address payment credits credits_used_minor cash_rounding_minor notes footer"
).split()
_LINE: Final = (
    "document_id position kind description details quantity unit_code unit_price amount_minor discount_minor"
    " tax_category tax_percent tax_reason_code tax_reason tax_country tax_class tax_parts period_start period_end"
    " subscription_id price_id product_id metric_id corrects_line_id revenue_account recognition terms"
    " included_tax_minor days of_days trace"
).split()
_TAX: Final = (
    "document_id position category percent reason_code reason country tax_class tax_parts"
    " base_minor tax_minor tax_local_minor"
).split()
_DISCOUNT: Final = ("document_id", "position", "label", "amount_minor", "discount_id", "days")
_CHUNK: Final = 500
_JSON: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def insert_drafts(db: Db, documents: Sequence[Document], around: Surroundings) -> list[int]:
    """Store drafts with all that belongs to them and give their ids, in order."""
    if not documents:
        return []
    ids = reserve_ids(db, document, len(documents))
    headers = [_header(record, around) for record in documents]
    columns = ("id", *headers[0])
    insert_tuples(db, document, columns, [(key, *row.values()) for key, row in zip(ids, headers, strict=True)])
    index_new(db, ids)
    _insert_parts(db, list(zip(ids, documents, strict=True)), around)
    return list(ids)


def replace_draft(db: Db, record: Document, around: Surroundings) -> bool:
    """Write a changed draft over the stored one; False when somebody else changed it since `record.version`."""
    values = _header(record, around) | {"version": record.version + 1}
    quoted = {name: value for name, value in values.items() if name != "memo"}
    columns = document.c
    changed = db.connection.execute(
        update(document)
        .where(columns.id == record.id, columns.version == record.version, columns.state == DocumentState.DRAFT)
        .values({columns[name]: _typed(name, value) for name, value in quoted.items()})
    )
    if changed.rowcount != 1:
        return False
    for part in (document_content, document_line, document_tax, document_discount, document_correction):
        db.connection.execute(delete(part).where(part.c.document_id == record.id))
    _insert_parts(db, [(record.id, record)], around)
    return True


def delete_drafts(db: Db, ids: Sequence[int]) -> None:
    """Delete drafts with all that belongs to them; the database refuses to delete issued documents."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        # The parts first: deleting them by cascade would look up each one's parent again.
        for part in (document_line, document_tax, document_discount, document_correction, document_content):
            db.connection.execute(delete(part).where(part.c.document_id.in_(chunk)))
        db.connection.execute(delete(document).where(document.c.id.in_(chunk)))


def _typed(name: str, value: object) -> object:
    """Give a driver value back the type that the column's own conversion expects."""
    kind = document.c[name].type.python_type if name in {"issue_date", "due_date", "period_start"} else None
    if value is None or not isinstance(value, str):
        return value
    if kind is date or name in {"period_end", "rate_day"}:
        return date.fromisoformat(value)
    return Decimal(value) if name == "rate" else value


def _insert_parts(db: Db, numbered: Sequence[tuple[int, Document]], around: Surroundings) -> None:
    insert_tuples(db, document_content, _CONTENT, [_content(key, record) for key, record in numbered])
    # By identity: a run's lines share a few taxes, and looking one up by value costs as much as writing it.
    shared = {id(line.tax): line.tax for _key, record in numbered for line in record.lines}
    columns = {identity: _tax_columns(tax) for identity, tax in shared.items()}
    lines = [
        _line(key, line, around.products, columns[id(line.tax)]) for key, record in numbered for line in record.lines
    ]
    insert_tuples(db, document_line, _LINE, lines)
    taxes = [_tax(key, i, tax) for key, record in numbered for i, tax in enumerate(record.taxes, start=1)]
    insert_tuples(db, document_tax, _TAX, taxes)
    discounts = [
        (key, i, shown.label, shown.amount.minor, shown.discount_id, to_json(_periods(shown)))
        for key, record in numbered
        for i, shown in enumerate(record.discounts, start=1)
    ]
    insert_tuples(db, document_discount, _DISCOUNT, discounts)
    corrections = [(key, corrected) for key, record in numbered for corrected in dict.fromkeys(record.corrects_ids)]
    insert_tuples(db, document_correction, ("document_id", "corrects_id"), corrections)


def _periods(shown: DiscountShown) -> list[list[Any]]:
    return [[period.day.isoformat(), period.until.isoformat(), period.minor] for period in shown.periods]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor


def to_json(value: object) -> str:
    """Give canonical JSON text as the book's JSON columns keep it."""
    return _JSON.encode(value)


def flat(record: Address | Party | PaymentDetails) -> dict[str, Any]:
    """Give the fields of a flat record; `dataclasses.asdict` copies each value and takes ten times as long."""
    return {name: getattr(record, name) for name in record.__slots__}


@lru_cache(maxsize=1_000)
def party_json(party: Party) -> str:
    """Give a seller or buyer as the book keeps them; a run writes the same seller on every document."""
    return to_json(fields_of(party))


@lru_cache(maxsize=1_000)
def _flat_json(record: Address | PaymentDetails | None) -> str:
    """Give an address or how to pay as the book keeps them, the same on most documents of a run."""
    return to_json(None if record is None else flat(record))


def fields_of(party: Party) -> dict[str, Any]:
    """Give a seller or buyer as JSON values."""
    return flat(party) | {"address": flat(party.address)}


def local_minor(amount: Money, rate: Decimal, currency: str) -> int:
    """Give an amount in the entity's currency, rounded once."""
    return amount.minor if amount.currency == currency else Money.of(amount.major * rate, currency).minor


def _header(record: Document, around: Surroundings) -> dict[str, Any]:
    name = record.buyer.name
    reference = record.payment.structured_reference
    return {
        "kind": record.kind.value,
        "state": DocumentState.DRAFT.value,
        "status": DocumentStatus.DRAFT.value,
        "entity_id": record.entity_id,
        "customer_id": record.customer_id,
        "run_id": record.run_id,
        "currency": record.currency,
        "language": record.language,
        "number": "",
        "issue_date": record.issue_date.isoformat(),
        "due_date": record.due_date.isoformat(),
        "period_start": _iso(record.period.start) if record.period else None,
        "period_end": _iso(record.period.end) if record.period else None,
        "customer_name": name,
        "customer_sort": search_text(name).strip(),
        "search_text": search_text(name, record.purchase_order, reference),
        "structured_reference": reference,
        "purchase_order": record.purchase_order,
        "net_minor": record.net.minor,
        "tax_minor": record.tax.minor,
        "total_minor": record.total.minor,
        "due_minor": record.amount_due.minor,
        "total_local_minor": local_minor(record.total, record.rate.rate, around.currencies[record.entity_id]),
        "open_minor": 0,
        "rate": to_text(record.rate.rate),
        "rate_day": record.rate.day.isoformat(),
        "rate_source": record.rate.source,
        "delivery_state": "",
        "hold": record.hold,
        "memo": "",
        "version": 1,
    }


def _content(key: int, record: Document) -> tuple[Any, ...]:
    uses = [[use.label, use.amount.minor, use.wallet_id, use.credit_document_id] for use in record.credits]
    return (
        key,
        party_json(record.seller),
        party_json(record.buyer),
        _flat_json(record.delivery_address),
        _flat_json(record.payment),
        to_json(uses) if uses else "[]",
        _minor(record.credits_used),
        _minor(record.cash_rounding),
        record.notes,
        record.footer,
    )


def _line(key: int, line: Line, products: Mapping[int, Product], tax: tuple[str, ...]) -> tuple[Any, ...]:
    product = products.get(line.product_id or 0)
    period = line.period
    return (
        key,
        line.position,
        str(line.kind),
        line.description,
        line.details,
        to_text(line.quantity),
        line.unit_code,
        None if line.unit_price is None else to_text(line.unit_price),
        line.amount.minor,
        line.discount.minor,
        *tax,
        None if period is None else period.start.isoformat(),
        None if period is None else period.end.isoformat(),
        line.subscription_id,
        line.price_id,
        line.product_id,
        line.metric_id,
        line.corrects_line_id,
        product.revenue_account if product else Account.REVENUE.value,
        str(product.recognition if product else Recognition.AT_ONCE),
        line.terms,
        _minor(line.included_tax),
        line.days,
        line.of_days,
        line.trace.to_json(),
    )


def _tax_columns(tax: LineTax) -> tuple[str, ...]:
    """Give what lines and tax groups keep of a tax."""
    parts = [[part.name, to_text(part.percent), _minor(part.amount)] for part in tax.parts]
    category, percent = str(tax.category), to_text(tax.percent)
    return (category, percent, tax.reason_code, tax.reason, tax.country, tax.tax_class, to_json(parts))


def _tax(key: int, position: int, group: TaxGroup) -> tuple[Any, ...]:
    return (
        key,
        position,
        *_tax_columns(group.tax),
        group.base.minor,
        group.amount.minor,
        group.amount_local.minor,
    )


def ids_of_run(db: Db, run_id: int) -> list[int]:
    """Give the drafts that a run made and that are still drafts."""
    query = select(document.c.id).where(document.c.run_id == run_id, document.c.state == DocumentState.DRAFT)
    return list(db.connection.execute(query.order_by(document.c.id)).scalars())


def set_correction(db: Db, document_id: int, corrects_id: int) -> None:
    """Link a draft credit note to the document that it corrects."""
    db.connection.execute(insert(document_correction).values(document_id=document_id, corrects_id=corrects_id))
