"""Sending against a real local server, with every way in which one may say no."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from billdesk.kernel.errors import DeliveryUncertain, MailFailed
from billdesk.mail.message import Attachment, MailAddress, OutgoingMessage, make_message_id
from billdesk.mail.smtp import Login, MailServer, Refusal, Security, mail_session, send_mail

MESSAGE = OutgoingMessage(
    MailAddress("billing@acacia.example", "Acacia"),
    (MailAddress("ann@linde.example", "Ann"), MailAddress("bob@linde.example")),
    "Rechnung für Łukasz",
    "Grüße\n.\n..Punkte\n",
    dt.datetime(2026, 1, 31, 12, 0, tzinfo=dt.UTC),
    make_message_id("1", "billing@acacia.example"),
    attachments=(Attachment("Größe.pdf", "application/pdf", b"%PDF" + bytes(range(256))),),
)


class Handler:
    """A server that takes everything except what a test tells it to refuse."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.refused: dict[str, str] = {}
        self.sender_answer = ""
        self.data_answer = "250 2.0.0 Ok: queued as 4711"
        self.drop_after_data = False
        self.wait = 0.0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender_answer or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.wait:
            await asyncio.sleep(self.wait)
        self.taken.append(envelope)
        if self.drop_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.data_answer


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = mechanism in {"LOGIN", "PLAIN"} and data.password == b"geheim \xc3\xa9"
    return AuthResult(success=good, handled=False)


@contextlib.contextmanager
def running(handler: Handler, **options: Any) -> Iterator[MailServer]:
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield MailServer("127.0.0.1", port, Security.NONE, timeout_seconds=5)
    finally:
        controller.stop()


def free_port() -> int:
    # The controller connects to its port by number, so the system cannot choose one for it.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


over_plain_text = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


@pytest.fixture
def handler() -> Handler:
    return Handler()


def test_a_mail_is_sent_when_the_server_took_it(handler: Handler) -> None:
    with running(handler) as server:
        delivery = send_mail(MESSAGE, server)
    assert delivery.accepted == ("ann@linde.example", "bob@linde.example")
    assert delivery.refused == ()
    assert "queued as 4711" in delivery.receipt


def test_umlauts_dots_and_attachments_arrive_unchanged(handler: Handler) -> None:
    with running(handler) as server:
        send_mail(MESSAGE, server)
    content = handler.taken[0].content
    assert isinstance(content, bytes)
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"] == "Rechnung für Łukasz"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Grüße\n.\n..Punkte\n"
    attachment = next(iter(mail.iter_attachments()))
    assert (attachment.get_filename(), attachment.get_content()) == ("Größe.pdf", b"%PDF" + bytes(range(256)))


def test_one_connection_takes_several_mails(handler: Handler) -> None:
    with running(handler) as server, mail_session(server) as session:
        for number in range(3):
            session.send(replace(MESSAGE, subject=f"Mail {number}"))
    assert len(handler.taken) == 3


def test_a_refused_recipient_is_named_and_the_others_get_the_mail(handler: Handler) -> None:
    handler.refused = {"bob@linde.example": "550 5.1.1 no such user"}
    with running(handler) as server:
        delivery = send_mail(MESSAGE, server)
    assert delivery.accepted == ("ann@linde.example",)
    refused = Refusal("bob@linde.example", 550, "5.1.1 no such user", retry=False)
    assert delivery.refused == (refused,)


@pytest.mark.parametrize(("answer", "retry"), [("450 mailbox busy", True), ("550 no such user", False)])
def test_a_mail_that_nobody_gets_has_failed(handler: Handler, answer: str, retry: bool) -> None:  # noqa: FBT001 - a parameter
    handler.refused = {"ann@linde.example": answer, "bob@linde.example": answer}
    with running(handler) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, server)
    assert caught.value.retry is retry
    assert answer[4:] in caught.value.reason
    assert handler.taken == []


def test_the_connection_can_be_used_after_a_failure(handler: Handler) -> None:
    handler.refused = {"ann@linde.example": "550 no", "bob@linde.example": "550 no"}
    with running(handler) as server, mail_session(server) as session:
        with pytest.raises(MailFailed):
            session.send(MESSAGE)
        session.send(replace(MESSAGE, to=(MailAddress("eva@linde.example"),)))
    assert [envelope.rcpt_tos for envelope in handler.taken] == [["eva@linde.example"]]


@pytest.mark.parametrize(("answer", "retry"), [("451 try later", True), ("552 too big", False)])
def test_a_refused_content_says_whether_to_try_again(handler: Handler, answer: str, retry: bool) -> None:  # noqa: FBT001 - a parameter
    handler.data_answer = answer
    with running(handler) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, server)
    assert (caught.value.retry, caught.value.reason) == (retry, answer)
    assert not isinstance(caught.value, DeliveryUncertain)


def test_a_refused_sender_is_a_failure(handler: Handler) -> None:
    handler.sender_answer = "553 sender not allowed"
    with running(handler) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, server)
    assert caught.value.reason == "553 sender not allowed"
    assert caught.value.recipient == "ann@linde.example, bob@linde.example"


