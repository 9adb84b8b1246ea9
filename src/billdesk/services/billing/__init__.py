"""Billing runs: what is due becomes drafts, previewed and made by one computation."""

from billdesk.services.billing.previewing import (
    ContractPreview,
    preview_changed_contract,
    preview_documents,
    preview_new_contract,
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
    "RunOutcome",
    "RunPreview",
    "RunRow",
    "Scope",
    "Unbilled",
    "list_runs",
    "load_run",
    "preview_billing",
    "preview_changed_contract",
    "preview_documents",
    "preview_new_contract",
    "run_billing",
    "unbilled_now",
    "undo_run",
    "upcoming_documents",
]
