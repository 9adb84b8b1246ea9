"""What a person does with money by hand: note it, use it, give it back, offset, write off, take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billdesk.domain.payments import (
    AllocationKind,
    DocumentShare,
    Incoming,
    LineState,
    Match,
    PaymentMethod,
    Receivable,
    Step,
    plan_balance,
    plan_offset,
    plan_receipt,
    plan_refund,
    plan_release,
    plan_reversal,
    plan_write_off,
)
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import audit
from billdesk.services.payments.till import CHANGED, Settled, Till, close_till, open_till
from billdesk.services.result import Result
from billdesk.storage import entities, wallets
from billdesk.storage.banking.lines import load_lines, set_states
from billdesk.storage.banking.payers import clues_of, forget
from billdesk.storage.database import Db
from billdesk.storage.invoices.settling import load_receivables
from billdesk.storage.payments import reading


@dataclass(frozen=True, slots=True)
class PaymentInput:
    """A payment noted by hand; what the shares leave becomes the customer's balance."""

    entity_id: int
    customer_id: int
    amount: Money
    day: date
    method: PaymentMethod = PaymentMethod.TRANSFER
    shares: tuple[DocumentShare, ...] = ()
    bank_account_id: int | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CreditToUse:
    """A part of a document to be paid from a credit note, or without one from the customer's balance."""

    document_id: int
    amount: Money
    credit_document_id: int | None = None


def note_payment(db: Db, given: PaymentInput) -> Result[Settled]:
    """Note money received before or without a bank line; its line is matched with it later. Raises NotFound."""
    _require_account(db, given)
    if given.amount.minor <= 0:
        raise RuleBroken("payment_not_positive", (("amount", str(given.amount)),))
    documents = [share.document_id for share in given.shares]
    till = open_till(db, given.entity_id, document_ids=documents, customer_ids=[given.customer_id])
    match = Match(shares=given.shares, rest_to_customer_id=given.customer_id, note=given.note)
    till.take(plan_receipt(till.desk, till.positions, _incoming(given, given.amount), match))
    return _done(db, till, "note_payment", {"amount": str(given.amount), "customer": given.customer_id})


def refund_customer(db: Db, given: PaymentInput) -> Result[Settled]:
    """Give a customer money back, `amount` positive: from credit notes named in the shares, else from the balance."""
    _require_account(db, given)
    if given.amount.minor <= 0:
        raise RuleBroken("payment_not_positive", (("amount", str(given.amount)),))
    documents = [share.document_id for share in given.shares]
    till = open_till(db, given.entity_id, document_ids=documents, customer_ids=[given.customer_id])
    incoming = _incoming(given, -given.amount)
    match = Match(shares=given.shares, note=given.note)
    till.take(plan_refund(till.desk, till.positions, incoming, match, given.customer_id))
    return _done(db, till, "refund_customer", {"amount": str(given.amount), "customer": given.customer_id})


def _require_account(db: Db, given: PaymentInput) -> None:
    own = {account.id for account in entities.list_bank_accounts(db, given.entity_id)}
    if given.bank_account_id is not None and given.bank_account_id not in own:
        raise NotFound("banking", str(given.bank_account_id))


def _incoming(given: PaymentInput, amount: Money) -> Incoming:
    return Incoming(amount, given.day, given.method, bank_account_id=given.bank_account_id, reference=given.reference)


def allocate_balance(db: Db, document_id: int, amount: Money | None = None) -> Result[Settled]:
    """Pay a document from its customer's balance, oldest money first; without an amount as much as there is."""
    document = _receivable(db, document_id)
    till = open_till(db, document.entity_id, document_ids=[document_id])
    if amount is None:
        rests = till.positions.rests_of(document.customer_id, document.currency, positive=document.open_minor > 0)
        have = sum(rest.rest_minor for rest in rests)
        minor = min(have, document.open_minor) if document.open_minor > 0 else max(have, document.open_minor)
        amount = Money(minor, document.currency)
    if not amount:
        raise RuleBroken("balance_too_small", (("missing", str(Money(document.open_minor, document.currency))),))
    till.take(plan_balance(till.desk, till.positions, document_id, amount, db.today))
    return _done(db, till, "allocate_balance", {"document": document.number, "amount": str(amount)})


def offset_credit_note(
    db: Db, invoice_id: int, credit_note_id: int, amount: Money | None = None, *, day: date | None = None
) -> Result[Settled]:
    """Use a credit note for an invoice; without an amount as much as both have open."""
    invoice, credit = _receivable(db, invoice_id), _receivable(db, credit_note_id)
    till = open_till(db, invoice.entity_id, document_ids=[invoice_id, credit_note_id])
    if amount is None:
        amount = Money(min(invoice.open_minor, -credit.open_minor), invoice.currency)
    till.take(plan_offset(till.desk, till.positions, invoice_id, credit_note_id, amount, day=day))
    details = {"invoice": invoice.number, "credit_note": credit.number, "amount": str(amount)}
    return _done(db, till, "offset_credit_note", details)


