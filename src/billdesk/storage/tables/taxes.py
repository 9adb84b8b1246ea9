"""Tax rates with their validity, exchange rates by day, and distance sales."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from billdesk.domain.invoices import TaxCategory
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Json, Minor

tax_rate = Table(
    "tax_rate",
    metadata,
    Column("id", Id, primary_key=True),
    Column("country", Text, nullable=False),
    # A state or the beginning of postcodes; empty for the whole country.
    Column("region", Text, nullable=False),
    Column("tax_class", Text, nullable=False),
    Column("category", Choice(TaxCategory), nullable=False),
    Column("percent", ExactDecimal, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parts", Json, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("country", "region", "tax_class", "since"),
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    # Units of `currency` for one euro, as the ECB quotes.
    Column("rate", ExactDecimal, nullable=False),
    Column("source", Text, nullable=False),
)

# Issued documents that count against the threshold of distance sales; credit notes are negative.
distance_sale = Table(
    "distance_sale",
    metadata,
    Column("document_id", Id, ForeignKey("document.id"), primary_key=True, autoincrement=False),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("country", Text, nullable=False),
    Column("euro_minor", Minor, nullable=False),
    # Years are added up from this index alone.
    Index("ix_distance_sale_entity_id", "entity_id", "day", "document_id", "euro_minor"),
)
