"""Contracts and their append-only timelines, with what lists show kept beside them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, false

from billdesk.domain.catalog import Alignment
from billdesk.domain.subscriptions import EntryKind, PauseKind, SubscriptionState
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Json, Minor

subscription = Table(
    "subscription",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("anchor", Date, nullable=False),
    Column("alignment", Choice(Alignment), nullable=False),
    Column("alignment_day", Integer, nullable=False),
    Column("purchase_order", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("version", Integer, nullable=False),
    # What follows is derived from the entries and kept for lists; `refresh_on` is the day it changes by itself.
    Column("state", Choice(SubscriptionState), nullable=False),
    Column("plan_id", Id, ForeignKey("plan.id")),
    Column("plan_version_id", Id, ForeignKey("plan_version.id"), index=True),
    Column("started", Date),
    Column("ended", Date),
    Column("mrr_minor", Minor, nullable=False),
    Column("refresh_on", Date, index=True),
    # The first day after the term that runs, and the last one on which notice ends the contract with it.
    Column("term_end", Date),
    Column("notice_by", Date, index=True),
    # Kept by billing: nothing falls due before `next_due` unless a change sets `needs_billing`.
    Column("next_due", Date, index=True),
    Column("needs_billing", Boolean, nullable=False),
    # How far the engine settled it, and the first day that changed since (domain.billing.SettledState).
    Column("settled_through", Date),
    Column("touched_from", Date),
    Column("search_text", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_subscription_state", "state", "number"),
    Index("ix_subscription_plan", "plan_id", "state"),
)
Index(
    "ix_subscription_needs_billing",
    subscription.c.id,
    sqlite_where=subscription.c.needs_billing,
)

subscription_entry = Table(
    "subscription_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", Id, ForeignKey("subscription.id"), nullable=False),
    Column("kind", Choice(EntryKind), nullable=False),
    Column("effective", Date, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("plan_version_id", Id, ForeignKey("plan_version.id"), index=True),
    # Price id as text to quantity as canonical decimal text.
    Column("quantities", Json, nullable=False),
    Column("override", Json),
    Column("trial_until", Date),
    Column("pause_kind", Choice(PauseKind), nullable=False),
    Column("credit_unused", Boolean, nullable=False),
    Column("new_anchor", Date),
    Column("term", Json),
    Column("uplift", Json),
    Column("notice_given", Date),
    Column("fee_waived", Boolean, nullable=False, server_default=false()),
    Index("ix_subscription_entry_timeline", "subscription_id", "effective", "id"),
)

# An entry is never edited: taking one back is a row of its own.
subscription_revocation = Table(
    "subscription_revocation",
    metadata,
    Column("entry_id", Id, ForeignKey("subscription_entry.id"), primary_key=True, autoincrement=False),
    Column("revoked_at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
