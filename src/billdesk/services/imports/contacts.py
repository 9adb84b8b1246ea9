"""The people at a customer in a row of a sheet: plain columns for the usual, one cell for everybody with everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from billdesk.domain.customers import Contact
from billdesk.services.imports.model import SourceRow, SourceSheet

_PLAIN: Final = ("contact", "email", "phone")
_NO_INVOICES: Final = "no invoices"
_REFUSALS: Final = frozenset({_NO_INVOICES, "geen facturen", "pas de factures", "keine rechnungen"})
_FIELDS: Final = 5


def parts(text: str) -> tuple[str, ...]:
    """Give the values of a cell that holds several, parted by ; or a line end."""
    found = (part.strip() for part in text.replace("\n", ";").split(";"))
    return tuple(dict.fromkeys(part for part in found if part))


def invoice_emails(contacts: Sequence[Contact]) -> tuple[str, ...]:
    """Give the addresses that the plain column holds."""
    return tuple(contact.email for contact in contacts if contact.email and contact.receives_invoices)


def contacts_cell(contacts: Sequence[Contact]) -> str:
    """Write everybody as `name | e-mail | phone | role | no invoices`; empty when the plain columns say it all."""
    first = contacts[0] if contacts else Contact("")
    plain = _with_plain((), first.name, first.phone, invoice_emails(contacts))
    return "" if plain == tuple(contacts) else "; ".join(map(_written, contacts))


def _written(contact: Contact) -> str:
    texts = (
        contact.name,
        contact.email,
        contact.phone,
        contact.role,
        "" if contact.receives_invoices else _NO_INVOICES,
    )
    tidy = (" ".join(text.replace("|", "/").replace(";", ",").split()) for text in texts)
    return " | ".join(tidy).rstrip(" |")


def _read(text: str) -> Contact:
    texts = [part.strip() for part in text.split("|")]
    name, email, phone, role, refusal = (texts + [""] * _FIELDS)[:_FIELDS]
    return Contact(name, email, phone, role, refusal.casefold() not in _REFUSALS)


def contacts_of(source: SourceSheet, row: SourceRow, stored: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Give a customer's contacts after a row; cells that stand as they were exported do not undo what others say."""
    told = tuple(map(_read, parts(row.text("contacts"))))
    if not any(source.has(name) for name in _PLAIN):
        return told or stored
    if told and stored and _is_as_exported(source, row, stored):
        return told
    base = told or stored
    known = base[0] if base else Contact("")
    name = row.text("contact") if source.has("contact") else known.name
    phone = row.text("phone") if source.has("phone") else known.phone
    emails = parts(row.text("email")) if source.has("email") else invoice_emails(base)
    return _with_plain(base, name, phone, emails)


def _is_as_exported(source: SourceSheet, row: SourceRow, stored: tuple[Contact, ...]) -> bool:
    was = {"contact": stored[0].name, "phone": stored[0].phone, "email": invoice_emails(stored)}
    now = {"contact": row.text("contact"), "phone": row.text("phone"), "email": parts(row.text("email"))}
    return all(was[name] == now[name] for name in _PLAIN if source.has(name))


def _with_plain(base: tuple[Contact, ...], name: str, phone: str, emails: tuple[str, ...]) -> tuple[Contact, ...]:
    """Give the first contact name and phone, and one contact for each further mail address; others stay."""
    first = replace(base[0] if base else Contact(""), name=name, phone=phone)
    people = (first, *base[1:]) if emails == invoice_emails(base) else _with_emails(base, first, emails)
    return tuple(contact for contact in people if contact.name or contact.email or contact.phone)


def _with_emails(base: tuple[Contact, ...], first: Contact, emails: tuple[str, ...]) -> tuple[Contact, ...]:
    """Give the first address to the first contact and the others to contacts of their own."""
    by_email = {contact.email: contact for contact in base[1:]}
    more = tuple(by_email.get(email, Contact("", email)) for email in emails[1:])
    others = tuple(contact for contact in base[1:] if not contact.email or not contact.receives_invoices)
    first = replace(first, email=emails[0] if emails else "")
    return (first, *more, *(contact for contact in others if contact not in more))
