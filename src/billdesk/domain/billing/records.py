"""What the engine takes and gives: billed lines, proposed lines, settlements and how far one got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billdesk.domain.explain import Trace
from billdesk.domain.invoices import LineKind, LineTax
from billdesk.domain.usage import UsageTotal, UsageWindow
from billdesk.kernel.errors import Problem
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick

Usage = Mapping[UsageWindow, UsageTotal]
"""Totals by window; a window that is not in it had no usage."""


@quick
@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of an issued document as the engine compares it: charges and credits alike, one per issued line.

    `amount` and `discount` are minor units as on the line, negative on credits. A credit names the charge in
    `corrects_line_id`; its `period` are the days taken back. `terms` is the fingerprint kept on the line.
    """

    line_id: int
    document_id: int
    document_number: str
    kind: LineKind
    price_id: int | None
    period: Period
    amount: int
    quantity: Decimal
    terms: str
    tax: LineTax
    discount: int = 0
    unit_price: Decimal | None = None
    corrects_line_id: int | None = None
    of_days: int = 0


@quick
@dataclass(frozen=True, slots=True)
class SettledState:
    """How far a subscription was settled: grid periods that end on or before `through` are done for good.

    `touched` is the first day on which anything changed since (an entry, usage, a price); periods that reach
    beyond it are looked at again.
    """

    through: date
    touched: date | None = None

    @property
    def looks_from(self) -> date:
        """The day from which periods must be looked at."""
        return self.through if self.touched is None else min(self.through, self.touched)


@quick
@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A line that should be added so that what is billed equals what should be.

    `supplements` are the issued lines of the same days to which a late charge adds.

    `due` is the day on which it fell due, which dates its tax; `days` of `of_days` is the part of the grid
    period (0 of 0 for a whole one); `corrects` is the issued line a credit takes back and `discount` the
    discount that goes back with it (negative). `hold`: billing is paused, keep the draft. `separate`: bill
    this correction on a document of its own. `whole` is the grid period that a charge by day is part of.
    """

    kind: LineKind
    subscription_id: int
    price_id: int | None
    period: Period
    quantity: Decimal
    unit_price: Decimal | None
    amount: Money
    due: date
    terms: str
    trace: Trace
    discount: Money | None = None
    days: int = 0
    of_days: int = 0
    corrects: BilledLine | None = None
    hold: bool = False
    separate: bool = False
    supplements: tuple[BilledLine, ...] = ()
    whole: Period | None = None


@dataclass(frozen=True, slots=True)
class LateAmount:
    """Usage that came after its period was billed, where a person is asked or it is left out.

    `lacks` is not billed (negative: billed too much), of what the period `comes_to`, both in minor units; a period
    that lacks nothing any more is told too.
    """

    price_id: int
    period: Period
    lacks: int
    comes_to: int


class LateState(StrEnum):
    """What becomes of late usage: nothing is decided yet, it is billed, or it is left out."""

    OPEN = "open"
    BILL = "bill"
    LEAVE = "leave"


Accepted = frozenset[tuple[int, date, int]]
"""Late usage that a person wants billed: the price, the first day of the period, and what that comes to."""


@quick
@dataclass(frozen=True, slots=True)
class CommitmentStanding:
    """How much of a committed period that still runs is charged, in minor units of the subscription's currency."""

    period: Period
    committed: int
    charged: int


@quick
@dataclass(frozen=True, slots=True)
class Settlement:
    """What one subscription lacks: proposed lines in order, remarks, late usage, and when the next line falls due.

    `commitments` says how the committed periods stand that are not over yet.
    """

    subscription_id: int
    lines: tuple[ProposedLine, ...] = ()
    warnings: tuple[Problem, ...] = ()
    next_due: date | None = None
    late: tuple[LateAmount, ...] = ()
    commitments: tuple[CommitmentStanding, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class SettleOptions:
    """Choices of one run.

    `settled` limits the work to what may have changed; `progressive` also bills running usage periods of these
    prices now, because a threshold was crossed; `accepted` bills late usage that waited for a person.
    """

    settled: SettledState | None = None
    progressive: frozenset[int] = field(default_factory=frozenset)
    accepted: Accepted = frozenset()


EVERYTHING = SettleOptions()
