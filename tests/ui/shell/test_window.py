from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from billdesk.kernel.changes import Noun
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import Theme
from billdesk.ui.core.widgets import MessageDialog, button
from billdesk.ui.shell import pages
from billdesk.ui.shell.guide import GuideDialog
from billdesk.ui.shell.providers import EntityFacts, Providers
from billdesk.ui.shell.screens import ALL_SCREENS, SCREENS, ScreenSpec
from billdesk.ui.shell.window import MainWindow, WindowParts
from ui.fakes import FakeDesk


class Probe(Screen):
    nouns: ClassVar[frozenset[Noun]] = frozenset({Noun.CUSTOMERS})
    help_text: ClassVar[str] = "What this page is for."

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.refreshed = 0
        self.seen: list[object] = []

    def refresh(self) -> None:
        self.refreshed += 1

    def open_record(self, key: str) -> None:
        self.seen.append(("record", key))

    def show_view(self, view: str) -> None:
        self.seen.append(("view", view))

    def drop(self, paths: Sequence[Path]) -> bool:
        self.seen.append(("drop", tuple(paths)))
        return self is self.context.navigate.__self__.pages.currentWidget()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class FoundRecord:
    title: str = "Hoffmann Gartenbau"
    detail: str = "Customer"
    screen: str = "customers"
    key: str = "K-7"


def _search(_db: object, text: str, limit: int) -> list[FoundRecord]:
    return [FoundRecord()] if "hoff" in text and limit else []


