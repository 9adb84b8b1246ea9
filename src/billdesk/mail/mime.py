"""A mail in MIME form, byte for byte the same at each attempt."""

from __future__ import annotations

import hashlib
import html
import re
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Final

from billdesk.mail.message import MailAddress, OutgoingMessage, needs_utf8

_PARAGRAPHS: Final = re.compile(r"\n{2,}")


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
