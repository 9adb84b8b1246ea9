"""Documents as the book keeps them: drafts, issued invoices and credit notes.

Amounts are signed as receivables: an invoice is positive, a credit note negative. Documents that are
printed or sent show a credit note's amounts without the sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billdesk.domain.entities import NO_ADDRESS, Address
from billdesk.domain.explain import NO_TRACE, Trace
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick


class DocumentKind(StrEnum):
    """What a document is; each has number series of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentState(StrEnum):
    """What was decided about a document; paid and overdue follow from money and dates."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class DocumentStatus(StrEnum):
    """What people see: state, money and dates together."""

    DRAFT = "draft"
    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class LineKind(StrEnum):
    """Why a line is on a document."""

    CHARGE = "charge"
    CREDIT = "credit"
    USAGE = "usage"
    ONE_OFF = "one_off"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    COMMITMENT = "commitment"
    TERMINATION_FEE = "termination_fee"
    ADJUSTMENT = "adjustment"  # money off an issued line, its days stay billed


class TaxCategory(StrEnum):
    """EN 16931 tax categories (UNCL 5305)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class TaxPart:
    """A part of an added-up rate, such as a state, county or city; `amount` is set on document groups."""

    name: str
    percent: Decimal
    amount: Money | None = None


@quick
@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax of a line: category, percent, and the law behind a zero.

    `reason_code` is a VATEX code (CEF list), `reason` the legal text in the document's language;
    `parts` add up to `percent` where several authorities share it.
    """

    category: TaxCategory
    percent: Decimal
    reason_code: str = ""
    reason: str = ""
    country: str = ""
    tax_class: str = "standard"
    parts: tuple[TaxPart, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Line:
    """One line. `amount` is before discounts, rounded once to the minor unit; `discount` is its share of them.

    `quantity × unit_price` explains the amount where one price applies; graduated lines have no unit price.
    `corrects_line_id` names the issued line that a credit takes back. `terms` is the fingerprint of price and
    quantity that the engine compares. `included_tax` is the tax inside `amount − discount` of a tax-inclusive
    price. `of_days` (with `days`) is set when only a part of the grid period is charged or credited.
    """

    position: int
    kind: LineKind
    description: str
    quantity: Decimal
    unit_code: str
    unit_price: Decimal | None
    amount: Money
    discount: Money
    tax: LineTax
    details: str = ""
    period: Period | None = None
    subscription_id: int | None = None
    price_id: int | None = None
    product_id: int | None = None
    metric_id: int | None = None
    corrects_line_id: int | None = None
    trace: Trace = NO_TRACE
    id: int = 0
    terms: str = ""
    included_tax: Money | None = None
    days: int = 0
    of_days: int = 0

    @property
    def net(self) -> Money:
        """The amount after discounts and without tax, which tax is computed on."""
        net = self.amount - self.discount
        return net if self.included_tax is None else net - self.included_tax


@quick
@dataclass(frozen=True, slots=True)
class TaxGroup:
    """Tax of all lines with one category, rate and reason; `amount_local` is in the entity's currency."""

    tax: LineTax
    base: Money
    amount: Money
    amount_local: Money


@dataclass(frozen=True, slots=True)
class DiscountedPeriod:
    """What a discount takes in one of its periods, in minor units: from lines due on `day` or later, before `until`."""

    day: date
    until: date
    minor: int


@dataclass(frozen=True, slots=True)
class DiscountShown:
    """A discount as the document shows it, between the lines and the taxes; `amount` is what it takes off.

    `periods` say for which of its periods, in order; together they come to `amount`.
    """

    label: str
    amount: Money
    discount_id: int | None = None
    periods: tuple[DiscountedPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditUse:
    """What a wallet, the customer's balance or an open credit note would pay of a document, as a positive amount."""

    label: str
    amount: Money
    wallet_id: int | None = None
    credit_document_id: int | None = None


@quick
@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer as they were when the document was made; `number` is what the seller knows a buyer by."""

    name: str
    address: Address = NO_ADDRESS
    tax_id: str = ""
    company_number: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    contact: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """The frozen rate of a document: 1 unit of its currency is `rate` units of the entity's currency."""

    rate: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """Where and how to pay. `structured_reference` is printed, Belgian +++ddd/dddd/ddddd+++ or RF (ISO 11649)."""

    iban: str = ""
    bic: str = ""
    account_name: str = ""
    account_number: str = ""
    structured_reference: str = ""
    terms: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or credit note, draft or issued. A draft has no number and no issue date of its own yet.

    `net` is Σ line nets, `tax` Σ groups, `total` net + tax; `credits_used` is what wallets, balance and open
    credit notes paid at issue (`credits` lists them); `cash_rounding` changes only `amount_due`; `hold` keeps a
    draft of a paused subscription back from issue.
    """

    id: int
    kind: DocumentKind
    state: DocumentState
    entity_id: int
    customer_id: int
    currency: str
    language: str
    issue_date: date
    due_date: date
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[TaxGroup, ...]
    net: Money
    tax: Money
    total: Money
    rate: ExchangeRate
    number: str = ""
    delivery_address: Address | None = None
    period: Period | None = None
    discounts: tuple[DiscountShown, ...] = ()
    credits_used: Money | None = None
    cash_rounding: Money | None = None
    payment: PaymentDetails = PaymentDetails()
    purchase_order: str = ""
    notes: str = ""
    footer: str = ""
    corrects_ids: tuple[int, ...] = ()
    corrects_numbers: tuple[str, ...] = ()
    subscription_ids: tuple[int, ...] = ()
    run_id: int | None = None
    version: int = 1
    hold: bool = False
    credits: tuple[CreditUse, ...] = ()

    @property
    def amount_due(self) -> Money:
        """What is to be paid when the document is issued."""
        due = self.total
        if self.credits_used is not None:
            due = due - self.credits_used
        if self.cash_rounding is not None:
            due = due + self.cash_rounding
        return due
