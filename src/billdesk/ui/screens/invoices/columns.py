"""What the list of documents shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from billdesk.domain.invoices import DocumentKind, DocumentStatus
from billdesk.kernel.i18n import N_, _
from billdesk.kernel.money import Money
from billdesk.services.invoices import DocumentRow
from billdesk.ui.core.table_columns import Column, Kind, Status
from billdesk.ui.core.tokens import Tone

STATUSES: Final[Mapping[str, Status]] = {
    DocumentStatus.DRAFT: Status(N_("Draft"), Tone.GREY),
    DocumentStatus.OPEN: Status(N_("Open"), Tone.BLUE),
    DocumentStatus.PARTLY_PAID: Status(N_("Partly paid"), Tone.AMBER),
    DocumentStatus.PAID: Status(N_("Paid"), Tone.GREEN),
    DocumentStatus.OVERDUE: Status(N_("Overdue"), Tone.RED),
    DocumentStatus.VOID: Status(N_("Void"), Tone.GREY),
    DocumentStatus.UNCOLLECTIBLE: Status(N_("Written off"), Tone.GREY),
}

DELIVERIES: Final[Mapping[str, str]] = {
    "queued": N_("In the outbox"),
    "sending": N_("Being sent"),
    "sent": N_("Sent"),
    "failed": N_("Not sent"),
    "cancelled": N_("Sending cancelled"),
}

_KINDS: Final = {DocumentKind.INVOICE: N_("Invoice"), DocumentKind.CREDIT_NOTE: N_("Credit note")}


def kind_word(kind: DocumentKind) -> str:
    """Give the word for a kind of document."""
    return _(_KINDS[kind])


def _late(row: DocumentRow) -> Tone | None:
    return Tone.RED if row.status is DocumentStatus.OVERDUE else None


def _open(row: DocumentRow) -> Money | None:
    return row.open if row.open.minor else None


def _due(row: DocumentRow) -> date | None:
    return None if row.kind is DocumentKind.CREDIT_NOTE else row.due_date


COLUMNS: Final[tuple[Column[DocumentRow], ...]] = (
    Column("number", N_("Number"), lambda row: row.number or None),
    Column("customer", N_("Customer"), lambda row: row.customer_name, stretch=1),
    Column("issue_date", N_("Date"), lambda row: row.issue_date, Kind.DATE, rank=4),
    Column("due_date", N_("Due"), _due, Kind.DATE, rank=2, tone=_late),
    Column("status", N_("Status"), lambda row: row.status, Kind.STATUS, statuses=STATUSES, rank=1),
    Column("open", N_("Open amount"), _open, Kind.MONEY, rank=3, is_summed=True, tone=_late),
    Column("total", N_("Total"), lambda row: row.total, Kind.MONEY, is_strong=True, is_summed=True),
    Column(
        "kind", N_("Kind"), lambda row: kind_word(row.kind), Kind.MUTED, is_optional=True, is_sortable=False, rank=9
    ),
    Column(
        "net",
        N_("Before tax"),
        lambda row: row.net,
        Kind.MONEY,
        is_optional=True,
        is_sortable=False,
        rank=8,
        is_summed=True,
    ),
    Column(
        "tax", N_("Tax"), lambda row: row.tax, Kind.MONEY, is_optional=True, is_sortable=False, rank=8, is_summed=True
    ),
    Column(
        "purchase_order",
        N_("Purchase order"),
        lambda row: row.purchase_order,
        is_optional=True,
        is_sortable=False,
        rank=7,
    ),
    Column(
        "reference", N_("Reference"), lambda row: row.structured_reference, is_optional=True, is_sortable=False, rank=7
    ),
    Column(
        "delivery",
        N_("Delivery"),
        lambda row: _(DELIVERIES.get(row.delivery, row.delivery)),
        Kind.MUTED,
        is_optional=True,
        is_sortable=False,
        rank=6,
    ),
)
