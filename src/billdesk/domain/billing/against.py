"""Slices that should be against lines that are billed: what stays, what is credited, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from billdesk.domain.billing.crediting import Basis, credit_line
from billdesk.domain.billing.desk import Desk
from billdesk.domain.billing.leftovers import Left, within, without
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.slices import NO_CARRY, Slice, charge_part, is_charged, rounded
from billdesk.domain.catalog import Price
from billdesk.domain.explain import Step, StepKind
from billdesk.domain.timeline import Billing
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.period import Period

# A slice is rounded by half a minor unit and may carry what others were rounded by: together less than two.
_ROUNDED_BY: Final = 2


@dataclass(slots=True)
class _Kept:
    """A billed line with the days that should stay, and the slice that says so."""

    left: Left
    slice: Slice | None = None
    days: list[Period] = field(default_factory=list)
    is_whole: bool = False


class _Carries:
    """Per grid period: exact cost less billed amount of what was settled so far, in minor units."""

    def __init__(self, slices: list[Slice]) -> None:
        self._frames = list(dict.fromkeys(item.cell.frame for item in slices))
        self._carry: dict[Period, Fraction] = {}
        self.changed: set[Period] = set()

    def frame_of(self, kept: _Kept) -> Period | None:
        """Give the grid period that a billed line belongs to, None when it reaches over an edge or into none."""
        days = kept.left.line.period
        return next((frame for frame in self._frames if frame.start <= days.start and days.end <= frame.end), None)

    def touches(self, kept: _Kept) -> bool:
        """Whether anything should be billed about the days of a billed line."""
        return any(frame.intersect(kept.left.line.period) for frame in self._frames)

    def get(self, whole: Period | None) -> Fraction:
        """Give the carry of a grid period."""
        return NO_CARRY if whole is None else self._carry.get(whole, NO_CARRY)

    def add(self, whole: Period | None, rest: Fraction) -> None:
        """Count more exact cost (or, negative, more billed)."""
        if whole is not None and rest:
            self._carry[whole] = self.get(whole) + rest


def settle_against(desk: Desk, slices: list[Slice], lefts: list[Left], since: date = date.min) -> None:
    """Credit billed days that should not be, charge days that should be and are not; days before `since` stay.

    In each grid period what stays untouched counts first, then what stays of a shortened line, then what is new,
    then lines that go; each takes the next share of the running sum, so that the period's total is the rounded
    exact one.
    """
    matched = [_match(left, slices, since) for left in lefts]
    carries = _Carries(slices)
    shortened = [kept for kept in matched if kept.days and not kept.is_whole]
    gone = [kept for kept in matched if not kept.days and kept.left.spans]
    for kept in matched:
        if kept.is_whole:
            _carry_on(carries, kept)
    for kept in shortened:
        _credit(desk, kept, carries, slices)
    charges = len(desk.lines)
    _charge_open_days(desk, slices, matched, carries)
    new = desk.lines[charges:]
    del desk.lines[charges:]
    for kept in gone:
        _credit(desk, kept, carries)
    _settle_cents(desk, matched, carries)
    desk.lines += new


def _charge_open_days(desk: Desk, slices: list[Slice], matched: list[_Kept], carries: _Carries) -> None:
    covered = [days for kept in matched for days in kept.days]
    for item in slices:
        if not _counts(desk, item):
            continue
        open_days = [item.days]
        for days in covered:
            open_days = without(open_days, days)
        for days in open_days:
            whole = item.cell.frame
            carry = carries.get(whole)
            carries.add(whole, charge_part(desk, item, days, carry) - carry)
            carries.changed.add(whole)


def _counts(desk: Desk, item: Slice) -> bool:
    return item.full.numerator != 0 and is_charged(desk, item)


def _costs(desk: Desk, item: Slice, days: Period) -> bool:
    common = item.days.intersect(days)
    return common is not None and _counts(desk, item) and item.exact(common) != 0


def _match(left: Left, slices: list[Slice], since: date) -> _Kept:
    """Find the days of a billed line that slices of the same terms (or days left in peace) still hold.

    A line reaches back behind `since` where a new anchor began a grid period amid its days: those are done.
    """
    kept = _Kept(left)
    if left.line.period.start < since:
        kept.days += within(left.spans, Period(date.min, since))
    for item in slices:
        same = item.terms == left.line.terms
        if same or item.term.billing is Billing.FREE:
            days = within(left.spans, item.days)
            if days:
                kept.days += days
                kept.slice = item if same or kept.slice is None else kept.slice
    kept.is_whole = sum(days.days for days in kept.days) == sum(days.days for days in left.spans)
    return kept


def _base(kept: _Kept) -> tuple[Fraction, Price | None, Period]:
    """Give the exact amount of a whole (price's or as billed), with the period of which that is the amount.

    The price's own amount counts where the line was billed from it, give or take its rounding; an amount that
    somebody changed counts as it was billed.
    """
    line, item = kept.left.line, kept.slice
    if item is None:
        return Fraction(line.amount), None, line.period
    whole = item.cell.whole
    if whole.start <= line.period.start and line.period.end <= whole.end and item.terms == line.terms:
        full = Fraction(item.full.numerator, item.full.denominator)
        if abs(_share(full, item.term.price, whole, [line.period]) - line.amount) < _ROUNDED_BY:
            return full, item.term.price, whole
    return Fraction(line.amount), None, line.period


def _share(amount: Fraction, price: Price | None, whole: Period, spans: list[Period]) -> Fraction:
    share, of = _weight(price, whole, spans)
    return amount * share / of


def _weight(price: Price | None, whole: Period, spans: list[Period]) -> tuple[int, int]:
    """Give (share, of) of some days of a whole; without a price's policy plainly by day."""
    if price is None:
        return sum(span.days for span in spans), whole.days
    parts = [part_of(price, whole, span) for span in spans]
    of = max((of for _share, of in parts), default=1)
    return sum(share * of // own for share, own in parts), of


def _carry_on(carries: _Carries, kept: _Kept) -> None:
    """Let what an untouched line rounded away count for the next slices of its grid period."""
    left, whole = kept.left, carries.frame_of(kept)
    if not left.spans:
        carries.add(whole, Fraction(-left.amount))
    elif kept.slice is not None and not _is_exact(kept):
        base, price, period = _base(kept)
        carries.add(whole, _share(base, price, period, kept.days) - left.amount)


def _is_exact(kept: _Kept) -> bool:
    """Whether an untouched line is a whole period at an amount that needed no rounding."""
    line, item = kept.left.line, kept.slice
    return (
        item is not None
        and line.period == item.cell.whole
        and item.full.denominator == 1
        and item.full.numerator == kept.left.amount
    )


def _credit(desk: Desk, kept: _Kept, carries: _Carries, slices: Sequence[Slice] = ()) -> None:
    """Credit the days of a billed line that should not be, each stretch of days as a line of its own.

    Days that are charged anew by `slices` are given back even where they are not worth a cent: their new charge
    takes the cent that is given for them.
    """
    left, key = kept.left, carries.frame_of(kept)
    base, price, whole = _base(kept)
    gone = list(left.spans)
    for days in kept.days:
        gone = without(gone, days)
    for days in gone:
        carry = carries.get(key)
        left.spans = without(left.spans, days)
        exact = _share(base, price, whole, left.spans)
        stays = _bounded(round_exact(carry + exact), left.amount)
        if stays == left.amount and any(_costs(desk, item, days) for item in slices):
            stays = _bounded(stays - 1 if stays > 0 else stays + 1, left.amount)
            carry = stays - exact
        steps: tuple[Step, ...] = ()
        if left.spans:
            steps = _staying(desk, base, _weight(price, whole, left.spans))
        if left.spans or stays:
            steps = (*steps, rounded(desk, carry, stays))
        credit_line(desk, left, days, stays, Basis(steps, _weight(price, whole, [days])))
    carries.add(key, _share(base, price, whole, kept.days) - left.amount)
    if key is not None:
        carries.changed.add(key)


def _bounded(stays: int, amount: int) -> int:
    """Keep what stays between nothing and what is billed."""
    return max(0, min(stays, amount)) if amount >= 0 else min(0, max(stays, amount))


def _settle_cents(desk: Desk, matched: list[_Kept], carries: _Carries) -> None:
    """Take back cents that only rounding left too much, without any days: from lines without days, then the last one.

    It happens when an earlier slice goes whose rounding a later, unchanged line had taken over, and nothing new
    can absorb it; or when that later line goes too, and a cent of the earlier one is all that is left.
    """
    for kept in (*(kept for kept in matched if not kept.left.spans), *reversed(matched)):
        left, whole = kept.left, carries.frame_of(kept)
        if not left.amount or not kept.is_whole:
            continue
        sign = 1 if left.amount > 0 else -1
        if whole in carries.changed:
            over = min(ceil(-sign * carries.get(whole) - Fraction(1, 2)), abs(left.amount))
        else:
            over = 0 if left.spans or carries.touches(kept) else abs(left.amount)
        if over > 0:
            stays = left.amount - sign * over
            none = Period(left.line.period.start, left.line.period.start)
            text = desk.text(stays)
            steps = (
                Step(StepKind.PART, {"flat": text, "label": "rounding"}, text),
                Step(StepKind.FULL, {}, text),
                Step(StepKind.ROUND, {}, text),
            )
            credit_line(desk, left, none, stays, Basis(steps, (0, 1)))
            carries.add(whole, Fraction(sign * over))


def _staying(desk: Desk, base: Fraction, share: tuple[int, int]) -> tuple[Step, ...]:
    """Give the steps to the exact amount that stays of a billed line."""
    amount = desk.ratio_text(base)
    values = {"days": str(share[0]), "of": str(share[1])}
    return (
        Step(StepKind.PART, {"flat": amount, "label": "billed"}, amount),
        Step(StepKind.FULL, {}, amount),
        Step(StepKind.PRORATE, values, desk.ratio_text(base * share[0] / share[1])),
    )
