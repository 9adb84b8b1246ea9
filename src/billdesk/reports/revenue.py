"""Revenue: what was invoiced before tax, by month, product or customer, also in the company's currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, cast, func, select

from billdesk.domain.invoices import DocumentState
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.reports.parameters import FIRST, LAST, period_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage.database import Db
from billdesk.storage.invoices import local_minor
from billdesk.storage.tables.catalog import product
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document, document_line

_BY: Final = (("month", N_("Month")), ("product", N_("Product")), ("customer", N_("Customer")))
_KEYS: Final[dict[str, ColumnElement[Any]]] = {
    "month": func.substr(cast(document.c.issue_date, Text), 1, 7),
    "product": func.coalesce(product.c.name, ""),
    "customer": document.c.customer_name,
}


@dataclass(frozen=True, slots=True)
class Revenue:
    """The plugin."""

    key: str = "revenue"
    label: str = N_("Revenue")
    fields: tuple[Field, ...] = (
        FIRST,
        LAST,
        Field("by", N_("By"), Kind.CHOICE, default="month", choices=_BY),
    )
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("group", N_("Group")),
        ReportColumn("lines", N_("Lines"), CellKind.COUNT),
        ReportColumn("net", N_("Net"), CellKind.MONEY),
        ReportColumn("local", N_("In own currency"), CellKind.MONEY),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Add up net lines of issued documents; each rate is applied once to the sum of its documents."""
        period = period_of(db, parameters)
        sums: dict[tuple[str, str, str], list[int]] = {}
        for row in db.connection.execute(_query(_KEYS[parameters["by"]], period)):
            net = Money(int(row.net), row.currency)
            known = sums.setdefault((row.group, row.currency, row.local_currency), [0, 0, 0])
            known[0] += row.lines
            known[1] += net.minor
            known[2] += local_minor(net, row.rate, row.local_currency)
        for (group, currency, local), (lines, net_minor, minor) in sorted(sums.items()):
            yield group, lines, Money(net_minor, currency), Money(minor, local)


def _query(key: ColumnElement[Any], period: Period) -> Select[Any]:
    line = document_line.c
    net = line.amount_minor - line.discount_minor - func.coalesce(line.included_tax_minor, 0)
    day = document.c.issue_date
    return (
        select(
            key.label("group"),
            document.c.currency,
            document.c.rate,
            entity.c.currency.label("local_currency"),
            func.count().label("lines"),
            func.sum(net).label("net"),
        )
        .select_from(document)
        .join(document_line, line.document_id == document.c.id)
        .join(entity, entity.c.id == document.c.entity_id)
        .outerjoin(product, product.c.id == line.product_id)
        .where(document.c.state != DocumentState.DRAFT, day >= period.start, day < period.end)
        .group_by(key, document.c.currency, document.c.rate, entity.c.currency)
    )


PLUGIN: Final = Revenue()
