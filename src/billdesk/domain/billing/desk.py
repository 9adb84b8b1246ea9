"""The working state of one settlement: inputs at hand, lines so far, the next due day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, Inexact
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.grid import Grid, grid_of
from billdesk.domain.billing.records import Accepted, CommitmentStanding, LateAmount, ProposedLine
from billdesk.domain.catalog import Catalog, Price
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.tariffs import exact_text
from billdesk.domain.timeline import OPEN_END, Term, Timeline
from billdesk.kernel.decimals import from_scaled
from billdesk.kernel.errors import Problem
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.period import Interval, Period

_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Desk:
    """One subscription being settled as of a day; `since` is the day before which all is done.

    `through` is the day of the last run, None when none is known.
    """

    subscription: Subscription
    catalog: Catalog
    timeline: Timeline
    as_of: date
    since: date
    progressive: frozenset[int] = frozenset()
    lines: list[ProposedLine] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    next_due: date | None = None
    places: int = 2
    through: date | None = None
    accepted: Accepted = frozenset()
    late: list[LateAmount] = field(default_factory=list)
    commitments: list[CommitmentStanding] = field(default_factory=list)
    grids: dict[Interval, list[tuple[Period, Grid]]] = field(default_factory=dict)
    first_days: dict[tuple[Interval, date], date] = field(default_factory=dict)
    # By interval, the one term's days, and the days looked at: the prices of a contract mostly run alike.
    alike: dict[tuple[Interval, Period, date, date], list[Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = exponent(self.subscription.currency)

    def expect(self, due: date) -> None:
        """Remember the first day after `as_of` on which something falls due."""
        if due > self.as_of and (self.next_due is None or due < self.next_due):
            self.next_due = due

    def money(self, minor: int) -> Money:
        """Give an amount in the subscription's currency."""
        return Money(minor, self.subscription.currency)

    def text(self, minor: int) -> str:
        """Write minor units as exact major units for a trace."""
        return exact_text(from_scaled(minor, self.places))

    def ratio_text(self, minor: Fraction) -> str:
        """Write an exact amount in minor units as major units: a decimal where it ends, else a fraction."""
        major = minor / 10**self.places
        try:
            return exact_text(Decimal(major.numerator) / major.denominator)
        except Inexact:
            return str(major)


Part = tuple[Period, Term]
"""Days of a term inside one grid period."""


@dataclass(slots=True)
class Cell:
    """A grid period with the parts of one price's terms inside it, in date order; `ends` closes the last part.

    `frame` are the days of it for which its anchor holds, so frames never overlap.
    """

    whole: Period
    frame: Period
    parts: list[Part]

    @property
    def ends(self) -> date:
        """The day after the last one on which the price is in force."""
        return self.parts[-1][0].end


def grids(desk: Desk, interval: Interval) -> list[tuple[Period, Grid]]:
    """Give the grids of an interval with the days for which each anchor holds."""
    found = desk.grids.get(interval)
    if found is None:
        subscription, anchors = desk.subscription, desk.timeline.anchors
        found = desk.grids[interval] = []
        for number, (since, anchor) in enumerate(anchors):
            until = anchors[number + 1][0] if number + 1 < len(anchors) else OPEN_END
            grid = grid_of(anchor, interval, subscription.alignment, subscription.alignment_day)
            found.append((Period(since, until), grid))
    return found


def first_day(desk: Desk, price: Price, since: date) -> date:
    """Give the start of the first grid period of a price that must be looked at."""
    return since if price.interval is None else first_start(desk, price.interval, since)


def first_start(desk: Desk, interval: Interval, since: date) -> date:
    """Give the start of the first grid period of an interval that must be looked at.

    That is the period before a new anchor when one looks from its day on: it ends there since the anchor is known.
    """
    if since == date.min:
        return since
    key = (interval, since)
    found = desk.first_days.get(key)
    if found is None:
        era, grid = next(pair for pair in grids(desk, interval) if since <= pair[0].end)
        found = desk.first_days[key] = max(era.start, grid.period_at(min(since, era.end - _DAY)).start)
    return found


def frame_at(desk: Desk, price: Price, day: date) -> Period:
    """Give the grid period of a price that holds a day, as far as its anchor holds."""
    for era, grid in grids(desk, price.interval) if price.interval is not None else ():
        if day in era:
            whole = grid.period_at(day)
            return Period(max(whole.start, era.start), min(whole.end, era.end))
    return Period(day, day)


def cut(frame: Period, run: list[Term]) -> list[Part]:
    """Give the parts of a price's terms inside `frame`, days of a kept cancellation included."""
    parts: list[Part] = []
    for number, term in enumerate(run):
        start, end = term.period.start, term.period.end
        if start >= frame.end:
            break
        if term.kept and frame.start < end < frame.end:
            follows = run[number + 1].period.start if number + 1 < len(run) else frame.end
            end = min(frame.end, follows)
        if end <= frame.start:
            continue
        if start <= frame.start and end >= frame.end:
            parts.append((frame, term))
        else:
            parts.append((Period(max(start, frame.start), min(end, frame.end)), term))
    return parts


def cells(desk: Desk, run: list[Term], since: date, until: date) -> list[Cell]:
    """Give the grid periods of a price from `since` that start before `until`, and one more to know what comes."""
    term = run[0]
    interval = term.price.interval
    if interval is None:
        return []
    if len(run) > 1 or term.kept:
        return _cells(desk, interval, run, since, until)
    key = (interval, term.period, since, until)
    known = desk.alike.get(key)
    if known is None:
        known = desk.alike[key] = _cells(desk, interval, run, since, until)
        return known
    return [Cell(cell.whole, cell.frame, [(days, term) for days, _other in cell.parts]) for cell in known]


def _cells(desk: Desk, interval: Interval, run: list[Term], since: date, until: date) -> list[Cell]:
    found: list[Cell] = []
    floor = max(since, run[0].period.start)
    last = run[-1].period.end
    for era, grid in grids(desk, interval):
        day = max(floor, era.start)
        while day < era.end and day < last:
            whole = frame = grid.period_at(day)
            if whole.start < era.start or whole.end > era.end:
                frame = Period(max(whole.start, era.start), min(whole.end, era.end))
            parts = cut(frame, run)
            if parts:
                found.append(Cell(whole, frame, parts))
                if day >= until:
                    return found
            day = frame.end
    return found
