"""The fee for leaving a contract inside its minimum term: due once, on the day of the end, unless it was waived.

What is left of a term costs what its prices would, usage apart, or what was promised as the least amount for those
days where that is more: who promised 1000.00 a year and leaves in the middle cannot owe less than who stayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from typing import Final

from billdesk.domain.billing.commitments import committed_in
from billdesk.domain.billing.crediting import credit_line
from billdesk.domain.billing.desk import Cell, Desk, cells
from billdesk.domain.billing.leftovers import Leftovers
from billdesk.domain.billing.owed import Owed, settle_owed
from billdesk.domain.billing.proration import part_of
from billdesk.domain.catalog import Catalog, QuantitySource
from billdesk.domain.contract_terms import FeeKind
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import CompiledTerms, compiled
from billdesk.domain.renewals import RunningTerm, held_until
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription, SubscriptionState
from billdesk.domain.tariffs import EXACT, exact_text
from billdesk.domain.timeline import Billing, Term, has_term, in_order, lay_out, state_on
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period, add_months

KEY: Final = (None, LineKind.TERMINATION_FEE)
_DAY: Final = timedelta(days=1)
_ALL: Final = Decimal(100)
_NOTHING: Final = (0, ())
_CHANGES_LATER: Final = frozenset({EntryKind.PAUSE, EntryKind.RESUME, EntryKind.CANCEL})


def settle_fees(desk: Desk, leftovers: Leftovers) -> None:
    """Charge what each early end costs, or credit what was charged for one that is gone, moved or waived."""
    lefts = list(leftovers.get(KEY, ()))
    for cancel in _early_ends(desk.subscription):
        day = cancel.effective
        billed = [left for left in lefts if left.line.period.start == day]
        lefts = [left for left in lefts if left not in billed]
        desk.expect(day)
        if desk.since <= day <= desk.as_of:
            amount, steps = early_fee(desk, cancel)
            settle_owed(desk, Owed(LineKind.TERMINATION_FEE, Period(day, day + _DAY), day, amount, steps), billed)
    for left in lefts:
        if left.line.period.end > desk.since:
            credit_line(desk, left, left.line.period, 0)


def _early_ends(subscription: Subscription) -> Iterator[Entry]:
    """Give the recorded cancellations that were not waived, of contracts that have a term."""
    if has_term(subscription.entries):
        entries = in_order(subscription.entries)
        yield from (one for one in entries if one.kind is EntryKind.CANCEL and not one.fee_waived)


def early_fee(desk: Desk, cancel: Entry) -> tuple[int, tuple[Step, ...]]:
    """Give what an end costs in minor units, with its steps: nothing once no term holds the contract."""
    entries = in_order(desk.subscription.entries)
    held = held_until(entries, cancel)
    others = tuple(one for one in entries if one.id != cancel.id)
    if (
        held is None
        or state_on(replace(desk.subscription, entries=others), cancel.effective) is SubscriptionState.TRIAL
    ):
        return _NOTHING
    running, until = held
    left = Period(cancel.effective, until)
    fee = running.term.fee
    steps = [_counted(running, left)]
    if fee.kind is FeeKind.FIXED:
        exact = Fraction(fee.amount.scaleb(desk.places))
        values = {"quantity": "1", "unit_price": exact_text(fee.amount)}
        steps += [Step(StepKind.PART, values, exact_text(fee.amount)), Step(StepKind.FULL, {}, exact_text(fee.amount))]
    else:
        rate = _ALL if fee.kind is FeeKind.REMAINING else fee.percent
        free = _without_end(desk, others, cancel, left)
        exact, parts = max(
            (_share(desk, list(found), rate) for found in (_priced(free, cancel, left), _promised(free, cancel, left))),
            key=lambda share: share[0],
        )
        steps += parts
    amount = round_exact(exact)
    return (amount, (*steps, Step(StepKind.ROUND, {}, desk.text(amount)))) if amount else _NOTHING


def _counted(running: RunningTerm, left: Period) -> Step:
    """Say how many of the term's months are left, begun ones whole."""
    months = {
        "quantity": str(months_in(left)), "of": str(months_in(Period(running.since, left.end))),
        "source": "term", "from": left.start.isoformat(), "until": left.end.isoformat(),
    }  # fmt: skip
    return Step(StepKind.QUANTITY, months)


def months_in(days: Period) -> int:
    """Count the months in a period, a begun one whole."""
    months = (days.end.year - days.start.year) * 12 + days.end.month - days.start.month
    return months + 1 if add_months(days.start, months) < days.end else months


@dataclass(frozen=True, slots=True)
class _Remaining:
    """A period that is left to pay: what it costs whole in minor units, and which part counts."""

    label: str
    full: Fraction
    days: Period
    share: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        return self.share[0] == self.share[1]


def _without_end(desk: Desk, others: Iterable[Entry], cancel: Entry, left: Period) -> Desk:
    """Lay the contract out as if it did not end; a pause that runs counts as over."""
    day = cancel.effective
    entries = [one for one in others if one.effective <= day or one.kind not in _CHANGES_LATER]
    last = max(entries, key=lambda one: one.recorded_at, default=cancel)
    known = max([one.id for one in entries], default=0)
    entries.append(Entry(known + 1, EntryKind.RESUME, day, last.recorded_at))
    subscription = replace(desk.subscription, entries=tuple(entries))
    timeline = lay_out(subscription, desk.catalog, left.end)
    return replace(desk, timeline=timeline, lines=[], warnings=[], grids={}, first_days={}, alike={})


