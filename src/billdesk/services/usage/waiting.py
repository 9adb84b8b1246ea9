"""The queue of usage rows that match nothing yet: shown, tried again, or given up by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from billdesk.domain.local_days import day_number, local_day
from billdesk.domain.usage import WaitReason
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import to_scaled
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.alerts import evaluate_alerts
from billdesk.services.result import Result
from billdesk.services.usage.importing import CHANGED
from billdesk.services.usage.matching import Matcher, load_matcher, resolve
from billdesk.services.usage.touching import touch
from billdesk.sheets.usage_stage import key_hash
from billdesk.storage.database import Db
from billdesk.storage.types import to_micros
from billdesk.storage.usage import batches, events, metrics, queue, rollups, series
from billdesk.storage.usage.batches import Span
from billdesk.storage.usage.queue import WaitingFilter, WaitingRow

_CHUNK: Final = 5_000
_EVERYTHING: Final = WaitingFilter()
_Event = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RematchOutcome:
    """What became of the rows that waited; `drafts` are bills that a threshold on unbilled usage asked for."""

    matched: int = 0
    duplicates: int = 0
    conflicts: int = 0
    waiting: int = 0
    drafts: int = 0


def list_unmatched(
    db: Db, wanted: WaitingFilter = _EVERYTHING, *, offset: int = 0, limit: int = 100
) -> list[WaitingRow]:
    """Give rows that wait, in the order in which they came."""
    return queue.list_waiting(db, wanted, offset=offset, limit=limit)


def count_unmatched(db: Db, wanted: WaitingFilter = _EVERYTHING) -> int:
    """Count rows that wait."""
    return queue.count_waiting(db, wanted)


def discard_unmatched(db: Db, ids: Sequence[int], *, reason: str) -> Result[int]:
    """Give rows up for good, on a person's word; the audit trail keeps the reason."""
    removed = queue.remove(db, ids)
    details = {"rows": removed, "reason": reason}
    audit.record(db, command="discard_unmatched", noun=Noun.USAGE, details=details)
    return Result(removed, frozenset({Noun.USAGE}))


def rematch_unmatched(db: Db, *, progress: Progress | None = None) -> Result[RematchOutcome]:
    """Try every row that waits again; what a contract or customer now claims counts as if it came in today."""
    total, done = queue.count_waiting(db, _EVERYTHING), 0
    outcome, touched = RematchOutcome(), set[int]()
    for rows in queue.walk_waiting(db, _CHUNK):
        outcome = _add(outcome, _rematch(db, rows, touched))
        done += len(rows)
        if progress:
            progress.step(done, total)
    bill = evaluate_alerts(db, touched, progress=progress).bill
    outcome = replace(outcome, drafts=bill.documents if bill else 0)
    if outcome.matched or outcome.duplicates:
        details: dict[str, object] = {name: getattr(outcome, name) for name in RematchOutcome.__slots__}
        audit.record(db, command="rematch_unmatched", noun=Noun.USAGE, details=details)
        return Result(outcome, CHANGED | {Noun.INVOICES} if outcome.drafts else CHANGED)
    return Result(outcome)


def _add(one: RematchOutcome, other: RematchOutcome) -> RematchOutcome:
    return RematchOutcome(*(getattr(one, name) + getattr(other, name) for name in RematchOutcome.__slots__))


def _rematch(db: Db, rows: Sequence[WaitingRow], touched: set[int]) -> RematchOutcome:
    known = {metric.code: metric for metric in metrics.list_metrics(db)}
    matcher = load_matcher(db, {row.reference for row in rows}, known)
    reasons: dict[int, WaitReason] = {}
    found: dict[tuple[int, int], tuple[WaitingRow, _Event]] = {}
    for row in rows:
        event = _match(row, matcher, reasons)
        if event is not None:
            found[row.batch_id, row.row] = row, event
    stored, again, conflicts = _store(db, found)
    touched.update(found[key][1][0] for key in stored)
    queue.remove(db, [found[key][0].id for key in (*stored, *again)])
    reasons.update((found[key][0].id, WaitReason.CONFLICT) for key in conflicts)
    queue.set_reasons(db, reasons)
    return RematchOutcome(len(stored), len(again), len(conflicts), len(reasons) - len(conflicts))


def _match(row: WaitingRow, matcher: Matcher, reasons: dict[int, WaitReason]) -> _Event | None:
    """Give the event that a row stands for, all but its series; otherwise note why it waits."""
    metric = matcher.metrics.get(row.metric)
    instant = to_micros(row.instant)
    claim = resolve(matcher.claims(row.reference, row.metric), instant) if metric else None
    if metric is None or claim is None or claim.contract is None:
        reasons[row.id] = (claim.reason if claim else None) or WaitReason.NOT_ACTIVE
        return None
    scaled = to_scaled(row.quantity, metric.decimals)
    return (claim.contract.id, metric.id, instant, key_hash(row.key), scaled, row.batch_id, row.row)


_Keys = list[tuple[int, int]]


def _store(db: Db, found: dict[tuple[int, int], tuple[WaitingRow, _Event]]) -> tuple[_Keys, _Keys, _Keys]:
    """Store events; gives the batch and row of those that are new, were there, and contradict what was there."""
    wanted = [(event[0], event[1], dict(row.properties)) for row, event in found.values()]
    numbers = series.number_series(db, wanted)
    rows = sorted((*event, number) for (_row, event), number in zip(found.values(), numbers, strict=True))
    columns = ("subscription_id", "metric_id", "instant", "key_hash", "quantity", "batch_id", "row", "series")
    known = events.insert_events(db, rows, columns=columns)
    same = [(one.batch_id, one.row) for one in known if one.same]
    conflicts = [(one.batch_id, one.row) for one in known if not one.same]
    stored = [key for key in found if key not in {*same, *conflicts}]
    _note(db, [found[key][1] for key in stored])
    return stored, same, conflicts


def _note(db: Db, stored: Sequence[_Event]) -> None:
    """Bring rollup, spans and billing up to date with new events."""
    zones = rollups.zones_of(db, {event[0] for event in stored})
    days: defaultdict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    spans: dict[tuple[int, int, int], Span] = {}
    for subscription_id, metric_id, instant, _hash, scaled, batch_id, _row in stored:
        day = days[subscription_id, metric_id, day_number(local_day(instant, zones[subscription_id]))]
        for index, part in enumerate((1, *divmod(scaled, rollups.BILLION))):
            day[index] += part
        key = (batch_id, subscription_id, metric_id)
        span = spans.get(key, Span(subscription_id, metric_id, instant, instant))
        first, last = min(span.first, instant), max(span.last, instant)
        spans[key] = Span(subscription_id, metric_id, first, last, span.events + 1)
    rollups.add_days(db, [(*key, *sums) for key, sums in sorted(days.items())])
    for batch_id in {key[0] for key in spans}:
        batches.add_spans(db, batch_id, [span for key, span in spans.items() if key[0] == batch_id])
    touch(db, spans.values())
