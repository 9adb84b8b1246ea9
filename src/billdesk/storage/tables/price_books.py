"""Price books: for whom they are, what they charge, and which customers they reached on which days."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Text

from billdesk.domain.catalog import BookKind
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json

price_book = Table(
    "price_book",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Choice(BookKind), nullable=False),
    # Customer numbers, tags or countries, as the kind says.
    Column("reach", Json, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("since", Date),
    Column("until", Date),
    Column("note", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

price_book_terms = Table(
    "price_book_terms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("book_id", Id, ForeignKey("price_book.id"), nullable=False, index=True),
    Column("price_id", Id, ForeignKey("price.id"), nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("since", Date),
    Column("until", Date),
    Column("parameters", Json, nullable=False),
    Column("minimum", ExactDecimal),
    Column("maximum", ExactDecimal),
)

price_book_member = Table(
    "price_book_member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("book_id", Id, ForeignKey("price_book.id"), nullable=False, index=True),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("since", Date),
    Column("until", Date),
)
