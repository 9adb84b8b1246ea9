"""What screens and commands read about payments and balances."""

from __future__ import annotations

from collections.abc import Iterable

from billdesk.domain.payments import Step
from billdesk.kernel.money import Money
from billdesk.storage.database import Db
from billdesk.storage.payments import listing, reading
from billdesk.storage.payments.listing import (
    DocumentSettlement,
    PaymentFilter,
    PaymentRow,
    PaymentSort,
    PaymentSums,
)


def list_payments(
    db: Db,
    wanted: PaymentFilter,
    *,
    sort: PaymentSort = PaymentSort.RECEIVED,
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
) -> list[PaymentRow]:
    """Give one page of payments."""
    return listing.list_payments(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)


def sum_payments(db: Db, wanted: PaymentFilter) -> dict[str, PaymentSums]:
    """Count and add up the payments that pass, by currency."""
    return listing.sum_payments(db, wanted)


def load_balances(db: Db, customer_ids: Iterable[int]) -> dict[int, tuple[Money, ...]]:
    """Give the unused money of customers, one amount per currency; negative when a refund was taken too far."""
    return listing.sum_balances(db, customer_ids)


def list_document_settlements(db: Db, document_id: int) -> list[DocumentSettlement]:
    """Give what settled a document, oldest first; each names the step that can take it back."""
    return listing.list_document_settlements(db, document_id)


def load_step(db: Db, settlement_id: int) -> Step:
    """Give one step with its payments, allocations and bookings that still count."""
    return reading.load_step(db, settlement_id)
