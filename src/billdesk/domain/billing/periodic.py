"""Prices of an ordered quantity: slices of grid periods less what was billed for the same days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.desk import Cell, Desk, cells, first_day
from billdesk.domain.billing.leftovers import Left, Leftovers, within, without
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.records import ProposedLine
from billdesk.domain.catalog import Price, Proration, Timing
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import CompiledTerms, Full, compiled, full_of
from billdesk.domain.tariffs import ZERO, Rated, exact_text, part
from billdesk.domain.timeline import Billing, Term
from billdesk.kernel.decimals import round_exact, round_ratio
from billdesk.kernel.period import Period

KINDS: Final = (LineKind.CHARGE, LineKind.MINIMUM, LineKind.MAXIMUM)


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


@dataclass(slots=True)
class _Kept:
    """A billed line with the days that should stay, and the slice that says so."""

    left: Left
    slice: Slice | None = None
    days: list[Period] = field(default_factory=list)


def settle_periodic(desk: Desk, price: Price, run: list[Term], leftovers: Leftovers) -> None:
    """Propose what a price in advance or arrears lacks, its minimum and maximum as lines of their own."""
    since = first_day(desk, price, desk.since)
    billed_until = [left.line.period.end for kind in KINDS for left in leftovers.get((price.id, kind), ())]
    until = max([desk.as_of + timedelta(days=price.days_before + 1), *billed_until])
    found = cells(desk, run, since, until) if run else []
    limited = any(term.terms.minimum is not None or term.terms.maximum is not None for term in run)
    for kind in KINDS:
        lefts = _looked_at(leftovers.get((price.id, kind), []), since)
        if kind is not LineKind.CHARGE and not limited and not lefts:
            continue
        slices = _slices(desk, price, kind, found)
        if price.proration is Proration.NONE:
            _settle_undivided(desk, slices, lefts)
        elif lefts:
            _settle_against(desk, slices, lefts)
        else:
            _charge_all(desk, slices)


def _looked_at(lefts: Sequence[Left], since: date) -> list[Left]:
    """Give the lines with days that are looked at, cut to those days."""
    found = []
    for left in lefts:
        if left.line.period.end > since:
            left.spans = within(left.spans, Period(since, date.max))
            if left.spans:
                found.append(left)
    return found


def _slices(desk: Desk, price: Price, kind: LineKind, found: list[Cell]) -> list[Slice]:
    slices = []
    in_advance = price.timing is Timing.ADVANCE
    before = timedelta(days=price.days_before)
    for cell in found:
        for days, term in cell.parts:
            due = days.start - before if in_advance else cell.ends
            desk.expect(due)
            terms = compiled(desk.catalog, price, term.terms)
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
    _amount, step = part(ZERO, ZERO, limit, {"label": kind.value})
    charged = Decimal(full.numerator).scaleb(-terms.places) / full.denominator
    counted, *parts, _whole = full.steps
    steps = (*parts, Step(StepKind.LESS, {}, exact_text(-charged)), step)
    return full_of(Rated(limit - charged, steps), terms.places, counted)


_NOTHING: Final = Full(0, 1, ())


def _is_charged(desk: Desk, item: Slice) -> bool:
    return item.due <= desk.as_of and item.term.billing is not Billing.FREE


def _charge_all(desk: Desk, slices: list[Slice]) -> None:
    """Charge every due slice where nothing was billed before; a lone whole period is simply rounded."""
    carry, whole = Fraction(0), None
    for item in slices:
        if not item.full.numerator or not _is_charged(desk, item):
            continue
        if item.cell.whole is not whole:
            carry, whole = Fraction(0), item.cell.whole
        if item.days == whole:
            amount = round_ratio(item.full.numerator, item.full.denominator)
            if amount:
                _add(desk, item, item.days, amount, item.full.whole)
            continue
        carry = _charge_part(desk, item, item.days, carry)


def _charge_part(desk: Desk, item: Slice, days: Period, carry: Fraction) -> Fraction:
    """Charge some days of a slice as the next in the run of its grid period; give the new carry."""
    exact = item.exact(days)
    amount = round_exact(carry + exact)
    if amount:
        share, of = part_of(item.term.price, item.cell.whole, days)
        steps = (*item.full.steps, *_prorated(share, of, days, exact, desk), _rounded(desk, carry, amount))
        _add(desk, item, days, amount, Trace(steps), (share, of))
    return carry + exact - amount


def _prorated(share: int, of: int, days: Period, exact: Fraction, desk: Desk) -> tuple[Step, ...]:
    if share == of:
        return ()
    values = {"days": str(share), "of": str(of), "from": days.start.isoformat(), "until": days.end.isoformat()}
    return (Step(StepKind.PRORATE, values, desk.ratio_text(exact)),)


def _rounded(desk: Desk, carry: Fraction, amount: int) -> Step:
    if carry:
        return Step(StepKind.RUNNING, {"carry": desk.ratio_text(carry)}, desk.text(amount))
    return Step(StepKind.ROUND, {}, desk.text(amount))


def _add(desk: Desk, item: Slice, days: Period, amount: int, trace: Trace, share: tuple[int, int] = (0, 0)) -> None:
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
        )
    )


def _settle_against(desk: Desk, slices: list[Slice], lefts: list[Left]) -> None:
    """Credit billed days that should not be, then charge days that should be and are not, cell by cell."""
    matched = [_match(left, slices) for left in lefts]
    carries: dict[Period, Fraction] = {}
    for kept in matched:
        if _is_whole(kept):
            _carry_on(carries, kept)
    for kept in matched:
        if not _is_whole(kept):
            _credit(desk, kept, carries)
    covered = [days for kept in matched for days in kept.days]
    for item in slices:
        if not item.full.numerator or not _is_charged(desk, item):
            continue
        open_days = [item.days]
        for days in covered:
            open_days = without(open_days, days)
        for days in open_days:
            carry = carries.get(item.cell.whole, Fraction(0))
            carries[item.cell.whole] = _charge_part(desk, item, days, carry)


def _match(left: Left, slices: list[Slice]) -> _Kept:
    """Find the days of a billed line that slices of the same terms (or days left in peace) still hold."""
    kept = _Kept(left)
    for item in slices:
        same = item.terms == left.line.terms
        if same or item.term.billing is Billing.FREE:
            days = within(left.spans, item.days)
            if days:
                kept.days += days
                kept.slice = item if same or kept.slice is None else kept.slice
    return kept


def _is_whole(kept: _Kept) -> bool:
    """Whether every billed day stays."""
    return sum(days.days for days in kept.days) == sum(days.days for days in kept.left.spans)


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
        if abs(_share(full, item.term.price, whole, [line.period]) - line.amount) < 1:
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


def _carry_on(carries: dict[Period, Fraction], kept: _Kept) -> None:
    """Let what an untouched line rounded away count for the next slices of its grid period."""
    if kept.slice is None or not kept.left.amount:
        return
    base, price, whole = _base(kept)
    if kept.slice.cell.whole.start <= kept.left.line.period.start:
        rest = _share(base, price, whole, kept.days) - kept.left.amount
        key = kept.slice.cell.whole
        carries[key] = carries.get(key, Fraction(0)) + rest


def _credit(desk: Desk, kept: _Kept, carries: dict[Period, Fraction]) -> None:
    """Credit the days of a billed line that should not be, each stretch of days as a line of its own."""
    left = kept.left
    base, price, whole = _base(kept)
    key = kept.slice.cell.whole if kept.slice is not None else left.line.period
    carry = carries.get(key, Fraction(0)) if kept.days else Fraction(0)
    gone = list(left.spans)
    for days in kept.days:
        gone = without(gone, days)
    stays = 0
    for days in gone:
        left.spans = without(left.spans, days)
        exact = _share(base, price, whole, left.spans)
        stays = round_exact(carry + exact) if left.spans else 0
        staying = _staying(desk, base, _weight(price, whole, left.spans))
        steps = (*staying, _rounded(desk, carry, stays)) if left.spans else ()
        share = _weight(price, whole, [days])
        credit_line(desk, left, days, stays, Basis(steps, share))
    if kept.days:
        carries[key] = carry + _share(base, price, whole, kept.days) - stays


def _staying(desk: Desk, base: Fraction, share: tuple[int, int]) -> tuple[Step, ...]:
    """Give the steps to the exact amount that stays of a billed line."""
    amount = desk.ratio_text(base)
    values = {"days": str(share[0]), "of": str(share[1])}
    return (
        Step(StepKind.PART, {"flat": amount, "label": "billed"}, amount),
        Step(StepKind.FULL, {}, amount),
        Step(StepKind.PRORATE, values, desk.ratio_text(base * share[0] / share[1])),
    )


@dataclass(frozen=True, slots=True)
class Basis:
    """How what stays of a billed line came about: steps, the share of days credited, all that was billed."""

    steps: tuple[Step, ...] = ()
    share: tuple[int, int] = (1, 1)
    billed: int | None = None


NO_BASIS: Final = Basis()


def credit_line(desk: Desk, left: Left, days: Period, stays: int, basis: Basis = NO_BASIS) -> None:
    """Propose the credit of all but what stays of a billed line, with its discount, never more than is left."""
    wanted, share = left.amount - stays, basis.share
    cap = min(left.amount, left.money) if left.amount > 0 else max(left.amount, left.money)
    credit = max(0, min(wanted, cap)) if left.amount > 0 else min(0, max(wanted, cap))
    values = {
        "billed": desk.text(left.amount if basis.billed is None else basis.billed),
        "left": desk.text(cap), "document": left.line.document_number,
        "days": str(share[0]), "of": str(share[1]), "from": days.start.isoformat(), "until": days.end.isoformat(),
    }  # fmt: skip
    trace = Trace((*basis.steps, Step(StepKind.CREDIT, values, desk.text(-credit))))
    rest = round_ratio(left.line.discount * stays, left.line.amount) if left.line.amount > 0 else 0
    discount = left.discount - rest if left.discount > rest else 0
    left.amount, left.money, left.discount = stays, left.money - credit, left.discount - discount
    if not credit:
        return
    line = left.line
    is_part = share[0] != share[1]
    desk.lines.append(
        ProposedLine(
            kind=LineKind.CREDIT,
            subscription_id=desk.subscription.id,
            price_id=line.price_id,
            period=days,
            quantity=line.quantity,
            unit_price=None,
            amount=desk.money(-credit),
            due=min(desk.as_of, days.start),
            terms=line.terms,
            trace=trace,
            discount=desk.money(-discount) if discount else None,
            days=share[0] if is_part else 0,
            of_days=share[1] if is_part else 0,
            corrects=line,
        )
    )


def _settle_undivided(desk: Desk, slices: list[Slice], lefts: list[Left]) -> None:
    """Settle a price of which any part of a period costs all: the dearest slice counts, nothing is given back.

    A dearer slice takes the place of what was billed: credited and charged anew, so no day is charged twice.
    """
    found: dict[Period, list[Slice]] = {}
    for item in slices:
        if _is_charged(desk, item):
            found.setdefault(item.cell.whole, []).append(item)
    for whole, items in found.items():
        dearest = max(items, key=lambda item: Fraction(item.full.numerator, item.full.denominator))
        amount = round_ratio(dearest.full.numerator, dearest.full.denominator)
        billed = [left for left in lefts if left.line.period.start in whole]
        if amount <= sum(left.amount for left in billed):
            continue
        for left in billed:
            credit_line(desk, left, left.line.period, 0)
        days = Period(items[0].days.start, items[-1].days.end)
        _add(desk, dearest, days, amount, dearest.full.whole)
    in_force = {item.cell.whole for item in slices}
    for left in lefts:
        if not any(left.line.period.intersect(whole) for whole in in_force):
            credit_line(desk, left, left.line.period, 0)
