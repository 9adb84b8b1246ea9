"""Money received and what it was used for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class Payment:
    """Money from (positive) or back to (negative) a customer, in the currency of the bank account.

    What is not allocated is the customer's balance. `returns_payment_id` marks a bounce of an earlier payment.
    """

    id: int
    entity_id: int
    customer_id: int
    received_on: date
    amount: Money
    method: PaymentMethod
    bank_account_id: int | None = None
    statement_line_id: int | None = None
    reference: str = ""
    note: str = ""
    returns_payment_id: int | None = None
    unmatched: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of a document that is settled; `amount` is in the document's currency, negative takes back.

    Exactly one source is set: a payment, a credit note, or neither for write-offs, fees and differences.
    """

    id: int
    document_id: int
    kind: AllocationKind
    amount: Money
    allocated_on: date
    payment_id: int | None = None
    credit_document_id: int | None = None
    payment_amount: Money | None = None
    note: str = ""


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
