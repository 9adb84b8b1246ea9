"""Usage: files in and out again, the queue of what waits, totals for billing, meters and metrics."""

from billdesk.services.usage.importing import import_usage, preview_usage_import
from billdesk.services.usage.outcomes import MetricTotal, UsageOptions, UsageOutcome

__all__ = ["MetricTotal", "UsageOptions", "UsageOutcome", "import_usage", "preview_usage_import"]
