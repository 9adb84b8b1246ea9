"""Distance sales: each sale to a consumer elsewhere in the Union, with what its year came to and where it is taxed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select

from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.reports.parameters import FIRST, LAST, period_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage.database import Db
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document, document_tax
from billdesk.storage.tables.taxes import distance_sale

_EURO: Final = "EUR"


@dataclass(frozen=True, slots=True)
class DistanceSales:
    """The plugin."""

    key: str = "distance_sales"
    label: str = N_("Distance sales")
    fields: tuple[Field, ...] = (FIRST, LAST)
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("day", N_("Date"), CellKind.DAY),
        ReportColumn("number", N_("Number")),
        ReportColumn("customer", N_("Customer")),
        ReportColumn("country", N_("Country")),
        ReportColumn("taxed_in", N_("Taxed in")),
        ReportColumn("amount", N_("Before tax, in euro"), CellKind.MONEY),
        ReportColumn("sold", N_("Sold in the year so far"), CellKind.MONEY),
        ReportColumn("company", N_("Company")),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Give the sales of some days by company and date; each year is added up from its first day."""
        sold: dict[tuple[str, int], int] = {}
        period = period_of(db, parameters)
        for row in db.connection.execute(_query(period)):
            key = (row.code, row.day.year)
            sold[key] = sold.get(key, 0) + row.euro_minor
            if row.day >= period.start:
                yield (
                    row.day, row.number, row.customer_name, row.country, row.taxed_in,
                    Money(row.euro_minor, _EURO), Money(sold[key], _EURO), row.code,
                )  # fmt: skip


def _query(period: Period) -> Select[Any]:
    sale = distance_sale.c
    taxed_in = (
        select(func.max(document_tax.c.country)).where(document_tax.c.document_id == sale.document_id).scalar_subquery()
    )
    return (
        select(
            sale.day,
            sale.country,
            sale.euro_minor,
            document.c.number,
            document.c.customer_name,
            entity.c.code,
            taxed_in.label("taxed_in"),
        )
        .join(document, document.c.id == sale.document_id)
        .join(entity, entity.c.id == sale.entity_id)
        .where(sale.day >= period.start.replace(month=1, day=1), sale.day < period.end)
        .order_by(entity.c.code, sale.day, sale.document_id)
    )


PLUGIN: Final = DistanceSales()
