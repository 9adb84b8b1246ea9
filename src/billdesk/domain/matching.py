"""Which open documents a bank line may pay: proposals with named reasons and points, and when one is beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Final

from billdesk.domain.banking import StatementLine
from billdesk.domain.references import canonical, find_references


class Reason(StrEnum):
    """Why a document is proposed, or what speaks against it."""

    STRUCTURED_REFERENCE = "structured_reference"
    END_TO_END_ID = "end_to_end_id"
    MANDATE = "mandate"
    EXACT_OPEN_AMOUNT = "exact_open_amount"
    EXACT_TOTAL = "exact_total"
    SUM_OF_DOCUMENTS = "sum_of_documents"
    NUMBER_IN_TEXT = "number_in_text"
    KNOWN_ACCOUNT = "known_account"
    NAME_SIMILAR = "name_similar"
    NEAR_DUE_DATE = "near_due_date"
    RETURN_OF_PAYMENT = "return_of_payment"
    AFTER_BANK_FEE = "after_bank_fee"
    PART_PAYMENT = "part_payment"
    OVERPAYMENT = "overpayment"
    WRONG_SIGN = "wrong_sign"
    OTHER_CURRENCY = "other_currency"
    BEFORE_ISSUE = "before_issue"


POINTS: Final[dict[Reason, int]] = {
    Reason.STRUCTURED_REFERENCE: 20,
    Reason.END_TO_END_ID: 15,
    Reason.NUMBER_IN_TEXT: 8,
    Reason.SUM_OF_DOCUMENTS: 6,
    Reason.EXACT_OPEN_AMOUNT: 6,
    Reason.MANDATE: 5,
    Reason.KNOWN_ACCOUNT: 5,
    Reason.RETURN_OF_PAYMENT: 4,
    Reason.EXACT_TOTAL: 3,
    Reason.NAME_SIMILAR: 3,
    Reason.AFTER_BANK_FEE: 2,
    Reason.NEAR_DUE_DATE: 1,
    Reason.PART_PAYMENT: 0,
    Reason.OVERPAYMENT: -1,
    Reason.BEFORE_ISSUE: -3,
    Reason.OTHER_CURRENCY: -6,
    Reason.WRONG_SIGN: -8,
}

PROPOSE_FROM: Final = 6
"""Fewer points are not worth showing."""
CLEAR_FROM: Final = 12
"""A proposal may be accepted in bulk from here, when it is also the only one that comes near."""
CLEAR_LEAD: Final = 4
_SIMILAR: Final = 80
_NEAR_DAYS: Final = 10
_FEE_SHARE: Final = 100
_FEE_MOST: Final = 5_000
_LARGEST_SUM: Final = 12
_MOST_TOGETHER: Final = 5
_SHORTEST_NUMBER: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open document: what is due on it and how its payer may be recognised.

    Amounts are minor units of `currency`; a credit note has a negative `open_minor`.
    """

    document_id: int
    number: str
    customer_id: int
    customer_name: str
    currency: str
    total_minor: int
    open_minor: int
    issue_date: date
    due_date: date
    structured_reference: str = ""
    end_to_end_ids: frozenset[str] = frozenset()
    mandate_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about payers: accounts that paid for customers before, and how alike two names are (0–100)."""

    customers_by_account: dict[str, frozenset[int]]
    similarity: Callable[[str, str], float] = lambda one, other: 100.0 if one.casefold() == other.casefold() else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """What a proposal puts on one document, signed as the line, in minor units of the document's currency."""

    document_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to book a line. `rest_minor` is what the line has left (over) in its own currency.

    `is_clear` marks the only winner beyond doubt; only such may be accepted in bulk.
    """

    customer_id: int
    shares: tuple[Share, ...]
    reasons: tuple[tuple[Reason, int], ...]
    points: int
    rest_minor: int = 0
    is_clear: bool = False


def propose(line: StatementLine, candidates: Sequence[Candidate], knowledge: Knowledge) -> tuple[Proposal, ...]:
    """Give proposals for a line, best first; at most one of them is clear.

    The order of the candidates does not matter: equal points are ordered by due date and document.
    """
    facts = _Facts.of(line)
    single = [_judge(line, facts, candidate, knowledge) for candidate in candidates]
    joint = _sums(line, facts, candidates, knowledge)
    dates = {candidate.document_id: candidate.due_date for candidate in candidates}
    found = sorted(
        (proposal for proposal in (*single, *joint) if proposal.points >= PROPOSE_FROM),
        key=lambda p: (-p.points, len(p.shares), dates[p.shares[0].document_id], p.shares[0].document_id),
    )
    return _mark_clear(found)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a line says, reduced once for all candidates."""

    references: frozenset[str]
    end_to_end_ids: frozenset[str]
    mandate_ids: frozenset[str]
    words: str
    names: tuple[str, ...]
    account: str

    @classmethod
    def of(cls, line: StatementLine) -> _Facts:
        details = line.details
        texts = (*line.texts, *(text for detail in details for text in detail.texts))
        structured = (line.structured_reference, *(detail.structured_reference for detail in details))
        return cls(
            frozenset((*map(canonical, filter(None, structured)), *find_references(texts))),
            frozenset(filter(None, (line.end_to_end_id, *(d.end_to_end_id for d in details)))),
            frozenset(filter(None, (line.mandate_id, *(d.mandate_id for d in details)))),
            _plain(" ".join((*texts, *structured))),
            tuple(filter(None, (line.counterparty, line.ultimate_party))),
            line.counterparty_account,
        )


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]+", " ", text.upper()).strip()


