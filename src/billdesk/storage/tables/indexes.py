"""Price indexes and their figures by month."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Text

from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import ExactDecimal, Id, Instant

price_index = Table(
    "price_index",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

# The month is its first day.
price_index_value = Table(
    "price_index_value",
    metadata,
    Column("index_id", Id, ForeignKey("price_index.id"), primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    Column("value", ExactDecimal, nullable=False),
)
