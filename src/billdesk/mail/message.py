"""A mail to be sent: who, what, and the files with it."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Final

_PARAGRAPHS: Final = re.compile(r"\n{2,}")


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


def build(message: OutgoingMessage) -> EmailMessage:
    """Give the mail in MIME form: text, HTML and attachments. Blind copies are not named in it."""
    mail = EmailMessage(policy=SMTPUTF8 if needs_utf8(message) else SMTP)
    mail["From"] = _header(message.sender)
    mail["To"] = tuple(_header(address) for address in message.to)
    if message.cc:
        mail["Cc"] = tuple(_header(address) for address in message.cc)
    if message.reply_to is not None:
        mail["Reply-To"] = _header(message.reply_to)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(message.date)
    mail["Message-ID"] = message.message_id
    # Not every server takes 8 bits, and signatures break when one on the way recodes them.
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(_html(message.text), subtype="html", cte="quoted-printable")
    for attachment in message.attachments:
        main, _slash, sub = attachment.media_type.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.file_name)
    _fix_boundaries(mail, message.message_id)
    return mail


def _header(address: MailAddress) -> HeaderAddress:
    name = " ".join(address.name.split())
    # Not as `addr_spec`, whose parser refuses accents before the @.
    username, _at, domain = address.wire.rpartition("@")
    return HeaderAddress(display_name=name, username=username, domain=domain)


def _html(text: str) -> str:
    paragraphs = [html.escape(part).replace("\n", "<br>\n") for part in _PARAGRAPHS.split(text.strip())]
    body = "\n".join(f"<p>{part}</p>" for part in paragraphs)
    style = "font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; font-size: 15px; line-height: 1.5"
    return f'<!DOCTYPE html>\n<html><body style="{style}">\n{body}\n</body></html>\n'


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Derive the boundaries from the Message-ID; the random ones of `email` would make each attempt another mail."""
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{digest}_{number}")
