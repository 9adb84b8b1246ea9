"""Billing runs: preview, run, list, undo. Preview and run are one computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Final

from billdesk.domain.invoices import Document
from billdesk.kernel.changes import Noun
from billdesk.kernel.collector import patient_collector
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.billing.computing import Chunk, Computed, Desk, compute
from billdesk.services.billing.days import require_near_day
from billdesk.services.billing.records import CurrencyTotals, DraftRow, Finding, RunOutcome, RunPreview
from billdesk.services.billing.running_usage import usage_prices
from billdesk.services.result import Result
from billdesk.storage import billing as storage
from billdesk.storage import invoices, late_usage, subscriptions
from billdesk.storage.billing import EVERYBODY, RunRow, Scope
from billdesk.storage.database import Db
from billdesk.storage.invoices import Surroundings

ROWS_SHOWN: Final = 2_000
_FINDINGS_KEPT: Final = 5_000
_FINDING: Final = tuple(one.name for one in fields(Finding))
_CHANGED: Final = frozenset({Noun.BILLING, Noun.INVOICES, Noun.SUBSCRIPTIONS})


@dataclass
class _Tally:
    """Adds up what a run makes."""

    as_of: date
    documents: int = 0
    lines: int = 0
    subscriptions: int = 0
    # By currency: documents, and net, tax and total in minor units.
    sums: dict[str, list[int]] = field(default_factory=dict)
    rows: list[DraftRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, chunk: Chunk, ids: Sequence[int | None]) -> None:
        self.subscriptions += chunk.subscriptions
        self.findings += chunk.findings
        for one, key in zip(chunk.computed, ids, strict=True):
            self._add_document(one, key)

    def _add_document(self, one: Computed, key: int | None) -> None:
        document, currency = one.document, one.document.currency
        self.documents += 1
        self.lines += len(document.lines)
        self.findings += one.findings
        sums = self.sums.setdefault(currency, [0, 0, 0, 0])
        for place, more in enumerate((1, document.net.minor, document.tax.minor, document.total.minor)):
            sums[place] += more
        if len(self.rows) < ROWS_SHOWN:
            self.rows.append(_row(one, key))

    def preview(self) -> RunPreview:
        return RunPreview(
            as_of=self.as_of,
            documents=self.documents,
            lines=self.lines,
            subscriptions=self.subscriptions,
            totals={currency: _totals(currency, *self.sums[currency]) for currency in sorted(self.sums)},
            rows=tuple(self.rows),
            findings=tuple(self.findings),
        )


def _totals(currency: str, documents: int, *minors: int) -> CurrencyTotals:
    return CurrencyTotals(currency, documents, *(Money(minor, currency) for minor in minors))


def _row(one: Computed, key: int | None) -> DraftRow:
    document = one.document
    return DraftRow(
        document_id=key,
        customer_id=one.customer.id,
        customer_name=one.customer.name,
        kind=document.kind,
        period=document.period,
        lines=len(document.lines),
        net=document.net,
        tax=document.tax,
        total=document.total,
        channel=one.customer.channel,
        findings=tuple(finding.code for finding in one.findings),
    )


@patient_collector()
def preview_billing(
    db: Db, as_of: date, scope: Scope = EVERYBODY, *, running_usage: bool = False, progress: Progress
) -> RunPreview:
    """Compute what a run as of a day would make, to the cent; nothing is written.

    Raises InvalidValue for a day that lies more than two years ahead.
    """
    tally = _Tally(as_of)
    for chunk in compute(_desk(db, as_of, scope, running_usage=running_usage), progress):
        tally.add(chunk, [None] * len(chunk.computed))
    return tally.preview()


def _desk(db: Db, as_of: date, scope: Scope, *, running_usage: bool) -> Desk:
    require_near_day(db, as_of)
    desk = Desk.open(db, as_of, scope)
    return replace(desk, progressive=usage_prices(desk.catalog)) if running_usage else desk


@patient_collector()
def run_billing(
    db: Db, as_of: date, scope: Scope = EVERYBODY, *, running_usage: bool = False, progress: Progress
) -> Result[RunOutcome]:
    """Make the drafts of all that is due up to a day, in place of earlier runs' drafts of the same customers.

    Running it again for the same day makes nothing new. Customers with a problem are named among the findings
    and left out; all others get their documents. With `running_usage` the usage so far of periods that still run
    is billed as well, and the invoice at their end takes it off. Raises InvalidValue for a day more than two years
    ahead.
    """
    desk = _desk(db, as_of, scope, running_usage=running_usage)
    desk.run_id = storage.insert_run(db, as_of, _scope_json(scope))
    around = Surroundings(desk.catalog.products, {key: record.currency for key, record in desk.entities.items()})
    tally, counts = _Tally(as_of), _Counts()
    for chunk in compute(desk, progress):
        tally.add(chunk, _write(db, chunk, around, counts))
    preview = tally.preview()
    run_id = _finish(db, desk.run_id, preview, counts)
    details: dict[str, object] = {"as_of": as_of.isoformat(), "created": counts.created, "replaced": counts.replaced}
    if running_usage:
        details["running_usage"] = True
    audit.record(db, command="run_billing", noun=Noun.BILLING, subject=str(run_id or ""), details=details)
    return Result(RunOutcome(run_id, counts.created, counts.replaced, counts.unchanged, preview), _CHANGED)


@dataclass
class _Counts:
    created: int = 0
    replaced: int = 0
    unchanged: int = 0


def _write(db: Db, chunk: Chunk, around: Surroundings, counts: _Counts) -> list[int | None]:
    before = [(record.id, _likeness(record)) for record in invoices.load_documents(db, chunk.replaces)]
    same = [_take_like(before, one.document) for one in chunk.computed]
    fresh = [one.document for one, key in zip(chunk.computed, same, strict=True) if key is None]
    invoices.delete_drafts(db, [key for key, _record in before])
    ids = iter(invoices.insert_drafts(db, fresh, around))
    subscriptions.settle(db, chunk.settled)
    late_usage.note(db, {key: found for key, found in chunk.late.items() if found})
    counts.created += len(fresh)
    counts.replaced += len(before)
    counts.unchanged += len(chunk.computed) - len(fresh)
    return [next(ids) if key is None else key for key in same]


def _take_like(before: list[tuple[int, Document]], document: Document) -> int | None:
    """Take the stored draft that says the same out of the list and give its id."""
    if not before:
        return None
    likeness = _likeness(document)
    for place, (key, stored) in enumerate(before):
        if stored.customer_id == document.customer_id and stored == likeness:
            del before[place]
            return key
    return None


def _likeness(document: Document) -> Document:
    """Give a draft without what differs between two runs that come to the same."""
    lines = tuple(replace(line, id=0) for line in document.lines)
    return replace(document, id=0, version=1, run_id=None, lines=lines)


def _finish(db: Db, run_id: int, preview: RunPreview, counts: _Counts) -> int | None:
    if not counts.created:
        storage.delete_run(db, run_id)
        return None
    storage.update_run(
        db,
        run_id,
        documents=counts.created,
        lines=preview.lines,
        subscriptions=preview.subscriptions,
        totals=[_totals_json(sums) for sums in preview.totals.values()],
        findings=[_finding_json(finding) for finding in preview.findings[:_FINDINGS_KEPT]],
    )
    return run_id


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in _FINDING}


def _totals_json(sums: CurrencyTotals) -> list[Any]:
    return [sums.currency, sums.documents, sums.net.minor, sums.tax.minor, sums.total.minor]


def _scope_json(scope: Scope) -> dict[str, Any]:
    return {
        "entity": scope.entity_id,
        "customers": sorted(scope.customer_ids),
        "subscriptions": sorted(scope.subscription_ids),
    }


def list_runs(db: Db, *, offset: int = 0, limit: int = 100) -> list[RunRow]:
    """Give billing runs, newest first."""
    return storage.list_runs(db, offset=offset, limit=limit)


def load_run(db: Db, run_id: int) -> RunRow:
    """Give one billing run; raises NotFound."""
    return storage.load_run(db, run_id)


def undo_run(db: Db, run_id: int) -> Result[int]:
    """Delete the drafts of a run that were not issued; the next run makes them again. Gives how many there were."""
    drafts = invoices.ids_of_run(db, run_id)
    if not drafts:
        raise RuleBroken("run_has_no_drafts", (("run", str(run_id)),))
    storage.forget_drafts(db, drafts)
    storage.update_run(db, run_id, state="undone")
    audit.record(db, command="undo_run", noun=Noun.BILLING, subject=str(run_id), details={"drafts": len(drafts)})
    return Result(len(drafts), _CHANGED)