def test_a_connection_lost_after_the_data_leaves_the_outcome_open(handler: Handler) -> None:
    handler.drop_after_data = True
    with running(handler) as server, pytest.raises(DeliveryUncertain) as caught:
        send_mail(MESSAGE, server)
    assert caught.value.retry
    assert len(handler.taken) == 1


def test_a_server_silent_after_the_data_leaves_the_outcome_open(handler: Handler) -> None:
    handler.wait = 3
    with running(handler) as server, pytest.raises(DeliveryUncertain):
        send_mail(MESSAGE, replace(server, timeout_seconds=1))


@over_plain_text
def test_the_right_password_opens_the_server(handler: Handler) -> None:
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with running(handler, **options) as server:
        delivery = send_mail(MESSAGE, replace(server, user="billing"), "geheim é")
    assert delivery.accepted


@over_plain_text
def test_a_wrong_password_is_not_tried_again(handler: Handler) -> None:
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with running(handler, **options) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, replace(server, user="billing"), "wrong")
    assert not caught.value.retry
    assert caught.value.recipient == f"127.0.0.1:{server.port}"
    assert "535" in caught.value.reason


@over_plain_text
def test_a_server_that_wants_a_login_says_so(handler: Handler) -> None:
    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with running(handler, **options) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, server)
    assert "530" in caught.value.reason
    assert not caught.value.retry


def test_an_oauth_token_is_sent_as_xoauth2() -> None:
    seen: list[str] = []
    answers = (b"250-me\r\n250 AUTH XOAUTH2\r\n", b"235 ok\r\n", b"221 bye\r\n")
    with scripted(b"220 hi\r\n", *answers, seen=seen) as server:
        oauth = replace(server, user="me@x.example", login=Login.XOAUTH2)
        with mail_session(oauth, "token123"):
            pass
    # base64 of user=me@x.example^Aauth=Bearer token123^A^A
    assert seen[1] == "AUTH XOAUTH2 dXNlcj1tZUB4LmV4YW1wbGUBYXV0aD1CZWFyZXIgdG9rZW4xMjMBAQ=="


def test_a_server_without_starttls_gets_no_password(handler: Handler) -> None:
    with running(handler) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, replace(server, security=Security.STARTTLS, user="x"), "secret")
    assert not caught.value.retry
    assert "STARTTLS" in caught.value.reason


def test_an_address_with_accents_needs_a_server_that_takes_it(handler: Handler) -> None:
    message = replace(MESSAGE, to=(MailAddress("jürgen@linde.example"),))
    with running(handler, enable_SMTPUTF8=False) as server, pytest.raises(MailFailed) as caught:
        send_mail(message, server)
    assert not caught.value.retry
    with running(handler, enable_SMTPUTF8=True) as server:
        assert send_mail(message, server).accepted == ("jürgen@linde.example",)


def test_a_port_that_nobody_listens_on_may_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = MailServer("127.0.0.1", unused.getsockname()[1], Security.NONE, timeout_seconds=2)
        with pytest.raises(MailFailed) as caught:
            send_mail(MESSAGE, server)
    assert caught.value.retry


def test_a_server_that_never_answers_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], Security.NONE, timeout_seconds=1)
        with pytest.raises(MailFailed) as caught:
            send_mail(MESSAGE, server)
    assert caught.value.retry


def test_a_connection_lost_before_the_data_is_no_delivery() -> None:
    with scripted(b"220 hi\r\n", b"250 me\r\n", b"") as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, server)
    assert caught.value.retry
    assert not isinstance(caught.value, DeliveryUncertain)


@contextlib.contextmanager
def scripted(greeting: bytes, *answers: bytes, seen: list[str] | None = None) -> Iterator[MailServer]:
    """Serve one connection with fixed answers; an empty one hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, greeting, answers, [] if seen is None else seen))
        thread.start()
        yield MailServer("127.0.0.1", listening.getsockname()[1], Security.NONE, timeout_seconds=5)
        thread.join()


def _serve(listening: socket.socket, greeting: bytes, answers: tuple[bytes, ...], seen: list[str]) -> None:
    connection, _peer = listening.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(greeting)
        for answer in answers:
            seen.append(lines.readline().decode().strip())
            if not answer:
                return
            connection.sendall(answer)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def served(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_starttls_encrypts_before_the_password_is_sent(handler: Handler, certificate: Path) -> None:
    options = {"authenticator": authenticate, "auth_required": True, "tls_context": served(certificate)}
    trusted = ssl.create_default_context(cafile=certificate)
    with running(handler, **options) as server:
        secured = replace(server, host="localhost", security=Security.STARTTLS, user="billing", tls=trusted)
        assert send_mail(MESSAGE, secured, "geheim é").accepted


def test_a_certificate_that_nobody_vouches_for_is_refused(handler: Handler, certificate: Path) -> None:
    with running(handler, tls_context=served(certificate)) as server, pytest.raises(MailFailed) as caught:
        send_mail(MESSAGE, replace(server, host="localhost", security=Security.STARTTLS))
    assert not caught.value.retry
    assert handler.taken == []


def test_tls_from_the_first_byte_works(handler: Handler, certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=certificate)
    with running(handler, ssl_context=served(certificate)) as server:
        secured = replace(server, host="localhost", security=Security.TLS, tls=trusted)
        assert send_mail(MESSAGE, secured).accepted
