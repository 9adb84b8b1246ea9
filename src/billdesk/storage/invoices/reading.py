"""Reading whole documents, a few or many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Table, select

from billdesk.domain.entities import Address
from billdesk.domain.explain import Trace
from billdesk.domain.invoices import (
    CreditUse,
    DiscountedPeriod,
    DiscountShown,
    Document,
    ExchangeRate,
    Line,
    LineTax,
    Party,
    PaymentDetails,
    TaxGroup,
    TaxPart,
)
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.storage.database import Db
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import (
    document,
    document_content,
    document_correction,
    document_discount,
    document_line,
    document_tax,
)

_CHUNK = 500


def load_document(db: Db, document_id: int) -> Document:
    """Give one document; raises NotFound."""
    found = load_documents(db, [document_id])
    if not found:
        raise NotFound("invoices", str(document_id))
    return found[0]


def load_documents(db: Db, ids: Iterable[int]) -> list[Document]:
    """Give documents in the order of `ids`, leaving out those that do not exist."""
    wanted = list(ids)
    found: dict[int, Document] = {}
    for start in range(0, len(wanted), _CHUNK):
        found.update(_load_chunk(db, wanted[start : start + _CHUNK]))
    return [found[key] for key in wanted if key in found]


def _load_chunk(db: Db, ids: Sequence[int]) -> dict[int, Document]:
    query = (
        select(document, document_content, entity.c.currency.label("local_currency"))
        .join(document_content, document_content.c.document_id == document.c.id)
        .join(entity, entity.c.id == document.c.entity_id)
        .where(document.c.id.in_(ids))
    )
    headers = {row.id: row for row in db.connection.execute(query)}
    lines = _children(db, document_line, ids)
    taxes = _children(db, document_tax, ids)
    discounts = _children(db, document_discount, ids)
    corrections = _corrections(db, ids)
    return {
        key: _document(
            row,
            tuple(_line(line, row.currency) for line in lines.get(key, ())),
            tuple(_tax(tax, row.currency, row.local_currency) for tax in taxes.get(key, ())),
            tuple(
                DiscountShown(
                    shown.label,
                    Money(shown.amount_minor, row.currency),
                    shown.discount_id,
                    discounted_periods(shown.days, shown.amount_minor),
                )
                for shown in discounts.get(key, ())
            ),
            corrections.get(key, []),
        )
        for key, row in headers.items()
    }


def discounted_periods(days: Sequence[Any], minor: int) -> tuple[DiscountedPeriod, ...]:
    """Read for which periods a discount was given; the first books kept days only, the first of them for it all."""
    return tuple(
        DiscountedPeriod(date.fromisoformat(kept[0]), date.fromisoformat(kept[1]), kept[2])
        if isinstance(kept, list)
        else DiscountedPeriod(date.fromisoformat(kept), date.fromisoformat(kept), 0 if place else minor)
        for place, kept in enumerate(days)
    )


def _children(db: Db, table: Table, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    query = select(table).where(table.c.document_id.in_(ids)).order_by(table.c.document_id, table.c.position)
    result: dict[int, list[Row[Any]]] = {}
    for row in db.connection.execute(query):
        result.setdefault(row.document_id, []).append(row)
    return result


def _corrections(db: Db, ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    table = document_correction
    query = (
        select(table.c.document_id, document.c.id, document.c.number)
        .join(document, document.c.id == table.c.corrects_id)
        .where(table.c.document_id.in_(ids))
        .order_by(table.c.document_id, document.c.id)
    )
    result: dict[int, list[tuple[int, str]]] = {}
    for row in db.connection.execute(query):
        result.setdefault(row.document_id, []).append((row.id, row.number))
    return result


def _document(
    row: Row[Any],
    lines: tuple[Line, ...],
    taxes: tuple[TaxGroup, ...],
    discounts: tuple[DiscountShown, ...],
    corrections: Sequence[tuple[int, str]],
) -> Document:
    currency = row.currency
    return Document(
        id=row.id,
        kind=row.kind,
        state=row.state,
        entity_id=row.entity_id,
        customer_id=row.customer_id,
        currency=currency,
        language=row.language,
        issue_date=row.issue_date,
        due_date=row.due_date,
        seller=_party(row.seller),
        buyer=_party(row.buyer),
        lines=lines,
        taxes=taxes,
        net=Money(row.net_minor, currency),
        tax=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        rate=ExchangeRate(row.rate, row.rate_day, row.rate_source),
        number=row.number,
        delivery_address=None if row.delivery_address is None else Address(**row.delivery_address),
        period=_period(row.period_start, row.period_end),
        discounts=discounts,
        credits_used=_money(row.credits_used_minor, currency),
        cash_rounding=_money(row.cash_rounding_minor, currency),
        payment=PaymentDetails(**row.payment),
        purchase_order=row.purchase_order,
        notes=row.notes,
        footer=row.footer,
        corrects_ids=tuple(key for key, _number in corrections),
        corrects_numbers=tuple(number for _key, number in corrections),
        subscription_ids=tuple(dict.fromkeys(line.subscription_id for line in lines if line.subscription_id)),
        run_id=row.run_id,
        version=row.version,
        hold=row.hold,
        credits=tuple(
            CreditUse(label, Money(minor, currency), wallet, note) for label, minor, wallet, note in row.credits
        ),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def _period(start: Any, end: Any) -> Period | None:  # noqa: ANN401 - dates as the row has them
    return None if start is None or end is None else Period(start, end)


def _party(stored: Mapping[str, Any]) -> Party:
    return Party(**{**stored, "address": Address(**stored["address"])})


def line_tax(row: Row[Any], currency: str) -> LineTax:
    """Give the tax of a stored line."""
    return LineTax(
        category=row.tax_category,
        percent=row.tax_percent,
        reason_code=row.tax_reason_code,
        reason=row.tax_reason,
        country=row.tax_country,
        tax_class=row.tax_class,
        parts=_parts(row.tax_parts, currency),
    )


def _parts(stored: Sequence[Sequence[Any]], currency: str) -> tuple[TaxPart, ...]:
    return tuple(TaxPart(name, Decimal(percent), _money(minor, currency)) for name, percent, minor in stored)


def _line(row: Row[Any], currency: str) -> Line:
    return Line(
        position=row.position,
        kind=row.kind,
        description=row.description,
        quantity=row.quantity,
        unit_code=row.unit_code,
        unit_price=row.unit_price,
        amount=Money(row.amount_minor, currency),
        discount=Money(row.discount_minor, currency),
        tax=line_tax(row, currency),
        details=row.details,
        period=_period(row.period_start, row.period_end),
        subscription_id=row.subscription_id,
        price_id=row.price_id,
        product_id=row.product_id,
        metric_id=row.metric_id,
        corrects_line_id=row.corrects_line_id,
        trace=Trace.from_json(row.trace),
        id=row.id,
        terms=row.terms,
        included_tax=_money(row.included_tax_minor, currency),
        days=row.days,
        of_days=row.of_days,
    )


def _tax(row: Row[Any], currency: str, local_currency: str) -> TaxGroup:
    tax = LineTax(
        category=row.category,
        percent=row.percent,
        reason_code=row.reason_code,
        reason=row.reason,
        country=row.country,
        tax_class=row.tax_class,
        parts=_parts(row.tax_parts, currency),
    )
    return TaxGroup(
        tax, Money(row.base_minor, currency), Money(row.tax_minor, currency), Money(row.tax_local_minor, local_currency)
    )
