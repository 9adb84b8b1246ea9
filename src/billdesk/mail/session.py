"""A conversation with an SMTP server (RFC 5321), kept apart so that smtplib is loaded when a mail is sent."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from contextlib import suppress
from typing import Final

from billdesk.kernel.errors import DeliveryUncertain, MailFailed
from billdesk.mail.message import OutgoingMessage, needs_utf8
from billdesk.mail.mime import build
from billdesk.mail.server import Delivery, Login, MailServer, Refusal, Security

_OK: Final = 250
_LOGGED_IN: Final = 235
_WILL_FORWARD: Final = 251
_START_INPUT: Final = 354
_PERMANENT: Final = 500
_LINE_START_DOT: Final = re.compile(rb"(?m)^\.")


class MailSession:
    """An open connection that takes one mail after another."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    def send(self, message: OutgoingMessage) -> Delivery:
        """Hand in one mail. Raises MailFailed when the server takes it for nobody."""
        content = self._content(message)
        try:
            return self._transact(message, content)
        except OSError as error:  # smtplib's own disconnection error is one
            raise MailFailed(_names(message), str(error), retry=True) from error

    def close(self) -> None:
        """Say goodbye; the mails are already with the server, so a rude end changes nothing."""
        with suppress(OSError):
            self._connection.quit()

    def _content(self, message: OutgoingMessage) -> bytes:
        if needs_utf8(message) and not self._connection.has_extn("smtputf8"):
            raise MailFailed(_names(message), "the server takes no addresses with accents (SMTPUTF8)", retry=False)
        return _LINE_START_DOT.sub(b"..", build(message).as_bytes())

    def _transact(self, message: OutgoingMessage, content: bytes) -> Delivery:
        options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8(message) else []
        self._expect(self._connection.mail(message.sender.wire, options), {_OK}, message)
        accepted, refused = self._name_recipients(message)
        if not accepted:
            self._reset()
            reasons = "; ".join(f"{refusal.recipient}: {refusal.reason}" for refusal in refused)
            raise MailFailed(_names(message), reasons, retry=any(refusal.retry for refusal in refused))
        self._expect(self._connection.docmd("DATA"), {_START_INPUT}, message)
        return Delivery(accepted, refused, self._deliver(message, content))

    def _name_recipients(self, message: OutgoingMessage) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
        accepted: list[str] = []
        refused: list[Refusal] = []
        for recipient in message.recipients:
            code, answer = self._connection.rcpt(recipient)
            if code in {_OK, _WILL_FORWARD}:
                accepted.append(recipient)
            else:
                refused.append(Refusal(recipient, code, _words(answer), _is_temporary(code)))
        return tuple(accepted), tuple(refused)

    def _deliver(self, message: OutgoingMessage, content: bytes) -> str:
        end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
        self._connection.send(content + end)
        try:
            code, answer = self._connection.getreply()
        except OSError as error:  # smtplib's own disconnection error is one
            raise DeliveryUncertain(_names(message), str(error), retry=True) from error
        self._expect((code, answer), {_OK}, message)
        return _words(answer)

    def _expect(self, reply: tuple[int, bytes], wanted: set[int], message: OutgoingMessage) -> None:
        code, answer = reply
        if code not in wanted:
            self._reset()
            raise MailFailed(_names(message), f"{code} {_words(answer)}", retry=_is_temporary(code))

    def _reset(self) -> None:
        """Leave the connection ready for the next mail; a lost one shows itself there."""
        with suppress(OSError):
            self._connection.rset()


def open_session(server: MailServer, secret: str) -> MailSession:
    """Connect, encrypt and log in. Raises MailFailed naming the server when that is refused or impossible."""
    connection: smtplib.SMTP | None = None
    try:
        connection = _connect(server)
        connection.ehlo_or_helo_if_needed()
        _log_in(connection, server, secret)
    except smtplib.SMTPResponseException as error:
        raise _refused(
            server, connection, f"{error.smtp_code} {_words(error.smtp_error)}", retry=_is_temporary(error.smtp_code)
        ) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError, UnicodeError) as error:
        raise _refused(server, connection, str(error), retry=False) from error
    except OSError as error:
        raise _refused(server, connection, str(error), retry=True) from error
    return MailSession(connection)


def _refused(server: MailServer, connection: smtplib.SMTP | None, reason: str, *, retry: bool) -> MailFailed:
    if connection is not None:
        connection.close()
    return MailFailed(f"{server.host}:{server.port}", reason, retry=retry)


def _connect(server: MailServer) -> smtplib.SMTP:
    context = server.tls or ssl.create_default_context()
    if server.security is Security.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_seconds, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    if server.security is Security.STARTTLS:
        try:
            connection.starttls(context=context)
        except OSError:  # smtplib's own errors are of this kind too
            connection.close()
            raise
    return connection


def _log_in(connection: smtplib.SMTP, server: MailServer, secret: str) -> None:
    if not server.user:
        return
    if server.login is Login.XOAUTH2:
        connection.auth("XOAUTH2", lambda _challenge=None: f"user={server.user}\x01auth=Bearer {secret}\x01\x01")
    elif not (server.user + secret).isascii() and "PLAIN" in connection.esmtp_features.get("auth", "").upper():
        _log_in_plain(connection, server.user, secret)
    else:
        connection.login(server.user, secret)


def _log_in_plain(connection: smtplib.SMTP, user: str, secret: str) -> None:
    """Log in with UTF-8 as RFC 4616 wants it; smtplib's own login sends ASCII only."""
    token = base64.b64encode(f"\0{user}\0{secret}".encode()).decode()
    code, answer = connection.docmd("AUTH", f"PLAIN {token}")
    if code != _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _is_temporary(code: int) -> bool:
    """Tell a 4xx answer, or none at all, from a refusal for good (RFC 5321, 4.2.1)."""
    return code < _PERMANENT


def _names(message: OutgoingMessage) -> str:
    return ", ".join(message.recipients)


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())