def _judge(line: StatementLine, facts: _Facts, candidate: Candidate, knowledge: Knowledge) -> Proposal:
    reasons = [*_identity(facts, candidate), *_payer(facts, candidate, knowledge), *_amount(line, candidate)]
    reasons += _timing(line, candidate)
    share, rest = _apply(line, candidate)
    return _proposal(candidate.customer_id, (Share(candidate.document_id, share),), reasons, rest)


def _proposal(customer_id: int, shares: tuple[Share, ...], reasons: Iterable[Reason], rest: int) -> Proposal:
    named = tuple((reason, POINTS[reason]) for reason in reasons)
    return Proposal(customer_id, shares, named, sum(points for _reason, points in named), rest)


def _identity(facts: _Facts, candidate: Candidate) -> list[Reason]:
    reasons = []
    if candidate.structured_reference and canonical(candidate.structured_reference) in facts.references:
        reasons.append(Reason.STRUCTURED_REFERENCE)
    if facts.end_to_end_ids & candidate.end_to_end_ids or candidate.number in facts.end_to_end_ids:
        reasons.append(Reason.END_TO_END_ID)
    if facts.mandate_ids & candidate.mandate_ids:
        reasons.append(Reason.MANDATE)
    if _names_number(facts.words, candidate.number):
        reasons.append(Reason.NUMBER_IN_TEXT)
    return reasons


def _names_number(words: str, number: str) -> bool:
    """Look for a document number as a whole, also where the payer left out or changed its signs."""
    plain = _plain(number)
    together = plain.replace(" ", "")
    if len(together) < _SHORTEST_NUMBER or together not in words.replace(" ", ""):
        return False
    pattern = " ?".join(map(re.escape, plain.split(" ")))
    return re.search(rf"(?<![0-9]){pattern}(?![0-9])", words) is not None


def _payer(facts: _Facts, candidate: Candidate, knowledge: Knowledge) -> list[Reason]:
    reasons = []
    if facts.account and candidate.customer_id in knowledge.customers_by_account.get(facts.account, frozenset()):
        reasons.append(Reason.KNOWN_ACCOUNT)
    if any(knowledge.similarity(name, candidate.customer_name) >= _SIMILAR for name in facts.names):
        reasons.append(Reason.NAME_SIMILAR)
    return reasons


