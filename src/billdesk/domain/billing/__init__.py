"""The billing engine: should − billed, as pure functions."""

from billdesk.domain.billing.assembling import Assembly, assemble
from billdesk.domain.billing.checks import check_billed, check_document
from billdesk.domain.billing.records import (
    EVERYTHING,
    BilledLine,
    CommitmentStanding,
    LateAmount,
    ProposedLine,
    SettledState,
    Settlement,
    SettleOptions,
    Usage,
)
from billdesk.domain.billing.settling import Case, looks_from, needed_usage, settle
from billdesk.domain.billing.wording import Texts, Wording

__all__ = [
    "EVERYTHING",
    "Assembly",
    "BilledLine",
    "Case",
    "CommitmentStanding",
    "LateAmount",
    "ProposedLine",
    "SettleOptions",
    "SettledState",
    "Settlement",
    "Texts",
    "Usage",
    "Wording",
    "assemble",
    "check_billed",
    "check_document",
    "looks_from",
    "needed_usage",
    "settle",
]
