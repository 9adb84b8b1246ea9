from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import delivery, invoices
from billdesk.services.book import Book
from billdesk.services.delivery import DeliveryState
from billdesk.services.entities import create_entity
from billdesk.services.settings import change_settings
from builders.billing import a_book, a_draft, issue
from builders.book import NOW, an_entity


class Taker:
    """A server that takes mails, or answers what the test asks for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[str] = []
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 taken as 77"
        if answer.startswith("250"):
            self.taken.append(envelope.content)
        return answer


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def taker() -> Iterator[Taker]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    handler = Taker(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(tmp_path: Path, taker: Taker, clock: Clock) -> Iterator[Book]:
    with a_book(tmp_path, clock=clock) as book:
        settings = {"smtp_host": "127.0.0.1", "smtp_port": taker.port, "smtp_security": "none"}
        book.run(change_settings, {**settings, "mail_from": "billing@acacia.example"})
        issue(book, a_draft(book))
        yield book


def _states(book: Book) -> list[DeliveryState]:
    return [one.state for one in book.query(delivery.list_deliveries)]


def test_sent_means_that_the_server_took_the_mail(book: Book, taker: Taker) -> None:
    assert _states(book) == [DeliveryState.QUEUED]
    outcome = delivery.send_outbox(book, progress=Progress())
    (mail,) = book.query(delivery.list_deliveries)
    assert (outcome.sent, mail.state, mail.sent_at) == (1, DeliveryState.SENT, NOW)
    assert mail.answer == "taken as 77"
    assert b"2026-00001 Brouwerij De Linde NV.pdf" in taker.taken[0]


def test_a_passing_failure_is_tried_again_later_with_the_same_message_id(
    book: Book, taker: Taker, clock: Clock
) -> None:
    taker.answers = ["451 try later"]
    assert delivery.send_outbox(book, progress=Progress()).waiting == 1
    first = book.query(delivery.list_deliveries)[0]
    assert (first.state, first.next_attempt_at) == (DeliveryState.QUEUED, NOW + timedelta(minutes=5))
    clock.now = NOW + timedelta(minutes=6)
    assert delivery.send_outbox(book, progress=Progress()).sent == 1
    assert book.query(delivery.list_deliveries)[0].message_id == first.message_id


def test_a_refusal_for_good_is_failed_and_can_be_retried_by_hand(book: Book, taker: Taker) -> None:
    taker.answers = ["554 no"]
    assert delivery.send_outbox(book, progress=Progress()).failed == 1
    (mail,) = book.query(delivery.list_deliveries)
    assert (mail.state, mail.answer) == (DeliveryState.FAILED, "554 no")
    book.run(delivery.retry_delivery, mail.id)
    assert delivery.send_outbox(book, progress=Progress()).sent == 1


def test_after_five_attempts_a_person_decides(book: Book, taker: Taker, clock: Clock) -> None:
    taker.answers = ["451 try later"] * 5
    for hours in (0, 1, 3, 7, 20):
        clock.now = NOW + timedelta(hours=hours)
        delivery.send_outbox(book, progress=Progress())
    assert _states(book) == [DeliveryState.FAILED]


def test_a_mail_cut_off_while_sending_is_not_sent_twice_by_itself(book: Book, taker: Taker) -> None:
    book.run(delivery.take_next)
    assert _states(book) == [DeliveryState.SENDING]
    assert book.run(delivery.recover_outbox).value == 1
    assert delivery.send_outbox(book, progress=Progress()).sent == 0
    assert _states(book) == [DeliveryState.FAILED]


def test_a_cancelled_mail_is_not_sent(book: Book) -> None:
    book.run(delivery.cancel_delivery, book.query(delivery.list_deliveries)[0].id)
    assert delivery.send_outbox(book, progress=Progress()).sent == 0


def test_without_a_mail_server_the_mail_stays_queued(book: Book) -> None:
    book.run(change_settings, {"smtp_host": ""})
    with pytest.raises(RuleBroken) as refused:
        delivery.send_outbox(book, progress=Progress())
    assert refused.value.rule == "mail_not_set_up"
    assert _states(book) == [DeliveryState.QUEUED]


def test_the_lists_show_how_far_a_document_is(book: Book) -> None:
    delivery.send_outbox(book, progress=Progress())
    (row,) = book.query(invoices.list_documents, invoices.DocumentFilter(delivery="sent"))
    assert row.number == "2026-00001"


def test_a_mail_draft_opens_ready_to_be_sent(book: Book, tmp_path: Path) -> None:
    parcels = book.query(delivery.load_parcels, book.query(delivery.list_deliveries))
    (path,) = delivery.write_mail_drafts(parcels, tmp_path / "drafts")
    assert path.name == "2026-00001 Brouwerij De Linde NV.eml"
    assert b"X-Unsent: 1" in path.read_bytes()


def test_the_outbox_can_be_written_as_drafts_and_goes_on_waiting(book: Book, tmp_path: Path) -> None:
    outcome = delivery.send_outbox(book, drafts_folder=tmp_path / "drafts", progress=Progress())
    assert (outcome.sent, outcome.waiting, _states(book)) == (0, 1, [DeliveryState.QUEUED])
    assert [path.suffix for path in (tmp_path / "drafts").iterdir()] == [".eml"]


def test_documents_are_written_under_names_that_every_system_takes(book: Book, tmp_path: Path) -> None:
    bundle = book.query(delivery.load_bundle, [1])
    paths = delivery.export_documents(bundle, tmp_path / "out", ("invoice_pdf", "invoice_xlsx"), progress=Progress())
    names = ["2026-00001 Brouwerij De Linde NV.pdf", "2026-00001 Brouwerij De Linde NV.xlsx"]
    assert [path.name for path in paths] == names
    assert paths[0].read_bytes().startswith(b"%PDF")


def test_companies_with_the_same_numbers_do_not_overwrite_each_others_files(book: Book, tmp_path: Path) -> None:
    book.run(create_entity, an_entity(code="OAK"))
    bundle = book.query(delivery.load_bundle, [1])
    other = replace(bundle.documents[0], entity_id=2)
    both = replace(bundle, documents=(bundle.documents[0], other, other))
    paths = delivery.export_documents(both, tmp_path / "out", progress=Progress())
    assert [path.name for path in paths] == [
        "ACA 2026-00001 Brouwerij De Linde NV.pdf",
        "OAK 2026-00001 Brouwerij De Linde NV.pdf",
        "OAK 2026-00001 Brouwerij De Linde NV (2).pdf",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('A/B: "C" <D>|E?*', "A-B- -C- -D--E--"),
        ("con", "_con"),
        ("NUL.pdf", "_NUL.pdf"),
        ("Müller & Söhne.", "Müller & Söhne"),
        ("a\nb", "a-b"),
    ],
)
def test_names_lose_what_windows_forbids(text: str, name: str) -> None:
    assert delivery.safe_name(text) == name


def test_the_mail_is_written_in_the_customers_language(book: Book) -> None:
    (mail,) = book.query(delivery.list_deliveries)
    assert "2026-00001" in mail.subject
    assert mail.queued_at == datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    assert mail.recipients == ("els@linde.example",)
