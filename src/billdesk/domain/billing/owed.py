"""What a contract owes as a whole, without a price: charged, topped up, or given back where it is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billdesk.domain.billing.crediting import give_back
from billdesk.domain.billing.desk import Desk
from billdesk.domain.billing.leftovers import Left
from billdesk.domain.billing.records import ProposedLine
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.tariffs import ONE
from billdesk.kernel.period import Period


@dataclass(frozen=True, slots=True)
class Owed:
    """An amount in minor units for some days of a contract, how it comes about, and when it falls due."""

    kind: LineKind
    days: Period
    due: date
    amount: int
    steps: tuple[Step, ...]


def settle_owed(desk: Desk, owed: Owed, billed: Sequence[Left]) -> None:
    """Propose what lacks against what was billed of it, or credit what is too much, the latest line first."""
    has, steps = sum(left.amount for left in billed), owed.steps
    if owed.amount < has:
        give_back(desk, billed, owed.amount, steps)
    elif owed.amount > has:
        lacks = owed.amount - has
        if has:
            steps = (*steps, Step(StepKind.BILLED, {"billed": desk.text(has)}, desk.text(lacks)))
        desk.lines.append(
            ProposedLine(
                kind=owed.kind,
                subscription_id=desk.subscription.id,
                price_id=None,
                period=owed.days,
                quantity=ONE,
                unit_price=None,
                amount=desk.money(lacks),
                due=owed.due,
                terms=owed.kind.value,
                trace=Trace(steps),
            )
        )
