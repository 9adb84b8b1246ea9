"""Money received and given back, and what it settled: insert-only, taken back by negated rows.

One step of a person is one `settlement`; its payments, allocations and bookings sum with those of its
reversal to nothing, so every open amount and balance is a plain SUM over all rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text

from billdesk.domain.payments import AllocationKind, PaymentMethod, SettlementKind
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Minor

settlement = Table(
    "settlement",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("kind", Choice(SettlementKind), nullable=False),
    Column("settled_on", Date, nullable=False),
    Column("statement_line_id", Id, ForeignKey("statement_line.id"), index=True),
    # A step is taken back once; taking back a reversal is doing the step again.
    Column("reverses_id", Id, ForeignKey("settlement.id"), unique=True),
    Column("note", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
)

payment = Table(
    "payment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("settlement_id", Id, ForeignKey("settlement.id"), nullable=False, index=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    # Worth in the entity's currency on the day it came, to the cent as the ledger has it.
    Column("local_minor", Minor, nullable=False),
    Column("method", Choice(PaymentMethod), nullable=False),
    Column("bank_account_id", Id, ForeignKey("bank_account.id")),
    Column("statement_line_id", Id, ForeignKey("statement_line.id"), index=True),
    Column("reference", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("returns_id", Id, ForeignKey("payment.id"), index=True),
    Column("reverses_id", Id, ForeignKey("payment.id"), unique=True),
    Index("ix_payment_customer", "customer_id", "currency"),
    Index("ix_payment_amount", "amount_minor", "currency"),
    Index("ix_payment_received", "received_on", "id"),
)

allocation = Table(
    "allocation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("settlement_id", Id, ForeignKey("settlement.id"), nullable=False, index=True),
    Column("kind", Choice(AllocationKind), nullable=False),
    Column("document_id", Id, ForeignKey("document.id")),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("allocated_on", Date, nullable=False),
    Column("payment_id", Id, ForeignKey("payment.id"), index=True),
    Column("payment_minor", Minor, nullable=False),
    Column("credit_document_id", Id, ForeignKey("document.id"), index=True),
    Column("target_payment_id", Id, ForeignKey("payment.id"), index=True),
    Column("reverses_id", Id, ForeignKey("allocation.id"), unique=True),
    Column("note", Text, nullable=False),
    Index("ix_allocation_document", "document_id", "allocated_on"),
)

line_booking = Table(
    "line_booking",
    metadata,
    Column("id", Id, primary_key=True),
    Column("settlement_id", Id, ForeignKey("settlement.id"), nullable=False, index=True),
    Column("statement_line_id", Id, ForeignKey("statement_line.id"), nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("local_minor", Minor, nullable=False),
    # Set when the line is the bank's word on a payment that a person had noted before.
    Column("payment_id", Id, ForeignKey("payment.id"), index=True),
    Column("reverses_id", Id, ForeignKey("line_booking.id"), unique=True),
    Column("text", Text, nullable=False),
)

# A projection of the rows above, kept in their transaction: payments of which something is still
# unallocated. It keeps a customer's balance one short index scan, however long the history is.
open_payment = Table(
    "open_payment",
    metadata,
    Column("payment_id", Id, ForeignKey("payment.id"), primary_key=True, autoincrement=False),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("rest_minor", Minor, nullable=False),
    Index("ix_open_payment_customer", "customer_id", "currency"),
)
