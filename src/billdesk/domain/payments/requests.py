"""What a person asks for when money is matched, and the desk at which it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from billdesk.domain.payments.records import AllocationKind, PaymentMethod, SettlementKind
from billdesk.kernel.money import Money


@dataclass(frozen=True, slots=True)
class DocumentShare:
    """A part of a document that is settled: by the money, or with another `kind` by a fee, discount or write-off.

    `amount` is in the document's currency, signed as the document. `paid` is what it takes from the money when
    that has another currency.
    """

    document_id: int
    amount: Money
    kind: AllocationKind = AllocationKind.PAYMENT
    paid: Money | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AccountShare:
    """A part of the money that is no customer's: its ledger account, and the amount signed as the bank line."""

    account: str
    amount: Money
    text: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Everything that one bank line or payment is used for.

    `noted_payment_ids` are payments that were entered before the bank reported them. `returns_id` says that the
    line is an earlier payment coming back. What remains becomes the balance of `rest_to_customer_id`; without one
    nothing may remain.
    """

    shares: tuple[DocumentShare, ...] = ()
    accounts: tuple[AccountShare, ...] = ()
    noted_payment_ids: tuple[int, ...] = ()
    returns_id: int | None = None
    rest_to_customer_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money that came (positive) or went (negative), on a bank line or noted by hand."""

    amount: Money
    day: date
    method: PaymentMethod
    kind: SettlementKind = SettlementKind.MANUAL
    bank_account_id: int | None = None
    statement_line_id: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and when settling happens: the entity, its currency and lock, the person, and rates of days.

    `to_local` gives the worth of an amount in the entity's currency on a day, in minor units.
    """

    entity_id: int
    currency: str
    lock_date: date | None
    now: datetime
    today: date
    user: str
    to_local: Callable[[Money, date], int]
