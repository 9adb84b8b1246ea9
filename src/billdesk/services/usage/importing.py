"""Usage files in: previewed and imported by the same code, in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Final

from billdesk.domain.local_days import local_day
from billdesk.domain.usage import Metric, WaitReason
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.errors import Problem, RowsRejected
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.alerts import evaluate_alerts, preview_bill
from billdesk.services.result import Result
from billdesk.services.usage.matching import load_matcher
from billdesk.services.usage.outcomes import MetricTotal, UsageOptions, UsageOutcome
from billdesk.services.usage.touching import touch
from billdesk.sheets import MappingProfile, SheetFile, SheetOptions, open_sheet
from billdesk.sheets.corrected import CorrectedSheet
from billdesk.sheets.usage import UsageBatch, read_usage_columns
from billdesk.sheets.usage_stage import STAGED, Named, StagedTotal, UsageStage, occurrence_key, stage_usage
from billdesk.storage.database import Db
from billdesk.storage.usage import batches, events, metrics, queue, rollups, series
from billdesk.storage.usage.batches import Counts, Span

_CHUNK: Final = 2_500
_MAX_PROBLEMS: Final = 1_000
CHANGED: Final = frozenset({Noun.USAGE, Noun.SUBSCRIPTIONS, Noun.BILLING})
_DEFAULTS: Final = UsageOptions()


@dataclass
class _Import:
    """One file on its way into the book."""

    db: Db
    sheet: SheetFile
    profile: MappingProfile
    options: UsageOptions
    progress: Progress
    metrics: Mapping[str, Metric]
    stage: UsageStage
    batch_id: int
    zone: tzinfo
    conflicts: list[events.Known] = field(default_factory=list)
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def has_key(self) -> bool:
        rule = self.profile.rule("key")
        return rule is not None and bool(rule.header)

    def report(self, problem: Problem) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(problem)


def preview_usage_import(
    db: Db,
    path: Path | str,
    profile: MappingProfile,
    *,
    options: UsageOptions = _DEFAULTS,
    progress: Progress | None = None,
) -> UsageOutcome:
    """Tell what importing a file would do, by doing it; run it as a query, whose changes are not kept."""
    progress = progress or Progress()
    outcome = _bring_in(db, Path(path), profile, options, progress)
    totals = tuple(replace(total, before=_total_before(db, total)) for total in outcome.totals)
    touched = batches.subscriptions_of(db, outcome.batch_id) if outcome.batch_id is not None else ()
    return replace(outcome, batch_id=None, totals=totals, bill=preview_bill(db, touched, progress=progress))


def import_usage(
    db: Db,
    path: Path | str,
    profile: MappingProfile,
    *,
    options: UsageOptions = _DEFAULTS,
    progress: Progress | None = None,
) -> Result[UsageOutcome]:
    """Store the events of a file, each once for ever; what matches no contract waits in the queue.

    Raises RowsRejected, with nothing written, for bad cells and for events that contradict stored ones under the
    same key, unless `skip_bad_rows`; UnreadableFile and Cancelled.
    """
    progress = progress or Progress()
    outcome = _bring_in(db, Path(path), profile, options, progress)
    if outcome.already is not None:
        return Result(outcome)
    if (outcome.rejected or outcome.conflicts) and not options.skip_bad_rows:
        blocking = tuple(problem for problem in outcome.problems if problem.blocking)
        raise RowsRejected(blocking, outcome.rows_read - outcome.rejected - outcome.conflicts)
    if outcome.batch_id is not None:
        touched = batches.subscriptions_of(db, outcome.batch_id)
        looked = evaluate_alerts(db, touched, outcome.batch_id, progress=progress)
        outcome = replace(outcome, alerts=looked.reached, bill=looked.bill)
    names = ("rows_read", "added", "duplicates", "conflicts", "unmatched", "rejected", "replaced", "alerts")
    details: dict[str, object] = {"file": outcome.file_name, **{name: getattr(outcome, name) for name in names}}
    if outcome.bill:
        details["drafts"] = outcome.bill.documents
    audit.record(db, command="import_usage", noun=Noun.USAGE, subject=str(outcome.batch_id), details=details)
    return Result(outcome, CHANGED | {Noun.INVOICES} if outcome.bill else CHANGED)


def _bring_in(db: Db, path: Path, profile: MappingProfile, options: UsageOptions, progress: Progress) -> UsageOutcome:
    sheet = _open(path, profile, options)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    already = None if options.replace else batches.find_complete(db, digest)
    if already is not None:
        return UsageOutcome(path.name, already.rows_read, duplicates=already.rows_read, already=already)
    known = {metric.code: metric for metric in metrics.list_metrics(db)}
    scales = {code: metric.decimals for code, metric in known.items()}
    progress.step(0)
    zone: tzinfo = next(iter(rollups.zones(db)), UTC)
    properties = options.properties
    with stage_usage(sheet, profile, scales=scales, properties=properties, zone=zone, progress=progress) as stage:
        batch_id = batches.start(db, file_name=path.name, sha256=digest)
        return _store(_Import(db, sheet, profile, options, progress, known, stage, batch_id, zone))


def _open(path: Path, profile: MappingProfile, options: UsageOptions) -> SheetFile:
    """Open the file with the corrections in place; those of columns that it has no longer are left out."""
    sheet = open_sheet(path, SheetOptions(profile.encoding, profile.delimiter, profile.sheet, profile.header_row))
    places = {header: index for index, header in enumerate(sheet.header)}
    cells = {(row, places[name]): text for (row, name), text in options.corrections.items() if name in places}
    return CorrectedSheet(sheet, cells) if cells else sheet


def _store(job: _Import) -> UsageOutcome:
    rows = job.stage.rows
    replaced = _match(job)
    _insert(job, rows)
    spans = [Span(*row) for row in job.stage.spans()]
    for days in job.stage.days(_CHUNK):
        rollups.add_days(job.db, days)
    batches.add_spans(job.db, job.batch_id, spans)
    touch(job.db, spans)
    queued, waiting = _queue(job)
    added = sum(span.events for span in spans)
    again = job.duplicates + waiting - queued
    counts = Counts(rows + job.stage.rejected, added, replaced, again, job.stage.rejected, queued)
    batches.finish(job.db, job.batch_id, counts)
    return UsageOutcome(
        job.sheet.path.name,
        counts.read,
        batch_id=job.batch_id,
        added=added,
        duplicates=again,
        conflicts=len(job.conflicts),
        unmatched=queued,
        rejected=job.stage.rejected,
        replaced=replaced,
        problems=(*job.stage.problems, *job.problems),
        totals=tuple(_total(job, total) for total in job.stage.totals()),
    )


def _match(job: _Import) -> int:
    """Find out whose usage it is; gives how many events a corrected file replaces."""
    names = job.stage.names()
    matcher = load_matcher(job.db, {name.reference for name in names}, job.metrics)
    if names:
        job.stage.match(list(matcher.matches(names)), matcher.offsets(names))
    else:
        job.stage.match([])
    _number_series(job)
    _report_unpriced(job, matcher.unpriced(names))
    if job.options.replace is None:
        return 0
    return _replace(job, matcher.ranges(names, job.options.replace))


def _number_series(job: _Import) -> None:
    found = job.stage.property_sets()
    wanted = [(s, m, dict(zip(job.options.properties, values, strict=True))) for s, m, *values in found]
    numbers = series.number_series(job.db, wanted)
    job.stage.number_series([(*row, number) for row, number in zip(found, numbers, strict=True)])


def _replace(job: _Import, ranges: Sequence[tuple[int, int, int, int]]) -> int:
    """Move the events that a corrected file replaces aside; the file's own come in as new ones."""
    events.set_scope(job.db, ranges)
    replaced = events.remove_scope(job.db, kept_by=job.batch_id)
    spans = [Span(*part) for part in ranges]
    rollups.rebuild(job.db, spans)
    batches.add_spans(job.db, job.batch_id, spans)
    touch(job.db, spans)
    return replaced


