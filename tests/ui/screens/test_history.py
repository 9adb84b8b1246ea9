from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from billdesk.kernel.changes import Noun
from billdesk.services import customers, imports
from billdesk.services.backups import list_backups
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_panel import TablePanel
from billdesk.ui.screens.history.history_presenter import size_text
from billdesk.ui.screens.history.history_view import HistoryView
from builders import payments
from builders.banking import a_line, take_in
from builders.sheets import a_csv
from ui.books import idle, press, show, words
from ui.fakes import FakeDesk


@dataclass
class Desk:
    view: HistoryView
    qtbot: QtBot
    context: Context
    folder: Path

    def press(self, text: str) -> None:
        press(self.view, text)
        self.idle()

    def idle(self) -> None:
        idle(self.qtbot, self.context)

    def dialog(self) -> QDialog:
        found = self.context.messages._window.findChildren(QDialog)
        return next(one for one in found if one.isVisible())


def _cells(panel: TablePanel, column: int) -> list[str]:
    return [str(panel.model.index(row, column).data()) for row in range(panel.model.rowCount())]


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Desk:
    """A book into which one statement was imported."""
    book = payments.a_book(tmp_path)
    take_in(book, a_line("121.00", "2026-1"), a_line("-3.00", "Kosten"))
    context.preferences.remember_book(tmp_path / "another.billdesk")
    assert isinstance(context.books, FakeDesk)
    context.books.path = tmp_path / "money.billdesk"
    view, _went = show(qtbot, context, HistoryView, lambda: book)
    return Desk(view, qtbot, context, tmp_path / "money backups")


def test_actions_are_told_in_words(desk: Desk) -> None:
    assert _cells(desk.view._events, 3) == ["Bank statement imported"]
    assert _cells(desk.view._events, 4) == ["file march.xml · added 2"]


def test_actions_are_narrowed_to_a_kind_of_data(desk: Desk) -> None:
    desk.view._noun.set_value("invoices")
    desk.view._noun.changed.emit()
    desk.idle()
    assert "No row passes the filter" in words(desk.view)
    desk.press("Show all rows")
    assert len(_cells(desk.view._events, 3)) == 1


def test_an_import_is_undone_after_saying_what_goes(desk: Desk) -> None:
    desk.view.show_view("imports")
    desk.view._batches.table.selectRow(0)
    desk.press("Undo this import…")
    dialog = desk.dialog()
    assert "2 bank lines are taken out." in words(dialog)
    press(dialog, "Undo the import")
    desk.idle()
    assert _cells(desk.view._batches, 7) == ["Undone"]


def _imported_and_used(path: Path, db: Db) -> Result[None]:
    imports.apply_import(db, a_csv(path, [("Customer number", "Name"), ("C8", "Free"), ("C9", "Used")]))
    used = customers.load_customer(db, customers.find_customers(db, "Used")[0].id)
    customers.create_customer(db, replace(used, id=0, number="C10", parent_id=used.id))
    return Result(None, frozenset({Noun.MIGRATION}))


def test_an_import_whose_records_are_in_use_is_undone_but_for_them(desk: Desk, tmp_path: Path) -> None:
    desk.view.show_view("imports")
    desk.context.tasks.command(partial(_imported_and_used, tmp_path / "people.csv"))
    desk.idle()
    desk.view._batches.table.selectRow(0)
    desk.press("Undo this import…")
    assert "C9 receives the invoices of customer C10, so it stays." in words(desk.dialog())
    press(desk.dialog(), "Undo the rest")
    desk.idle()
    assert _cells(desk.view._batches, 7)[0] == "Undone"


def test_undoing_needs_a_row(desk: Desk) -> None:
    desk.view.show_view("imports")
    desk.press("Undo this import…")
    assert desk.context.messages._toast._text.text() == "Choose a row first."


def test_a_backup_is_made_listed_and_verified(desk: Desk) -> None:
    desk.view.show_view("backups")
    assert "No backup yet" in words(desk.view)
    press(desk.view._backups, "Back up now")
    desk.idle()
    assert len(list_backups(desk.folder)) == len(_cells(desk.view._backups, 0)) == 1
    desk.view._backups.table.selectRow(0)
    desk.press("Verify")
    assert "The backup is sound" in words(desk.dialog())


def test_a_backup_is_restored_as_a_new_file(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    desk.view._back_up()
    desk.idle()
    desk.view.show_view("backups")
    desk.view._backups.table.selectRow(0)
    target = tmp_path / "again"
    chosen = "billdesk.ui.screens.history.history_view.QFileDialog.getSaveFileName"
    monkeypatch.setattr(chosen, lambda *_: (str(target), ""))
    desk.press("Restore as a new book…")
    assert isinstance(desk.context.books, FakeDesk)
    assert desk.context.books.asked == [("restore", (list_backups(desk.folder)[0].path, tmp_path / "again.billdesk"))]


def test_a_sound_book_says_so(desk: Desk) -> None:
    desk.view.show_view("check")
    desk.press("Check now")
    assert "The book is sound." in words(desk.view)


def test_sizes_are_written_short() -> None:
    assert [size_text(size) for size in (900, 2048, 5_300_000)] == ["900 B", "2 kB", "5 MB"]
