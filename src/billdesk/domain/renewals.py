"""Terms that run, renew and end by themselves: what a contract's entries leave unsaid (billing rules §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, FeeKind, Uplift
from billdesk.domain.subscriptions import Entry, EntryKind
from billdesk.kernel.period import add_months

DERIVED: Final = -1
"""The id of the entry by which a contract ends when its term does."""

FAR: Final = 100 * 12
"""Months of renewals that are looked ahead when nobody says how far to look."""


@dataclass(frozen=True, slots=True)
class RunningTerm:
    """A stretch of a term: from `since` up to (not including) `end`, None once it goes on without end.

    Ends are counted in months from `origin`, never from one another, so that a term from 31 January keeps its day.
    """

    term: ContractTerm
    since: date
    end: date | None
    origin: date
    renewals: int = 0

    @property
    def notice_by(self) -> date | None:
        """Give the last day on which notice ends the contract at the end of this stretch."""
        return None if self.end is None else self.term.last_notice_day(self.end)

    def renewed(self) -> RunningTerm | None:
        """Give the stretch after this one, None when the contract ends with it."""
        if self.end is None:
            return None
        if self.term.after is AfterTerm.END:
            return None
        times = self.renewals + 1
        return RunningTerm(self.term, self.end, _end_of(self.term, self.origin, times), self.origin, times)

    def earliest_end(self, given: date) -> date:
        """Give the first day on which the contract may end when notice is given on a day."""
        if self.end is None:
            return self.term.end_after_notice(given)
        if self.term.after is AfterTerm.END or given <= self.term.last_notice_day(self.end):
            return self.end
        following = self.renewed()
        if following is None or following.end is None:
            return max(self.end, self.term.end_after_notice(given))
        return following.end


@dataclass(frozen=True, slots=True)
class Renewal:
    """A day on which a term that began on `since` is renewed, and by what prices rise then.

    `entry_id` is that of the decision which was recorded, 0 when it renews by itself.
    """

    day: date
    since: date
    uplift: Uplift
    entry_id: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """A contract's entries with the end that a term brings, its renewals, and the term that runs last.

    `stretches` are all terms in turn; each holds until the next one begins.
    """

    entries: list[Entry]
    renewals: tuple[Renewal, ...] = ()
    running: RunningTerm | None = None
    stretches: tuple[RunningTerm, ...] = ()


def course(entries: Sequence[Entry], until: date) -> Course:
    """Follow entries (in order, none revoked) and what their terms bring by themselves up to and on `until`."""
    if all(entry.term is None for entry in entries):
        return Course(list(entries))
    walk = _Walk(until)
    # A decision to renew comes before what else is agreed on its day, whichever was written down first.
    in_turn = sorted(entries, key=lambda entry: (entry.effective, entry.kind is not EntryKind.RENEW))
    decided = {entry.effective for entry in in_turn if _decides(entry)}
    for entry in in_turn:
        walk.advance(entry.effective, is_taken=entry.effective in decided)
        walk.take(entry)
    walk.finish()
    ended = [*entries, *walk.ends]
    ended.sort(key=lambda entry: entry.effective)
    stretches = sorted(walk.stretches.values(), key=lambda stretch: stretch.since)
    return Course(ended, tuple(walk.renewals), walk.running, tuple(stretches))


def _decides(entry: Entry) -> bool:
    return entry.term is not None or entry.kind in {EntryKind.RENEW, EntryKind.START, EntryKind.CANCEL}


@dataclass(slots=True)
class _Walk:
    """Where one is while entries are followed."""

    until: date
    ends: list[Entry] = field(default_factory=list)
    renewals: list[Renewal] = field(default_factory=list)
    running: RunningTerm | None = None
    begun: date = date.min
    before: RunningTerm | None = None
    stretches: dict[date, RunningTerm] = field(default_factory=dict)

    def advance(self, day: date, *, is_taken: bool) -> None:
        """Let terms end and renew before a day, and on it unless an entry of that day decides."""
        while (running := self.running) is not None and (end := running.end) is not None:
            is_last = running.term.after is AfterTerm.END
            if end > day or (end == day and is_taken) or (end > self.until and not is_last):
                return
            self._pass(running, end)

    def finish(self) -> None:
        """Follow what comes after the last entry; an end that a term brings is told however far ahead it is."""
        self.advance(max(self.until, self.begun), is_taken=False)
        running = self.running
        if running is not None and running.end is not None and running.term.after is AfterTerm.END:
            self._end(running.term, running.end)

    def _begin(self, running: RunningTerm | None) -> None:
        self.running = running
        if running is not None:
            self.stretches[running.since] = running

    def _pass(self, running: RunningTerm, end: date) -> None:
        self._begin(running.renewed())
        if running.term.after is AfterTerm.RENEW:
            self.renewals.append(Renewal(end, running.since, running.term.uplift))
        elif running.term.after is AfterTerm.END:
            self._end(running.term, end)

    def _end(self, term: ContractTerm, end: date) -> None:
        given = term.last_notice_day(end)
        ending = Entry(DERIVED, EntryKind.CANCEL, end, datetime.min, notice_given=given)  # noqa: DTZ901 - nobody recorded it
        self.ends.append(ending)

    def take(self, entry: Entry) -> None:
        """Let an entry begin, renew or end a term."""
        if entry.kind is EntryKind.CANCEL or (entry.kind is EntryKind.START and self.begun != entry.effective):
            self.running = None
        if entry.kind is EntryKind.RENEW:
            self._renew(entry)
        elif entry.term is not None:
            self.begun = entry.effective
            self._begin(begin_term(entry.term, entry.effective))

    def _renew(self, entry: Entry) -> None:
        """Renew on the day of a decision; a later decision for the same day takes the place of an earlier one."""
        day = entry.effective
        if self.renewals and self.renewals[-1].day == day:
            self.renewals.pop()
            self.running = self.before
        running = self.before = self.running
        known = running.term.uplift if running else None
        uplift = entry.uplift or known
        if uplift is not None:
            self.renewals.append(Renewal(day, running.since if running else day, uplift, entry.id))
        if entry.term is not None:
            self.begun = day
            self._begin(begin_term(entry.term, day))
        elif running is not None:
            self._begin(_renewed_on(running, day))


def _renewed_on(running: RunningTerm, day: date) -> RunningTerm:
    """Renew a term on a day: at its end it goes on counting, on any other day it begins anew."""
    if running.end == day and running.term.after is AfterTerm.RENEW:
        return running.renewed() or running
    months = running.term.renewal_months or running.term.months
    term = replace(running.term, months=months, until=None, since=None)
    return begin_term(term, day)


def begin_term(term: ContractTerm, day: date) -> RunningTerm:
    """Give the stretch of a term that runs on `day`, on which it was agreed; renewals before it changed no price."""
    origin = term.since or day
    running = RunningTerm(term, origin, _end_of(term, origin, 0), origin)
    while running.end is not None and running.end <= day:
        following = running.renewed()
        if following is None:
            return replace(running, end=day)
        running = following
    return running


def _end_of(term: ContractTerm, origin: date, renewals: int) -> date | None:
    """Give the end of the stretch after so many renewals."""
    first = term.until or (None if term.months is None else add_months(origin, term.months))
    if first is None or not renewals:
        return first
    months = term.renews_for
    if months is None:
        return None
    if term.until is not None:
        return add_months(term.until, months * renewals)
    return add_months(origin, (term.months or 0) + months * renewals)


def running_on(entries: Sequence[Entry], day: date) -> RunningTerm | None:
    """Give the term that runs on a day by the entries (in order, none revoked) up to it."""
    return course([entry for entry in entries if entry.effective <= day], day).running


def held_until(entries: Sequence[Entry], cancel: Entry) -> tuple[RunningTerm, date] | None:
    """Give the term that a cancellation breaks and the day up to which it holds, None when it breaks none.

    `entries` are in order; later ones than the cancellation do not matter. When it is not known on which day
    notice was given, it was in time for the term that runs.
    """
    same_day = {EntryKind.CANCEL, EntryKind.START}
    before = [
        one
        for one in entries
        if one.kind is not EntryKind.CANCEL
        and (one.effective < cancel.effective or (one.effective == cancel.effective and one.kind not in same_day))
    ]
    agreed = [one.effective for one in before if one.term is not None or one.kind is EntryKind.RENEW]
    given = cancel.notice_given
    known = cancel.effective - timedelta(days=1) if given is None else max([min(given, cancel.effective), *agreed])
    running = running_on(before, known)
    if running is None or running.end is None or running.term.fee.kind is FeeKind.NONE:
        return None
    until = running.end if given is None else running.earliest_end(min(given, cancel.effective))
    return (running, until) if cancel.effective < until else None
