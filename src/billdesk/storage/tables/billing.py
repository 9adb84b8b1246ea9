"""Billing runs, and what issued documents have billed so far."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from billdesk.domain.billing.records import LateState
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Json, Minor

billing_run = Table(
    "billing_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("as_of", Date, nullable=False, index=True),
    Column("scope", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("subscriptions", Integer, nullable=False),
    Column("totals", Json, nullable=False),
    Column("findings", Json, nullable=False),
)

# A projection of issued charges, kept at issue: which days of a subscription's price are charged now. A credit
# frees its days again; a trigger refuses two charges of one day.
billed_slice = Table(
    "billed_slice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", Id, ForeignKey("subscription.id"), nullable=False),
    Column("price_id", Id, ForeignKey("price.id"), nullable=False),
    Column("start_day", Date, nullable=False),
    Column("end_day", Date, nullable=False),
    Column("line_id", Id, ForeignKey("document_line.id"), nullable=False, index=True),
    Index("ix_billed_slice_key", "subscription_id", "price_id", "start_day"),
)

# Usage that came after its period was billed, where its price asks a person or leaves it out: what is not billed of
# what the period comes to. Runs keep it up to date until nothing lacks any more.
late_usage = Table(
    "late_usage",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", Id, ForeignKey("subscription.id"), nullable=False),
    Column("price_id", Id, ForeignKey("price.id"), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("lacks_minor", Minor, nullable=False),
    Column("comes_to_minor", Minor, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("state", Choice(LateState), nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Text, nullable=False),
    Index("ix_late_usage_key", "subscription_id", "price_id", "period_start", unique=True),
)
