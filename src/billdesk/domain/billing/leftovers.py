"""What is left of billed lines after the credits that name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from billdesk.domain.billing.records import BilledLine
from billdesk.domain.invoices import LineKind
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import InvariantBroken
from billdesk.kernel.period import Period

TAKES_DAYS: Final = frozenset({LineKind.CREDIT})
"""Kinds of correcting lines that give days back; an adjustment takes money only."""


@dataclass(slots=True)
class Left:
    """A billed charge less its credits: the days still billed and the money still charged, in minor units.

    `amount` is what is left for its days before adjustments, `money` what is left after them.
    """

    line: BilledLine
    spans: list[Period] = field(default_factory=list)
    amount: int = 0
    money: int = 0
    discount: int = 0
    is_adjusted: bool = False

    def take_off(self, credit: BilledLine) -> None:
        """Subtract a credit or adjustment that names this line."""
        self.money += credit.amount
        self.discount += credit.discount
        if credit.kind in TAKES_DAYS:
            self.amount += credit.amount
            self.spans = without(self.spans, credit.period)
        else:
            self.is_adjusted = True

    def close(self) -> None:
        """Tell what is left for the days apart from adjustments, which a credit may have been cut short by."""
        if self.is_adjusted:
            days = sum(span.days for span in self.spans)
            self.amount = round_ratio(self.line.amount * days, self.line.period.days)
        elif not self.spans:
            self.amount = self.money


def without(spans: Sequence[Period], gone: Period) -> list[Period]:
    """Give the spans less the days of `gone`."""
    left = []
    for span in spans:
        if gone.end <= span.start or gone.start >= span.end:
            left.append(span)
            continue
        if span.start < gone.start:
            left.append(Period(span.start, gone.start))
        if gone.end < span.end:
            left.append(Period(gone.end, span.end))
    return left


def within(spans: Iterable[Period], frame: Period) -> list[Period]:
    """Give the parts of the spans that lie in `frame`."""
    return [common for span in spans if (common := span.intersect(frame)) is not None]


Leftovers = dict[tuple[int | None, LineKind], list[Left]]


def net(billed: Iterable[BilledLine]) -> Leftovers:
    """Net charges with the credits that name them, by price and kind, in date order.

    Raises InvariantBroken when a credit names a line that is not there.
    """
    charges: dict[int, Left] = {}
    corrections: list[BilledLine] = []
    for line in billed:
        if line.corrects_line_id is None:
            charges[line.line_id] = Left(line, [line.period], line.amount, line.amount, line.discount)
        else:
            corrections.append(line)
    for credit in corrections:
        charge = charges.get(credit.corrects_line_id or 0)
        if charge is None:
            raise InvariantBroken("credit_without_charge", (str(credit.line_id), str(credit.corrects_line_id)))
        charge.take_off(credit)
    for charge in charges.values():
        charge.close()
    found: Leftovers = {}
    for charge in sorted(charges.values(), key=lambda left: (left.line.period.start, left.line.line_id)):
        found.setdefault((charge.line.price_id, charge.line.kind), []).append(charge)
    return found