def write_off(
    db: Db,
    document_id: int,
    amount: Money | None = None,
    *,
    kind: AllocationKind = AllocationKind.WRITE_OFF,
    note: str = "",
    day: date | None = None,
) -> Result[Settled]:
    """Settle what is open on a document, or a part, without money."""
    document = _receivable(db, document_id)
    till = open_till(db, document.entity_id, document_ids=[document_id])
    share = DocumentShare(document_id, amount or Money(document.open_minor, document.currency), kind, note=note)
    till.take(plan_write_off(till.desk, till.positions, share, day or db.today))
    return _done(db, till, "write_off", {"document": document.number, "amount": str(share.amount), "kind": kind.value})


def use_credits(db: Db, credits_to_use: Sequence[CreditToUse], day: date) -> Result[tuple[Settled, ...]]:
    """Pay documents from credit notes and balances in one go, as issuing does; all are of one entity."""
    if not credits_to_use:
        return Result(())
    documents = [use.document_id for use in credits_to_use]
    notes = [use.credit_document_id for use in credits_to_use if use.credit_document_id is not None]
    till = open_till(db, _receivable(db, documents[0]).entity_id, document_ids=[*documents, *notes])
    for use in credits_to_use:
        desk, positions = till.desk, till.positions
        if use.credit_document_id is None:
            till.take(plan_balance(desk, positions, use.document_id, use.amount, day))
        else:
            till.take(plan_offset(desk, positions, use.document_id, use.credit_document_id, use.amount, day=day))
    return Result(close_till(db, till), CHANGED)


def release_document(db: Db, document_id: int) -> Result[Settled | None]:
    """Free the money and credit notes that settled a document; money becomes the customer's balance."""
    document = _receivable(db, document_id)
    allocations = reading.load_uses_of_document(db, document_id)
    if not allocations:
        return Result(None)
    documents = {row.document_id for row in allocations if row.document_id is not None}
    payments = {row.payment_id for row in allocations if row.payment_id is not None}
    till = open_till(db, document.entity_id, document_ids=documents, payment_ids=payments)
    till.take(plan_release(till.desk, till.positions, allocations, db.today))
    done = _done(db, till, "release_document", {"document": document.number})
    return Result(done.value, done.changes)


def take_back(db: Db, settlement_id: int) -> Result[Settled]:
    """Take a step back as a whole, with what was done later with its money; nothing is deleted.

    Raises RuleBroken when it was taken back already, its payment bounced, or the bank confirmed its payment.
    """
    settled = reverse(db, settlement_id)
    audit.record(db, command="take_back", noun=Noun.PAYMENTS, subject=str(settlement_id))
    return Result(settled, CHANGED | {Noun.BANKING})


def reverse(db: Db, settlement_id: int) -> Settled:
    """Take a step back inside another command, which writes the audit event; its bank line is open again."""
    step = reading.load_step(db, settlement_id)
    if reading.is_taken_back(db, settlement_id) or step.settlement.reverses_id is not None:
        raise RuleBroken("already_taken_back")
    if wallets.refunded(db, settlement_id):
        raise RuleBroken("refund_in_wallet")
    payments = [row.id for row in step.payments]
    sources = {row.payment_id for row in step.allocations if row.payment_id is not None}
    if any(row.settlement_id != settlement_id for row in reading.live_returns_of(db, {*payments, *sources})):
        raise RuleBroken("payment_was_returned")
    if reading.noted_on_lines(db, payments):
        raise RuleBroken("payment_on_statement")
    later = reading.load_later(db, step)
    rows = (*step.allocations, *later)
    documents = {row.document_id for row in rows if row.document_id is not None}
    touched = {key for row in rows for key in (row.payment_id, row.target_payment_id) if key is not None}
    till = open_till(
        db,
        step.settlement.entity_id,
        document_ids=documents,
        payment_ids={*payments, *touched},
        customer_ids={row.customer_id for row in step.payments},
    )
    till.take(plan_reversal(till.desk, till.positions, step, later=later))
    settled = close_till(db, till)[0]
    if step.settlement.statement_line_id is not None:
        _reopen_line(db, step.settlement.statement_line_id, step)
    return settled


def _reopen_line(db: Db, line_id: int, step: Step) -> None:
    set_states(db, {line_id: LineState.OPEN})
    line = load_lines(db, [line_id])[0].line
    taught = [row for row in step.payments if row.returns_id is None and row.amount.minor > 0]
    clues = [clue for row in taught for clue in clues_of(line.counterparty_account, line.counterparty, row.customer_id)]
    forget(db, clues)


def _receivable(db: Db, document_id: int) -> Receivable:
    found = load_receivables(db, [document_id])
    if not found:
        raise NotFound("invoices", str(document_id))
    return found[0]


def _done(db: Db, till: Till, command: str, details: Mapping[str, object]) -> Result[Settled]:
    settled = close_till(db, till)[0]
    audit.record(db, command=command, noun=Noun.PAYMENTS, subject=str(settled.settlement_id), details=details)
    return Result(settled, CHANGED)
