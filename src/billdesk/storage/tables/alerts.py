"""Thresholds that people want to be told of, and each time one was reached."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from billdesk.domain.alerts import AlertKind
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant

alert = Table(
    "alert",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Choice(AlertKind), nullable=False),
    Column("threshold", ExactDecimal, nullable=False),
    # Of money; empty where the threshold counts units of a metric.
    Column("currency", Text, nullable=False),
    Column("metric_id", Id, ForeignKey("metric.id", ondelete="CASCADE")),
    # Whose: one contract, one customer, or (both empty) everybody's.
    Column("customer_id", Id, ForeignKey("customer.id", ondelete="CASCADE")),
    Column("subscription_id", Id, ForeignKey("subscription.id", ondelete="CASCADE")),
    Column("is_active", Boolean, nullable=False),
    # How long before the end of a commitment it is told that too little was charged.
    Column("days_before", Integer, nullable=False, server_default="0"),
    # Set when it was deleted: nothing is watched any more, and what it told stays readable.
    Column("deleted_at", Instant),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
    # Empty for what all contracts of a customer share.
    Column("subscription_id", Id, ForeignKey("subscription.id", ondelete="CASCADE")),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("level", ExactDecimal, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("batch_id", Id, ForeignKey("import_batch.id")),
    Column("seen_at", Instant),
    Column("seen_by", Text, nullable=False),
    # Once per period, whatever else comes in.
    UniqueConstraint("alert_id", "customer_id", "subscription_id", "period_start"),
    Index("ix_alert_event_seen_at", "seen_at", "id"),
)
