from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from billdesk.services import delivery, invoices
from billdesk.services.book import Book
from billdesk.services.settings import change_settings
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.shell.outbox import Outbox
from builders.billing import a_book, a_draft, issue


class Taker:
    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.taken: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.taken.append(envelope.content)
        return self.answer


def _serve(handler: Taker) -> tuple[Controller, int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    return controller, port


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = a_book(tmp_path)
    issue(book, a_draft(book))
    yield book
    book.close()


def _outbox(qtbot: QtBot, book: Book) -> tuple[Outbox, Tasks]:
    window, tasks = QWidget(), Tasks()
    qtbot.addWidget(window)
    tasks.open_book(lambda: book)
    return Outbox(window, tasks, Messages(window), lambda *_args, **_named: None), tasks


def _states(book: Book) -> list[str]:
    return [row.delivery for row in book.query(invoices.list_documents, invoices.DocumentFilter())]


@pytest.mark.parametrize(("answer", "state"), [("250 taken", "sent"), ("554 refused", "failed")])
def test_a_mail_counts_as_sent_only_when_the_server_took_it(qtbot: QtBot, book: Book, answer: str, state: str) -> None:
    taker = Taker(answer)
    controller, port = _serve(taker)
    settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "a@acme.example"}
    book.run(change_settings, settings)
    outbox, tasks = _outbox(qtbot, book)
    outbox.send()
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=20_000)
    controller.stop()
    assert (_states(book), len(taker.taken)) == ([state], int(state == "sent"))
    tasks.stop()


def test_drafts_are_written_and_the_mails_go_on_waiting(qtbot: QtBot, book: Book, tmp_path: Path) -> None:
    outbox, tasks = _outbox(qtbot, book)
    outbox.write_drafts(tmp_path / "drafts")
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=20_000)
    assert [path.suffix for path in (tmp_path / "drafts").iterdir()] == [".eml"]
    assert book.query(delivery.count_deliveries)[delivery.DeliveryState.QUEUED] == 1
    tasks.stop()
