"""One bank line in words: what it is, what it probably pays and why, or how it was settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from billdesk.domain.payments import AllocationKind, Step
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services import banking, customers, invoices
from billdesk.services.banking import BankLine, LineState, Match, MatchProposal, ProposalKind, ProposedDocument, Reason

_REASONS: Final[Mapping[Reason, str]] = {
    Reason.STRUCTURED_REFERENCE: N_("Reference"),
    Reason.END_TO_END_ID: N_("Our payment id"),
    Reason.MANDATE: N_("Mandate"),
    Reason.EXACT_OPEN_AMOUNT: N_("Exact open amount"),
    Reason.EXACT_TOTAL: N_("Exact total"),
    Reason.SUM_OF_DOCUMENTS: N_("Sum of documents"),
    Reason.NUMBER_IN_TEXT: N_("Number in the message"),
    Reason.KNOWN_ACCOUNT: N_("Known account"),
    Reason.NAME_SIMILAR: N_("Name"),
    Reason.NEAR_DUE_DATE: N_("Near the due date"),
    Reason.RETURN_OF_PAYMENT: N_("Payment that came back"),
    Reason.AFTER_BANK_FEE: N_("After a bank fee"),
    Reason.PART_PAYMENT: N_("Part payment"),
    Reason.OVERPAYMENT: N_("Too much"),
    Reason.WRONG_SIGN: N_("Wrong direction"),
    Reason.OTHER_CURRENCY: N_("Other currency"),
    Reason.BEFORE_ISSUE: N_("Before the invoice"),
}

KIND_WORDS: Final[Mapping[ProposalKind, str]] = {
    ProposalKind.DOCUMENTS: N_("Pays"),
    ProposalKind.NOTED: N_("Payment noted before"),
    ProposalKind.RETURN: N_("Payment that came back"),
    ProposalKind.RULE: N_("Rule"),
    ProposalKind.BALANCE: N_("To the customer's balance"),
}

DIFFERENCE_WORDS: Final[Mapping[AllocationKind, str]] = {
    AllocationKind.BANK_FEE: N_("Bank fee"),
    AllocationKind.CASH_DISCOUNT: N_("Cash discount"),
    AllocationKind.WRITE_OFF: N_("Write off"),
    AllocationKind.ROUNDING: N_("Rounding"),
    AllocationKind.EXCHANGE: N_("Exchange difference"),
}

ACCOUNT_WORDS: Final[Mapping[str, str]] = {
    "656000": N_("Bank fees"),
    "580000": N_("Own transfers"),
    "658000": N_("Rounding"),
    "610000": N_("Costs"),
}


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal as its card shows it; `reasons` are words with signed points."""

    title: str
    lines: tuple[str, ...]
    reasons: tuple[tuple[str, int], ...]
    rest: str
    is_clear: bool
    match: Match


@dataclass(frozen=True, slots=True)
class LineDetail:
    """All that the right pane shows of a line."""

    line: BankLine
    heading: str
    facts: tuple[tuple[str, str], ...]
    proposals: tuple[ShownProposal, ...]
    settled: tuple[tuple[str, Money], ...]

    @property
    def is_open(self) -> bool:
        """Whether the line waits to be matched."""
        return self.line.state is LineState.OPEN


def load_detail(db: Any, line_id: int) -> LineDetail:  # noqa: ANN401 - the lane's Db
    """Read a line with its proposals, or with what settled it, and put it into words."""
    view = banking.load_line(db, line_id)
    proposals = banking.propose_matches(db, [line_id]).get(line_id, ())
    line = view.line.line
    return LineDetail(
        view.line,
        line.counterparty or line.text or _("Unknown"),
        tuple(_facts(view.line)),
        tuple(map(_shown, proposals)),
        tuple(_settled(db, view.step)) if view.step else (),
    )


def _facts(line: BankLine) -> list[tuple[str, str]]:
    one, words = line.line, current()
    original = ""
    if one.original_amount is not None and one.original_currency:
        original = words.money(Money.of(one.original_amount, one.original_currency))
    pairs = (
        (_("Booked"), words.day(one.booked_on)),
        (_("Account"), one.counterparty_account),
        (_("Reference"), one.structured_reference),
        (_("Message"), one.text),
        (_("Original amount"), original),
        (_("Bank reference"), one.bank_reference or one.end_to_end_id),
    )
    return [(name, text) for name, text in pairs if text]


def _shown(proposal: MatchProposal) -> ShownProposal:
    words = current()
    kind = _(KIND_WORDS[proposal.kind])
    titles = {ProposalKind.DOCUMENTS: proposal.customer_name}
    title = titles.get(proposal.kind, " · ".join(filter(None, (kind, proposal.title or proposal.customer_name))))
    lines = [_document(one) for one in proposal.documents]
    accounts = [f"{account_word(share.account)} · {words.money(share.amount)}" for share in proposal.match.accounts]
    rest = _("{amount} to the balance", amount=words.money(proposal.rest)) if proposal.rest.minor else ""
    reasons = tuple((_(_REASONS[reason]), points) for reason, points in proposal.reasons)
    return ShownProposal(title, (*lines, *accounts), reasons, rest, proposal.is_clear, proposal.match)


def _document(one: ProposedDocument) -> str:
    words = current()
    due = _("{number} · due {day}", number=one.number, day=words.day(one.due_date))
    if one.amount == one.open:
        return f"{due} · {words.money(one.amount)}"
    part = _("{amount} of {open}", amount=words.money(one.amount), open=words.money(one.open))
    return f"{due} · {part}"


def account_word(account: str) -> str:
    """Give a ledger account with its name where it has one."""
    return f"{account} {_(ACCOUNT_WORDS[account])}" if account in ACCOUNT_WORDS else account


def _settled(db: Any, step: Step) -> list[tuple[str, Money]]:  # noqa: ANN401 - the lane's Db
    ids = sorted({one.document_id for one in step.allocations if one.document_id is not None})
    numbers = {one.id: f"{one.number} · {one.customer_name}" for one in invoices.load_rows(db, ids)}
    found = [(_allocation(one.kind, numbers.get(one.document_id or 0, "")), one.amount) for one in step.allocations]
    found += [(account_word(one.account), one.amount) for one in step.bookings]
    people = customers.load_customers(db, {one.customer_id for one in step.payments})
    for payment in step.payments:
        used = sum(one.payment_minor for one in step.allocations if one.payment_id == payment.id)
        rest = Money(payment.amount.minor - used, payment.amount.currency)
        if rest.minor:
            found.append((_("Balance of {customer}", customer=people[payment.customer_id].name), rest))
    return found


def _allocation(kind: AllocationKind, number: str) -> str:
    word = "" if kind not in DIFFERENCE_WORDS else _(DIFFERENCE_WORDS[kind])
    return " · ".join(filter(None, (number, word)))
