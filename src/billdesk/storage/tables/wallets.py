"""Wallets: prepaid credit of customers, one row per grant, and every movement of it."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text

from billdesk.domain.wallets import MovementKind
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json, Minor

wallet = Table(
    "wallet",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    # What one unit is worth where the grant counts units, and what they are called.
    Column("unit_minor", Minor),
    Column("unit_name", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("granted_on", Date, nullable=False),
    Column("expires_on", Date),
    Column("is_promotional", Boolean, nullable=False),
    Column("product_ids", Json, nullable=False),
    # Frozen: one unit of the currency in the entity's, at which the liability stands in the ledger.
    Column("rate", ExactDecimal, nullable=False),
    # Added to the grant later, by top-ups.
    Column("topped_up_minor", Minor, nullable=False, server_default="0"),
    # A projection of the movements, kept with them.
    Column("balance_minor", Minor, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    CheckConstraint("balance_minor >= 0", name="wallet_not_negative"),
    Index("ix_wallet_customer_id", "customer_id", "balance_minor"),
)

wallet_movement = Table(
    "wallet_movement",
    metadata,
    Column("id", Id, primary_key=True),
    Column("wallet_id", Id, ForeignKey("wallet.id"), nullable=False, index=True),
    Column("kind", Choice(MovementKind), nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("moved_on", Date, nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), index=True),
    # The step with money that closed a credit note whose amount became this credit; steps are never deleted.
    Column("settlement_id", Id, index=True),
    Column("reason", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
)
