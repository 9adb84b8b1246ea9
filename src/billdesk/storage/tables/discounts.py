"""Coupons, the discounts that customers and contracts have, and what documents took of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text

from billdesk.domain.discounts import DiscountFrequency, DiscountScope
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, ExactDecimal, Id, Instant, Json, Minor


def _terms() -> tuple[Column[Any], ...]:
    """Give the columns of what a discount gives; `periods` is set where it counts them."""
    return (
        Column("label", Text, nullable=False),
        Column("percent", ExactDecimal),
        Column("amount_minor", Minor),
        Column("currency", Text, nullable=False),
        Column("scope", Choice(DiscountScope), nullable=False),
        Column("scope_ids", Json, nullable=False),
        Column("frequency", Choice(DiscountFrequency), nullable=False),
        Column("periods", Integer),
        Column("since", Date),
        Column("until", Date),
    )


coupon = Table(
    "coupon",
    metadata,
    Column("id", Id, primary_key=True),
    # Upper case: people type codes as they like.
    Column("code", Text, nullable=False, unique=True),
    *_terms(),
    Column("most_uses", Integer),
    Column("most_per_customer", Integer),
    Column("first_time_only", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
)

discount = Table(
    "discount",
    metadata,
    Column("id", Id, primary_key=True),
    # Of the receiver of documents, or of one contract: one of the two.
    Column("customer_id", Id, ForeignKey("customer.id"), index=True),
    Column("subscription_id", Id, ForeignKey("subscription.id"), index=True),
    *_terms(),
    Column("position", Integer, nullable=False),
    Column("coupon_id", Id, ForeignKey("coupon.id"), index=True),
    # Who used the coupon, whose contract may have the discount.
    Column("redeemed_by_id", Id, ForeignKey("customer.id"), index=True),
    Column("reason", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    CheckConstraint("(customer_id IS NULL) <> (subscription_id IS NULL)", name="discount_of_one"),
)

# Written at issue and when a document is corrected: what documents took of a discount, per day on which lines fell
# due, and what they gave back (negative).
discount_use = Table(
    "discount_use",
    metadata,
    Column("id", Id, primary_key=True),
    Column("discount_id", Id, ForeignKey("discount.id"), nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False, index=True),
    Column("day", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("times", Integer, nullable=False),
    Index("ix_discount_use_discount_id", "discount_id", "day"),
)
