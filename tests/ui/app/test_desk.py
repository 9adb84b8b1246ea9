"""The desk over real books: made, opened, closed, restored, and kept while the language changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from billdesk.app.desk import Desk
from billdesk.kernel.progress import Progress
from billdesk.services.backups import back_up
from billdesk.services.book import Book
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.customers import create_customer
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.theme import Theme
from billdesk.ui.core.widgets import MessageDialog
from builders.customers import a_customer

NOORDBRUG = NewCompany("Noordbrug BV", "BE", "EUR")


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, theme: Theme) -> Iterator[Desk]:
    made = Desk(qapp, theme, PreferenceStore())
    made.start()
    yield made
    made.tasks.stop()
    made.window.close()
    made.window.deleteLater()


def _idle(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.tasks.is_idle, timeout=20_000)


def test_a_new_book_is_made_opened_and_remembered(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.create_book(tmp_path / "mine.billdesk", NOORDBRUG)
    _idle(qtbot, desk)
    assert (desk.window.pages.key, desk.window.rail.isVisible()) == ("home", True)
    assert [book.path for book in PreferenceStore().now.recent] == [str(tmp_path / "mine.billdesk")]


def test_a_book_that_is_not_there_leaves_the_start_screen(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.open_book(tmp_path / "none.billdesk")
    _idle(qtbot, desk)
    assert (desk.window.pages.key, len(desk.window.findChildren(MessageDialog))) == ("start", 1)


def test_closing_gives_the_file_back(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.billdesk"
    desk.create_book(path, NOORDBRUG)
    desk.close_book()
    _idle(qtbot, desk)
    Book.open(path).close()
    assert desk.window.pages.key == "start"


def test_another_language_keeps_the_book_open(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.create_book(tmp_path / "mine.billdesk", NOORDBRUG)
    _idle(qtbot, desk)
    desk.change_language("nl")
    _idle(qtbot, desk)
    assert (desk.window.pages.key, PreferenceStore().now.language) == ("home", "nl")


def test_the_palette_finds_customers_and_the_card_shows_the_company(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.create_book(tmp_path / "mine.billdesk", NOORDBRUG)
    _idle(qtbot, desk)
    desk.tasks.command(create_customer, a_customer(name="Hoffmann Gartenbau"))
    _idle(qtbot, desk)
    assert desk.window.windowTitle() == "Noordbrug BV – BillDesk"
    desk.window.palette_box.open_palette()
    QTest.keyClicks(desk.window.palette_box._field, "hoffm")
    qtbot.waitUntil(lambda: "Hoffmann Gartenbau" in desk.window.palette_box.titles(), timeout=5000)


def test_a_company_that_cannot_be_entered_leaves_no_file(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.create_book(tmp_path / "mine.billdesk", NewCompany("", "BE", "EUR", iban="BE00"))
    _idle(qtbot, desk)
    assert list(tmp_path.glob("*.billdesk")) == []
    assert desk.window.pages.key == "start"


def test_a_book_that_is_open_elsewhere_is_offered_for_reading(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.billdesk"
    with Book.create(path):
        desk.open_book(path)
        _idle(qtbot, desk)
        (question,) = desk.window.findChildren(MessageDialog)
        question.accept()
        _idle(qtbot, desk)
    assert (desk.window.pages.key, desk.window._notice.isVisible()) == ("home", True)


def test_a_book_that_may_not_be_written_is_offered_for_reading(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.billdesk"
    Book.create(path).close()
    monkeypatch.setattr("billdesk.storage.bookfile.os.access", lambda asked, _mode: Path(asked) != path)
    desk.open_book(path)
    _idle(qtbot, desk)
    (question,) = desk.window.findChildren(MessageDialog)
    question.accept()
    _idle(qtbot, desk)
    assert desk.window._notice.isVisible()


def test_a_book_is_restored_from_a_backup_and_opened(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.billdesk"
    with Book.create(path) as book:
        book.run(set_up_company, NOORDBRUG)
    backup = back_up(path, datetime(2026, 11, 25, tzinfo=UTC))
    desk.restore_backup(backup.path, tmp_path / "again.billdesk")
    qtbot.waitUntil(lambda: desk.window.windowTitle() == "Noordbrug BV – BillDesk", timeout=20_000)
    _idle(qtbot, desk)
    assert (tmp_path / "again.billdesk").is_file()


def test_the_demo_is_made_in_the_files_lane_and_opened(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(folder: Path, progress: Progress) -> Path:
        progress.step(1, 1, "made")
        with Book.create(folder / "demo.billdesk"):
            return folder / "demo.billdesk"

    monkeypatch.setattr("billdesk.app.desk.make_demo_book", make)
    desk.create_demo(tmp_path)
    qtbot.waitUntil(lambda: desk.window.pages.key == "home", timeout=20_000)
    _idle(qtbot, desk)
