"""Which issued documents charge the usage of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select

from billdesk.domain.invoices import DocumentState
from billdesk.domain.local_days import local_day
from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.usage import metric, usage_span
from billdesk.storage.usage import rollups


@dataclass(frozen=True, slots=True)
class InvoicedUsage:
    """An issued document that charges usage of a contract and metric."""

    document_id: int
    number: str
    contract: str
    metric: str


def find_invoiced(db: Db, batch_id: int) -> list[InvoicedUsage]:
    """Give the issued documents whose usage lines cover days on which the batch has events."""
    line, span = document_line.c, usage_span.c
    query = (
        select(
            document.c.id,
            document.c.number,
            subscription.c.number.label("contract"),
            metric.c.code,
            line.period_start,
            line.period_end,
            span.subscription_id,
            span.first_instant,
            span.last_instant,
        )
        .select_from(usage_span)
        .join(
            document_line,
            and_(line.subscription_id == span.subscription_id, line.metric_id == span.metric_id),
        )
        .join(document, document.c.id == line.document_id)
        .join(subscription, subscription.c.id == span.subscription_id)
        .join(metric, metric.c.id == span.metric_id)
        .where(span.batch_id == batch_id, document.c.state == DocumentState.ISSUED)
        .order_by(document.c.number, subscription.c.number, metric.c.code)
    )
    rows = db.connection.execute(query).all()
    zones = rollups.zones_of(db, {row.subscription_id for row in rows})
    found: dict[InvoicedUsage, None] = {}
    for row in rows:
        zone = zones[row.subscription_id]
        first, last = local_day(row.first_instant, zone), local_day(row.last_instant, zone)
        if row.period_start <= last and first < row.period_end:
            found[InvoicedUsage(row.id, row.number, row.contract, row.code)] = None
    return list(found)
