"""Correcting what was issued: credit notes that name it, and the new draft that takes its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.billing.assembling import buyer_of, cash_rounding, seller_of
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import Document, DocumentKind, DocumentState, Line, LineKind
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import InvalidValue, Place, Problem, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import audit, payments, taxes
from billdesk.services.invoices import discounts_used, wallets_used
from billdesk.services.invoices.drafting import surroundings
from billdesk.services.invoices.issuing import CHANGED, issue_drafts
from billdesk.services.invoices.leftovers import corrected_line, discounts_left, lines_left
from billdesk.services.invoices.parties import retaxed
from billdesk.services.result import Result
from billdesk.storage import billing, customers, entities
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import Credited

_MINUS_ONE: Final = Decimal(-1)


@dataclass(frozen=True, slots=True)
class Correction:
    """What correcting made: an issued credit note, and the draft to be put right and issued."""

    credit_note_id: int
    credit_note_number: str
    draft_id: int


def correct_document(db: Db, document_id: int, reason: str, *, day: date | None = None) -> Result[Correction]:
    """Take back what is left of an issued invoice and put a draft with the same lines in its place, in one step.

    The credit note is issued on `day` (today when not given) and offset against the invoice; money that was on the
    invoice becomes the customer's balance and pays the new one when that is issued. Raises RuleBroken.
    """
    day = day or db.today
    invoice = _correctable(db, document_id)
    # What a run drafted for the same contracts was worked out against the invoice that goes now.
    billing.forget_drafts(db, billing.run_drafts_about(db, invoice.subscription_ids))
    left = lines_left(db, invoice)
    payments.release_document(db, document_id)
    credit = wallets_used.returned(invoice, _whole_credit(db, invoice, day, reason))
    (credit_id,) = storage.insert_drafts(db, [credit], surroundings(db))
    issued, _queued = issue_drafts(db, [credit_id], None, deliver=True, progress=Progress(), offset=False)
    discounts_used.give_back(db, document_id, credit_id)
    if credit.amount_due:
        payments.offset_credit_note(db, document_id, credit_id, day=day)
    (draft_id,) = storage.insert_drafts(db, [_again(db, invoice, left, credit_id, day)], surroundings(db))
    details = {"reason": reason, "credit_note": issued[0].number, "draft": draft_id}
    audit.record(db, command="correct_document", noun=Noun.INVOICES, subject=str(document_id), details=details)
    return Result(Correction(credit_id, issued[0].number, draft_id), CHANGED)


def credit_document(
    db: Db, document_id: int, reason: str, amounts: Mapping[int, Money] | None = None, *, day: date | None = None
) -> Result[int]:
    """Draft a credit note that takes money off an invoice: all that is left, or an amount before tax per line id.

    The days stay billed, so that the next run does not charge them again. Raises InvalidValue when an amount is
    more than what is left of its line.
    """
    invoice = _correctable(db, document_id)
    credited = storage.credited_lines(db, [line.id for line in invoice.lines])
    if amounts is None:
        amounts = {line.id: _left(line, credited.get(line.id)) for line in invoice.lines}
    wanted = {key: amount for key, amount in amounts.items() if amount.minor}
    lines = [
        _adjustment(line, wanted[line.id], credited.get(line.id), invoice)
        for line in invoice.lines
        if line.id in wanted
    ]
    draft = _credit_note(db, invoice, lines, day or db.today, reason)
    (draft_id,) = storage.insert_drafts(db, [draft], surroundings(db))
    details = {"reason": reason, "draft": draft_id, "total": str(draft.total)}
    audit.record(db, command="credit_document", noun=Noun.INVOICES, subject=str(document_id), details=details)
    return Result(draft_id, frozenset({Noun.INVOICES}))


def mark_uncollectible(db: Db, document_id: int, reason: str) -> Result[None]:
    """Write off what is open on an invoice for good; raises RuleBroken when nothing is open."""
    invoice = _correctable(db, document_id)
    payments.write_off(db, document_id, note=reason)
    storage.mark_uncollectible(db, document_id)
    details = {"reason": reason, "number": invoice.number}
    audit.record(db, command="mark_uncollectible", noun=Noun.INVOICES, subject=str(document_id), details=details)
    return Result(None, CHANGED)


def change_memo(db: Db, document_id: int, memo: str, version: int) -> Result[None]:
    """Write the desk's own note on a document; it is not printed. Raises StaleRecord."""
    storage.save_memo(db, document_id, memo, version)
    audit.record(db, command="change_memo", noun=Noun.INVOICES, subject=str(document_id), details={"memo": memo})
    return Result(None, frozenset({Noun.INVOICES}))


def _correctable(db: Db, document_id: int) -> Document:
    document = storage.load_document(db, document_id)
    if document.state is not DocumentState.ISSUED:
        raise RuleBroken("not_issued", (("customer", document.buyer.name),))
    if document.kind is not DocumentKind.INVOICE:
        raise RuleBroken("only_invoices_corrected", (("number", document.number),))
    return document


def _whole_credit(db: Db, invoice: Document, day: date, reason: str) -> Document:
    credited = storage.credited_lines(db, [line.id for line in invoice.lines])
    lines = [_reversed(line, credited.get(line.id), invoice) for line in invoice.lines]
    return _credit_note(db, invoice, [line for line in lines if line.amount], day, reason)


