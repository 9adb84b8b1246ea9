"""A test mail: proves server, port, encryption and password before the first invoice goes out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.i18n import _
from billdesk.mail.message import MailAddress, OutgoingMessage, make_message_id
from billdesk.mail.server import MailServer, Security
from billdesk.mail.smtp import send_mail

_SECURITY: Final = {"starttls": Security.STARTTLS, "ssl": Security.TLS, "none": Security.NONE}


def send_test_mail(settings: Mapping[str, Any], recipient: str, secret: str, now: datetime) -> str:
    """Send a short mail with these settings and give the server's receipt; touches no database. Raises MailFailed."""
    for field in ("smtp_host", "mail_from"):
        if not settings.get(field):
            raise InvalidValue(Problem("value_missing", Place(field=field)))
    sender = str(settings["mail_from"])
    message = OutgoingMessage(
        sender=MailAddress(sender, "BillDesk"),
        to=(MailAddress(recipient),),
        subject=_("Test mail of BillDesk"),
        text=_("This mail proves that BillDesk can send your invoices."),
        date=now,
        message_id=make_message_id(f"test {now.isoformat()}", sender),
    )
    server = MailServer(
        str(settings["smtp_host"]),
        int(settings["smtp_port"]),
        _SECURITY[str(settings["smtp_security"])],
        str(settings.get("smtp_user") or ""),
    )
    return send_mail(message, server, secret).receipt