def _insert(job: _Import, rows: int) -> None:
    done = 0
    columns: tuple[str, ...] = STAGED
    fixed = {"batch_id": job.batch_id}
    if job.options.properties:
        columns = (*columns, "series")
    else:
        fixed["series"] = series.NO_PROPERTIES
    for chunk in job.stage.chunks(_CHUNK):
        known = events.insert_events(job.db, chunk, columns=columns, fixed=fixed)
        if known:
            job.stage.skip([one.row for one in known])
            job.conflicts += [one for one in known if not one.same]
            job.duplicates += sum(one.same for one in known)
        done += len(chunk)
        job.progress.step(done, rows)


def _queue(job: _Import) -> tuple[int, int]:
    """Put what waits into the queue; gives how many rows are new there, and how many waited before."""
    reasons = {row: WaitReason(text or WaitReason.NOT_ACTIVE) for row, text in job.stage.waiting()}
    conflicts = dict.fromkeys((one.row for one in job.conflicts), WaitReason.CONFLICT)
    if not reasons and not conflicts:
        return 0, 0
    queued = 0
    told: Counter[tuple[str, str, WaitReason]] = Counter()
    for waiting in _read_again(job, reasons | conflicts):
        added = queue.add(job.db, job.batch_id, [one for one in waiting if one.row in reasons])
        queued += added
        if job.options.skip_bad_rows:
            queue.add(job.db, job.batch_id, [one for one in waiting if one.row in conflicts])
        for one in waiting:
            told[one.reference, one.metric, one.reason] += 1
            if one.reason is WaitReason.CONFLICT or told[one.reference, one.metric, one.reason] == 1:
                job.report(_waiting_problem(job, one))
    return queued, len(reasons)


