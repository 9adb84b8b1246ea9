"""Distance sales of issued documents: written at issue, added up by year, listed in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, func, select

from billdesk.domain.distance_sales import DistanceSales
from billdesk.domain.invoices import LineTax, TaxCategory
from billdesk.kernel.money import Money
from billdesk.storage.bulk import insert_rows, rows_in
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.taxes import distance_sale

EURO: Final = "EUR"


@dataclass(frozen=True, slots=True)
class DistanceRow:
    """A distance sale: its document, what it adds, and what was sold in its year up to and with it, in euro."""

    document_id: int
    number: str
    customer_name: str
    day: date
    country: str
    amount: Money
    sold: Money


@dataclass(frozen=True, slots=True)
class NewSale:
    """A sale to be written."""

    document_id: int
    entity_id: int
    day: date
    country: str
    minor: int


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line's net and tax, as the threshold looks at it; `is_credit` takes an issued line back."""

    document_id: int
    net: Money
    tax: LineTax
    is_credit: bool


def insert_distance_sales(db: Db, sales: Sequence[NewSale]) -> None:
    """Write the sales of documents that were just issued."""
    insert_rows(
        db,
        distance_sale,
        [
            {
                "document_id": one.document_id,
                "entity_id": one.entity_id,
                "day": one.day,
                "country": one.country,
                "euro_minor": one.minor,
            }
            for one in sales
        ],
    )


def load_distance_sales(db: Db, entity_id: int, year: int) -> DistanceSales:
    """Give what was sold in a year and the one before."""
    sold, highest = {}, {}
    for one in (year - 1, year):
        running = _running(entity_id, one)
        row = db.connection.execute(select(func.sum(running.c.euro_minor), func.max(running.c.sold))).one()
        if row[0] is not None:
            sold[one], highest[one] = int(row[0]), int(row[1])
    return DistanceSales(sold, highest)


def _running(entity_id: int, year: int) -> Subquery:
    """Give the sales of a year with the sum up to each, in the order of their days."""
    sale = distance_sale.c
    order = (sale.day, sale.document_id)
    return (
        select(*sale, func.sum(sale.euro_minor).over(order_by=order, rows=(None, 0)).label("sold"))
        .where(and_(sale.entity_id == entity_id, sale.day >= date(year, 1, 1), sale.day < date(year + 1, 1, 1)))
        .subquery()
    )


def list_distance_sales(db: Db, entity_id: int, year: int, *, offset: int = 0, limit: int = 1_000) -> list[DistanceRow]:
    """Give the sales of a year in order."""
    running = _running(entity_id, year)
    query = _rows(running).order_by(running.c.day, running.c.document_id).offset(offset).limit(limit)
    return [_row(row) for row in db.connection.execute(query)]


def passing_sale(db: Db, entity_id: int, year: int, threshold: int) -> DistanceRow | None:
    """Give the first sale of a year with which more than `threshold` was sold."""
    running = _running(entity_id, year)
    query = _rows(running).where(running.c.sold > threshold).order_by(running.c.day, running.c.document_id).limit(1)
    row = db.connection.execute(query).one_or_none()
    return None if row is None else _row(row)


def _rows(running: Subquery) -> Select[Any]:
    return select(running, document.c.number, document.c.customer_name).join(
        document, document.c.id == running.c.document_id
    )


def _row(row: Any) -> DistanceRow:  # noqa: ANN401 - a row of the query above
    return DistanceRow(
        document_id=row.document_id,
        number=row.number,
        customer_name=row.customer_name,
        day=row.day,
        country=row.country,
        amount=Money(row.euro_minor, EURO),
        sold=Money(int(row.sold), EURO),
    )


def taxed_lines(db: Db, ids: Iterable[int]) -> list[TaxedLine]:
    """Give the lines of documents that a country taxes, or that are exempt."""
    line = document_line.c
    wanted = (TaxCategory.STANDARD, TaxCategory.ZERO, TaxCategory.EXEMPT)
    query = (
        select(
            line.document_id, line.amount_minor, line.discount_minor, line.included_tax_minor, line.tax_category,
            line.tax_percent, line.tax_country, line.corrects_line_id, document.c.currency,
        )
        .join(document, document.c.id == line.document_id)
        .where(line.tax_category.in_(wanted))
    )  # fmt: skip
    return [
        TaxedLine(
            row.document_id,
            Money(row.amount_minor - row.discount_minor - (row.included_tax_minor or 0), row.currency),
            LineTax(row.tax_category, row.tax_percent, country=row.tax_country),
            row.corrects_line_id is not None,
        )
        for row in rows_in(db, query, line.document_id, ids)
    ]
