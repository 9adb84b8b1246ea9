"""Commitments: what a subscription's lines of a period lack to the least amount agreed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billdesk.domain.billing.crediting import credit_line
from billdesk.domain.billing.desk import Desk, first_day, first_start, grids
from billdesk.domain.billing.leftovers import Left, Leftovers, within
from billdesk.domain.billing.metered import usage_since
from billdesk.domain.billing.owed import Owed, settle_owed
from billdesk.domain.billing.records import CommitmentStanding
from billdesk.domain.catalog import Commitment, QuantitySource
from billdesk.domain.explain import Step, StepKind
from billdesk.domain.invoices import LineKind
from billdesk.domain.tariffs import ZERO, exact_text, part
from billdesk.domain.timeline import Committed
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.period import Period

_KEY = (None, LineKind.COMMITMENT)


def settle_commitments(desk: Desk, leftovers: Leftovers) -> None:
    """Propose the true-up of each committed period that is over, or credit what is too much of one.

    Lines count for the days of their service, so that a year in advance counts a twelfth in each month and it does
    not matter in which pieces it was billed; what this settlement proposes counts as well.
    """
    lefts = list(leftovers.get(_KEY, ()))
    periods = _periods(desk)
    settled = _net_by_days(desk, leftovers) if periods or lefts else []
    for found in periods:
        counted = _counted_days(found, periods)
        billed = [left for left in lefts if any(left.line.period.start in days for days in counted)]
        lefts = [left for left in lefts if left not in billed]
        charged = _charged_in(settled, counted)
        if found.days.end <= desk.as_of:
            _true_up(desk, found, charged, billed)
        else:
            desk.expect(found.days.end)
            desk.commitments.append(_standing(desk, found, charged))
    for left in lefts:
        if left.line.period.end > commitments_since(desk):
            credit_line(desk, left, left.line.period, 0)


def commitments_since(desk: Desk) -> date:
    """Give the first day of the committed periods that are looked at.

    A charge may fall due long after the committed period in which its service starts: one looks back to there.
    """
    since = desk.since
    if since == date.min or not desk.timeline.commitments:
        return since
    runs = desk.timeline.terms.values()
    for price in (run[0].price for run in runs):
        metered = price.quantity_source is QuantitySource.USAGE
        since = min(since, usage_since(desk, price) if metered else first_day(desk, price, desk.since))
    # All that is charged in a period must be read, which may begin before the others.
    begins = min((run[0].period.start for run in runs), default=since)
    while (before := min(_start_of(desk, held, since) for held in desk.timeline.commitments)) < since > begins:
        since = before
    return since


def _start_of(desk: Desk, held: Committed, since: date) -> date:
    """Give where the period begins that a commitment counts on a day; the day itself where it counts none."""
    if held.term is not None:
        return held.term.start if held.term.start < since < held.term.end else since
    start = first_start(desk, held.commitment.interval, since)
    return start if start < held.days.end else since


@dataclass(slots=True)
class _Committed:
    """A grid period or a term, its days under one anchor, and what is committed on which of them, in date order."""

    whole: Period
    frame: Period
    parts: list[tuple[Period, Commitment]] = field(default_factory=list)

    @property
    def days(self) -> Period:
        """From the first committed day to the last one."""
        return Period(self.parts[0][0].start, self.parts[-1][0].end)


def _periods(desk: Desk) -> list[_Committed]:
    """Give committed periods from the first one looked at up to now."""
    since = commitments_since(desk)
    found: dict[tuple[Period, Period], _Committed] = {}
    for held in desk.timeline.commitments:
        for whole, frame in _frames(desk, held, since):
            days = frame.intersect(held.days)
            if days is not None:
                found.setdefault((whole, frame), _Committed(whole, frame)).parts.append((days, held.commitment))
    return list(found.values())


def _frames(desk: Desk, held: Committed, since: date) -> Iterator[tuple[Period, Period]]:
    """Give the periods that a commitment counts, each with its days under one anchor."""
    if held.term is not None:
        if since < held.term.end and held.days.start <= desk.as_of:
            yield held.term, held.term
        return
    for era, grid in grids(desk, held.commitment.interval):
        day = max(since, era.start, held.days.start)
        while day < min(era.end, held.days.end) and day <= desk.as_of:
            whole = grid.period_at(day)
            frame = Period(max(whole.start, era.start), min(whole.end, era.end))
            yield whole, frame
            day = frame.end


def _counted_days(found: _Committed, periods: list[_Committed]) -> list[Period]:
    """Give the days of which charges count: all of the period, but where another commitment counts some of them."""
    others = any(one is not found and one.frame.intersect(found.frame) for one in periods)
    return [days for days, _commitment in found.parts] if others else [found.frame]


_Share = tuple[Period, Fraction]
"""Days with what is charged for them, in minor units."""


def _net_by_days(desk: Desk, leftovers: Leftovers) -> list[_Share]:
    """Give what is billed and proposed, before discounts and without commitments, with the days of its service."""
    found: list[_Share] = []
    for (_price, kind), lefts in leftovers.items():
        if kind in {LineKind.COMMITMENT, LineKind.TERMINATION_FEE}:
            continue
        for left in lefts:
            spans = left.spans or [left.line.period]
            days = sum(span.days for span in spans) or 1
            found += [(span, Fraction(left.money * span.days, days)) for span in spans]
    return found + [(line.period, Fraction(line.amount.minor)) for line in desk.lines if line.corrects is None]


def _charged_in(shares: list[_Share], counted: list[Period]) -> int:
    """Add up what is charged for some days: a line that reaches over them counts for its part of its days."""
    exact = Fraction(0)
    for days, amount in shares:
        for common in within(counted, days):
            exact += amount * common.days / days.days
    return round_exact(exact)


def _true_up(desk: Desk, found: _Committed, charged: int, billed: list[Left]) -> None:
    least, steps = _least(desk, found)
    should = max(0, least - charged)
    values = {"limit": "minimum", "base": desk.text(charged)}
    steps = (*steps, Step(StepKind.ROUND, {}, desk.text(least)), Step(StepKind.LIMIT, values, desk.text(should)))
    settle_owed(desk, Owed(LineKind.COMMITMENT, found.days, found.days.end, should, steps), billed)


def _standing(desk: Desk, found: _Committed, charged: int) -> CommitmentStanding:
    return CommitmentStanding(found.days, _least(desk, found)[0], charged)


def committed_in(desk: Desk, days: Period) -> Iterator[tuple[Decimal, Period, int]]:
    """Give each amount committed on some days, the days among them on which it is, and of how many days it is it."""
    held = [(one, one.days.intersect(days)) for one in desk.timeline.commitments]
    inside = tuple(replace(one, days=common) for one, common in held if common is not None)
    timeline = replace(desk.timeline, commitments=inside)
    for found in _periods(replace(desk, timeline=timeline, since=date.min, as_of=days.end)):
        for part_of_it, commitment in found.parts:
            yield commitment.amount_in(desk.subscription.currency) or ZERO, part_of_it, found.whole.days


def _least(desk: Desk, found: _Committed) -> tuple[int, tuple[Step, ...]]:
    """Give the least amount of a period, each commitment's share of it by its days, with its steps."""
    steps: list[Step] = []
    exact = Fraction(0)
    for days, commitment in found.parts:
        amount = commitment.amount_in(desk.subscription.currency) or ZERO
        share = Fraction(amount) * 10**desk.places * days.days / found.whole.days
        full, step = part(ZERO, ZERO, amount, {"label": "commitment"})
        steps += [step, Step(StepKind.FULL, {}, exact_text(full))]
        if days != found.whole:
            values = {"days": str(days.days), "of": str(found.whole.days)}
            steps.append(Step(StepKind.PRORATE, values, desk.ratio_text(share)))
        exact += share
    return round_exact(exact), tuple(steps)
