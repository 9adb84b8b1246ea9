"""Lines about payments that the book already has: noted by hand before the bank reported them, or bounced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.banking import StatementLine
from billdesk.domain.matching import CLEAR_FROM, CLEAR_LEAD, POINTS, Knowledge, Reason
from billdesk.domain.references import canonical
from billdesk.kernel.money import Money

_SIMILAR: Final = 80
_NOTED_DAYS: Final = 15
_RETURN_DAYS: Final = 400  # a direct debit without a valid mandate comes back up to 13 months later (SDD rulebook)


@dataclass(frozen=True, slots=True)
class EarlierPayment:
    """A payment and how a later line may be recognised as being about it."""

    payment_id: int
    customer_id: int
    customer_name: str
    amount: Money
    received_on: date
    is_noted: bool
    reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    counterparty_account: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierProposal:
    """A payment that a line confirms (same amount, same sign) or takes back (opposite sign)."""

    payment: EarlierPayment
    reasons: tuple[tuple[Reason, int], ...]
    points: int
    is_clear: bool = False


def propose_earlier(
    line: StatementLine, payments: Sequence[EarlierPayment], knowledge: Knowledge
) -> tuple[EarlierProposal, ...]:
    """Give the earlier payments that a line may be about, best first; at most one is clear."""
    found = []
    for payment in payments:
        if not _fits(line, payment):
            continue
        reasons = _reasons(line, payment, knowledge)
        found.append(EarlierProposal(payment, reasons, sum(points for _, points in reasons)))
    found.sort(key=lambda proposal: (-proposal.points, -proposal.payment.received_on.toordinal()))
    following = found[1].points if len(found) > 1 else 0
    if found and found[0].points >= CLEAR_FROM and found[0].points - following >= CLEAR_LEAD:
        best = found[0]
        found[0] = EarlierProposal(best.payment, best.reasons, best.points, is_clear=True)
    return tuple(found)


def _fits(line: StatementLine, payment: EarlierPayment) -> bool:
    days = (line.booked_on - payment.received_on).days
    if payment.is_noted and line.amount == payment.amount:
        return abs(days) <= _NOTED_DAYS
    return line.amount == -payment.amount and 0 <= days <= _RETURN_DAYS and not payment.is_noted


def _reasons(line: StatementLine, payment: EarlierPayment, knowledge: Knowledge) -> tuple[tuple[Reason, int], ...]:
    returned = line.amount == -payment.amount and (bool(line.return_reason) or line.is_reversal)
    payers = knowledge.customers_by_account.get(line.counterparty_account, frozenset())
    findings = (
        (Reason.EXACT_OPEN_AMOUNT, True),
        (Reason.RETURN_OF_PAYMENT, returned),
        (Reason.END_TO_END_ID, _same(payment.end_to_end_id, line.end_to_end_id)),
        (Reason.MANDATE, _same(payment.mandate_id, line.mandate_id)),
        (Reason.STRUCTURED_REFERENCE, _same(canonical(payment.reference), canonical(line.structured_reference))),
        (Reason.NUMBER_IN_TEXT, any(number and number in line.text for number in payment.numbers)),
        (
            Reason.KNOWN_ACCOUNT,
            _same(payment.counterparty_account, line.counterparty_account) or payment.customer_id in payers,
        ),
        (Reason.NAME_SIMILAR, _alike(line.counterparty, payment.customer_name, knowledge)),
    )
    return tuple((reason, POINTS[reason]) for reason, found in findings if found)


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _alike(one: str, other: str, knowledge: Knowledge) -> bool:
    return bool(one) and knowledge.similarity(one, other) >= _SIMILAR
