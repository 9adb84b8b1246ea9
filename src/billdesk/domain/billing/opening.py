"""From which day on the days of a grid period are due in advance (billing rules §6.4)."""

from __future__ import annotations

from datetime import date

from billdesk.domain.billing.desk import Cell, Desk
from billdesk.domain.catalog import Price, Timing


def opening_day(desk: Desk, price: Price, cell: Cell) -> date:
    """Give the first day of a grid period that the price, or prices of its rhythm which it follows, charge.

    A plan that takes over in the middle of a period is due with the whole of it; a contract, an add-on or a
    resumption that begins there is due when it begins.
    """
    day = cell.parts[0][0].start
    while day > cell.frame.start:
        before = _taken_over(desk, price, day)
        if before is None:
            return day
        day = max(cell.frame.start, before)
    return day


def _taken_over(desk: Desk, price: Price, day: date) -> date | None:
    """Give since when a price in advance of the same rhythm was in force that ends on a day."""
    found = [
        term.period.start
        for run in desk.timeline.terms.values()
        for term in run
        if term.period.end == day and term.price.interval == price.interval and term.price.timing is Timing.ADVANCE
    ]
    return min(found, default=None)
