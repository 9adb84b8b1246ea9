"""Taking the import of a usage file back."""

from __future__ import annotations

from dataclasses import dataclass

from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.billing.thresholds import bill_anew, count_threshold_drafts
from billdesk.services.result import Result
from billdesk.services.usage.importing import CHANGED
from billdesk.services.usage.touching import touch
from billdesk.storage.database import Db
from billdesk.storage.usage import batches, events, invoiced, queue, rollups
from billdesk.storage.usage.batches import Span
from billdesk.storage.usage.invoiced import InvoicedUsage


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What taking a batch back touches; `restored` are events that it had replaced.

    `drafts` are bills that a threshold asked for: they are made anew without this usage, or go.
    """

    batch: ImportBatch
    events: int
    waiting: int
    restored: int
    contracts: int
    invoices: tuple[InvoicedUsage, ...]
    drafts: int = 0


def preview_undo(db: Db, batch_id: int) -> UndoPreview:
    """Tell what `undo_usage_import` would do; raises NotFound, and RuleBroken when it was undone already."""
    batch = batches.load(db, batch_id)
    if batch.state is BatchState.UNDONE:
        raise RuleBroken("import_undone", (("file", batch.file_name),))
    spans = batches.spans_of(db, batch_id)
    contracts = {span.subscription_id for span in spans}
    events.set_scope(db, _ranges(spans))
    return UndoPreview(
        batch,
        events.count_scope(db, batch_id),
        queue.count_waiting(db, queue.WaitingFilter(batch_id=batch_id)),
        events.count_removed(db, batch_id, _applied(db, batch_id)),
        len(contracts),
        tuple(invoiced.find_invoiced(db, batch_id)),
        count_threshold_drafts(db, contracts),
    )


def undo_usage_import(db: Db, batch_id: int, *, force: bool = False) -> Result[UndoPreview]:
    """Take the events of a batch out again and put back those that it replaced; the batch stays in the history.

    Raises RuleBroken when issued documents charge this usage, unless `force`: then the events are kept aside for
    their traces, and the next run credits or bills the difference. Drafts that a threshold asked for are made anew.
    """
    preview = preview_undo(db, batch_id)
    if preview.invoices and not force:
        numbers = ", ".join(dict.fromkeys(one.number for one in preview.invoices))
        raise RuleBroken("usage_invoiced", (("file", preview.batch.file_name), ("documents", numbers)))
    spans = batches.spans_of(db, batch_id)
    events.remove_scope(db, batch_id=batch_id, kept_by=batch_id if preview.invoices else None)
    queue.remove_of_batch(db, batch_id)
    batches.set_undone(db, batch_id)
    events.restore_removed(db, batch_id, _applied(db, batch_id))
    rollups.rebuild(db, spans)
    touch(db, spans)
    if preview.drafts:
        bill_anew(db, {span.subscription_id for span in spans}, progress=Progress())
    details = {"file": preview.batch.file_name, "events": preview.events, "restored": preview.restored, "forced": force}
    audit.record(db, command="undo_usage_import", noun=Noun.USAGE, subject=str(batch_id), details=details)
    return Result(preview, CHANGED | {Noun.INVOICES} if preview.drafts else CHANGED)


def _ranges(spans: list[Span]) -> list[tuple[int, int, int, int]]:
    return [(span.subscription_id, span.metric_id, span.first, span.last) for span in spans]


def _applied(db: Db, but: int) -> list[int]:
    """Give the batches whose events may come back; a batch does not bring back its own."""
    return [key for key, state in batches.states(db).items() if state is BatchState.APPLIED and key != but]
