"""Handing mails to an SMTP server: what it took, whom it refused, and whether trying again can help.

*Sent* means that the server answered the end of the data with 250. A connection that is lost after that end
leaves the outcome open: `DeliveryUncertain` says so, and the unchanged Message-ID lets a second copy be recognised.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from billdesk.kernel.errors import DeliveryUncertain
from billdesk.mail.message import OutgoingMessage
from billdesk.mail.server import Delivery, Login, MailServer, Refusal, Security

if TYPE_CHECKING:
    from billdesk.mail.session import MailSession

__all__ = [
    "Delivery",
    "DeliveryUncertain",
    "Login",
    "MailServer",
    "Refusal",
    "Security",
    "mail_session",
    "send_mail",
]


@contextmanager
def mail_session(server: MailServer, secret: str = "") -> Iterator[MailSession]:
    """Open a connection that takes one mail after another.

    Raises MailFailed naming the server when connecting, encrypting or logging in fails.
    """
    from billdesk.mail.session import open_session

    session = open_session(server, secret)
    try:
        yield session
    finally:
        session.close()


def send_mail(message: OutgoingMessage, server: MailServer, secret: str = "") -> Delivery:
    """Hand in one mail over a connection of its own. Raises MailFailed when the server takes it for nobody."""
    with mail_session(server, secret) as session:
        return session.send(message)
