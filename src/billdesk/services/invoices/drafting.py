"""Drafts made by hand: one-off invoices and credit notes, with totals while they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from billdesk.domain.billing.assembling import buyer_of, cash_rounding, seller_of
from billdesk.domain.billing.checks import check_document
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.customers import Customer
from billdesk.domain.distance_sales import counts, is_elsewhere_in_union
from billdesk.domain.entities import Entity
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import (
    DiscountShown,
    Document,
    DocumentKind,
    DocumentState,
    Line,
    LineKind,
    LineTax,
    PaymentDetails,
)
from billdesk.domain.taxes import TaxTable
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import RuleBroken, StaleRecord
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.services import audit, rates, taxes
from billdesk.services.invoices.parties import retaxed, tax_of
from billdesk.services.payment_details import payment_details
from billdesk.services.result import Result
from billdesk.storage import billing, catalog, customers, entities
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import Surroundings

_CHANGED = frozenset({Noun.INVOICES, Noun.SUBSCRIPTIONS})


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as a person types it; `unit_price` and `discount` are major units of the draft's currency.

    `line_id` keeps what a line of the stored draft is about (contract, price, what it corrects) while its text
    and amount are changed.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_class: str = "standard"
    product_id: int | None = None
    details: str = ""
    unit_code: str = "C62"
    discount: Decimal = Decimal(0)
    period: Period | None = None
    line_id: int = 0


@dataclass(frozen=True, slots=True)
class DraftInput:
    """A draft as a person types it; a credit note's lines are typed positive. `due_date` None follows the terms."""

    entity_id: int
    customer_id: int
    currency: str
    issue_date: date
    lines: tuple[DraftLine, ...]
    kind: DocumentKind = DocumentKind.INVOICE
    due_date: date | None = None
    purchase_order: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the lines of a draft are computed with."""

    entity: Entity
    customer: Customer
    table: TaxTable
    stored: Mapping[int, Line]
    sign: int
    past_threshold: bool = False


def preview_draft(db: Db, given: DraftInput) -> Document:
    """Give the draft with its totals and taxes as typed so far; nothing is written."""
    return _document(db, given, None)


def create_draft(db: Db, given: DraftInput) -> Result[int]:
    """Store a draft made by hand and give its id; raises RuleBroken when it has no lines, rate or tax rate."""
    document = _document(db, given, None)
    _check(document)
    (draft_id,) = storage.insert_drafts(db, [document], surroundings(db))
    _audit(db, "create_draft", draft_id, document)
    return Result(draft_id, _CHANGED)


def update_draft(db: Db, draft_id: int, version: int, given: DraftInput) -> Result[int]:
    """Write a changed draft over the stored one; raises StaleRecord, or RuleBroken when it was issued meanwhile."""
    stored = storage.load_document(db, draft_id)
    if stored.state is not DocumentState.DRAFT:
        raise RuleBroken("not_a_draft", (("document", stored.number),))
    document = replace(_document(db, given, stored), id=draft_id, version=version)
    _check(document)
    if not storage.replace_draft(db, document, surroundings(db)):
        raise StaleRecord("invoices", str(draft_id), "?", "?")
    _audit(db, "update_draft", draft_id, document)
    return Result(draft_id, _CHANGED)


def void_drafts(db: Db, ids: Sequence[int]) -> Result[int]:
    """Delete drafts; what they billed is due again. Raises RuleBroken when one is issued."""
    for row in storage.rows_by_ids(db, ids):
        if row.state is not DocumentState.DRAFT:
            raise RuleBroken("not_a_draft", (("document", row.number),))
    billing.forget_drafts(db, ids)
    audit.record(db, command="void_drafts", noun=Noun.INVOICES, details={"ids": list(ids)})
    return Result(len(ids), _CHANGED)


def surroundings(db: Db) -> Surroundings:
    """Give what drafts are written beside."""
    currencies = {record.id: record.currency for record in entities.list_entities(db)}
    return Surroundings(catalog.load_products(db), currencies)


def _document(db: Db, given: DraftInput, stored: Document | None) -> Document:
    if not given.lines:
        raise RuleBroken("draft_without_lines")
    entity = entities.load_entity(db, given.entity_id)
    customer = customers.load(db, given.customer_id)
    kept = {line.id: line for line in stored.lines} if stored else {}
    sign = -1 if given.kind is DocumentKind.CREDIT_NOTE else 1
    sheet = _Sheet(entity, customer, taxes.tax_table(db), kept, sign)
    document = _on_sheet(db, given, stored, sheet)
    is_new = given.kind is DocumentKind.INVOICE and not document.corrects_ids
    counter = taxes.counter_for(db, {}, entity, customer, given.issue_date) if is_new else None
    if counter is not None and counter.is_passed_by(document):
        return _on_sheet(db, given, stored, replace(sheet, past_threshold=True))
    return document


def _on_sheet(db: Db, given: DraftInput, stored: Document | None, sheet: _Sheet) -> Document:
    entity, customer = sheet.entity, sheet.customer
    lines = [_line(sheet, given, line, position) for position, line in enumerate(given.lines, start=1)]
    if stored is not None:
        lines = retaxed(lines, stored, entity, customer, sheet.table)
        lines = [_at_a_distance(sheet, line, given) for line in lines]
    rate = rates.rate_on(db, given.currency, entity.currency, given.issue_date)
    taxed = tax_lines(lines, [line.included_tax is not None for line in lines], rate, entity)
    days = entity.payment_terms_days if customer.payment_terms_days is None else customer.payment_terms_days
    total = taxed.net + taxed.tax
    document = Document(
        id=0,
        kind=given.kind,
        state=DocumentState.DRAFT,
        entity_id=entity.id,
        customer_id=customer.id,
        currency=given.currency,
        language=customer.language,
        issue_date=given.issue_date,
        due_date=given.due_date or given.issue_date + timedelta(days=days),
        seller=seller_of(entity, given.issue_date),
        buyer=buyer_of(customer),
        lines=taxed.lines,
        taxes=taxed.groups,
        net=taxed.net,
        tax=taxed.tax,
        total=total,
        rate=rate,
        delivery_address=customer.delivery_address,
        discounts=_discounts(taxed.lines, customer.language),
        cash_rounding=cash_rounding(entity, given.kind, total),
        payment=_payment(db, entity, customer, given, days),
        purchase_order=given.purchase_order or customer.purchase_order,
        notes=given.notes,
        footer=entity.footer,
    )
    return document if stored is None else _as_before(document, stored)


def _at_a_distance(sheet: _Sheet, line: Line, given: DraftInput) -> Line:
    """Give a kept line the tax that the threshold of distance sales asks for today; credits keep theirs."""
    is_away = is_elsewhere_in_union(sheet.entity, sheet.customer.address, given.issue_date)
    if line.corrects_line_id is not None or not is_away or not counts(line.tax, sheet.entity):
        return line
    return replace(line, tax=_tax(sheet, line.tax.tax_class, given))


def _tax(sheet: _Sheet, tax_class: str, given: DraftInput) -> LineTax:
    past = sheet.past_threshold
    return tax_of(sheet.entity, sheet.customer, tax_class, given.issue_date, sheet.table, past_threshold=past)


def _discounts(lines: Sequence[Line], language: str) -> tuple[DiscountShown, ...]:
    """Show what the lines' own discounts come to; credits give theirs back within the line."""
    given = sum(line.discount.minor for line in lines if line.discount.minor > 0)
    if not given:
        return ()
    label = Language(language, "documents").text("Discount")
    return (DiscountShown(label, Money(given, lines[0].amount.currency)),)


