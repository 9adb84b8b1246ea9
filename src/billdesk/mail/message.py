"""A mail to be sent: who, what, and the files with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An e-mail address with the name of its owner."""

    email: str
    name: str = ""

    @property
    def wire(self) -> str:
        """The address as servers know it: no spaces, and the domain in ASCII (RFC 5891)."""
        local, _at, domain = "".join(self.email.split()).rpartition("@")
        return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:  # no name that could exist; the server will say so
        return domain


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A mail, complete but for the server. `text` is plain; an HTML form is made of it.

    `message_id` comes from `make_message_id`, so that a second attempt is the same mail to whoever receives it twice.
    """

    sender: MailAddress
    to: tuple[MailAddress, ...]
    subject: str
    text: str
    date: datetime
    message_id: str
    cc: tuple[MailAddress, ...] = ()
    bcc: tuple[MailAddress, ...] = ()
    reply_to: MailAddress | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address that gets the mail, each once."""
        return tuple(dict.fromkeys(address.wire for address in (*self.to, *self.cc, *self.bcc)))


def make_message_id(key: str, sender: str) -> str:
    """Give the Message-ID of what `key` names, such as the document's number and its delivery; always the same."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    domain = MailAddress(sender).wire.rpartition("@")[2] or "localhost"
    return f"<{digest}@{domain}>"


def needs_utf8(message: OutgoingMessage) -> bool:
    """Tell whether an address has letters that only servers with SMTPUTF8 (RFC 6531) take."""
    addresses = (message.sender.wire, *message.recipients)
    return not all(address.isascii() for address in addresses)
