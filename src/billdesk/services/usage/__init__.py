"""Usage: files in and out again, the queue of what waits, totals for billing, meters and metrics."""

from billdesk.services.usage.importing import import_usage, preview_usage_import
from billdesk.services.usage.outcomes import MetricTotal, UsageOptions, UsageOutcome
from billdesk.services.usage.preparing import UsagePlan, prepare_usage

__all__ = [
    "MetricTotal",
    "UsageOptions",
    "UsageOutcome",
    "UsagePlan",
    "import_usage",
    "prepare_usage",
    "preview_usage_import",
]