def _reversed(line: Line, credited: Credited | None, invoice: Document) -> Line:
    """Give the line that takes an issued one back: a charge is credited, a credit is charged again."""
    amount, discount = -line.amount, -line.discount
    if credited is not None:
        amount = Money(amount.minor - credited.amount_minor, amount.currency)
        discount = Money(discount.minor - credited.discount_minor, discount.currency)
    if line.corrects_line_id is not None:
        trace = Trace((Step(StepKind.GIVEN, {"given": to_text(amount.major)}), Step(StepKind.FULL, {})))
        kind, corrects = LineKind.CHARGE, None
    else:
        billed = to_text(-amount.major)
        values = {"billed": billed, "left": billed, "document": invoice.number}
        trace = Trace((Step(StepKind.CREDIT, values, to_text(amount.major)),))
        kind, corrects = LineKind.CREDIT, line.id
    return replace(
        line, id=0, kind=kind, corrects_line_id=corrects, quantity=-line.quantity, amount=amount, discount=discount,
        trace=trace,
    )  # fmt: skip


def _left(line: Line, credited: Credited | None) -> Money:
    """Give what is left of a line before tax, as a positive amount for a charge."""
    if credited is None:
        return line.net
    taken = credited.amount_minor - credited.discount_minor - credited.included_tax_minor
    return Money(line.net.minor + taken, line.net.currency)


def _adjustment(line: Line, wanted: Money, credited: Credited | None, invoice: Document) -> Line:
    left = _left(line, credited)
    if wanted.currency != left.currency or not 0 < wanted.minor <= left.minor:
        place = Place(field=line.description)
        raise InvalidValue(Problem("more_than_left", place, str(wanted), (("left", str(left)),)))
    zero = Money.zero(wanted.currency)
    values = {"billed": to_text(wanted.major), "document": invoice.number}
    return replace(
        line, id=0, kind=LineKind.ADJUSTMENT, corrects_line_id=line.id, quantity=_MINUS_ONE, unit_price=wanted.major,
        amount=-wanted, discount=zero, included_tax=None, days=0, of_days=0,
        trace=Trace((Step(StepKind.BILLED, values),)),
    )  # fmt: skip


def _credit_note(db: Db, invoice: Document, lines: Sequence[Line], day: date, reason: str) -> Document:
    if not lines:
        raise RuleBroken("nothing_left_to_credit", (("number", invoice.number),))
    entity = entities.load_entity(db, invoice.entity_id)
    numbered = [replace(line, position=position) for position, line in enumerate(lines, start=1)]
    taxed = tax_lines(numbered, [line.included_tax is not None for line in numbered], invoice.rate, entity)
    whole = len(lines) == len(invoice.lines) and taxed.net == -invoice.net
    return replace(
        invoice,
        id=0,
        kind=DocumentKind.CREDIT_NOTE,
        state=DocumentState.DRAFT,
        number="",
        issue_date=day,
        due_date=day,
        lines=taxed.lines,
        taxes=taxed.groups,
        net=taxed.net,
        tax=taxed.tax,
        total=taxed.net + taxed.tax,
        discounts=(),
        credits=(),
        credits_used=None,
        cash_rounding=-invoice.cash_rounding if whole and invoice.cash_rounding else None,
        payment=replace(invoice.payment, structured_reference=""),
        corrects_ids=(invoice.id,),
        corrects_numbers=(invoice.number,),
        run_id=None,
        notes=reason,
        version=1,
    )


def _again(db: Db, invoice: Document, left: Sequence[Line], credit_id: int, day: date) -> Document:
    """Give a new draft with what was left of the lines; its credits name the lines that charge those days again."""
    credit = storage.load_document(db, credit_id)
    recharged = {(line.price_id, line.period): line.id for line in credit.lines if line.kind is LineKind.CHARGE}
    lines = [
        replace(line, id=0, position=position, corrects_line_id=corrected_line(line, recharged))
        for position, line in enumerate(left, start=1)
    ]
    entity, customer = entities.load_entity(db, invoice.entity_id), customers.load(db, invoice.customer_id)
    lines = retaxed(lines, invoice, entity, customer, taxes.tax_table(db))
    taxed = tax_lines(lines, [line.included_tax is not None for line in lines], invoice.rate, entity)
    return replace(
        invoice,
        id=0,
        state=DocumentState.DRAFT,
        number="",
        issue_date=day,
        due_date=day + (invoice.due_date - invoice.issue_date),
        seller=seller_of(entity, day),
        buyer=buyer_of(customer),
        delivery_address=customer.delivery_address,
        lines=taxed.lines,
        taxes=taxed.groups,
        net=taxed.net,
        tax=taxed.tax,
        total=taxed.net + taxed.tax,
        discounts=discounts_left(invoice, left),
        credits=(),
        credits_used=None,
        cash_rounding=cash_rounding(entity, DocumentKind.INVOICE, taxed.net + taxed.tax),
        payment=replace(invoice.payment, structured_reference=""),
        corrects_ids=(invoice.id,),
        corrects_numbers=(invoice.number,),
        run_id=None,
        version=1,
    )
