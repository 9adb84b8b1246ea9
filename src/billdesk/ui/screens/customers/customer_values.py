"""Between a customer and the values of its form; nothing here knows a widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from billdesk.domain.customers import (
    Contact,
    CreditPolicy,
    Customer,
    CustomerKind,
    DeliveryChannel,
    InvoiceGrouping,
)
from billdesk.domain.entities import Address
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.messages import describe
from billdesk.services.customer_overview import FormFacts, NextInvoice
from billdesk.ui.core.countries import country_name

Values = Mapping[str, Any]

_TEXTS: Final = (
    *("number", "name", "legal_name", "tax_id", "company_number", "tax_exempt_reason"),
    *("language", "purchase_order", "notes"),
)
_ADDRESS: Final = ("street", "street2", "postcode", "city", "region", "country")
_YES, _NO = "yes", "no"

KINDS: Final = ((CustomerKind.BUSINESS, N_("Business")), (CustomerKind.CONSUMER, N_("Consumer")))
GROUPINGS: Final = (
    (InvoiceGrouping.CUSTOMER, N_("One invoice for all contracts")),
    (InvoiceGrouping.SUBSCRIPTION, N_("One invoice per contract")),
)
POLICIES: Final = (
    (CreditPolicy.BALANCE, N_("Keep on the balance")),
    (CreditPolicy.OFFSET, N_("Set off against open invoices")),
    (CreditPolicy.REFUND, N_("Pay back")),
)
CHANNELS: Final = (
    (DeliveryChannel.EMAIL, N_("E-mail")),
    (DeliveryChannel.LETTER, N_("Letter")),
    (DeliveryChannel.NONE, N_("Not sent")),
)
CONTACT_FIELDS: Final = (
    Field("name", N_("Name"), required=False),
    Field("email", N_("E-mail"), required=False),
    Field("phone", N_("Phone"), required=False),
    Field("role", N_("Role"), required=False),
    Field("invoices", N_("Invoices"), Kind.CHOICE, required=False, choices=((_YES, N_("Yes")), (_NO, N_("No")))),
)


def blank(facts: FormFacts) -> Customer:
    """Give a new customer of the first company, with that company's country, currency and language."""
    first = facts.entities[0] if facts.entities else None
    return Customer(
        0,
        facts.number,
        "",
        first.id if first else 1,
        first.currency if first else "EUR",
        address=Address(country=first.address.country if first else ""),
        language=first.language if first else current().code,
    )


def to_values(record: Customer) -> dict[str, object]:
    """Give what the form shows of a customer."""
    values: dict[str, object] = {name: getattr(record, name) or None for name in _TEXTS}
    values |= {name: getattr(record.address, name) or None for name in _ADDRESS}
    return values | {
        "entity": str(record.entity_id),
        "kind": record.kind.value,
        "currency": record.currency,
        "payment_terms_days": record.payment_terms_days,
        "grouping": record.grouping.value,
        "credit_policy": record.credit_policy.value,
        "channel": record.channel.value,
        "iban": "; ".join(record.ibans) or None,
        "tags": ", ".join(record.tags) or None,
        "email": [_contact_row(contact) for contact in record.contacts],
    }


def to_record(values: Values, before: Customer) -> Customer:
    """Give the customer that the form describes; what it does not show stays as it was."""
    texts: dict[str, Any] = {name: str(values.get(name) or "").strip() for name in _TEXTS}
    address = Address(**{name: str(values.get(name) or "").strip() for name in _ADDRESS})
    parent = values.get("parent_id")
    return replace(
        before,
        **texts,
        address=address,
        entity_id=int(values.get("entity") or before.entity_id),
        kind=CustomerKind(values["kind"]),
        currency=str(values.get("currency") or ""),
        payment_terms_days=values.get("payment_terms_days"),
        grouping=InvoiceGrouping(values["grouping"]),
        credit_policy=CreditPolicy(values["credit_policy"]),
        channel=DeliveryChannel(values["channel"]),
        parent_id=int(parent) if parent else None,
        ibans=_parts(values.get("iban"), ";\n"),
        tags=_parts(values.get("tags"), ",;"),
        contacts=tuple(_contact(row) for row in values.get("email") or ()),
    )


def _contact_row(contact: Contact) -> dict[str, object]:
    texts = {"name": contact.name, "email": contact.email, "phone": contact.phone, "role": contact.role}
    return {
        **{key: text for key, text in texts.items() if text},
        "invoices": _YES if contact.receives_invoices else _NO,
    }


def _contact(row: Values) -> Contact:
    name, email, phone, role = (str(row.get(key) or "").strip() for key in ("name", "email", "phone", "role"))
    return Contact(name, email, phone, role, receives_invoices=row.get("invoices") != _NO)


def _parts(text: object, marks: str) -> tuple[str, ...]:
    words = str(text or "")
    for mark in marks[1:]:
        words = words.replace(mark, marks[0])
    return tuple(part.strip() for part in words.split(marks[0]) if part.strip())


def address_lines(record: Customer) -> list[str]:
    """Give the lines that stand in the window of the envelope."""
    where = record.address
    lines = [record.legal_name or record.name, where.street, where.street2, f"{where.postcode} {where.city}".strip()]
    return [line for line in (*lines, country_name(where.country)) if line]


def invoice_facts(record: Customer, facts: FormFacts | None) -> list[tuple[str, str]]:
    """Give what the next invoice will say because of this record: pairs of name and value."""
    companies = facts.entities if facts else ()
    company = next((one for one in companies if one.id == record.entity_id), None)
    days = record.payment_terms_days
    terms = days if days is not None else company.payment_terms_days if company else 0
    languages = current().locale.languages
    return [
        (_("VAT number"), record.tax_id or "–"),
        (_("Currency"), record.currency),
        (_("Language"), str(languages.get(record.language, record.language))),
        (_("Due"), _("{n} days after its date", n=terms)),
        (_("Sent"), _word(CHANNELS, record.channel)),
        (_("To"), _shortened(record.invoice_emails)),
    ]


def next_invoice_text(found: NextInvoice | None) -> str:
    """Say when the next invoice comes and for how much, and what is not billed until today."""
    if found is None or found.on is None:
        return _("No contract falls due.")
    if found.problems:
        return " ".join(str(describe(problem)) for problem in found.problems)
    return " ".join(filter(None, (_next_total(found, found.on), _unbilled(found))))


def _next_total(found: NextInvoice, on: date) -> str:
    if not found.documents:
        return _("On {day} nothing has to be billed.", day=current().day(on))
    total = ", ".join(current().money(row.total) for row in found.documents)
    return _("On {day}: {total}, tax included.", day=current().day(on), total=total)


def _unbilled(found: NextInvoice) -> str:
    amounts = ", ".join(current().money(amount) for amount in found.unbilled)
    return _("Unbilled until today: {amounts}, usage of running periods included.", amounts=amounts) if amounts else ""


def _shortened(emails: Sequence[str]) -> str:
    """Give the first address and how many others there are."""
    more = f" +{len(emails) - 1}" if len(emails) > 1 else ""
    return f"{emails[0]}{more}" if emails else "–"


def _word(choices: Iterable[tuple[str, str]], key: str) -> str:
    return next((_(word) for value, word in choices if value == key), key)