def _payment(db: Db, entity: Entity, customer: Customer, given: DraftInput, days: int) -> PaymentDetails:
    accounts = entities.list_bank_accounts(db, entity.id)
    return payment_details(entity, accounts, given.currency, customer.language, days)


def _as_before(document: Document, stored: Document) -> Document:
    """Keep what a draft's origin says: its run, what it corrects, its period."""
    return replace(
        document,
        run_id=stored.run_id,
        corrects_ids=stored.corrects_ids,
        corrects_numbers=stored.corrects_numbers,
        subscription_ids=stored.subscription_ids,
        period=stored.period,
        hold=stored.hold,
    )


def _line(sheet: _Sheet, given: DraftInput, typed: DraftLine, position: int) -> Line:
    amount = Money.of(sheet.sign * typed.quantity * typed.unit_price, given.currency)
    discount = Money.of(sheet.sign * typed.discount, given.currency)
    before = sheet.stored.get(typed.line_id)
    if before is not None:
        same = before.amount == amount
        return replace(
            before,
            position=position,
            description=typed.description,
            details=typed.details,
            quantity=typed.quantity,
            unit_price=before.unit_price if same else typed.unit_price,
            amount=amount,
            discount=discount,
            trace=before.trace if same else _typed_trace(typed, sheet.sign),
        )
    return Line(
        position=position,
        kind=LineKind.ONE_OFF,
        description=typed.description,
        quantity=typed.quantity,
        unit_code=typed.unit_code,
        unit_price=typed.unit_price,
        amount=amount,
        discount=discount,
        tax=_tax(sheet, typed.tax_class, given),
        details=typed.details,
        period=typed.period,
        product_id=typed.product_id,
        trace=_typed_trace(typed, sheet.sign),
    )


def _typed_trace(typed: DraftLine, sign: int) -> Trace:
    quantity, price = sign * typed.quantity, typed.unit_price
    exact = str(Fraction(quantity) * Fraction(price))
    values = {"quantity": to_text(quantity), "unit_price": to_text(price), "flat": "0"}
    return Trace(
        (
            Step(StepKind.PART, values, exact),
            Step(StepKind.FULL, {}, exact),
            Step(StepKind.ROUND, {}),
        )
    )


def _check(document: Document) -> None:
    """Refuse what a person can type but no document may say."""
    for line in document.lines:
        if not line.amount:
            raise RuleBroken("draft_line_is_zero", (("line", str(line.position)),))
        if abs(line.discount.minor) > abs(line.amount.minor) or line.discount.minor * line.amount.minor < 0:
            raise RuleBroken("discount_exceeds_line", (("line", str(line.position)),))
    is_credit = document.kind is DocumentKind.CREDIT_NOTE
    if (document.total.minor >= 0) is is_credit:
        raise RuleBroken("credit_note_not_negative" if is_credit else "invoice_negative")
    check_document(document)


def _audit(db: Db, command: str, draft_id: int, document: Document) -> None:
    details = {"customer": document.customer_id, "total": str(document.total)}
    audit.record(db, command=command, noun=Noun.INVOICES, subject=str(draft_id), details=details)
