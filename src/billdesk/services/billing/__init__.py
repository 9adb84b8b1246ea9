"""Billing runs: what is due becomes drafts, previewed and made by one computation."""

from billdesk.services.billing.records import CurrencyTotals, DraftRow, Finding, RunOutcome, RunPreview
from billdesk.services.billing.running import (
    list_runs,
    load_run,
    preview_billing,
    run_billing,
    undo_run,
)
from billdesk.storage.billing import EVERYBODY, RunRow, Scope

__all__ = [
    "EVERYBODY",
    "CurrencyTotals",
    "DraftRow",
    "Finding",
    "RunOutcome",
    "RunPreview",
    "RunRow",
    "Scope",
    "list_runs",
    "load_run",
    "preview_billing",
    "run_billing",
    "undo_run",
]
