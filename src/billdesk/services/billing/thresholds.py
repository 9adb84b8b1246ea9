"""Bills that a threshold on unbilled usage asks for: drafts up to today, and anew when the usage is taken out again."""

from __future__ import annotations

from collections.abc import Collection

from billdesk.kernel.progress import Progress
from billdesk.services.billing.records import RunOutcome, ThresholdBill
from billdesk.services.billing.running import run_billing
from billdesk.storage import billing as storage
from billdesk.storage import subscriptions
from billdesk.storage.billing import Scope
from billdesk.storage.database import Db


def bill_thresholds(
    db: Db, contract_ids: Collection[int], *, batch_id: int | None = None, progress: Progress
) -> ThresholdBill | None:
    """Draft what contracts owe up to today that reached a threshold, in place of what was drafted of it before.

    Part of another command, which says what changed; `batch_id` is the import that brought the usage. Nothing is
    issued. Gives None when the drafts said so already.
    """
    outcome = _draft(db, contract_ids, batch_id, progress)
    left_out = tuple(sorted({one.customer_name for one in outcome.preview.findings if one.code == "problem"}))
    if outcome.run_id is None and not left_out:
        return None
    totals = tuple(sums.total for sums in outcome.preview.totals.values()) if outcome.run_id else ()
    return ThresholdBill(outcome.run_id, outcome.created, len(contract_ids), totals, left_out)


def _draft(db: Db, contract_ids: Collection[int], batch_id: int | None, progress: Progress) -> RunOutcome:
    subscriptions.touch(db, dict.fromkeys(contract_ids, db.today))
    outcome = run_billing(db, db.today, Scope(subscription_ids=frozenset(contract_ids)), progress=progress).value
    if outcome.run_id is not None:
        scope = storage.load_run(db, outcome.run_id).scope
        storage.update_run(db, outcome.run_id, scope={**scope, storage.BY_THRESHOLD: batch_id or True})
    return outcome


def bill_anew(db: Db, contract_ids: Collection[int], *, progress: Progress) -> ThresholdBill | None:
    """Make the drafts anew that a threshold asked for about these contracts, because usage was taken out.

    What does not reach the threshold any more is drafted no longer; a run of which nothing is left counts as undone.
    """
    drafts = storage.threshold_drafts(db, contract_ids)
    if not drafts:
        return None
    found = bill_thresholds(db, storage.draft_subscriptions(db, drafts), progress=progress)
    runs = set(drafts.values())
    for run_id in runs - storage.runs_with_documents(db, runs):
        storage.update_run(db, run_id, state="undone")
    return found


def count_threshold_drafts(db: Db, contract_ids: Collection[int]) -> int:
    """Count the drafts about these contracts that a threshold asked for."""
    return len(storage.threshold_drafts(db, contract_ids))
