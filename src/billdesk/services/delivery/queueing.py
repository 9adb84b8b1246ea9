"""Putting documents in the outbox, with the text of their mail in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence

from billdesk.domain.customers import Customer, DeliveryChannel
from billdesk.domain.invoices import DocumentKind, DocumentState
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import customers, invoices
from billdesk.storage.database import Db
from billdesk.storage.invoices import DocumentRow, outbox
from billdesk.storage.invoices.outbox import Delivery, DeliveryState, Outcome, ToQueue

_CHANGED = frozenset({Noun.INVOICES})


def queue_documents(db: Db, ids: Sequence[int], *, channel: DeliveryChannel | None = None) -> Result[int]:
    """Queue issued documents, each by its customer's channel or by the one given; gives how many were queued.

    Raises RuleBroken `not_issued` for a draft, `no_email` for a customer without an address when mail is asked for.
    """
    rows = invoices.rows_by_ids(db, ids)
    for row in rows:
        if row.state is DocumentState.DRAFT:
            raise RuleBroken("not_issued", (("customer", row.customer_name),))
    queued = _queue(db, rows, channel)
    audit.record(db, command="queue_documents", noun=Noun.INVOICES, details={"ids": list(ids), "queued": queued})
    return Result(queued, _CHANGED)


def queue_issued(db: Db, ids: Sequence[int]) -> int:
    """Queue documents that were just issued, as part of issuing; those without a way to send are left out."""
    return _queue(db, invoices.rows_by_ids(db, ids), None)


def _queue(db: Db, rows: Sequence[DocumentRow], channel: DeliveryChannel | None) -> int:
    people = customers.load_many(db, {row.customer_id for row in rows})
    messages = []
    for row in rows:
        customer = people[row.customer_id]
        way = channel or customer.channel
        if channel is DeliveryChannel.EMAIL and not customer.invoice_emails:
            raise RuleBroken("no_email", (("customer", customer.name),))
        if way is DeliveryChannel.NONE or (way is DeliveryChannel.EMAIL and not customer.invoice_emails):
            continue
        messages.append(_message(row, customer, way))
    outbox.queue(db, messages)
    return len(messages)


def _message(row: DocumentRow, customer: Customer, way: DeliveryChannel) -> ToQueue:
    recipients = customer.invoice_emails if way is DeliveryChannel.EMAIL else ()
    subject, body = mail_text(row)
    return ToQueue(row.id, way, recipients, subject, body)


def mail_text(row: DocumentRow) -> tuple[str, str]:
    """Give subject and body of the mail for a document, in the document's language."""
    words = Language(row.language, "documents")
    if row.kind is DocumentKind.CREDIT_NOTE:
        amount = words.money(Money(-row.total.minor, row.total.currency))
        subject = words.text("Credit note {number}", number=row.number)
        body = words.text(
            "Dear customer,\n\nPlease find attached credit note {number} of {date} for {amount}.\n\nKind regards",
            number=row.number,
            date=words.day(row.issue_date),
            amount=amount,
        )
        return subject, body
    subject = words.text("Invoice {number}", number=row.number)
    body = words.text(
        "Dear customer,\n\nPlease find attached invoice {number} of {date} for {amount}, due on {due}.\n\nKind regards",
        number=row.number,
        date=words.day(row.issue_date),
        amount=words.money(row.total),
        due=words.day(row.due_date),
    )
    return subject, body


def list_deliveries(
    db: Db, *, state: DeliveryState | None = None, document_id: int | None = None, offset: int = 0, limit: int = 100
) -> list[Delivery]:
    """Give messages of the outbox, newest first."""
    return outbox.list_deliveries(db, state=state, document_id=document_id, offset=offset, limit=limit)


def count_deliveries(db: Db) -> dict[DeliveryState, int]:
    """Give how many messages are in each state."""
    return outbox.count_by_state(db)


def retry_delivery(db: Db, delivery_id: int) -> Result[None]:
    """Queue a failed or cancelled message once more, to be tried now."""
    found = outbox.load(db, delivery_id)
    if found.state not in {DeliveryState.FAILED, DeliveryState.CANCELLED}:
        raise RuleBroken("delivery_not_failed", (("state", found.state.value),))
    outbox.save_outcome(db, delivery_id, Outcome(DeliveryState.QUEUED, found.answer, retry_at=db.now))
    audit.record(db, command="retry_delivery", noun=Noun.INVOICES, subject=str(found.document_id))
    return Result(None, _CHANGED)


def cancel_delivery(db: Db, delivery_id: int) -> Result[None]:
    """Take a message that was not sent out of the queue."""
    found = outbox.load(db, delivery_id)
    if found.state not in {DeliveryState.QUEUED, DeliveryState.FAILED}:
        raise RuleBroken("delivery_under_way", (("state", found.state.value),))
    outbox.save_outcome(db, delivery_id, Outcome(DeliveryState.CANCELLED, found.answer))
    audit.record(db, command="cancel_delivery", noun=Noun.INVOICES, subject=str(found.document_id))
    return Result(None, _CHANGED)


def mark_letters_sent(db: Db, ids: Sequence[int]) -> Result[int]:
    """Say that letters (delivery ids) were printed and posted."""
    for delivery_id in ids:
        outbox.save_outcome(db, delivery_id, Outcome(DeliveryState.SENT, ""))
    audit.record(db, command="mark_letters_sent", noun=Noun.INVOICES, details={"ids": list(ids)})
    return Result(len(ids), _CHANGED)
