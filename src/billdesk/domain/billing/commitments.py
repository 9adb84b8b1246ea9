"""Commitments: what a subscription's lines of a period lack to the least amount agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billdesk.domain.billing.crediting import Basis, credit_line
from billdesk.domain.billing.desk import Desk, grids
from billdesk.domain.billing.leftovers import Left, Leftovers
from billdesk.domain.billing.records import CommitmentStanding, ProposedLine
from billdesk.domain.catalog import Commitment
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.tariffs import ONE, ZERO, exact_text, part
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.period import Period

_KEY = (None, LineKind.COMMITMENT)


def settle_commitments(desk: Desk, leftovers: Leftovers) -> None:
    """Propose the true-up of each committed period that is over, or credit what is too much of one.

    Lines count for the period in which their service starts; what this settlement proposes counts as well.
    """
    lefts = list(leftovers.get(_KEY, ()))
    periods = _periods(desk)
    settled = _net_by_day(desk, leftovers) if periods or lefts else []
    for found in periods:
        billed = [left for left in lefts if left.line.period.start in found.frame]
        lefts = [left for left in lefts if left not in billed]
        charged = sum(amount for day, amount in settled if day in found.frame)
        if found.days.end <= desk.as_of:
            _true_up(desk, found, charged, billed)
        else:
            desk.expect(found.days.end)
            desk.commitments.append(_standing(desk, found, charged))
    for left in lefts:
        if left.line.period.end > commitments_since(desk):
            credit_line(desk, left, left.line.period, 0)


def commitments_since(desk: Desk) -> date:
    """Give the first day of the committed periods that are looked at."""
    if desk.since == date.min:
        return date.min
    found = [desk.since]
    for _days, commitment in desk.timeline.commitments:
        for era, grid in grids(desk, commitment.interval):
            if desk.since < era.end:
                found.append(max(era.start, grid.period_at(desk.since).start))
                break
    return min(found)


@dataclass(frozen=True, slots=True)
class _Committed:
    """A grid period, its days under one anchor, those of them that are committed, and to what."""

    whole: Period
    frame: Period
    days: Period
    commitment: Commitment


def _periods(desk: Desk) -> list[_Committed]:
    """Give committed periods from the first one looked at up to now."""
    since = commitments_since(desk)
    found = []
    for held, commitment in desk.timeline.commitments:
        for era, grid in grids(desk, commitment.interval):
            day = max(since, era.start, held.start)
            while day < min(era.end, held.end) and day <= desk.as_of:
                whole = grid.period_at(day)
                frame = Period(max(whole.start, era.start), min(whole.end, era.end))
                days = Period(max(frame.start, held.start), min(frame.end, held.end))
                found.append(_Committed(whole, frame, days, commitment))
                day = days.end
    return found


def _net_by_day(desk: Desk, leftovers: Leftovers) -> list[tuple[date, int]]:
    """Give what is billed and proposed, before discounts and without commitments, by the day its service starts."""
    billed = [
        (left.line.period.start, left.money)
        for (_price, kind), found in leftovers.items()
        if kind not in {LineKind.COMMITMENT, LineKind.TERMINATION_FEE}
        for left in found
    ]
    new = [(line.period.start, line.amount.minor) for line in desk.lines if line.corrects is None]
    return billed + new


def _true_up(desk: Desk, found: _Committed, charged: int, billed: list[Left]) -> None:
    amount = found.commitment.amount_in(desk.subscription.currency)
    should, steps = (0, ()) if amount is None else _should(desk, found, amount, charged)
    has = sum(left.amount for left in billed)
    if should < has:
        for left in reversed(billed):
            take = min(has - should, left.amount)
            if take:
                credit_line(desk, left, left.line.period, left.amount - take, Basis(steps, billed=has))
                has -= take
    elif should > has:
        if has:
            steps = (*steps, Step(StepKind.BILLED, {"billed": desk.text(has)}, desk.text(should - has)))
        desk.lines.append(
            ProposedLine(
                kind=LineKind.COMMITMENT,
                subscription_id=desk.subscription.id,
                price_id=None,
                period=found.days,
                quantity=ONE,
                unit_price=None,
                amount=desk.money(should - has),
                due=found.days.end,
                terms="commitment",
                trace=Trace(steps),
            )
        )


def _standing(desk: Desk, found: _Committed, charged: int) -> CommitmentStanding:
    amount = found.commitment.amount_in(desk.subscription.currency) or ZERO
    return CommitmentStanding(found.days, round_exact(_share(desk, found, Fraction(amount))), charged)


def _share(desk: Desk, found: _Committed, amount: Fraction) -> Fraction:
    return Fraction(amount * found.days.days, found.whole.days) * Fraction(10**desk.places)


def _should(desk: Desk, found: _Committed, amount: Decimal, charged: int) -> tuple[int, tuple[Step, ...]]:
    """Give what lacks to the committed share of a period, with its steps."""
    days, of = found.days.days, found.whole.days
    exact = _share(desk, found, Fraction(amount))
    least = round_exact(exact)
    lacks = max(0, least - charged)
    full, step = part(ZERO, ZERO, amount, {"label": "commitment"})
    steps = [step, Step(StepKind.FULL, {}, exact_text(full))]
    if days != of:
        values = {"days": str(days), "of": str(of)}
        steps.append(Step(StepKind.PRORATE, values, desk.ratio_text(exact)))
    values = {"limit": "minimum", "base": desk.text(charged)}
    steps += [Step(StepKind.ROUND, {}, desk.text(least)), Step(StepKind.LIMIT, values, desk.text(lacks))]
    return lacks, tuple(steps)
