"""From proposed lines to draft documents: texts, discounts, taxes, credits, cash rounding, in that order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from billdesk.domain.billing.records import BilledLine, ProposedLine
from billdesk.domain.billing.taxing import Taxed, tax_lines
from billdesk.domain.billing.wording import Wording
from billdesk.domain.catalog import Catalog
from billdesk.domain.customers import Customer, InvoiceGrouping
from billdesk.domain.discounts import Discount, DiscountedLine, apply_discounts
from billdesk.domain.distance_sales import DistanceCounter
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import (
    CreditUse,
    DiscountShown,
    Document,
    DocumentKind,
    DocumentState,
    ExchangeRate,
    Line,
    LineKind,
    LineTax,
    Party,
    PaymentDetails,
)
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.taxes import STANDARD_CLASS, Buyer, TaxTable, determine
from billdesk.domain.wallets import Purse, use_credits
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick

_ONE: Final = Decimal(1)
_PIECE: Final = "C62"
NO_PAYMENT: Final = PaymentDetails()


@quick
@dataclass(frozen=True, slots=True)
class Assembly:
    """All that turns proposed lines into drafts of one receiver (who pays, perhaps for children).

    `rates` gives by document currency what one unit is worth in the entity's currency, `payments` where such a
    document is paid; `beneficiaries` names by
    subscription whom a line is for when another party pays; `texts` must be in the customer's language.
    `buyer_tax_id` is the id that counts for tax: empty when it is missing or known to be invalid. `distance` counts
    what the seller sells to consumers elsewhere in the Union; `past_threshold` is what it says of one document.
    """

    entity: Entity
    customer: Customer
    catalog: Catalog
    taxes: TaxTable
    texts: Wording
    as_of: date
    rates: Mapping[str, ExchangeRate] = field(default_factory=dict)
    subscriptions: Mapping[int, Subscription] = field(default_factory=dict)
    beneficiaries: Mapping[int, str] = field(default_factory=dict)
    discounts: tuple[Discount, ...] = ()
    purse: Purse | None = None
    payments: Mapping[str, PaymentDetails] = field(default_factory=dict)
    buyer_tax_id: str | None = None
    run_id: int | None = None
    distance: DistanceCounter | None = None
    past_threshold: bool = False


def assemble(proposed: Sequence[ProposedLine], assembly: Assembly) -> tuple[Document, ...]:
    """Make draft documents of all lines of one receiver: one per currency, or per subscription where so chosen.

    Lines held back and corrections that want a document of their own are kept apart. Raises RuleBroken when a
    tax rate or an exchange rate is missing on its day.
    """
    documents = []
    purse = assembly.purse
    for lines in document_groups(proposed, assembly.customer):
        document, left = _document(lines, assembly, purse)
        if assembly.distance is not None:
            if assembly.distance.is_passed_by(document):
                document, left = _document(lines, replace(assembly, past_threshold=True), purse)
            assembly = replace(assembly, distance=assembly.distance.after([document]))
        purse = left
        documents.append(document)
    return tuple(documents)


def document_groups(lines: Iterable[ProposedLine], customer: Customer) -> list[list[ProposedLine]]:
    """Cut a receiver's lines into those of one document each."""
    groups: dict[tuple[object, ...], list[ProposedLine]] = {}
    by_subscription = customer.grouping is InvoiceGrouping.SUBSCRIPTION
    for line in lines:
        owner = line.subscription_id if by_subscription else None
        groups.setdefault((line.amount.currency, owner, line.hold, line.separate), []).append(line)
    return list(groups.values())


def _document(
    proposed: list[ProposedLine], assembly: Assembly, purse: Purse | None
) -> tuple[Document, Purse | None]:  # fmt: skip
    currency = proposed[0].amount.currency
    shares, shown = _discount(proposed, assembly, currency)
    rate = rate_of(assembly, currency)
    taxes: dict[tuple[str, date], LineTax] = {}
    lines = [
        _line(line, share, number, assembly, taxes)
        for number, (line, share) in enumerate(zip(proposed, shares, strict=True), 1)
    ]
    inclusive = [_is_inclusive(line, assembly) for line in proposed]
    taxed = tax_lines(lines, inclusive, rate, assembly.entity)
    total = taxed.net + taxed.tax
    kind = DocumentKind.CREDIT_NOTE if total.minor < 0 else DocumentKind.INVOICE
    uses: tuple[CreditUse, ...] = ()
    if kind is DocumentKind.INVOICE and purse is not None:
        uses, purse = use_credits(purse, total, taxed.lines, assembly.as_of)
    sums = _Sums(kind, taxed, shown, rate, uses)
    return _filled(proposed, assembly, sums), purse


