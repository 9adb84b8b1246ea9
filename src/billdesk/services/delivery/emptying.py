"""Emptying the outbox: one mail after the other, or all of them as drafts in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from billdesk.kernel.progress import Progress
from billdesk.services.book import Book
from billdesk.services.delivery.mail_drafts import load_queued, write_mail_drafts
from billdesk.services.delivery.sending import record_answer, secret_name, send_parcel, take_next
from billdesk.services.secrets import load_secret
from billdesk.services.settings import load_settings
from billdesk.storage.database import Db
from billdesk.storage.invoices.outbox import DeliveryState


@dataclass(frozen=True, slots=True)
class OutboxSent:
    """What sending the outbox did."""

    sent: int
    failed: int
    waiting: int


def send_outbox(
    book: Book, secret: str | None = None, *, drafts_folder: Path | None = None, progress: Progress
) -> OutboxSent:
    """Send every mail that is due, one after the other; each answer is kept before the next mail goes out.

    Without a secret the keyring is asked, when the server wants one. With a folder nothing is sent: the mails are
    written there as drafts and go on waiting. Raises SecretUnavailable, RuleBroken.
    """
    if drafts_folder is not None:
        return OutboxSent(0, 0, len(write_mail_drafts(book.query(load_queued), drafts_folder)))
    if secret is None:
        name = book.query(_secret_name)
        secret = load_secret(name) if name else ""
    sent = failed = waiting = 0
    while (parcel := book.run(take_next).value) is not None:
        progress.step(sent + failed + waiting, label=parcel.delivery.number)
        state = book.run(record_answer, parcel, send_parcel(parcel, secret)).value
        sent += state is DeliveryState.SENT
        failed += state is DeliveryState.FAILED
        waiting += state is DeliveryState.QUEUED
    return OutboxSent(sent, failed, waiting)


def _secret_name(db: Db) -> str:
    return secret_name(load_settings(db))
