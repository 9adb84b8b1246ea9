"""Slices of grid periods: what a price costs whole, the part that counts, and the charge of some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.desk import Cell, Desk
from billdesk.domain.billing.opening import opening_day
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.records import ProposedLine
from billdesk.domain.catalog import Price, Timing
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import CompiledTerms, Full, compiled, full_of
from billdesk.domain.tariffs import ZERO, Rated, exact_text, part
from billdesk.domain.timeline import Billing, Term
from billdesk.kernel.decimals import round_exact, round_ratio
from billdesk.kernel.period import Period


@dataclass(slots=True)
class Slice:
    """A term inside one grid period: what it costs whole, its part, and when it falls due."""

    days: Period
    cell: Cell
    term: Term
    kind: LineKind
    full: Full
    terms: str
    due: date

    def exact(self, days: Period) -> Fraction:
        """Give the exact cost of some days of it in minor units."""
        share, of = part_of(self.term.price, self.cell.whole, days)
        return Fraction(self.full.numerator * share, self.full.denominator * of)


def slices_of(
    desk: Desk, price: Price, kind: LineKind, found: list[Cell], *, due_only: bool = False
) -> list[Slice]:  # fmt: skip
    """Give the slices of some grid periods, perhaps only what is due, and remember when the next one falls due."""
    slices = []
    in_advance = price.timing is Timing.ADVANCE
    before = timedelta(days=price.days_before)
    for cell in found:
        opens = opening_day(desk, price, cell) - before
        for days, term in cell.parts:
            # A change that is known when the period starts is billed with it; one learnt later on its own day.
            due = max(opens, min(days.start - before, desk.as_of)) if in_advance else cell.ends
            desk.expect(due)
            if due_only and due > desk.as_of:
                continue
            terms = compiled(desk.catalog, price, term.terms, cell.whole.start)
            full = _full(terms, kind, term.quantity)
            slices.append(Slice(days, cell, term, kind, full, terms.fingerprint(term.quantity), due))
    return slices


def _full(terms: CompiledTerms, kind: LineKind, quantity: Decimal) -> Full:
    """Give the amount of a whole period of one kind of line; limits are what they add or take away."""
    skip = terms.price.skip_zero and not quantity
    full = terms.full(quantity)
    if kind is LineKind.CHARGE:
        return _NOTHING if skip else full
    limit = terms.terms.minimum if kind is LineKind.MINIMUM else terms.terms.maximum
    if limit is None or skip:
        return _NOTHING
    amount = Fraction(limit.scaleb(terms.places)) - Fraction(full.numerator, full.denominator)
    if amount <= 0 if kind is LineKind.MINIMUM else amount >= 0:
        return _NOTHING
    charged = Decimal(full.numerator).scaleb(-terms.places) / full.denominator
    _amount, step = part(ZERO, ZERO, limit, {"label": kind.value})
    less = exact_text(-charged)
    steps = (step, Step(StepKind.GIVEN, {"given": less, "label": "charge"}, less))
    return full_of(Rated(limit - charged, steps), terms.places, full.steps[0])


NO_CARRY: Final = Fraction(0)
_NOTHING: Final = Full(0, 1, ())


def is_charged(desk: Desk, item: Slice) -> bool:
    """Whether a slice is due and charged at all."""
    return item.due <= desk.as_of and item.term.billing is not Billing.FREE


def charge_all(desk: Desk, slices: list[Slice]) -> None:
    """Charge every due slice where nothing was billed before."""
    carry, whole = NO_CARRY, None
    for item in slices:
        if not item.full.numerator or not is_charged(desk, item):
            continue
        if item.cell.whole is not whole:
            carry, whole = NO_CARRY, item.cell.whole
        carry = charge_part(desk, item, item.days, carry)


def charge_part(desk: Desk, item: Slice, days: Period, carry: Fraction) -> Fraction:
    """Charge some days of a slice as the next in the run of its grid period; give the new carry."""
    if not carry and days == item.cell.whole:
        return _charge_whole(desk, item, days)
    exact = item.exact(days)
    amount = round_exact(carry + exact)
    if amount * exact > 0:
        share, of = part_of(item.term.price, item.cell.whole, days)
        steps = (*item.full.steps, *_prorated(share, of, days, exact, desk), rounded(desk, carry, amount))
        add_charge(desk, item, days, amount, Trace(steps), (share, of))
        carry -= amount
    return carry + exact


def _charge_whole(desk: Desk, item: Slice, days: Period) -> Fraction:
    """Charge a whole period by itself, with the trace that all such lines share; most lines are such."""
    full = item.full
    amount = round_ratio(full.numerator, full.denominator)
    if amount:
        add_charge(desk, item, days, amount, full.whole)
    return NO_CARRY if full.denominator == 1 else Fraction(full.numerator, full.denominator) - amount


def _prorated(share: int, of: int, days: Period, exact: Fraction, desk: Desk) -> tuple[Step, ...]:
    if share == of:
        return ()
    values = {"days": str(share), "of": str(of), "from": days.start.isoformat(), "until": days.end.isoformat()}
    return (Step(StepKind.PRORATE, values, desk.ratio_text(exact)),)


def rounded(desk: Desk, carry: Fraction, amount: int) -> Step:
    """Give the step that rounds, with what earlier slices rounded away."""
    if carry:
        return Step(StepKind.RUNNING, {"carry": desk.ratio_text(carry)}, desk.text(amount))
    return Step(StepKind.ROUND, {}, desk.text(amount))


def add_charge(
    desk: Desk, item: Slice, days: Period, amount: int, trace: Trace, share: tuple[int, int] = (0, 0)
) -> None:
    """Propose the charge of some days of a slice; `share` is their part of the grid period."""
    term = item.term
    is_part = share[0] != share[1]
    desk.lines.append(
        ProposedLine(
            kind=item.kind,
            subscription_id=desk.subscription.id,
            price_id=term.price.id,
            period=days,
            quantity=term.quantity,
            unit_price=item.full.unit_price,
            amount=desk.money(amount),
            due=item.due,
            terms=item.terms,
            trace=trace,
            days=share[0] if is_part else 0,
            of_days=share[1] if is_part else 0,
            hold=term.billing is Billing.HOLD,
            whole=item.cell.frame,
        )
    )
