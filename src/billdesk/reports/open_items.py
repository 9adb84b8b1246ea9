"""Open items: what customers owed at the end of a day, by age and currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.kernel.money import Money
from billdesk.reports.parameters import AS_OF, day_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage.database import Db
from billdesk.storage.payments.receivables import ReceivablesFilter, age


@dataclass(frozen=True, slots=True)
class OpenItems:
    """The plugin."""

    key: str = "open_items"
    label: str = N_("Open items by age")
    fields: tuple[Field, ...] = (AS_OF,)
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("customer", N_("Customer")),
        ReportColumn("not_due", N_("Not due"), CellKind.MONEY),
        ReportColumn("days_30", N_("1–30 days"), CellKind.MONEY),
        ReportColumn("days_60", N_("31–60 days"), CellKind.MONEY),
        ReportColumn("days_90", N_("61–90 days"), CellKind.MONEY),
        ReportColumn("older", N_("Over 90 days"), CellKind.MONEY),
        ReportColumn("credit", N_("Credit"), CellKind.MONEY),
        ReportColumn("total", N_("Total"), CellKind.MONEY),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Give a row per customer and currency."""
        as_of = day_of(parameters, "as_of") or db.today
        for sums in age(db, ReceivablesFilter(as_of)):
            figures = [*sums.buckets, sums.credits]
            amounts = [Money(minor, sums.currency) for minor in (*figures, sum(figures))]
            yield sums.customer_name, *amounts


PLUGIN: Final = OpenItems()