def _amount(line: StatementLine, candidate: Candidate) -> list[Reason]:
    if line.amount.currency != candidate.currency:
        return [Reason.OTHER_CURRENCY]
    paid, due = line.amount.minor, candidate.open_minor
    if (paid < 0) != (due < 0):
        # Money that leaves against an invoice is a direct debit or payment that came back.
        return (
            [Reason.RETURN_OF_PAYMENT] if _is_return(line) and -paid == candidate.total_minor else [Reason.WRONG_SIGN]
        )
    if paid == due:
        return [Reason.EXACT_OPEN_AMOUNT]
    if paid == candidate.total_minor:
        return [Reason.EXACT_TOTAL, Reason.OVERPAYMENT]
    if abs(paid) > abs(due):
        return [Reason.OVERPAYMENT]
    missing = abs(due) - abs(paid)
    return [
        Reason.AFTER_BANK_FEE if missing <= _FEE_MOST and missing * _FEE_SHARE <= abs(due) * 2 else Reason.PART_PAYMENT
    ]


def _is_return(line: StatementLine) -> bool:
    return bool(line.return_reason) or line.is_reversal


def _timing(line: StatementLine, candidate: Candidate) -> list[Reason]:
    if line.booked_on < candidate.issue_date:
        return [Reason.BEFORE_ISSUE]
    return [Reason.NEAR_DUE_DATE] if abs((line.booked_on - candidate.due_date).days) <= _NEAR_DAYS else []


def _apply(line: StatementLine, candidate: Candidate) -> tuple[int, int]:
    """Give what goes on the document and what the line has left."""
    paid, due = line.amount.minor, candidate.open_minor
    if line.amount.currency != candidate.currency:
        return due, 0
    if (paid < 0) != (due < 0):
        return paid, 0
    share = min(paid, due, key=abs)
    return share, paid - share


def _sums(line: StatementLine, facts: _Facts, candidates: Sequence[Candidate], knowledge: Knowledge) -> list[Proposal]:
    """Look for several documents of one customer that together are exactly the line.

    Only customers that something else points at are tried: among many documents some sum fits by chance.
    """
    by_customer: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.currency == line.amount.currency:
            by_customer.setdefault(candidate.customer_id, []).append(candidate)
    found = []
    for customer_id, documents in by_customer.items():
        named = [c for c in documents if _identity(facts, c)]
        payer = _payer(facts, documents[0], knowledge)
        if named or payer:
            found += _customer_sums(line, customer_id, documents, (named, payer))
    return found


def _customer_sums(
    line: StatementLine,
    customer_id: int,
    documents: Sequence[Candidate],
    signs: tuple[Sequence[Candidate], Sequence[Reason]],
) -> list[Proposal]:
    named, payer = signs
    ordered = sorted(documents, key=lambda c: (c not in named, c.due_date, c.document_id))[:_LARGEST_SUM]
    groups = [group for size in range(2, _MOST_TOGETHER + 1) for group in combinations(ordered, size)]
    if len(ordered) > _MOST_TOGETHER:
        groups.append(tuple(ordered))  # everything that is open
    fitting = [group for group in groups if sum(c.open_minor for c in group) == line.amount.minor]
    proposals = []
    for group in fitting:
        reasons = [Reason.SUM_OF_DOCUMENTS, *payer]
        if named and all(c in group for c in named):
            reasons.append(Reason.NUMBER_IN_TEXT)
            if all(c in named for c in group):
                reasons.append(Reason.EXACT_OPEN_AMOUNT)  # every document of the sum is named by the payer
        shares = tuple(Share(c.document_id, c.open_minor) for c in group)
        proposals.append(_proposal(customer_id, shares, reasons, 0))
    return proposals


def _mark_clear(found: list[Proposal]) -> tuple[Proposal, ...]:
    """Mark the best when it is strong, settles the line cleanly and leaves the next one well behind."""
    if not found:
        return ()
    best, next_points = found[0], found[1].points if len(found) > 1 else 0
    doubts = {
        Reason.WRONG_SIGN,
        Reason.OTHER_CURRENCY,
        Reason.OVERPAYMENT,
        Reason.BEFORE_ISSUE,
        Reason.RETURN_OF_PAYMENT,
    }
    clear = (
        best.points >= CLEAR_FROM
        and best.points - next_points >= CLEAR_LEAD
        and not doubts & {reason for reason, _points in best.reasons}
    )
    if not clear:
        return tuple(found)
    winner = Proposal(best.customer_id, best.shares, best.reasons, best.points, best.rest_minor, is_clear=True)
    return (winner, *found[1:])
