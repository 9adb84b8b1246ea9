"""Sending the outbox in three steps: take a message (database), hand it over (network), write the answer (database)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from billdesk.documents.options import RenderOptions
from billdesk.documents.registry import document_formats
from billdesk.domain.customers import DeliveryChannel
from billdesk.domain.invoices import Document
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import MailFailed, RuleBroken
from billdesk.mail.message import Attachment, MailAddress, OutgoingMessage, make_message_id
from billdesk.mail.smtp import DeliveryUncertain, MailServer, Security, send_mail
from billdesk.services import audit
from billdesk.services.delivery.files import company_codes, file_name
from billdesk.services.result import Result
from billdesk.services.settings import load_settings
from billdesk.storage import entities, invoices
from billdesk.storage.database import Db
from billdesk.storage.invoices import outbox
from billdesk.storage.invoices.outbox import Delivery, DeliveryState, Outcome

_CHANGED: Final = frozenset({Noun.INVOICES})
_WAITS: Final = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""How long to wait after the first, second, … failed attempt; after the last one a person decides."""
_PDF: Final = "invoice_pdf"
_SECURITY: Final = {"starttls": Security.STARTTLS, "ssl": Security.TLS, "none": Security.NONE}


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that handing over a message needs, read from the book; `company_code` where the book has several."""

    delivery: Delivery
    document: Document
    logo: bytes
    sender: MailAddress
    copy_to: str
    server: MailServer
    taken_at: datetime
    company_code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an attempt; `retry` says whether trying again by itself makes sense."""

    is_sent: bool
    text: str
    message_id: str
    retry: bool = False


def secret_name(settings: Mapping[str, Any]) -> str:
    """Give the name under which the keyring holds the mail password; empty when nobody logs in."""
    user = settings["smtp_user"]
    return f"smtp:{user}@{settings['smtp_host']}" if user else ""


def take_next(db: Db) -> Result[Parcel | None]:
    """Take the mail that waits longest and mark it as being sent; None when nothing is due.

    Raises RuleBroken `mail_not_set_up` when there is no server or sender.
    """
    found = outbox.next_due(db, DeliveryChannel.EMAIL)
    if found is None or not outbox.mark_sending(db, found.id):
        return Result(None)
    (parcel,) = load_parcels(db, [outbox.load(db, found.id)])
    if not parcel.server.host or not parcel.sender.email:
        raise RuleBroken("mail_not_set_up")
    return Result(parcel, _CHANGED)


def load_parcels(db: Db, deliveries: Sequence[Delivery]) -> list[Parcel]:
    """Give what handing over these messages needs."""
    settings = load_settings(db)
    companies = {record.id: record for record in entities.list_entities(db)}
    codes = company_codes(tuple(companies.values()))
    documents = {one.id: one for one in invoices.load_documents(db, [one.document_id for one in deliveries])}
    server = MailServer(
        settings["smtp_host"], settings["smtp_port"], _SECURITY[settings["smtp_security"]], settings["smtp_user"]
    )
    parcels = []
    for one in deliveries:
        document = documents[one.document_id]
        company = companies[document.entity_id]
        sender = MailAddress(settings["mail_from"] or company.email, company.name)
        copy_to, code = settings["mail_copy_to"], codes.get(company.id, "")
        parcels.append(Parcel(one, document, company.logo, sender, copy_to, server, db.now, code))
    return parcels


def message_of(parcel: Parcel) -> OutgoingMessage:
    """Give the mail with the document's PDF; a second attempt has the same Message-ID."""
    delivery, document = parcel.delivery, parcel.document
    pdf = document_formats().get(_PDF)
    content = pdf.render(document, RenderOptions(logo=parcel.logo))
    return OutgoingMessage(
        sender=parcel.sender,
        to=tuple(MailAddress(email) for email in delivery.recipients),
        subject=delivery.subject,
        text=delivery.body,
        date=parcel.taken_at,
        message_id=make_message_id(f"{document.number} {delivery.id}", parcel.sender.email),
        bcc=(MailAddress(parcel.copy_to),) if parcel.copy_to else (),
        attachments=(Attachment(file_name(document, pdf.extension), pdf.media_type, content),),
    )


def send_parcel(parcel: Parcel, secret: str = "") -> Answer:
    """Hand one mail to the server; touches no database. A lost answer is not tried again by itself."""
    message = message_of(parcel)
    try:
        handed = send_mail(message, parcel.server, secret)
    except DeliveryUncertain as error:
        return Answer(is_sent=False, text=error.reason, message_id=message.message_id)
    except MailFailed as error:
        return Answer(is_sent=False, text=error.reason, message_id=message.message_id, retry=error.retry)
    refused = "; ".join(f"{one.recipient}: {one.reason}" for one in handed.refused)
    return Answer(is_sent=True, text=refused or handed.receipt, message_id=message.message_id)


def record_answer(db: Db, parcel: Parcel, answer: Answer) -> Result[DeliveryState]:
    """Write what the server said; a failure that may pass is queued again, later each time."""
    attempts = parcel.delivery.attempts
    if answer.is_sent:
        outcome = Outcome(DeliveryState.SENT, answer.text, answer.message_id)
    elif answer.retry and attempts <= len(_WAITS):
        retry_at = db.now + _WAITS[max(attempts, 1) - 1]
        outcome = Outcome(DeliveryState.QUEUED, answer.text, answer.message_id, retry_at)
    else:
        outcome = Outcome(DeliveryState.FAILED, answer.text, answer.message_id)
    outbox.save_outcome(db, parcel.delivery.id, outcome)
    details = {"to": list(parcel.delivery.recipients), "state": outcome.state.value, "answer": answer.text}
    audit.record(db, command="send_document", noun=Noun.INVOICES, subject=str(parcel.document.id), details=details)
    return Result(outcome.state, _CHANGED)


def recover_outbox(db: Db) -> Result[int]:
    """Mark mails whose sending was cut off as failed: the server may have them, so a person decides."""
    found = outbox.requeue_interrupted(db)
    return Result(found, _CHANGED if found else frozenset())
