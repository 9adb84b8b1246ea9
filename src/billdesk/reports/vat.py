"""VAT: taxable amounts and tax of issued documents by country, category and rate, in both currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select

from billdesk.domain.invoices import DocumentState
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.reports.parameters import FIRST, LAST, period_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage.database import Db
from billdesk.storage.invoices import local_minor
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document, document_tax


@dataclass(frozen=True, slots=True)
class Vat:
    """The plugin."""

    key: str = "vat"
    label: str = N_("VAT summary")
    fields: tuple[Field, ...] = (FIRST, LAST)
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("country", N_("Country")),
        ReportColumn("category", N_("Category")),
        ReportColumn("percent", N_("Rate"), CellKind.PERCENT),
        ReportColumn("documents", N_("Documents"), CellKind.COUNT),
        ReportColumn("base", N_("Taxable"), CellKind.MONEY),
        ReportColumn("tax", N_("Tax"), CellKind.MONEY),
        ReportColumn("base_local", N_("Taxable in own currency"), CellKind.MONEY),
        ReportColumn("tax_local", N_("Tax in own currency"), CellKind.MONEY),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Give a row per country, category, rate and currency; tax in own currency is what the documents say."""
        sums: dict[tuple[str, str, Any, str, str], list[int]] = {}
        for row in db.connection.execute(_query(period_of(db, parameters))):
            key = (row.country, row.category.value, row.percent, row.currency, row.local_currency)
            base = Money(int(row.base), row.currency)
            figures = (
                row.documents,
                base.minor,
                int(row.tax),
                local_minor(base, row.rate, row.local_currency),
                int(row.local),
            )
            known = sums.setdefault(key, [0] * len(figures))
            sums[key] = [one + more for one, more in zip(known, figures, strict=True)]
        for (country, category, percent, currency, local), totals in sorted(sums.items()):
            documents, base_minor, tax, base_local, tax_local = totals
            yield (
                country, category, percent, documents, Money(base_minor, currency), Money(tax, currency),
                Money(base_local, local), Money(tax_local, local),
            )  # fmt: skip


def _query(period: Period) -> Select[Any]:
    tax = document_tax.c
    keys = (tax.country, tax.category, tax.percent, document.c.currency, document.c.rate)
    return (
        select(
            *keys,
            entity.c.currency.label("local_currency"),
            func.count().label("documents"),
            func.sum(tax.base_minor).label("base"),
            func.sum(tax.tax_minor).label("tax"),
            func.sum(tax.tax_local_minor).label("local"),
        )
        .select_from(document)
        .join(document_tax, tax.document_id == document.c.id)
        .join(entity, entity.c.id == document.c.entity_id)
        .where(document.c.state != DocumentState.DRAFT)
        .where(document.c.issue_date >= period.start, document.c.issue_date < period.end)
        .group_by(*keys, entity.c.currency)
    )


PLUGIN: Final = Vat()
