"""Credits of billed lines: all but what stays, with the discount, never more than is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billdesk.domain.billing.desk import Desk
from billdesk.domain.billing.leftovers import Left
from billdesk.domain.billing.records import ProposedLine
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.period import Period


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


def give_back(desk: Desk, lefts: Sequence[Left], should: int, steps: tuple[Step, ...]) -> None:
    """Credit billed lines, the latest first, until only what should be is billed; `steps` made that amount."""
    billed = sum(left.amount for left in lefts)
    for left in reversed(lefts):
        excess = billed - should
        take = min(excess, left.amount) if billed > 0 else max(excess, left.amount)
        if take:
            credit_line(desk, left, left.line.period, left.amount - take, Basis(steps, billed=billed))
            billed -= take
