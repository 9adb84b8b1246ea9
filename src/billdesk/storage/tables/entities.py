"""The companies that issue, their tax registrations, bank accounts and number series."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from billdesk.domain.entities import TaxRounding, TaxScheme
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Json

entity = Table(
    "entity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("legal_name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("address", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("company_number", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("website", Text, nullable=False),
    Column("payment_terms_days", Integer, nullable=False),
    Column("tax_rounding", Choice(TaxRounding), nullable=False),
    Column("cash_rounding_minor", Integer, nullable=False),
    Column("lock_date", Date),
    Column("footer", Text, nullable=False),
    Column("logo", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
)

tax_registration = Table(
    "tax_registration",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False, index=True),
    Column("country", Text, nullable=False),
    Column("tax_id", Text, nullable=False),
    Column("scheme", Choice(TaxScheme), nullable=False),
    Column("since", Date),
    Column("until", Date),
)

bank_account = Table(
    "bank_account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("iban", Text, nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("bic", Text, nullable=False),
    Column("is_default", Boolean, nullable=False),
)

number_series = Table(
    "number_series",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("next_number", Integer, nullable=False),
    Column("first_number", Integer, nullable=False, server_default="1"),
    UniqueConstraint("entity_id", "kind", "year"),
)
