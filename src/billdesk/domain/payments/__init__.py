"""Money received and given back: records, requests, and the pure rules that settle documents with it."""

from billdesk.domain.payments.planning import (
    plan_balance,
    plan_offset,
    plan_receipt,
    plan_refund,
    plan_release,
    plan_return,
    plan_reversal,
    plan_write_off,
)
from billdesk.domain.payments.positions import Positions
from billdesk.domain.payments.posting import post_step
from billdesk.domain.payments.records import (
    Allocation,
    AllocationKind,
    LineBooking,
    LineState,
    OpenItem,
    Payment,
    PaymentMethod,
    PaymentPast,
    PaymentRest,
    Receivable,
    Settlement,
    SettlementKind,
    Step,
)
from billdesk.domain.payments.requests import AccountShare, Desk, DocumentShare, Incoming, Match

__all__ = [
    "AccountShare",
    "Allocation",
    "AllocationKind",
    "Desk",
    "DocumentShare",
    "Incoming",
    "LineBooking",
    "LineState",
    "Match",
    "OpenItem",
    "Payment",
    "PaymentMethod",
    "PaymentPast",
    "PaymentRest",
    "Positions",
    "Receivable",
    "Settlement",
    "SettlementKind",
    "Step",
    "plan_balance",
    "plan_offset",
    "plan_receipt",
    "plan_refund",
    "plan_release",
    "plan_return",
    "plan_reversal",
    "plan_write_off",
    "post_step",
]
