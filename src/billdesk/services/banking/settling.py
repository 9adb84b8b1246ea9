"""Settling bank lines: accept a match, accept all clear ones, say that a line is no customer's, take it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from billdesk.domain.payments import (
    AccountShare,
    Incoming,
    LineState,
    Match,
    PaymentMethod,
    SettlementKind,
    Step,
    plan_receipt,
    plan_return,
)
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, Problem, RuleBroken, StaleRecord
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.banking.proposals import ProposalKind, propose_for
from billdesk.services.payments.commands import reverse
from billdesk.services.payments.till import CHANGED, Settled, Till, close_till, open_till
from billdesk.services.result import Result
from billdesk.storage.banking import payers
from billdesk.storage.banking.lines import BankLine, LineFilter, list_line_ids, load_lines, set_states
from billdesk.storage.banking.payers import Clue
from billdesk.storage.database import Db
from billdesk.storage.payments import reading

_CHANGED: Final = CHANGED | {Noun.BANKING}
_PAGE: Final = 200
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What accepting in bulk did: lines settled with their sums by currency, and lines refused after all."""

    accepted: int
    sums: Mapping[str, Money]
    left: int
    skipped: tuple[tuple[int, Problem], ...] = ()


def accept_match(db: Db, line_id: int, match: Match, *, version: int | None = None) -> Result[Settled]:
    """Settle one line in one step: documents, differences, accounts, a noted payment, a return, a customer's balance.

    Raises RuleBroken when something remains without an owner, more than is open would be settled, or the line is
    settled already; StaleRecord when the line changed since `version` was read.
    """
    if version is not None:
        _require_unchanged(db, line_id, version)
    result = accept_matches(db, [(line_id, match)])
    return Result(result.value[0], result.changes)


def _require_unchanged(db: Db, line_id: int, version: int) -> None:
    lines = load_lines(db, [line_id])
    if lines and lines[0].version != version:
        last = reading.last_settlement_of_line(db, line_id)
        who, when = (last.made_by, last.made_at.isoformat(" ", "minutes")) if last else ("", "")
        raise StaleRecord("banking", lines[0].line.counterparty or str(line_id), who, when)


def accept_matches(db: Db, chosen: Sequence[tuple[int, Match]]) -> Result[tuple[Settled, ...]]:
    """Settle several lines in one step, as when several payments pay one invoice; all or none."""
    matches = dict(chosen)
    lines = _load(db, matches)
    settled: list[Settled] = []
    for own in _by_entity(lines):
        till = _open(db, own, matches)
        for line in own:
            _take(db, till, line, matches[line.id])
        settled += _close(db, till, own)
    amounts = [str(line.line.amount) for line in lines]
    details = {"lines": [line.id for line in lines], "amounts": amounts}
    audit.record(db, command="accept_match", noun=Noun.BANKING, subject=str(lines[0].id), details=details)
    return Result(tuple(settled), _CHANGED)


def mark_as_not_customer(db: Db, line_id: int, account: str, text: str = "") -> Result[Settled]:
    """Book a whole line to a ledger account: bank fees, own transfers, anything that is no customer's payment."""
    line = _load(db, [line_id])[0]
    return accept_match(db, line_id, Match(accounts=(AccountShare(account, line.line.amount, text),)))


def accept_unique_matches(
    db: Db,
    wanted: LineFilter | None = None,
    *,
    line_ids: Sequence[int] | None = None,
    kinds: frozenset[ProposalKind] = frozenset(ProposalKind),
    progress: Progress,
) -> Result[BulkOutcome]:
    """Settle every open line that has one clear proposal of these kinds; all others are left for a person."""
    ids = list(line_ids) if line_ids is not None else list_line_ids(db, _open_only(wanted or LineFilter()))
    accepted: list[BankLine] = []
    skipped: dict[int, Problem] = {}
    left = ids
    # A bounce can be matched once its payment is, and two equal invoices are told apart once one is paid.
    for _round in range(_ROUNDS):
        taken = _accept_round(db, left, kinds, skipped, progress)
        accepted += taken
        done = {line.id for line in taken}
        left = [line_id for line_id in left if line_id not in done]
        if not taken or not left:
            break
    sums: defaultdict[str, int] = defaultdict(int)
    for line in accepted:
        sums[line.line.amount.currency] += line.line.amount.minor
    outcome = BulkOutcome(
        len(accepted),
        {key: Money(minor, key) for key, minor in sums.items()},
        len(left),
        tuple((key, skipped[key]) for key in left if key in skipped),
    )
    details = {
        "lines": [line.id for line in accepted],
        "sums": {key: str(money) for key, money in outcome.sums.items()},
    }
    if accepted:
        audit.record(db, command="accept_unique_matches", noun=Noun.BANKING, details=details)
    return Result(outcome, _CHANGED)


def _accept_round(
    db: Db,
    ids: Sequence[int],
    kinds: frozenset[ProposalKind],
    skipped: dict[int, Problem],
    progress: Progress,
) -> list[BankLine]:
    accepted: list[BankLine] = []
    for start in range(0, len(ids), _PAGE):
        progress.step(start, len(ids))
        lines = [line for line in load_lines(db, ids[start : start + _PAGE]) if line.state is LineState.OPEN]
        best = {key: proposals[0] for key, proposals in propose_for(db, lines).items()}
        found = {key: one.match for key, one in best.items() if one.is_clear and one.kind in kinds}
        for own in _by_entity([line for line in lines if line.id in found]):
            accepted += _accept_page(db, own, found, skipped)
    return accepted