@quick
@dataclass(frozen=True, slots=True)
class _Sums:
    """What was computed of a document before it is filled in."""

    kind: DocumentKind
    taxed: Taxed
    shown: tuple[DiscountShown, ...]
    rate: ExchangeRate
    uses: tuple[CreditUse, ...]


def _filled(proposed: list[ProposedLine], assembly: Assembly, sums: _Sums) -> Document:
    entity, customer = assembly.entity, assembly.customer
    taxed = sums.taxed
    found = {line.document_id: line.document_number for one in proposed for line in _corrected_lines(one)}
    corrected = dict(sorted(found.items()))
    total = taxed.net + taxed.tax
    used = Money(sum(use.amount.minor for use in sums.uses), total.currency) if sums.uses else None
    terms = customer.payment_terms_days
    due_days = entity.payment_terms_days if terms is None else terms
    return Document(
        id=0,
        kind=sums.kind,
        state=DocumentState.DRAFT,
        entity_id=entity.id,
        customer_id=customer.id,
        currency=total.currency,
        language=customer.language,
        issue_date=assembly.as_of,
        due_date=assembly.as_of + timedelta(days=due_days),
        seller=seller_of(entity, assembly.as_of),
        buyer=buyer_of(customer),
        lines=taxed.lines,
        taxes=taxed.groups,
        net=taxed.net,
        tax=taxed.tax,
        total=total,
        rate=sums.rate,
        delivery_address=customer.delivery_address,
        period=_span(proposed),
        discounts=sums.shown,
        credits_used=used,
        cash_rounding=cash_rounding(entity, sums.kind, total, used),
        payment=assembly.payments.get(total.currency, NO_PAYMENT),
        purchase_order=_purchase_order(proposed, assembly),
        footer=entity.footer,
        corrects_ids=tuple(corrected),
        corrects_numbers=tuple(corrected.values()),
        subscription_ids=tuple(dict.fromkeys(line.subscription_id for line in proposed)),
        run_id=assembly.run_id,
        hold=proposed[0].hold,
        credits=sums.uses,
    )


def _corrected_lines(line: ProposedLine) -> tuple[BilledLine, ...]:
    """Give the issued lines whose documents are named: what a credit takes back, what a late charge adds to."""
    if line.corrects is not None:
        return (line.corrects,)
    return line.supplements if line.separate else ()


def _discount(
    proposed: list[ProposedLine], assembly: Assembly, currency: str
) -> tuple[list[int], tuple[DiscountShown, ...]]:
    """Give each line's discount in minor units: what credits return, what charges are given."""
    returned = [line.discount.minor if line.discount is not None else 0 for line in proposed]
    if not assembly.discounts:
        return returned, ()
    looked_at = [
        DiscountedLine(line.amount.minor, line.price_id, line.subscription_id, line.due, _covers_until(line))
        for line in proposed
    ]
    found = apply_discounts(looked_at, assembly.discounts, assembly.catalog, currency)
    return [back + share for back, share in zip(returned, found.shares, strict=True)], tuple(found.shown)


def _covers_until(line: ProposedLine) -> date | None:
    """Give the end of the grid period of a charge in advance: all that falls due inside it is the same period."""
    return line.whole.end if line.whole is not None and line.due < line.period.end else None


def _line(
    line: ProposedLine, discount: int, position: int, assembly: Assembly, taxes: dict[tuple[str, date], LineTax]
) -> Line:
    price = assembly.catalog.prices.get(line.price_id or 0)
    product = assembly.catalog.products.get(price.product_id) if price is not None else None
    amount = line.amount
    return Line(
        position=position,
        kind=line.kind,
        description=assembly.texts.description(line.kind, line.price_id),
        quantity=line.quantity if line.unit_price is not None and not line.of_days else _shown_quantity(line),
        unit_code=product.unit_code if product is not None else _PIECE,
        unit_price=None if line.of_days else line.unit_price,
        amount=amount,
        discount=Money(discount, amount.currency),
        tax=_tax(line, product.tax_class if product is not None else STANDARD_CLASS, assembly, taxes),
        details=_details(line, assembly),
        period=line.period,
        subscription_id=line.subscription_id,
        price_id=line.price_id,
        product_id=product.id if product is not None else None,
        metric_id=price.metric_id if price is not None else None,
        corrects_line_id=line.corrects.line_id if line.corrects is not None else None,
        trace=line.trace,
        terms=line.terms,
        days=line.days,
        of_days=line.of_days,
    )


