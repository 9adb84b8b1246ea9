"""State of the usage screen: the filters of its lists, the month of a meter, the queue and undoing imports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.period import Period, add_months
from billdesk.services.usage import (
    DayUsage,
    EventFilter,
    MeterFilter,
    MeterRow,
    MetricComparison,
    RematchOutcome,
    UndoPreview,
    WaitingFilter,
    compare_metrics,
    daily_usage,
    discard_unmatched,
    preview_undo,
    rematch_unmatched,
    undo_usage_import,
)
from billdesk.ui.core.tasks import OwnedTasks

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MeterDays:
    """The days of a meter's month, every day of it, and what they add up to."""

    meter: MeterRow
    period: Period
    days: tuple[tuple[date, Decimal], ...]

    @property
    def events(self) -> EventFilter:
        """The events behind the days."""
        return EventFilter(self.meter.subscription_id, self.meter.metric_id, self.period.start, self.period.last_day)


class UsagePresenter:
    """Holds the filters; asks, previews and carries out."""

    def __init__(self, tasks: OwnedTasks, today: date) -> None:
        self._tasks = tasks
        self._today = today
        self.meters = MeterFilter()
        self.waiting = WaitingFilter()

    def search_meters(self, text: str) -> MeterFilter:
        """Show meters of contracts and customers that have these words."""
        self.meters = replace(self.meters, text=text)
        return self.meters

    def narrow_metric(self, metric_id: int) -> MeterFilter:
        """Show the meters of one metric; choosing it again shows all."""
        chosen = None if self.meters.metric_id == metric_id else metric_id
        self.meters = replace(self.meters, metric_id=chosen)
        return self.meters

    def clear_meters(self) -> MeterFilter:
        """Show all meters."""
        self.meters = MeterFilter()
        return self.meters

    def compare(self, then: Callable[[Sequence[MetricComparison]], object]) -> None:
        """Give each metric over all contracts, this month against the last one."""
        self._tasks.query(compare_metrics, then=then, latest="metrics")

    def search_waiting(self, text: str) -> WaitingFilter:
        """Show rows of the queue that have these words."""
        self.waiting = replace(self.waiting, text=text)
        return self.waiting

    def load_days(self, meter: MeterRow, months_ago: int, then: Callable[[MeterDays], object]) -> None:
        """Load a month of a meter, day by day."""
        start = add_months(self._today.replace(day=1), -months_ago)
        period = Period(start, add_months(start, 1))

        def take(found: Sequence[DayUsage]) -> None:
            amounts = {one.day: one.quantity for one in found}
            days = [start + _DAY * number for number in range(period.days)]
            then(MeterDays(meter, period, tuple((day, amounts.get(day, Decimal(0))) for day in days)))

        self._tasks.query(daily_usage, meter.subscription_id, meter.metric_id, period, then=take, latest="days")

    def rematch(self, then: Callable[[RematchOutcome], object]) -> None:
        """Try every waiting row again."""
        self._tasks.command(rematch_unmatched, label=_("Matching waiting usage"), then=then)

    def discard(self, ids: Sequence[int], reason: str, then: Callable[[int], object]) -> None:
        """Give rows up for good."""
        self._tasks.command(discard_unmatched, tuple(ids), reason=reason, then=then)

    def preview_undo(self, batch_id: int, then: Callable[[UndoPreview], object]) -> None:
        """Say what taking an import back would touch."""
        self._tasks.query(preview_undo, batch_id, then=then)

    def undo(self, preview: UndoPreview, then: Callable[[UndoPreview], object]) -> None:
        """Take an import back; where invoices charge it, the next run credits or bills the difference."""
        force = bool(preview.invoices)
        label = _("Taking {file} back", file=preview.batch.file_name)
        self._tasks.command(undo_usage_import, preview.batch.id, force=force, label=label, then=then)


def undo_words(preview: UndoPreview) -> list[str]:
    """Say what taking an import back touches."""
    number = current().number
    lines = [
        _("Events that no longer count: {n}", n=number(preview.events)),
        _("Contracts that are billed anew: {n}", n=number(preview.contracts)),
    ]
    lines += [_("Waiting rows that go: {n}", n=number(preview.waiting))] if preview.waiting else []
    lines += [_("Replaced events that count again: {n}", n=number(preview.restored))] if preview.restored else []
    lines += [draft_words(preview.drafts)] if preview.drafts else []
    numbers = list(dict.fromkeys(one.number for one in preview.invoices))
    if numbers:
        shown = ", ".join(numbers[:5]) + ("…" if len(numbers) > 5 else "")  # noqa: PLR2004 - as many as fit a line
        text = ngettext(
            "{n} issued invoice charges this usage ({numbers}). It stays; the next run credits the difference.",
            "{n} issued invoices charge this usage ({numbers}). They stay; the next run credits the difference.",
            len(numbers),
            numbers=shown,
        )
        lines.append(text)
    return lines


def draft_words(count: int) -> str:
    """Say what becomes of drafts that a threshold asked for."""
    return ngettext(
        "{n} draft that a threshold asked for is made anew, or goes.",
        "{n} drafts that a threshold asked for are made anew, or go.",
        count,
    )


def rematch_words(outcome: RematchOutcome) -> str:
    """Say what trying the queue again brought."""
    if not outcome.matched:
        return _("Nothing matched; {n} rows wait.", n=current().number(outcome.waiting + outcome.conflicts))
    matched = ngettext("{n} row counts now", "{n} rows count now", outcome.matched)
    found = _("{matched}; {n} wait.", matched=matched, n=current().number(outcome.waiting + outcome.conflicts))
    drafts = ngettext("{n} bill is drafted.", "{n} bills are drafted.", outcome.drafts)
    return f"{found} {drafts}" if outcome.drafts else found
