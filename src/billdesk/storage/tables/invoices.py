"""Documents with lines, taxes and discounts, their corrections, and the outbox.

`document` is narrow: it holds what lists show, sort and filter. What only one open document needs is in
`document_content`. Triggers freeze both once the document is issued, except `MUTABLE`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus, LineKind, TaxCategory
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json, Minor

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Choice(DocumentKind), nullable=False),
    Column("state", Choice(DocumentState), nullable=False),
    # Never `overdue`: that is open or partly paid with a due date that passed.
    Column("status", Choice(DocumentStatus), nullable=False),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False),
    Column("run_id", Id, ForeignKey("billing_run.id"), index=True),
    Column("currency", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("series_year", Integer),
    Column("sequence", Integer),
    Column("issue_date", Date, nullable=False),
    Column("due_date", Date, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("customer_name", Text, nullable=False),
    Column("customer_sort", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("structured_reference", Text, nullable=False),
    Column("purchase_order", Text, nullable=False),
    Column("net_minor", Minor, nullable=False),
    Column("tax_minor", Minor, nullable=False),
    Column("total_minor", Minor, nullable=False),
    Column("due_minor", Minor, nullable=False),
    Column("total_local_minor", Minor, nullable=False),
    Column("open_minor", Minor, nullable=False),
    Column("closed_on", Date),
    Column("rate", ExactDecimal, nullable=False),
    Column("rate_day", Date, nullable=False),
    Column("rate_source", Text, nullable=False),
    Column("issued_at", Instant),
    Column("delivery_state", Text, nullable=False),
    # Billing of a contract is paused: the draft is kept and not issued.
    Column("hold", Boolean, nullable=False),
    Column("memo", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("entity_id", "kind", "series_year", "sequence"),
    Index("ix_document_customer_id", "customer_id", "issue_date"),
    Index("ix_document_structured_reference", "structured_reference"),
    Index("ix_document_number", "number", "id"),
    Index("ix_document_issue_date", "issue_date", "id", "status", "total_local_minor"),
    Index("ix_document_due_date", "due_date", "id"),
    Index("ix_document_customer_sort", "customer_sort", "id"),
    Index("ix_document_total_local_minor", "total_local_minor", "id"),
    Index("ix_document_open_minor", "open_minor", "id"),
    Index("ix_document_total_minor", "total_minor"),
    Index("ix_document_status_number", "status", "number", "id"),
    Index("ix_document_status_issue_date", "status", "issue_date", "id"),
    Index("ix_document_status_due_date", "status", "due_date", "id"),
    Index("ix_document_status_customer_sort", "status", "customer_sort", "id"),
    Index("ix_document_status_total_local_minor", "status", "total_local_minor", "id"),
    Index("ix_document_status_open_minor", "status", "open_minor", "id"),
    # Status tabs are added up from this index alone, in its own order.
    Index("ix_document_sums", "status", "currency", "kind", "entity_id", "due_date", "total_minor", "open_minor"),
    # A deleted draft's id is never given again: the audit names drafts by id.
    sqlite_autoincrement=True,
)

MUTABLE: Final = ("state", "status", "open_minor", "closed_on", "delivery_state", "memo", "version")
"""Columns of `document` that still change after issue; `state` only between issued and uncollectible."""

document_content = Table(
    "document_content",
    metadata,
    Column("document_id", Id, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("seller", Json, nullable=False),
    Column("buyer", Json, nullable=False),
    Column("delivery_address", Json, nullable=False),
    Column("payment", Json, nullable=False),
    Column("credits", Json, nullable=False),
    Column("credits_used_minor", Minor),
    Column("cash_rounding_minor", Minor),
    Column("notes", Text, nullable=False),
    Column("footer", Text, nullable=False),
)

document_line = Table(
    "document_line",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Choice(LineKind), nullable=False),
    Column("description", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("unit_price", ExactDecimal),
    Column("amount_minor", Minor, nullable=False),
    Column("discount_minor", Minor, nullable=False),
    Column("tax_category", Choice(TaxCategory), nullable=False),
    Column("tax_percent", ExactDecimal, nullable=False),
    Column("tax_reason_code", Text, nullable=False),
    Column("tax_reason", Text, nullable=False),
    Column("tax_country", Text, nullable=False),
    Column("tax_class", Text, nullable=False),
    Column("tax_parts", Json, nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("subscription_id", Id),
    Column("price_id", Id),
    Column("product_id", Id),
    Column("metric_id", Id),
    Column("corrects_line_id", Id),
    Column("revenue_account", Text, nullable=False),
    Column("recognition", Text, nullable=False),
    # What the engine compares to see whether the same days would be charged alike today.
    Column("terms", Text, nullable=False),
    Column("included_tax_minor", Minor),
    Column("days", Integer, nullable=False),
    Column("of_days", Integer, nullable=False),
    Column("trace", Text, nullable=False),
    Index("ix_document_line_document_id", "document_id", "position"),
    Index("ix_document_line_subscription_id", "subscription_id", "period_end"),
    Index("ix_document_line_corrects_line_id", "corrects_line_id"),
)

document_tax = Table(
    "document_tax",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("category", Choice(TaxCategory), nullable=False),
    Column("percent", ExactDecimal, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("tax_class", Text, nullable=False),
    Column("tax_parts", Json, nullable=False),
    Column("base_minor", Minor, nullable=False),
    Column("tax_minor", Minor, nullable=False),
    Column("tax_local_minor", Minor, nullable=False),
)

document_discount = Table(
    "document_discount",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("discount_id", Id),
    # On which the lines that it takes from fell due: each uses one of its periods.
    Column("days", Json, nullable=False, server_default="[]"),
)

document_correction = Table(
    "document_correction",
    metadata,
    Column("document_id", Id, ForeignKey("document.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("corrects_id", Id, ForeignKey("document.id"), primary_key=True, autoincrement=False, index=True),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("next_attempt_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("message_id", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index("ix_delivery_state", "state", "next_attempt_at"),
)
