"""Import batches, what each changed, and the column mappings people saved."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from billdesk.domain.usage import BatchState
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Instant, Json

import_batch = Table(
    "import_batch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False, index=True),
    Column("imported_at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    Column("state", Choice(BatchState), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_added", Integer, nullable=False),
    Column("rows_changed", Integer, nullable=False),
    Column("rows_duplicate", Integer, nullable=False),
    Column("rows_rejected", Integer, nullable=False),
    Column("rows_unmatched", Integer, nullable=False, server_default="0"),
)

import_change = Table(
    "import_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, ForeignKey("import_batch.id"), nullable=False, index=True),
    # The row of the file, as the spreadsheet counts it.
    Column("row", Integer, nullable=False),
    # The table and the key of the record that the row made or changed.
    Column("record", Text, nullable=False),
    Column("record_id", Id, nullable=False),
    # JSON null when the row made the record; otherwise the values it had.
    Column("before", Json),
    Column("after", Json),
)

mapping_profile = Table(
    "mapping_profile",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The folded headers of the file it was saved for: the next file with the same ones is recognised.
    Column("signature", Text, nullable=False, index=True),
    Column("mapping", Json, nullable=False),
    Column("options", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    UniqueConstraint("kind", "name"),
)
