"""The parties that are billed: contacts, bank accounts and tags."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from billdesk.domain.customers import CreditPolicy, CustomerKind, DeliveryChannel, InvoiceGrouping
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Json

customer = Table(
    "customer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("legal_name", Text, nullable=False, server_default=""),
    Column("kind", Choice(CustomerKind), nullable=False),
    Column("street", Text, nullable=False, server_default=""),
    Column("street2", Text, nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    Column("city", Text, nullable=False, server_default=""),
    Column("region", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("delivery_address", Json),
    Column("tax_id", Text, nullable=False, server_default="", index=True),
    Column("company_number", Text, nullable=False, server_default=""),
    Column("tax_exempt_reason", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False),
    Column("payment_terms_days", Integer),
    Column("grouping", Choice(InvoiceGrouping), nullable=False),
    Column("credit_policy", Choice(CreditPolicy), nullable=False),
    Column("channel", Choice(DeliveryChannel), nullable=False),
    Column("parent_id", Id, ForeignKey("customer.id"), index=True),
    Column("purchase_order", Text, nullable=False, server_default=""),
    Column("notes", Text, nullable=False, server_default=""),
    Column("archived", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    # Lower case without accents, so that one LIKE finds a customer however it is typed.
    Column("search_text", Text, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_customer_list_name", "archived", "sort_name", "id"),
    Index("ix_customer_list_city", "archived", "city", "id"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("receives_invoices", Boolean, nullable=False),
)

customer_iban = Table(
    "customer_iban",
    metadata,
    Column("customer_id", Id, ForeignKey("customer.id"), primary_key=True),
    Column("iban", Text, primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

customer_tag = Table(
    "customer_tag",
    metadata,
    Column("customer_id", Id, ForeignKey("customer.id"), primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
)
