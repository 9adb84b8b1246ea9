"""The journal: insert-only entries and postings, and the revenue that is still to be earned."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from billdesk.domain.ledger import EntrySource
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Minor

journal_entry = Table(
    "journal_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("posted_on", Date, nullable=False),
    Column("source", Choice(EntrySource), nullable=False),
    Column("source_id", Id, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_journal_entry_entity_id", "entity_id", "posted_on"),
    Index("ix_journal_entry_source", "source", "source_id"),
)

posting = Table(
    "posting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, ForeignKey("journal_entry.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("minor", Minor, nullable=False),
    Column("original_minor", Minor, nullable=False),
    Column("original_currency", Text, nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id")),
    Index("ix_posting_entry_id", "entry_id", "position"),
    Index("ix_posting_account", "account", "entry_id", "minor"),
)

# One row per issued line whose revenue is earned by day; `recognised_minor` grows as days pass.
deferral = Table(
    "deferral",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False, index=True),
    Column("line_id", Id, ForeignKey("document_line.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("start_day", Date, nullable=False),
    Column("end_day", Date, nullable=False),
    Column("minor", Minor, nullable=False),
    Column("recognised_minor", Minor, nullable=False),
    Column("recognised_until", Date, nullable=False),
    Index("ix_deferral_open", "recognised_until", "end_day"),
)
