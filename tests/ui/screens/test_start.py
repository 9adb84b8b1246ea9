from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from billdesk.kernel.i18n import current
from billdesk.services.company import NewCompany
from billdesk.ui.core.preferences import RecentBook
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.start.company_dialog import CompanyDialog, countries, currencies
from billdesk.ui.screens.start.start_presenter import BookLine, describe_books, facts_text, size_text
from billdesk.ui.screens.start.start_view import StartView
from ui.fakes import FakeDesk


def _view(qtbot: QtBot, context: Context) -> StartView:
    view = StartView(context)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    return view


def _asked(context: Context) -> list[tuple[str, object]]:
    assert isinstance(context.books, FakeDesk)
    return context.books.asked


def _trigger(view: StartView, text: str) -> None:
    next(action for action in view.actions() if action.text() == text).trigger()


def test_recent_books_are_shown_with_company_and_opened_by_a_click(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    book = tmp_path / "a.billdesk"
    book.write_bytes(b"x")
    context.preferences.remember_book(book, "Noordbrug B.V.")
    view = _view(qtbot, context)
    assert "Noordbrug B.V." in {found.text() for found in view.findChildren(QLabel)}
    row = next(b for b in view.findChildren(QPushButton) if b.accessibleName() == "Open Noordbrug B.V.")
    row.click()
    assert _asked(context) == [("open", book)]


def test_a_book_whose_file_is_gone_says_so_and_cannot_be_opened(qtbot: QtBot, context: Context) -> None:
    context.preferences.remember_book(Path("/nowhere/gone.billdesk"))
    view = _view(qtbot, context)
    row = next(b for b in view.findChildren(QPushButton) if b.accessibleName() == "Open gone")
    assert (row.isEnabled(), "The file is not there" in row.accessibleDescription()) == (False, True)


def test_a_book_can_be_taken_off_the_list(qtbot: QtBot, context: Context) -> None:
    context.preferences.remember_book(Path("/nowhere/gone.billdesk"))
    view = _view(qtbot, context)
    view._forget("/nowhere/gone.billdesk")
    assert context.preferences.now.recent == ()


def test_a_new_book_gets_the_ending_of_books(qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("/books/mine", ""))
    view = _view(qtbot, context)
    _trigger(view, "New book")
    (dialog,) = view.findChildren(CompanyDialog)
    QTest.keyClicks(dialog._name.line, "Noordbrug")
    dialog._form.set_values({"iban": "BE71 0961 2345 6769"})
    dialog.save_button.click()
    company = NewCompany("Noordbrug", "BE", "EUR", "en", iban="BE71096123456769")
    assert _asked(context) == [("create", (Path("/books/mine.billdesk"), company))]


def test_a_company_without_a_name_is_asked_again(qtbot: QtBot, context: Context) -> None:
    dialog = CompanyDialog(_view(qtbot, context))
    dialog.save_button.click()
    assert dialog._name.line.property("state") == "problem"


def test_the_currency_follows_the_country(qtbot: QtBot, context: Context) -> None:
    dialog = CompanyDialog(_view(qtbot, context))
    dialog._country.set_value("JP")
    dialog._country.changed.emit()
    assert dialog._currency.value() == "JPY"


def test_countries_and_currencies_are_choices_with_the_near_ones_first() -> None:
    assert [code for code, _name in countries()[:2]] == ["BE", "NL"]
    assert ("JP", "Japan") in countries()
    assert currencies()[0] == ("EUR", "EUR  Euro")


def test_a_backup_is_restored_as_another_file(qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: ("/b/old.backup", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("/b/new.billdesk", ""))
    _trigger(_view(qtbot, context), "Restore a backup")
    assert _asked(context) == [("restore", (Path("/b/old.backup"), Path("/b/new.billdesk")))]


def test_the_demo_is_made_in_the_documents_folder(qtbot: QtBot, context: Context) -> None:
    _trigger(_view(qtbot, context), "Try the demo")
    assert [name for name, _value in _asked(context)] == ["demo"]


def test_a_book_is_described_by_its_file(tmp_path: Path) -> None:
    book = tmp_path / "a.billdesk"
    book.write_bytes(b"x" * 2048)
    (line,) = describe_books([RecentBook(str(book))])
    assert (line.company, line.size, line.is_there, line.backup_at) == ("a", 2048, True, None)


def test_facts_name_day_size_and_backup() -> None:
    line = BookLine("/a", "A", is_there=True, changed_at=datetime(2026, 11, 25).astimezone(), size=5_000_000)
    assert facts_text(line, current()) == "25 Nov 2026 · 4 MB · no backup yet"


@pytest.mark.parametrize(("size", "text"), [(12, "12 B"), (2048, "2 kB"), (3 * 1024**3, "3 GB")])
def test_sizes_are_written_in_units(size: int, text: str) -> None:
    assert size_text(size) == text


def test_somebody_without_a_book_sees_how_it_goes(qtbot: QtBot, context: Context) -> None:
    view = _view(qtbot, context)
    assert (view._first.isVisible(), view._recent.isVisible()) == (True, False)
    assert "1. Bring in what you have" in {found.text() for found in view.findChildren(QLabel)}


def test_somebody_with_a_book_sees_the_recent_ones_instead(qtbot: QtBot, context: Context) -> None:
    context.preferences.remember_book(Path("/nowhere/gone.billdesk"))
    view = _view(qtbot, context)
    assert (view._first.isVisible(), view._recent.isVisible()) == (False, True)


def test_enter_opens_the_book_of_last_time(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    book = tmp_path / "a.billdesk"
    book.write_bytes(b"x")
    context.preferences.remember_book(book, "Noordbrug B.V.")
    view = _view(qtbot, context)
    taker = view.focusProxy()
    assert taker is not None
    assert taker.accessibleName() == "Open Noordbrug B.V."
