"""Audit events: insert-only and hash-chained."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Id, Instant

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("user", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("noun", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous_hash", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
)