def _priced(free: Desk, cancel: Entry, left: Period) -> Iterator[_Remaining]:
    """Give what the prices would still have cost without the end, usage apart."""
    for run in free.timeline.terms.values():
        price = run[0].price
        if price.interval is None or price.quantity_source is QuantitySource.USAGE:
            continue
        for cell in cells(free, run, left.start, left.end):
            start = _paid_until(cell, cancel)
            for days, term in cell.parts:
                common = days.intersect(Period(start, left.end)) if start < left.end else None
                if common is not None and term.billing is not Billing.FREE:
                    share = part_of(price, cell.whole, common)
                    yield _Remaining(price.name, _whole(free, term, cell.whole.start), common, share)


def _paid_until(cell: Cell, cancel: Entry) -> date:
    """Give the first day that is left to pay: an end without credit leaves the running period billed."""
    day = cancel.effective
    return cell.frame.end if day in cell.frame and day != cell.frame.start and not cancel.credit_unused else day


def _promised(free: Desk, cancel: Entry, left: Period) -> Iterator[_Remaining]:
    """Give the least amounts that were promised for what is left, by the plan or the term: usage counts in them."""
    priced = [run for run in free.timeline.terms.values() if run[0].price.quantity_source is not QuantitySource.USAGE]
    found = [cell for run in priced for cell in cells(free, run, left.start, left.start) if left.start in cell.frame]
    start = max((_paid_until(cell, cancel) for cell in found), default=left.start)
    if start < left.end:
        for amount, days, of in committed_in(free, Period(start, left.end)):
            yield _Remaining("commitment", Fraction(amount.scaleb(free.places)), days, (days.days, of))


def _whole(desk: Desk, term: Term, day: date) -> Fraction:
    """Give what a whole period costs in minor units, within the price's limits."""
    known: CompiledTerms = compiled(desk.catalog, term.price, term.terms, day)
    full = known.full(term.quantity)
    amount = Fraction(full.numerator, full.denominator)
    if term.price.skip_zero and not term.quantity:
        return Fraction(0)
    least, most = known.terms.minimum, known.terms.maximum
    amount = amount if least is None else max(amount, Fraction(least.scaleb(desk.places)))
    return amount if most is None else min(amount, Fraction(most.scaleb(desk.places)))


def _share(desk: Desk, remaining: list[_Remaining], rate: Decimal) -> tuple[Fraction, list[Step]]:
    """Add up a percentage of what is left; whole periods at one price stand on one line."""
    total, part = Fraction(0), Fraction(rate) / 100
    steps: list[Step] = []
    key = lambda one: (one.label, one.full, one.is_whole)  # noqa: E731 - used by groupby alone
    for (_label, full, is_whole), group in groupby((one for one in remaining if one.full), key):
        if is_whole:
            whole = list(group)
            exact = full * len(whole) * part
            steps += _parts(desk, whole[0].label, len(whole), full, rate)
            total += exact
            continue
        for one in group:
            share, of = one.share
            exact = full * part * share / of
            values = {"days": str(share), "of": str(of)}
            values |= {"from": one.days.start.isoformat(), "until": one.days.end.isoformat()}
            steps += [*_parts(desk, one.label, 1, full, rate), Step(StepKind.PRORATE, values, desk.ratio_text(exact))]
            total += exact
    return total, steps


def _parts(desk: Desk, label: str, count: int, full: Fraction, rate: Decimal) -> list[Step]:
    amount = desk.ratio_text(full * count * Fraction(rate) / 100)
    if rate == _ALL:
        values = {"quantity": str(count), "unit_price": desk.ratio_text(full), "label": label}
        return [Step(StepKind.PART, values, amount), Step(StepKind.FULL, {}, amount)]
    values = {
        "value": desk.ratio_text(full * count),
        "rate": exact_text(rate),
        "count": "0",
        "fixed": "0",
        "label": label,
    }
    return [Step(StepKind.PERCENT, values, amount), Step(StepKind.FULL, {}, amount)]


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """What an end on a day would cost, how it comes about, and up to which day the term holds."""

    amount: Money
    trace: Trace
    until: date
    months_left: int
    of_months: int


def quote_fee(subscription: Subscription, catalog: Catalog, day: date, given: date) -> FeeQuote | None:
    """Say what ending a contract on a day costs when notice is given on another, None when it costs nothing."""
    known = max((entry.id for entry in subscription.entries), default=0)
    recorded = max((entry.recorded_at for entry in subscription.entries), default=datetime.min)  # noqa: DTZ901 - none
    cancel = Entry(known + 1, EntryKind.CANCEL, day, recorded, notice_given=given)
    after = replace(subscription, entries=(*subscription.entries, cancel))
    held = held_until(in_order(after.entries), cancel)
    if held is None:
        return None
    with localcontext(EXACT):
        desk = Desk(after, catalog, lay_out(after, catalog, held[1]), day, day)
        amount, steps = early_fee(desk, cancel)
        if not amount:
            return None
        left, whole = Period(day, held[1]), Period(held[0].since, held[1])
        return FeeQuote(desk.money(amount), Trace(steps), held[1], months_in(left), months_in(whole))
