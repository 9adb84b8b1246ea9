"""Mail drafts: .eml files that a mail program opens ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from billdesk.domain.customers import DeliveryChannel
from billdesk.mail.eml import write_eml
from billdesk.services.delivery.files import file_name, free_path
from billdesk.services.delivery.sending import Parcel, load_parcels, message_of
from billdesk.storage.database import Db
from billdesk.storage.invoices import outbox
from billdesk.storage.invoices.outbox import DeliveryState

_EVERY: Final = 1_000_000


def write_mail_drafts(parcels: Sequence[Parcel], folder: Path) -> list[Path]:
    """Write one .eml per message to a folder, with the PDF in it; needs no database."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    taken: set[Path] = set()
    for parcel in parcels:
        path = free_path(folder / file_name(parcel.document, "eml", company=parcel.company_code), taken)
        path.write_bytes(write_eml(message_of(parcel)))
        written.append(path)
    return written


def load_queued(db: Db) -> list[Parcel]:
    """Give all mails that wait in the outbox, oldest first, for drafts; they go on waiting."""
    found = outbox.list_deliveries(db, state=DeliveryState.QUEUED, limit=_EVERY)
    return load_parcels(db, [one for one in reversed(found) if one.channel is DeliveryChannel.EMAIL])
