"""Metering: metrics, series, events, daily rollups and what waits to be matched.

The usage tables can be spread over servers by `subscription_id`, which therefore leads every key here. Events
have no foreign keys: each would cost an import a look-up per row; `check_usage` asks the same when a person does.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from billdesk.domain.usage import Aggregation, RoundingMode, WaitReason
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json

metric = Table(
    "metric",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("names", Json, nullable=False),
    Column("unit", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("aggregation", Choice(Aggregation), nullable=False),
    Column("rounding", Choice(RoundingMode), nullable=False),
    Column("rounding_places", Integer, nullable=False),
    Column("percentile", ExactDecimal),
    Column("unique_property", Text, nullable=False),
    Column("recurring", Boolean, nullable=False),
    # Property to the values that count; events with others are stored but not metered.
    Column("filters", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

# Numbered from 1 within a subscription and metric, so that an event's series takes a byte or two;
# series 0 is "no properties" and has no row here.
usage_series = Table(
    "usage_series",
    metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    Column("metric_id", Id, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("properties", Json, nullable=False),
    UniqueConstraint("subscription_id", "metric_id", "properties"),
    sqlite_with_rowid=False,
)

# Clustered in the order in which billing reads: the smallest and fastest of three layouts (ADR 6).
usage_event = Table(
    "usage_event",
    metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    Column("metric_id", Id, primary_key=True, autoincrement=False),
    Column("instant", BigInteger, primary_key=True, autoincrement=False),
    # The first 63 bits of MD5 of the event's key; the key itself stands in the file at `row`.
    Column("key_hash", BigInteger, primary_key=True, autoincrement=False),
    Column("series", Integer, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("batch_id", Id, nullable=False),
    Column("row", Integer, nullable=False),
    Index("uq_usage_event_key", "subscription_id", "metric_id", "key_hash", unique=True),
    sqlite_with_rowid=False,
)

# Events that a corrected file replaced, or that were undone although they had been invoiced: traces still reach them.
usage_event_removed = Table(
    "usage_event_removed",
    metadata,
    *(Column(column.name, column.type, nullable=False) for column in usage_event.columns),
    # The batch that replaced the event, or the event's own batch when that was undone.
    Column("removed_by", Id, nullable=False, index=True),
    Index("ix_usage_event_removed_period", "subscription_id", "metric_id", "instant"),
)

# Which instants of a subscription and metric a batch touched: undo and history read these ranges, not every event.
usage_span = Table(
    "usage_span",
    metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    Column("metric_id", Id, primary_key=True, autoincrement=False),
    Column("batch_id", Id, primary_key=True, autoincrement=False, index=True),
    Column("first_instant", BigInteger, nullable=False),
    Column("last_instant", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    sqlite_with_rowid=False,
)

usage_rollup = Table(
    "usage_rollup",
    metadata,
    Column("subscription_id", Id, primary_key=True, autoincrement=False),
    Column("metric_id", Id, primary_key=True, autoincrement=False),
    # Local days of the entity since 1970: arithmetic that every engine does alike.
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("events", Integer, nullable=False),
    # Σ (quantity // 10**9) and Σ (quantity % 10**9): no sum can overflow.
    Column("billions", BigInteger, nullable=False),
    Column("rest", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

usage_unmatched = Table(
    "usage_unmatched",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, nullable=False, index=True),
    Column("row", Integer, nullable=False),
    # As the file writes them.
    Column("reference", Text, nullable=False, index=True),
    Column("metric", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("instant", BigInteger, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("properties", Json, nullable=False),
    Column("reason", Choice(WaitReason), nullable=False, index=True),
    # Hash of the reference, metric, key and content: the same row waits once, however often it is imported.
    Column("fingerprint", BigInteger, nullable=False, unique=True),
)
