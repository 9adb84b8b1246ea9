"""Settings of the book and the marks it carries about itself."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Json

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

schema_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))
