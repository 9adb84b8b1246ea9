"""Usage: files in and out again, the queue of what waits, totals for billing, meters and metrics."""

from billdesk.services.usage.checking import check_usage
from billdesk.services.usage.importing import import_usage, preview_usage_import
from billdesk.services.usage.looking import (
    DayUsage,
    MetricComparison,
    compare_metrics,
    count_events,
    count_meters,
    daily_usage,
    list_events,
    list_meters,
    trace_line_to_events,
)
from billdesk.services.usage.metering import change_metric, create_metric, delete_metric, list_metrics, load_metric
from billdesk.services.usage.outcomes import MetricTotal, UsageOptions, UsageOutcome
from billdesk.services.usage.preparing import UsagePlan, prepare_usage
from billdesk.services.usage.undoing import UndoPreview, preview_undo, undo_usage_import
from billdesk.services.usage.waiting import (
    RematchOutcome,
    count_unmatched,
    discard_unmatched,
    list_unmatched,
    rematch_unmatched,
)
from billdesk.storage.usage.invoiced import InvoicedUsage
from billdesk.storage.usage.listing import (
    EventFilter,
    EventRow,
    EventState,
    LineEvents,
    MeterFilter,
    MeterPage,
    MeterRow,
    MeterSort,
)
from billdesk.storage.usage.queue import WaitingFilter, WaitingRow
from billdesk.storage.usage.totals import usage_totals

__all__ = [
    "DayUsage",
    "EventFilter",
    "EventRow",
    "EventState",
    "InvoicedUsage",
    "LineEvents",
    "MeterFilter",
    "MeterPage",
    "MeterRow",
    "MeterSort",
    "MetricComparison",
    "MetricTotal",
    "RematchOutcome",
    "UndoPreview",
    "UsageOptions",
    "UsageOutcome",
    "UsagePlan",
    "WaitingFilter",
    "WaitingRow",
    "change_metric",
    "check_usage",
    "compare_metrics",
    "count_events",
    "count_meters",
    "count_unmatched",
    "create_metric",
    "daily_usage",
    "delete_metric",
    "discard_unmatched",
    "import_usage",
    "list_events",
    "list_meters",
    "list_metrics",
    "list_unmatched",
    "load_metric",
    "prepare_usage",
    "preview_undo",
    "preview_usage_import",
    "rematch_unmatched",
    "trace_line_to_events",
    "undo_usage_import",
    "usage_totals",
]
