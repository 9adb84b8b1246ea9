"""Drafts for a mail program: .eml files that open ready to be sent."""

from __future__ import annotations

from billdesk.mail.message import OutgoingMessage


def write_eml(message: OutgoingMessage) -> bytes:
    """Give the bytes of a draft. `X-Unsent: 1` makes Outlook and others open it for editing."""
    from billdesk.mail.mime import build

    mail = build(message)
    mail["X-Unsent"] = "1"
    if message.bcc:
        # Nobody but the sender sees a draft, so blind copies are kept for the mail program.
        mail["Bcc"] = ", ".join(address.wire for address in message.bcc)
    return mail.as_bytes()