def _open_only(wanted: LineFilter) -> LineFilter:
    return LineFilter(
        wanted.bank_account_id,
        wanted.entity_id,
        frozenset({LineState.OPEN}),
        wanted.text,
        wanted.booked_from,
        wanted.booked_until,
        wanted.incoming,
    )


def _accept_page(
    db: Db, lines: Sequence[BankLine], matches: Mapping[int, Match], skipped: dict[int, Problem]
) -> list[BankLine]:
    till = _open(db, lines, matches)
    taken = []
    for line in lines:
        try:
            _take(db, till, line, matches[line.id])
        except RuleBroken as refused:
            # An earlier line of this page paid the same document; this one is for a person to decide.
            skipped[line.id] = Problem(refused.rule, value=str(line.line.amount), details=refused.details)
        else:
            taken.append(line)
    _close(db, till, taken)
    return taken


def unmatch(db: Db, line_id: int) -> Result[Settled]:
    """Take back how a line was settled; the line, its documents and balances are as before, nothing is deleted."""
    settlement_id = reading.live_settlement_of_line(db, line_id)
    if settlement_id is None:
        raise RuleBroken("line_not_settled_yet")
    settled = reverse(db, settlement_id)
    details = {"settlement": settlement_id}
    audit.record(db, command="unmatch", noun=Noun.BANKING, subject=str(line_id), details=details)
    return Result(settled, _CHANGED)


def _load(db: Db, ids: Iterable[int]) -> list[BankLine]:
    wanted = list(ids)
    lines = load_lines(db, wanted)
    missing = set(wanted) - {line.id for line in lines}
    if missing:
        raise NotFound("banking", str(min(missing)))
    settled = next((line for line in lines if line.state is not LineState.OPEN), None)
    if settled is not None:
        raise RuleBroken("line_settled_already", (("amount", str(settled.line.amount)),))
    return lines


def _by_entity(lines: Sequence[BankLine]) -> list[list[BankLine]]:
    groups: defaultdict[int, list[BankLine]] = defaultdict(list)
    for line in lines:
        groups[line.entity_id].append(line)
    return list(groups.values())


def _open(db: Db, lines: Sequence[BankLine], matches: Mapping[int, Match]) -> Till:
    chosen = [matches[line.id] for line in lines]
    documents = {share.document_id for match in chosen for share in match.shares}
    payments = {key for match in chosen for key in match.noted_payment_ids}
    for match in chosen:
        if match.returns_id is not None:
            payments.add(match.returns_id)
            past = reading.load_past(db, match.returns_id)
            uses = (*past.uses, *past.differences)
            documents |= {row.document_id for row in uses if row.document_id is not None}
    customers = {match.rest_to_customer_id for match in chosen if match.rest_to_customer_id is not None}
    confirmed = reading.noted_on_lines(db, payments)
    if confirmed:
        raise RuleBroken("payment_on_statement")
    return open_till(db, lines[0].entity_id, document_ids=documents, payment_ids=payments, customer_ids=customers)


def _take(db: Db, till: Till, line: BankLine, match: Match) -> None:
    earlier = {*match.noted_payment_ids, *([] if match.returns_id is None else [match.returns_id])}
    if earlier & till.used:
        raise RuleBroken("payment_used_twice")
    incoming = _incoming(line, match)
    if match.returns_id is None:
        till.take(plan_receipt(till.desk, till.positions, incoming, match))
    else:
        past = reading.load_past(db, match.returns_id)
        till.take(plan_return(till.desk, till.positions, incoming, match, past))
    till.used |= earlier


def _incoming(line: BankLine, match: Match) -> Incoming:
    plain = line.line
    no_customer = match.accounts and not (match.shares or match.noted_payment_ids or match.rest_to_customer_id)
    debit = bool(plain.mandate_id) or any(detail.mandate_id for detail in plain.details)
    return Incoming(
        amount=plain.amount,
        day=plain.booked_on,
        method=PaymentMethod.DIRECT_DEBIT if debit else PaymentMethod.TRANSFER,
        kind=SettlementKind.NOT_CUSTOMER if no_customer and match.returns_id is None else SettlementKind.MATCH,
        bank_account_id=line.bank_account_id,
        statement_line_id=line.id,
        reference=plain.structured_reference or plain.end_to_end_id or plain.text[:140],
    )


def _close(db: Db, till: Till, lines: Sequence[BankLine]) -> list[Settled]:
    if not till.steps:
        return []
    settled = close_till(db, till)
    set_states(db, {line.id: _state(step) for line, step in zip(lines, till.steps, strict=True)})
    clues = [clue for line, step in zip(lines, till.steps, strict=True) for clue in _clues(line, step)]
    payers.learn(db, clues, till.desk.today)
    return list(settled)


def _state(step: Step) -> LineState:
    no_customer = step.settlement.kind is SettlementKind.NOT_CUSTOMER
    return LineState.NOT_CUSTOMER if no_customer else LineState.MATCHED


def _clues(line: BankLine, step: Step) -> list[Clue]:
    plain = line.line
    payments = [payment for payment in step.payments if payment.returns_id is None and payment.amount.minor > 0]
    return [
        clue
        for payment in payments
        for clue in payers.clues_of(plain.counterparty_account, plain.counterparty, payment.customer_id)
    ]
