"""The people and companies that are billed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from billdesk.domain.entities import NO_ADDRESS, Address
from billdesk.kernel.records import quick


class CustomerKind(StrEnum):
    """Business or consumer, which decides taxes and e-invoicing."""

    BUSINESS = "business"
    CONSUMER = "consumer"


class InvoiceGrouping(StrEnum):
    """What one invoice gathers (billing rules §1.3)."""

    CUSTOMER = "customer"
    SUBSCRIPTION = "subscription"


class CreditPolicy(StrEnum):
    """What a customer wants done with a net credit (billing rules §6.5)."""

    BALANCE = "balance"
    REFUND = "refund"
    OFFSET = "offset"


class DeliveryChannel(StrEnum):
    """How documents reach the customer."""

    EMAIL = "email"
    LETTER = "letter"
    NONE = "none"


@quick
@dataclass(frozen=True, slots=True)
class Contact:
    """A person at the customer; `role` is free, `receives_invoices` puts them on the mails."""

    name: str
    email: str = ""
    phone: str = ""
    role: str = ""
    receives_invoices: bool = True


@quick
@dataclass(frozen=True, slots=True)
class Customer:
    """A party that is billed. Its currency and language are defaults for future documents only."""

    id: int
    number: str
    name: str
    entity_id: int
    currency: str
    legal_name: str = ""
    kind: CustomerKind = CustomerKind.BUSINESS
    address: Address = NO_ADDRESS
    delivery_address: Address | None = None
    contacts: tuple[Contact, ...] = ()
    tax_id: str = ""
    company_number: str = ""
    tax_exempt_reason: str = ""
    language: str = "en"
    payment_terms_days: int | None = None
    grouping: InvoiceGrouping = InvoiceGrouping.CUSTOMER
    credit_policy: CreditPolicy = CreditPolicy.BALANCE
    channel: DeliveryChannel = DeliveryChannel.EMAIL
    parent_id: int | None = None
    ibans: tuple[str, ...] = ()
    purchase_order: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    archived: bool = False
    version: int = 1

    @property
    def invoice_emails(self) -> tuple[str, ...]:
        """Addresses that documents are mailed to."""
        return tuple(c.email for c in self.contacts if c.email and c.receives_invoices)