def _shown_quantity(line: ProposedLine) -> Decimal:
    return line.quantity or _ONE


def _is_inclusive(line: ProposedLine, assembly: Assembly) -> bool:
    price = assembly.catalog.prices.get(line.price_id or 0)
    return price is not None and price.tax_inclusive


def _tax(line: ProposedLine, tax_class: str, assembly: Assembly, taxes: dict[tuple[str, date], LineTax]) -> LineTax:
    """Give the tax of a charge as of the day it fell due; a credit has that of the line it takes back."""
    if line.corrects is not None:
        return line.corrects.tax
    found = taxes.get((tax_class, line.due))
    if found is None:
        buyer = tax_buyer(assembly)
        found = determine(assembly.entity, buyer, tax_class, line.due, assembly.taxes)
        taxes[tax_class, line.due] = found
    return found


def tax_buyer(assembly: Assembly) -> Buyer:
    """Give what tax wants to know of the receiver."""
    customer = assembly.customer
    return Buyer(
        country=customer.address.country,
        kind=customer.kind,
        tax_id=customer.tax_id if assembly.buyer_tax_id is None else assembly.buyer_tax_id,
        region=customer.address.region,
        postcode=customer.address.postcode,
        exempt_reason=customer.tax_exempt_reason,
        language=customer.language,
        past_threshold=assembly.past_threshold,
    )


def _details(line: ProposedLine, assembly: Assembly) -> str:
    texts = assembly.texts
    found = [texts.period(line.period) if line.period.days else texts.rounding()]
    if line.of_days:
        found.append(texts.share(line.days, line.of_days))
    if line.kind is LineKind.TERMINATION_FEE and line.trace.steps:
        counted = line.trace.steps[0].values
        found.append(texts.months_left(counted.get("quantity", ""), counted.get("of", "")))
    if line.corrects is not None:
        found.append(texts.corrects(line.corrects.document_number))
    elif line.supplements:
        found.append(texts.corrects(", ".join(dict.fromkeys(one.document_number for one in line.supplements))))
    name = assembly.beneficiaries.get(line.subscription_id)
    if name:
        found.append(texts.beneficiary(name))
    return " · ".join(found)


def rate_of(assembly: Assembly, currency: str) -> ExchangeRate:
    """Give the frozen rate of a document; raises RuleBroken when none is known."""
    if currency == assembly.entity.currency:
        return ExchangeRate(_ONE, assembly.as_of, "")
    rate = assembly.rates.get(currency)
    if rate is None:
        raise RuleBroken("exchange_rate_missing", (("currency", currency), ("day", assembly.as_of.isoformat())))
    return rate


def seller_of(entity: Entity, day: date) -> Party:
    """Give the seller as printed, with its tax number at home on a day."""
    registration = entity.registration(entity.address.country, day)
    return Party(
        name=entity.legal_name or entity.name,
        address=entity.address,
        tax_id=registration.tax_id if registration is not None else "",
        company_number=entity.company_number,
        email=entity.email,
        phone=entity.phone,
        website=entity.website,
    )


def buyer_of(customer: Customer) -> Party:
    """Give the buyer as printed."""
    contact = customer.contacts[0] if customer.contacts else None
    return Party(
        name=customer.legal_name or customer.name,
        address=customer.address,
        tax_id=customer.tax_id,
        company_number=customer.company_number,
        email=contact.email if contact is not None else "",
        phone=contact.phone if contact is not None else "",
        contact=contact.name if contact is not None else "",
        number=customer.number,
    )


def _span(proposed: list[ProposedLine]) -> Period:
    return Period(min(line.period.start for line in proposed), max(line.period.end for line in proposed))


def cash_rounding(entity: Entity, kind: DocumentKind, total: Money, used: Money | None = None) -> Money | None:
    """Round the amount due of an invoice in the entity's currency to its smallest coin (0.05 in CHF)."""
    coin = entity.cash_rounding_minor
    if not coin or kind is not DocumentKind.INVOICE or total.currency != entity.currency:
        return None
    due = total.minor - (used.minor if used is not None else 0)
    difference = round_ratio(due, coin) * coin - due
    return Money(difference, total.currency) if difference else None


def _purchase_order(proposed: list[ProposedLine], assembly: Assembly) -> str:
    found = {
        subscription.purchase_order
        for key in {line.subscription_id for line in proposed}
        if (subscription := assembly.subscriptions.get(key)) is not None
    }
    orders = sorted(order for order in found if order)
    return ", ".join(orders) or assembly.customer.purchase_order
