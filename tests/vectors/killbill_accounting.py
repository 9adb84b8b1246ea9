"""Kill Bill's account in ours: its adjustments are credit notes, its account credit what is open on them.

An invoice's charges are our invoice, its adjustments one credit note that names it. Money moves in the steps that a
person takes: payments, offsets, refunds, returned payments. Every step posts, and receivables must equal open items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from billdesk.domain.payments import Receivable
from billdesk.kernel.money import Money
from vectors.books import billed_to_parent
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.till import Till, a_receivable, a_till

CHARGES = frozenset({"RECURRING", "FIXED", "USAGE", "EXTERNAL_CHARGE", "TAX"})
CREDITS = frozenset({"ITEM_ADJ", "REPAIR_ADJ", "CREDIT_ADJ"})
USED = "CBA_ADJ"


@dataclass
class Pair:
    """One invoice of theirs: our invoice and its credit note (either may be missing), and what moves money."""

    name: str
    invoice: int | None
    credit: int | None
    uses: int
    moves: list[Case]
    payments: list[int] = field(default_factory=list)


def accounting(case: Case) -> Answer:
    """Answer by kind."""
    if case["kind"] == "parent_invoice":
        return _parent(case["inputs"], case["expected"])
    if case["kind"] != "ledger_state":
        raise NotCovered(case["kind"])
    given, expected = case["inputs"], case["expected"]
    known(given, "currency", "invoices")
    till, pairs = _opened(given)
    _settle(till, pairs)
    opens = [till.open(document) for pair in pairs for document in (pair.invoice, pair.credit) if document]
    assert till.receivables == sum(opens), "receivables differ from open items"
    balances = {pair.name: _major(till, till.open(pair.invoice) if pair.invoice else 0) for pair in pairs}
    credit = till.rests() - sum(till.open(pair.credit) for pair in pairs if pair.credit)
    found = {
        "invoice_balances": {name: balances.get(name, Decimal(0)) for name in expected.get("invoice_balances", ())},
        "account_balance": _major(till, sum(opens) - till.rests()),
        "account_credit": _major(till, credit),
    }
    theirs = {key: Decimal(value) for key, value in expected.items() if key != "invoice_balances"}
    if "invoice_balances" in expected:
        balances_ = {name: Decimal(value) for name, value in expected["invoice_balances"].items()}
        return compared(found, {**theirs, "invoice_balances": balances_})
    return compared(found, theirs)


def _major(till: Till, minor: int) -> Decimal:
    return till.money(minor).major


def _opened(given: Case) -> tuple[Till, list[Pair]]:
    """Issue the invoices and credit notes; drafts and void ones are no receivables."""
    pairs: list[Pair] = []
    receivables: list[Receivable] = []
    for one in given["invoices"]:
        known(one, "invoice", "status", "items", "payments")
        if one["status"] not in {"COMMITTED", "DRAFT", "VOID"}:
            raise NotCovered(one["status"])
        if one["status"] == "COMMITTED":
            pair, documents = _documents(one, given["currency"], 2 * len(pairs) + 1)
            pairs.append(pair)
            receivables += documents
    return a_till(given["currency"], receivables), pairs


def _documents(one: Case, currency: str, number: int) -> tuple[Pair, list[Receivable]]:
    sums = {"charge": 0, "credit": 0, "used": 0}
    for item in one["items"]:
        kind = "charge" if item["type"] in CHARGES else "credit" if item["type"] in CREDITS else "used"
        if kind == "used" and item["type"] != USED:
            raise NotCovered(item["type"])
        sums[kind] += Money.of(Decimal(item["amount"]), currency).minor
    charge, credit = sums["charge"], sums["credit"]
    pair = Pair(str(one["invoice"]), number if charge else None, number + 1 if credit else None,
                max(0, -sums["used"]), one.get("payments", []))  # fmt: skip
    documents = [a_receivable(number, charge, currency)] if charge else []
    return pair, documents + ([a_receivable(number + 1, credit, currency)] if credit else [])


def _settle(till: Till, pairs: list[Pair]) -> None:
    """Pay, credit, use credit elsewhere, give back; credit may settle what a refund opened again."""
    for pair in pairs:
        for move in _moves(pair, "PAYMENT"):
            pair.payments.append(till.pay(_invoice(pair), move))
    for pair in pairs:
        if pair.invoice and pair.credit:
            till.offset(pair.invoice, pair.credit, till.open(pair.invoice))
    _use(till, pairs)
    for pair in pairs:
        for move in _moves(pair, "REFUND"):
            till.give_back(pair.credit, pair.payments, move)
        for move in _moves(pair, "CHARGEBACK"):
            till.return_payment(pair.payments, move)
    _use(till, pairs)


def _invoice(pair: Pair) -> int:
    if pair.invoice is None:
        raise NotCovered("a payment without charges")
    return pair.invoice


def _moves(pair: Pair, kind: str) -> Iterator[int]:
    for move in pair.moves:
        known(move, "type", "amount", "status")
        if move["type"] not in {"PAYMENT", "REFUND", "CHARGEBACK"}:
            raise NotCovered(move["type"])
        if move["type"] == kind and move.get("status", "SUCCESS") == "SUCCESS":
            yield Money.of(Decimal(move["amount"]), "USD").minor


def _use(till: Till, pairs: list[Pair]) -> None:
    for pair in pairs:
        for other in pairs:
            if pair.invoice and pair.uses and other.credit:
                pair.uses -= till.offset(pair.invoice, other.credit, pair.uses)
        if pair.invoice and pair.uses:
            till.use_balance(pair.invoice, pair.uses)


def _parent(given: Case, expected: Case) -> Answer:
    """Bill children to their parent: one draft, a line per child; issued and paid it owes nothing."""
    known(given, "children")
    amounts = {
        child["account"]: f"{sum(Decimal(item['amount']) for item in child['items']):f}" for child in given["children"]
    }
    lines, drafted, left = billed_to_parent(amounts)
    found = {
        "parent_items": [
            {"type": "PARENT_SUMMARY", "child": child, "amount": f"{amount.major:.2f}"} for child, amount in lines
        ],
        "balance_while_draft": str(drafted.minor),
        "child_invoice_balance_after_parent_paid": str(left.minor),
    }
    # `parent_status` is a sentence about when Kill Bill commits; ours issues when a person does.
    return compared(found, {key: value for key, value in expected.items() if key != "parent_status"})
