from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from billdesk.mail.eml import write_eml
from billdesk.mail.message import Attachment, MailAddress, OutgoingMessage, make_message_id, needs_utf8
from billdesk.mail.mime import build

MESSAGE = OutgoingMessage(
    MailAddress("billing@acacia.example", "Acacia Cloud BV – Büro"),
    (MailAddress("ann@linde.example", "Ann Peeters, Łódź"),),
    "Factuur 2026-00042 für Müller & Söhne",
    "Beste Ann,\n\nIn bijlage <uw> factuur.\nTot € 5.\n",
    datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
    make_message_id("1/2026-00042/7", "billing@acacia.example"),
    cc=(MailAddress("cc@linde.example"),),
    bcc=(MailAddress("archive@acacia.example"),),
    reply_to=MailAddress("ask@acacia.example"),
    attachments=(Attachment("Rechnung für Müller €.pdf", "application/pdf", b"%PDF-1.4 content"),),
)


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_survive_with_all_their_letters() -> None:
    mail = parsed(build(MESSAGE).as_bytes())
    assert mail["Subject"] == "Factuur 2026-00042 für Müller & Söhne"
    assert mail["From"].addresses[0].display_name == "Acacia Cloud BV – Büro"
    assert mail["To"].addresses[0].display_name == "Ann Peeters, Łódź"
    assert mail["Cc"] == "cc@linde.example"
    assert mail["Reply-To"] == "ask@acacia.example"
    assert mail["Date"] == "Sat, 31 Jan 2026 12:00:00 +0000"


def test_the_mail_is_pure_ascii_with_crlf_line_ends() -> None:
    content = build(MESSAGE).as_bytes()
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_text_html_and_attachment_are_there() -> None:
    mail = parsed(build(MESSAGE).as_bytes())
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == MESSAGE.text
    assert "<p>In bijlage &lt;uw&gt; factuur.<br>" in html.get_content()
    attachment = next(iter(mail.iter_attachments()))
    assert (attachment.get_filename(), attachment.get_content()) == ("Rechnung für Müller €.pdf", b"%PDF-1.4 content")


def test_blind_copies_are_recipients_but_not_named() -> None:
    assert MESSAGE.recipients == ("ann@linde.example", "cc@linde.example", "archive@acacia.example")
    assert b"archive@acacia.example" not in build(MESSAGE).as_bytes()


def test_a_recipient_named_twice_gets_one_mail() -> None:
    assert replace(MESSAGE, cc=MESSAGE.to, bcc=()).recipients == ("ann@linde.example",)


def test_a_second_attempt_is_the_same_mail_byte_for_byte() -> None:
    assert build(MESSAGE).as_bytes() == build(MESSAGE).as_bytes()


def test_the_message_id_depends_on_its_key_only() -> None:
    first = make_message_id("1/2026-00042/7", "billing@acacia.example")
    assert first == "<8d6e82b5a6fe196eb81bcd8def0f4ed4@acacia.example>"
    assert make_message_id("1/2026-00042/7", "billing@acacia.example") == first
    assert make_message_id("1/2026-00042/8", "billing@acacia.example") != first


def test_a_domain_with_umlauts_becomes_ascii_in_the_message_id() -> None:
    assert make_message_id("x", "info@müller.example").endswith("@xn--mller-kva.example>")


def test_line_ends_in_a_subject_or_name_cannot_add_headers() -> None:
    evil = replace(MESSAGE, subject="Hi\r\nBcc: x@y.example", sender=MailAddress("a@b.example", "A\r\nX-Evil: 1"))
    mail = parsed(build(evil).as_bytes())
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None


def test_only_addresses_with_accents_need_a_server_that_takes_them() -> None:
    assert not needs_utf8(MESSAGE)
    assert needs_utf8(replace(MESSAGE, to=(MailAddress("jürgen@linde.example"),)))


def test_a_draft_opens_unsent_and_keeps_its_blind_copies() -> None:
    draft = parsed(write_eml(MESSAGE))
    assert draft["X-Unsent"] == "1"
    assert draft["Bcc"] == "archive@acacia.example"
    assert draft["Subject"] == MESSAGE.subject
    assert parsed(write_eml(replace(MESSAGE, bcc=(), cc=(), reply_to=None)))["Bcc"] is None


def test_an_address_goes_out_without_spaces_and_with_an_ascii_domain() -> None:
    assert MailAddress(" info@Müller.example ").wire == "info@xn--mller-kva.example"
    assert MailAddress("x@" + "a" * 70 + ".example").wire == "x@" + "a" * 70 + ".example"
