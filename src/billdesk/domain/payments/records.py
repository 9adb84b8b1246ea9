"""Money received and what it was used for, as the book keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from billdesk.kernel.money import Money


class PaymentMethod(StrEnum):
    """How money came or went."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CASH = "cash"
    OTHER = "other"


class AllocationKind(StrEnum):
    """What settles (part of) a document."""

    PAYMENT = "payment"
    CREDIT_NOTE = "credit_note"
    WRITE_OFF = "write_off"
    BANK_FEE = "bank_fee"
    CASH_DISCOUNT = "cash_discount"
    EXCHANGE = "exchange"
    ROUNDING = "rounding"


class LineState(StrEnum):
    """What became of a statement line: to do, settled, or taken out with its import."""

    OPEN = "open"
    MATCHED = "matched"
    NOT_CUSTOMER = "not_customer"
    WITHDRAWN = "withdrawn"


class SettlementKind(StrEnum):
    """Which step a person took; each step is one settlement and is taken back as a whole."""

    MATCH = "match"
    NOT_CUSTOMER = "not_customer"
    MANUAL = "manual"
    BALANCE = "balance"
    REFUND = "refund"
    OFFSET = "offset"
    WRITE_OFF = "write_off"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Settlement:
    """One step with money: the payments, allocations, bookings and journal entry made together.

    Nothing of it ever changes; taking it back writes a settlement of kind REVERSAL with the same rows negated.
    """

    id: int
    entity_id: int
    kind: SettlementKind
    settled_on: date
    made_at: datetime
    made_by: str
    statement_line_id: int | None = None
    reverses_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money from (positive) or back to (negative) a customer, in the currency of the bank account.

    `local_minor` is its worth in the entity's currency on that day. What is not allocated is the customer's
    balance. `returns_id` names the earlier payment that bounced, `reverses_id` the one that a reversal takes back.
    """

    id: int
    settlement_id: int
    entity_id: int
    customer_id: int
    received_on: date
    amount: Money
    local_minor: int
    method: PaymentMethod
    bank_account_id: int | None = None
    statement_line_id: int | None = None
    reference: str = ""
    note: str = ""
    returns_id: int | None = None
    reverses_id: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a step settled on a document, or moved between two payments; negative takes back.

    `amount` is in the document's currency and signed as the document: positive on an invoice, negative on a credit
    note. `payment_minor` is what it took from the payment, in the payment's currency. With `target_payment_id` the
    money went to that refund or return instead of a document, and `amount` is in the payment's currency.
    """

    id: int
    settlement_id: int
    kind: AllocationKind
    amount: Money
    allocated_on: date
    document_id: int | None = None
    payment_id: int | None = None
    payment_minor: int = 0
    credit_document_id: int | None = None
    target_payment_id: int | None = None
    reverses_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineBooking:
    """A part of a statement line that is no customer's payment: bank fees, own transfers, a payment noted earlier."""

    id: int
    settlement_id: int
    statement_line_id: int
    account: str
    amount: Money
    local_minor: int
    payment_id: int | None = None
    reverses_id: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A settlement with everything it made. Before it is stored its new rows carry negative ids."""

    settlement: Settlement
    payments: tuple[Payment, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    bookings: tuple[LineBooking, ...] = ()


@dataclass(frozen=True, slots=True)
class Receivable:
    """A document as settling sees it; amounts are minor units, a credit note's are negative.

    `rate` is the document's frozen rate: one unit of its currency in the entity's currency.
    """

    document_id: int
    number: str
    entity_id: int
    customer_id: int
    currency: str
    issue_date: date
    total_minor: int
    rate: Decimal
    open_minor: int
    is_issued: bool = True


@dataclass(frozen=True, slots=True)
class PaymentRest:
    """A payment and what of it is not used yet; the rest of money given back is negative."""

    payment_id: int
    entity_id: int
    customer_id: int
    currency: str
    received_on: date
    amount_minor: int
    local_minor: int
    rest_minor: int


@dataclass(frozen=True, slots=True)
class PaymentPast:
    """What happened to a payment so far, without what was taken back.

    `uses` are the allocations to documents from it and from its returns, oldest first; `differences` are the
    discounts and write-offs of its own step; `returned_minor` is what already came back, of the opposite sign.
    """

    uses: tuple[Allocation, ...] = ()
    differences: tuple[Allocation, ...] = ()
    returned_minor: int = 0


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An issued document with what is still open on it."""

    document_id: int
    number: str
    customer_id: int
    customer_name: str
    issue_date: date
    due_date: date
    total: Money
    open: Money
    structured_reference: str = ""