def _read_again(job: _Import, reasons: Mapping[int, WaitReason]) -> Iterator[list[queue.WaitingEvent]]:
    """Read the rows that wait once more, with the texts that the stage did not keep."""
    scales = {code: metric.decimals for code, metric in job.metrics.items()}
    names = job.options.properties
    seen: Counter[tuple[str, str, int, tuple[str, ...]]] = Counter()
    for batch in read_usage_columns(
        job.sheet, job.profile, scales=scales, properties=names, zone=job.zone, progress=job.progress
    ):
        keys = batch.keys if job.has_key else _occurrences(batch, seen)
        yield [
            queue.WaitingEvent(
                row,
                batch.subscriptions[i],
                batch.metrics[i],
                keys[i],
                batch.instants[i],
                from_scaled(batch.quantities[i], scales[batch.metrics[i]]),
                tuple(zip(names, batch.properties[i], strict=True)),
                reasons[row],
            )
            for i, row in enumerate(batch.numbers)
            if row in reasons
        ]


def _occurrences(batch: UsageBatch, seen: Counter[tuple[str, str, int, tuple[str, ...]]]) -> list[str]:
    """Give the rows of a file without keys the keys that the stage gives them."""
    keys = []
    for one in zip(batch.subscriptions, batch.metrics, batch.instants, batch.properties, strict=True):
        seen[one] += 1
        keys.append(occurrence_key(one[2], one[3], seen[one]))
    return keys


def _waiting_problem(job: _Import, event: queue.WaitingEvent) -> Problem:
    conflict = event.reason is WaitReason.CONFLICT
    details = (("metric", event.metric), ("reference", event.reference), ("key", event.key))
    value = event.key if conflict else event.reference
    return Problem(f"usage_{event.reason}", job.sheet.place(event.row), value, details, blocking=conflict)


def _report_unpriced(job: _Import, names: Iterable[Named]) -> None:
    for name in names:
        details = (("metric", name.metric), ("rows", str(name.rows)))
        job.report(Problem("usage_not_priced", job.sheet.place(), name.reference, details, blocking=False))


def _total(job: _Import, total: StagedTotal) -> MetricTotal:
    metric = next(metric for metric in job.metrics.values() if metric.id == total.metric_id)
    return MetricTotal(
        metric.id,
        metric.code,
        metric.name,
        metric.unit,
        total.events,
        from_scaled(total.billions * rollups.BILLION + total.rest, metric.decimals),
        total.subscriptions,
        local_day(total.first, job.zone),
        local_day(total.last, job.zone),
    )


def _total_before(db: Db, total: MetricTotal) -> Decimal:
    days = total.last - total.first + timedelta(days=1)
    scaled = rollups.metric_total(db, total.metric_id, Period(total.first - days, total.first))
    return from_scaled(scaled, metrics.load(db, total.metric_id).decimals)
