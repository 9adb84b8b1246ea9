"""The billing engine: should − billed, as pure functions."""

from billdesk.domain.billing.records import (
    EVERYTHING,
    BilledLine,
    ProposedLine,
    SettledState,
    Settlement,
    SettleOptions,
    Usage,
)
from billdesk.domain.billing.settling import looks_from, needed_usage, settle

__all__ = [
    "EVERYTHING",
    "BilledLine",
    "ProposedLine",
    "SettleOptions",
    "SettledState",
    "Settlement",
    "Usage",
    "looks_from",
    "needed_usage",
    "settle",
]
