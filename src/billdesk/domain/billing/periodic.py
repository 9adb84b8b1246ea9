"""Prices of an ordered quantity: slices of grid periods less what was billed for the same days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.against import settle_against
from billdesk.domain.billing.crediting import credit_line
from billdesk.domain.billing.desk import Desk, cells, first_day
from billdesk.domain.billing.leftovers import Left, Leftovers
from billdesk.domain.billing.slices import Slice, add_charge, charge_all, is_charged, slices_of
from billdesk.domain.catalog import Price, Proration
from billdesk.domain.invoices import LineKind
from billdesk.domain.timeline import Term
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.period import Period

KINDS: Final = (LineKind.CHARGE, LineKind.MINIMUM, LineKind.MAXIMUM)


def settle_periodic(desk: Desk, price: Price, run: list[Term], leftovers: Leftovers) -> None:
    """Propose what a price in advance or arrears lacks, its minimum and maximum as lines of their own."""
    since = first_day(desk, price, desk.since)
    until = desk.as_of + timedelta(days=price.days_before + 1)
    if leftovers:
        until = max([until, *(left.line.period.end for kind in KINDS for left in leftovers.get((price.id, kind), ()))])
    found = cells(desk, run, since, until) if run else []
    limited = any(term.terms.minimum is not None or term.terms.maximum is not None for term in run)
    for kind in KINDS:
        lefts = _looked_at(leftovers.get((price.id, kind), []), since)
        if kind is not LineKind.CHARGE and not limited and not lefts:
            continue
        if price.proration is Proration.NONE:
            _settle_undivided(desk, slices_of(desk, price, kind, found), lefts)
        elif lefts:
            settle_against(desk, slices_of(desk, price, kind, found), lefts, since)
        else:
            charge_all(desk, slices_of(desk, price, kind, found, due_only=True))


def _looked_at(lefts: Sequence[Left], since: date) -> list[Left]:
    """Give the lines that reach beyond a day; cents left without days count too."""
    return [left for left in lefts if left.line.period.end > since and (left.spans or left.amount)]


def _settle_undivided(desk: Desk, slices: list[Slice], lefts: list[Left]) -> None:
    """Settle a price of which any part of a period costs all: the dearest slice counts, a cheaper one saves nothing.

    What is billed at other terms is credited and charged anew, so no day is charged twice. A line of the same terms
    counts as it was billed, whatever a rate that became known later, or a person, made of the price's amount.
    """
    found: dict[Period, list[Slice]] = {}
    for item in slices:
        found.setdefault(item.cell.frame, []).append(item)
    for frame, items in found.items():
        billed = [left for left in lefts if left.line.period.start in frame]
        as_billed = {left.line.terms: left.amount for left in billed if left.spans == [left.line.period]}
        costs = [(as_billed.get(item.terms, _amount(item)), item) for item in items]
        due = [(cost, item) for cost, item in costs if is_charged(desk, item)]
        has = sum(left.amount for left in billed)
        if has < _most(due) or has > _most(costs):
            for left in billed:
                credit_line(desk, left, left.line.period, 0)
            _charge_dearest(desk, [item for _cost, item in due])
    for left in lefts:
        if not any(left.line.period.intersect(frame) for frame in found):
            credit_line(desk, left, left.line.period, 0)


def _most(costs: list[tuple[int, Slice]]) -> int:
    """Give the cost of the dearest slice, nothing for none."""
    return max((cost for cost, _item in costs), default=0)


def _amount(item: Slice) -> int:
    return round_ratio(item.full.numerator, item.full.denominator)


def _charge_dearest(desk: Desk, due: list[Slice]) -> None:
    dearest = max(due, key=lambda item: Fraction(item.full.numerator, item.full.denominator), default=None)
    if dearest is not None and _amount(dearest):
        days = Period(due[0].days.start, due[-1].days.end)
        add_charge(desk, dearest, days, _amount(dearest), dearest.full.whole)
