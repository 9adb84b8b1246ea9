"""The mail that brings a document: a subject and a body in the customer's language, with named places to fill."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from billdesk.documents.printed import Printed, grouped
from billdesk.domain.invoices import Document, DocumentKind
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import N_, Language

PLACES: Final = {
    "greeting": N_("The greeting with the contact's name"),
    "title": N_("Invoice or credit note"),
    "number": N_("The document's number"),
    "date": N_("The day of issue"),
    "due_date": N_("The day by which to pay"),
    "amount": N_("The amount due, or in the customer's favour"),
    "payment": N_("The sentence that asks for the payment"),
    "corrected": N_("The numbers of the corrected invoices"),
    "customer": N_("The customer's name"),
    "seller": N_("The name of your company"),
    "period": N_("The billing period"),
    "order": N_("The customer's order number"),
}
"""What may stand in braces in a template, with what it becomes."""

_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_NOT_IN_FILE_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """A subject and a plain text body with `{places}`."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class MailText:
    """A subject and a plain text body, ready to send."""

    subject: str
    body: str


def default_template(kind: DocumentKind, language: str) -> MailTemplate:
    """Give the template that is used until somebody writes their own."""
    words = Language(language, "documents")
    if kind is DocumentKind.CREDIT_NOTE:
        sentence = words.text("Please find attached credit note {number} of {date} for {amount}.")
        return MailTemplate(words.text("Credit note {number} from {seller}"), _body(words, sentence))
    sentence = words.text("Please find attached invoice {number} of {date} for {amount}.")
    return MailTemplate(words.text("Invoice {number} from {seller}"), _body(words, sentence))


def _body(words: Language, sentence: str) -> str:
    return "\n\n".join(["{greeting}", sentence, "{payment}", words.text("Kind regards,") + "\n{seller}"])


def mail_text(
    document: Document, *, contact: str = "", language: str | None = None, template: MailTemplate | None = None
) -> MailText:
    """Write the mail of a document. Raises InvalidValue when the template names a place that does not exist."""
    printed = Printed.of(document, language)
    used = template or default_template(document.kind, printed.words.code)
    values = place_values(printed, contact)
    body = re.sub(r"\n{3,}", "\n\n", fill(used.body, values)).strip() + "\n"
    return MailText(" ".join(fill(used.subject, values).split()), body)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into `{places}`; nothing else in the template has a meaning.

    Raises InvalidValue for a place that is not among the values.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in values:
            details = (("places", ", ".join(values)),)
            raise InvalidValue(Problem("unknown_place", Place(field="template"), match[0], details))
        return values[name]

    return _PLACE.sub(value, template)


def place_values(printed: Printed, contact: str) -> dict[str, str]:
    """Give what stands in each place for one document."""
    document, figures = printed.document, printed.figures
    name = contact or document.buyer.contact
    words = printed.words
    return {
        "greeting": words.text("Dear {name},", name=name) if name else words.text("Dear Sir or Madam,"),
        "title": printed.title,
        "number": document.number,
        "date": figures.day(document.issue_date),
        "due_date": figures.day(document.due_date),
        "amount": printed.money(document.amount_due),
        "payment": _payment(printed),
        "corrected": ", ".join(document.corrects_numbers),
        "customer": document.buyer.name,
        "seller": document.seller.name,
        "period": figures.period(document.period) if document.period else "",
        "order": document.purchase_order,
    }


def _payment(printed: Printed) -> str:
    document, words = printed.document, printed.words
    payment = document.payment
    if printed.is_credit_note:
        numbers = ", ".join(document.corrects_numbers)
        return words.text("It corrects invoice {numbers}.", numbers=numbers) if numbers else ""
    if document.amount_due.minor <= 0:
        return words.text("There is nothing left to pay.")
    values = {"amount": printed.money(document.amount_due), "day": printed.figures.day(document.due_date)}
    account = grouped(payment.iban) or payment.account_number
    if not account:
        return words.text("Please pay {amount} by {day}.", **values)
    return words.text(
        "Please pay {amount} by {day} to account {account} with reference {reference}.",
        account=account,
        reference=payment.structured_reference or document.number,
        **values,
    )


def file_name(document: Document, extension: str, *, language: str | None = None) -> str:
    """Give the name under which a document is saved or attached, such as `Invoice 2026-00042.pdf`."""
    title = _NOT_IN_FILE_NAMES.sub("-", Printed.of(document, language).full_title)
    return f"{title}.{extension}"
