"""Usage: files in and out again, the queue of what waits, totals for billing, meters and metrics."""

from billdesk.services.usage.importing import import_usage, preview_usage_import
from billdesk.services.usage.outcomes import MetricTotal, UsageOptions, UsageOutcome
from billdesk.services.usage.undoing import UndoPreview, preview_undo, undo_usage_import
from billdesk.services.usage.waiting import (
    RematchOutcome,
    count_unmatched,
    discard_unmatched,
    list_unmatched,
    rematch_unmatched,
)
from billdesk.storage.usage.invoiced import InvoicedUsage
from billdesk.storage.usage.queue import WaitingFilter, WaitingRow
from billdesk.storage.usage.totals import usage_totals

__all__ = [
    "InvoicedUsage",
    "MetricTotal",
    "RematchOutcome",
    "UndoPreview",
    "UsageOptions",
    "UsageOutcome",
    "WaitingFilter",
    "WaitingRow",
    "count_unmatched",
    "discard_unmatched",
    "import_usage",
    "list_unmatched",
    "preview_undo",
    "preview_usage_import",
    "rematch_unmatched",
    "undo_usage_import",
    "usage_totals",
]
