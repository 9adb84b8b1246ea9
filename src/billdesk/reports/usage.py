"""Usage: what each customer's contracts measured in a period, per metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select

from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.reports.parameters import FIRST, LAST, period_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage.database import Db
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import metric, usage_rollup

_EPOCH: Final = date(1970, 1, 1)
_BILLION: Final = 10**9


@dataclass(frozen=True, slots=True)
class UsagePerCustomer:
    """The plugin."""

    key: str = "usage"
    label: str = N_("Usage per customer")
    fields: tuple[Field, ...] = (FIRST, LAST)
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("customer", N_("Customer")),
        ReportColumn("contract", N_("Contract")),
        ReportColumn("metric", N_("Metric")),
        ReportColumn("unit", N_("Unit")),
        ReportColumn("events", N_("Events"), CellKind.COUNT),
        ReportColumn("quantity", N_("Sum of quantities"), CellKind.NUMBER),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Add up the daily rollup, which counts each event's quantity whatever the metric's aggregation."""
        period = period_of(db, parameters)
        days = usage_rollup.c
        query = (
            select(
                customer.c.name,
                subscription.c.number,
                metric.c.code,
                metric.c.unit,
                metric.c.decimals,
                func.sum(days.events).label("events"),
                func.sum(days.billions).label("billions"),
                func.sum(days.rest).label("rest"),
            )
            .select_from(usage_rollup)
            .join(subscription, subscription.c.id == days.subscription_id)
            .join(customer, customer.c.id == subscription.c.customer_id)
            .join(metric, metric.c.id == days.metric_id)
            .where(days.day >= (period.start - _EPOCH).days, days.day < (period.end - _EPOCH).days)
            .group_by(customer.c.name, subscription.c.number, metric.c.code, metric.c.unit, metric.c.decimals)
            .order_by(customer.c.name, subscription.c.number, metric.c.code)
        )
        for row in db.connection.execute(query):
            scaled = int(row.billions) * _BILLION + int(row.rest)
            yield row.name, row.number, row.code, row.unit, int(row.events), from_scaled(scaled, row.decimals)


PLUGIN: Final = UsagePerCustomer()