@pytest.fixture
def books() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def window(
    qtbot: QtBot, tasks: Tasks, theme: Theme, books: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(ScreenSpec, "build", lambda _self, context: Probe(context))
    monkeypatch.setattr(pages, "_is_shipped", lambda _module: True)
    providers = Providers(_search, lambda _db: 3, lambda _db: EntityFacts("Noordbrug B.V.", "EUR · 2026"))
    made = MainWindow(WindowParts(tasks, theme, PreferenceStore(), books, providers))
    qtbot.addWidget(made)
    made.show()
    made.show_book("noordbrug")
    qtbot.waitUntil(lambda: tasks.is_idle)
    yield made
    qtbot.waitUntil(lambda: tasks.is_idle)


def _probe(window: MainWindow) -> Probe:
    shown = window.pages.screen_shown()
    assert isinstance(shown, Probe)
    return shown


def _visit(window: MainWindow, key: str) -> Probe:
    window.go(key)
    return _probe(window)


def test_the_rail_has_at_most_nine_nouns_with_their_shortcuts() -> None:
    assert [spec.shortcut for spec in SCREENS] == [f"Ctrl+{n}" for n in range(1, len(SCREENS) + 1)]
    assert len(SCREENS) <= 9
    assert len({spec.key for spec in ALL_SCREENS}) == len(ALL_SCREENS)


def test_a_page_begins_at_the_top_unless_the_book_is_open_for_reading_only(qtbot: QtBot, window: MainWindow) -> None:
    assert window.pages.mapTo(window, QPoint(0, 0)).y() == 0
    window.show_book("noordbrug", is_read_only=True)
    qtbot.waitUntil(lambda: window.pages.mapTo(window, QPoint(0, 0)).y() > 40)
    assert window._notice.isVisible()


def test_a_screen_is_built_and_read_at_its_first_visit(window: MainWindow) -> None:
    assert set(window.pages._built) == {"home"}
    assert _visit(window, "customers").refreshed == 1
    window.go("home")
    assert _visit(window, "customers").refreshed == 1


def test_a_change_refreshes_the_screen_on_display_at_once_and_others_when_shown(window: MainWindow) -> None:
    customers, catalog = _visit(window, "customers"), _visit(window, "catalog")
    window.bus.announce(frozenset({Noun.CUSTOMERS}))
    assert (customers.refreshed, catalog.refreshed) == (1, 2)
    assert _visit(window, "customers").refreshed == 2


def test_a_change_of_other_nouns_is_left_alone(window: MainWindow) -> None:
    customers = _visit(window, "customers")
    window.bus.announce(frozenset({Noun.LEDGER}))
    assert customers.refreshed == 1


def test_the_entity_and_the_outbox_stand_in_the_rail(window: MainWindow) -> None:
    assert window.windowTitle() == "Noordbrug B.V. – BillDesk"
    assert window.rail.outbox.accessibleName() == "3 mails to send"


def test_a_shortcut_goes_to_its_screen_and_alt_left_back(window: MainWindow) -> None:
    window._actions[6].trigger()
    assert window.pages.key == "invoices"
    window.pages.back()
    assert window.pages.key == "home"


def test_the_palette_finds_screens_by_the_beginning_of_words(window: MainWindow) -> None:
    window.palette_box.open_palette()
    QTest.keyClicks(window.palette_box._field, "sub")
    assert window.palette_box.titles() == ["Subscriptions"]
    QTest.keyClick(window.palette_box._field, Qt.Key.Key_Return)
    assert window.pages.key == "subscriptions"


def test_the_palette_finds_records_and_opens_them(qtbot: QtBot, window: MainWindow) -> None:
    window.palette_box.open_palette()
    QTest.keyClicks(window.palette_box._field, "hoff")
    qtbot.waitUntil(lambda: window.palette_box.titles() == ["Hoffmann Gartenbau"])
    QTest.keyClick(window.palette_box._field, Qt.Key.Key_Return)
    assert (window.pages.key, _probe(window).seen) == ("customers", [("record", "K-7")])


def test_escape_closes_the_palette_and_the_keyboard_is_where_it_was(window: MainWindow) -> None:
    before = QLineEdit(_visit(window, "customers"))
    before.show()
    before.setFocus()
    window.palette_box.open_palette()
    QTest.keyClick(window.palette_box._field, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    assert window.focusWidget() is before


def test_the_palette_says_when_nothing_is_found(qtbot: QtBot, window: MainWindow) -> None:
    window.palette_box.open_palette()
    QTest.keyClicks(window.palette_box._field, "zz")
    qtbot.waitUntil(window.palette_box._nothing.isVisible)
    assert "“zz”" in window.palette_box._nothing.text()
    window.palette_box._field.setText("hoff")
    qtbot.waitUntil(lambda: window.palette_box.titles() == ["Hoffmann Gartenbau"])
    assert not window.palette_box._nothing.isVisible()


def test_dropped_files_go_to_the_screen_on_display_first(window: MainWindow) -> None:
    usage = _visit(window, "usage")
    window.take_files([Path("/books/x.csv")])
    assert usage.seen == [("drop", (Path("/books/x.csv"),))]


def test_a_book_that_is_dropped_is_opened(window: MainWindow, books: FakeDesk) -> None:
    window.take_files([Path("/books/x.billdesk")])
    assert books.asked == [("open", Path("/books/x.billdesk"))]


def test_files_are_offered_to_the_screens_that_take_their_kind(window: MainWindow) -> None:
    assert [spec.key for spec in window.pages.takers([Path("a.sta")])] == ["banking"]
    assert "usage" in [spec.key for spec in window.pages.takers([Path("a.CSV")])]
    assert window.pages.takers([Path("a.exe")]) == []


def test_while_no_book_is_open_there_is_only_the_start_screen(window: MainWindow) -> None:
    window.show_start()
    window.go("invoices")
    assert (window.pages.key, window.rail.isHidden()) == ("start", True)


def test_the_cheat_sheet_lists_every_action_with_keys(window: MainWindow) -> None:
    window._show_shortcuts()
    (dialog,) = window.findChildren(GuideDialog)
    words = {found.text() for found in dialog.findChildren(QLabel)}
    assert {"Find anything", "Ctrl+K", "Invoices", "Ctrl+7"} <= words


def test_f1_explains_the_page(window: MainWindow) -> None:
    window._explain()
    (dialog,) = window.findChildren(GuideDialog)
    assert "What this page is for." in {found.text() for found in dialog.findChildren(QLabel)}


def test_the_window_comes_back_where_it_was(
    qtbot: QtBot, window: MainWindow, tasks: Tasks, theme: Theme, books: FakeDesk
) -> None:
    window.resize(1024, 700)
    window.close()
    again = MainWindow(WindowParts(tasks, theme, PreferenceStore(), books, Providers()))
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (1024, 700)


def test_a_long_job_has_label_count_and_cancel_and_is_not_lost_by_closing(
    qtbot: QtBot, window: MainWindow, tasks: Tasks, qapp: QApplication
) -> None:
    def endless(progress: Any) -> None:
        number = 0
        while True:
            number += 1
            progress.step(number, 10**12, "row")

    tasks.files(endless, label="Reading usage.csv")
    qtbot.waitUntil(lambda: window.strip.isVisible() and " of " in window.strip._count.text())
    assert window.strip._label.text() == "Reading usage.csv"
    window.close()
    assert (window.isVisible(), len(window.findChildren(MessageDialog))) == (True, 1)
    window.strip._stop()
    qtbot.waitUntil(lambda: not window.strip.isVisible())


def test_ctrl_z_takes_the_last_step_back_while_it_is_offered(window: MainWindow) -> None:
    done: list[str] = []
    window.messages.note("Archived.", ("Undo", lambda: done.append("undone")))
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    window.messages.note("The rule is saved.", ("Apply it", lambda: done.append("applied")))
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["undone"]
    assert "Imports are undone in History." in window.messages._toast.accessibleName()


def test_what_is_not_saved_is_asked_about_before_the_window_closes(
    window: MainWindow, books: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _visit(window, "customers")
    monkeypatch.setattr(Probe, "has_unsaved", True)
    window.close()
    assert window.isVisible()
    (question,) = window.findChildren(MessageDialog)
    assert "Customers" in " ".join(part.text() for part in question.findChildren(QLabel))
    question.reject()
    window._unless_unsaved(books.close_book)
    assert books.asked == []
    monkeypatch.setattr(Probe, "has_unsaved", False)
    window._unless_unsaved(books.close_book)
    assert books.asked == [("close", None)]


def test_enter_presses_the_button_that_has_the_keyboard(window: MainWindow) -> None:
    pressed: list[str] = []
    made = button("New book", lambda: pressed.append("new"))
    made.setParent(_probe(window))
    made.show()
    made.setFocus()
    QTest.keyClick(made, Qt.Key.Key_Return)
    QTest.keyClick(made, Qt.Key.Key_Enter)
    assert pressed == ["new", "new"]
