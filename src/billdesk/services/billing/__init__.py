"""Billing runs: what is due becomes drafts, previewed and made by one computation."""

from billdesk.services.billing.late import (
    LateState,
    LateUsageRow,
    count_late_usage,
    decide_late_usage,
    late_state_text,
    list_late_usage,
)
from billdesk.services.billing.previewing import (
    ContractPreview,
    preview_changed_contract,
    preview_documents,
    preview_moved_entry,
    preview_new_contract,
    preview_revoked_entry,
    upcoming_documents,
)
from billdesk.services.billing.records import CurrencyTotals, DraftRow, Finding, RunOutcome, RunPreview
from billdesk.services.billing.running import (
    list_runs,
    load_run,
    preview_billing,
    run_billing,
    undo_run,
)
from billdesk.services.billing.unbilled import Unbilled, unbilled_now
from billdesk.storage.billing import EVERYBODY, RunRow, Scope

__all__ = [
    "EVERYBODY",
    "ContractPreview",
    "CurrencyTotals",
    "DraftRow",
    "Finding",
    "LateState",
    "LateUsageRow",
    "RunOutcome",
    "RunPreview",
    "RunRow",
    "Scope",
    "Unbilled",
    "count_late_usage",
    "decide_late_usage",
    "late_state_text",
    "list_late_usage",
    "list_runs",
    "load_run",
    "preview_billing",
    "preview_changed_contract",
    "preview_documents",
    "preview_moved_entry",
    "preview_new_contract",
    "preview_revoked_entry",
    "run_billing",
    "unbilled_now",
    "undo_run",
    "upcoming_documents",
]
