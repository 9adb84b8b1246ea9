"""Mail drafts: .eml files that a mail program opens ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from billdesk.mail.eml import write_eml
from billdesk.services.delivery.files import file_name
from billdesk.services.delivery.sending import Parcel, message_of


def write_mail_drafts(parcels: Sequence[Parcel], folder: Path) -> list[Path]:
    """Write one .eml per message to a folder, with the PDF in it; needs no database."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for parcel in parcels:
        path = folder / file_name(parcel.document, "eml")
        path.write_bytes(write_eml(message_of(parcel)))
        written.append(path)
    return written
