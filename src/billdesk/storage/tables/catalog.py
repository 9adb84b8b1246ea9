"""What is sold: products, prices with terms per currency, plans and their versions."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text, UniqueConstraint, false

from billdesk.domain.catalog import (
    Ending,
    LateUsage,
    Proration,
    QuantitySource,
    Recognition,
    RunningPolicy,
    Timing,
    VersionState,
)
from billdesk.kernel.period import Unit
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json

product = Table(
    "product",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("names", Json, nullable=False),
    Column("description", Text, nullable=False),
    Column("tax_class", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("revenue_account", Text, nullable=False),
    Column("recognition", Choice(Recognition), nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

price = Table(
    "price",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("product_id", Id, ForeignKey("product.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("names", Json, nullable=False),
    Column("model", Text, nullable=False),
    # Both empty: a one-off price.
    Column("interval_unit", Choice(Unit)),
    Column("interval_count", Integer),
    Column("timing", Choice(Timing), nullable=False),
    Column("quantity_source", Choice(QuantitySource), nullable=False),
    Column("metric_id", Id, ForeignKey("metric.id"), index=True),
    Column("proration", Choice(Proration), nullable=False),
    Column("proration_days", Integer, nullable=False),
    Column("tax_inclusive", Boolean, nullable=False),
    Column("skip_zero", Boolean, nullable=False),
    Column("bill_in_trial", Boolean, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("late_usage", Choice(LateUsage), nullable=False),
    Column("days_before", Integer, nullable=False, server_default="0"),
    Column("tiers_restart", Boolean, nullable=False, server_default=false()),
    # Both set: a currency without terms is converted from this one, to amounts with this ending.
    Column("convert_from", Text),
    Column("ending", Choice(Ending)),
    Column("version", Integer, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

price_terms = Table(
    "price_terms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("price_id", Id, ForeignKey("price.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("parameters", Json, nullable=False),
    Column("minimum", ExactDecimal),
    Column("maximum", ExactDecimal),
    UniqueConstraint("price_id", "currency"),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("names", Json, nullable=False),
    Column("description", Text, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

plan_version = Table(
    "plan_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("plan_id", Id, ForeignKey("plan.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Choice(VersionState), nullable=False),
    Column("effective", Date, nullable=False),
    Column("running_policy", Choice(RunningPolicy), nullable=False),
    Column("trial_days", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("note", Text, nullable=False),
    # The least amount per interval by currency; null when nothing is committed.
    Column("commitment", Json, nullable=False, server_default="null"),
    UniqueConstraint("plan_id", "number"),
)

plan_item = Table(
    "plan_item",
    metadata,
    Column("plan_version_id", Id, ForeignKey("plan_version.id"), primary_key=True),
    Column("price_id", Id, ForeignKey("price.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
)
