from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from billdesk.services.customers import count_customers
from billdesk.services.imports import Outcome
from billdesk.ui.core.import_wizard import open_import_wizard
from billdesk.ui.core.imports.columns_page import ColumnsPage
from billdesk.ui.core.imports.records import ColumnLine, Sheet
from billdesk.ui.core.screen import Context
from builders.desk_book import a_customer_file
from ui.screens.desk import close_dialogs, open_desk, settle

GOOD = ("K8;Nieuw BV;België;EUR;30", "K9;Zwischenahner Maschinenbau GmbH & Co. KG;Duitsland;EUR;14")
BAD = ("K8;Nieuw BV;België;EUR;dertig", "K9;;Duitsland;EUR;14", "K10;Goed BV;Nederland;EUR;14")


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Context]:
    open_desk(qtbot, context, tmp_path)
    yield context
    close_dialogs()


def _wizard(qtbot: QtBot, context: Context, path: Path, kind: str = "customers") -> Any:
    wizard = open_import_wizard(context, [path], kind)
    settle(qtbot, context)
    return wizard


def _on(qtbot: QtBot, context: Context, wizard: Any) -> None:
    assert wizard._next.isEnabled()
    wizard._next.click()
    settle(qtbot, context)


def _customers(qtbot: QtBot, context: Context) -> int:
    found: list[int] = []
    context.tasks.query(count_customers, then=found.append)
    settle(qtbot, context)
    return found[0]


def _cell(wizard: Any, row: int, place: int) -> Any:
    return wizard._check._model.index(row, place + 1)


def test_a_good_file_goes_from_columns_to_the_book(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *GOOD))
    assert wizard.page is wizard._columns
    _on(qtbot, desk, wizard)
    assert wizard._next.text() == "Import 2 rows"
    _on(qtbot, desk, wizard)
    assert wizard.page is wizard._result
    assert _customers(qtbot, desk) == 4


def test_bad_cells_are_red_with_a_sentence_and_hold_the_import_back(
    qtbot: QtBot, desk: Context, tmp_path: Path
) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    assert [row.number for row in wizard._check._model.rows] == [2, 3]
    assert "“dertig” is not a number" in wizard._check._model.rows[0].bad[4]
    assert wizard._check._grid.currentIndex() == _cell(wizard, 0, 4)
    assert not wizard._next.isEnabled()


def test_a_corrected_cell_is_checked_again(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    wizard._check._model.setData(_cell(wizard, 0, 4), "30")
    qtbot.waitUntil(lambda: wizard._presenter.state.counts.rejected == 1)
    wizard._check._model.setData(_cell(wizard, 0, 1), "Naam BV")
    qtbot.waitUntil(lambda: wizard._presenter.state.counts.rejected == 0)
    assert wizard._next.text() == "Import 3 rows"


def test_the_keyboard_stays_in_the_grid_while_a_correction_is_checked(
    qtbot: QtBot, desk: Context, tmp_path: Path
) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    assert wizard.focusWidget() is wizard._check._grid
    wizard._check._model.setData(_cell(wizard, 0, 4), "30")
    qtbot.waitUntil(lambda: wizard._presenter.state.counts.rejected == 1)
    settle(qtbot, desk)
    assert wizard.focusWidget() is wizard._check._grid


def test_good_rows_go_in_when_bad_ones_are_left_out(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    wizard._check._skip.setChecked(True)
    _on(qtbot, desk, wizard)
    assert _customers(qtbot, desk) == 3


def test_an_import_is_taken_back_from_its_last_page(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *GOOD))
    _on(qtbot, desk, wizard)
    _on(qtbot, desk, wizard)
    wizard._presenter.undo(wizard._undone)
    settle(qtbot, desk)
    assert _customers(qtbot, desk) == 2


def test_the_same_file_again_is_told_and_has_nothing_new(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = a_customer_file(tmp_path, *GOOD)
    first = _wizard(qtbot, desk, path)
    _on(qtbot, desk, first)
    _on(qtbot, desk, first)
    again = _wizard(qtbot, desk, path)
    _on(qtbot, desk, again)
    assert again._check.banner.isVisible()
    assert not again._next.isEnabled()


def test_an_ambiguous_date_is_asked_and_never_guessed(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = tmp_path / "contracten.csv"
    path.write_text("Contractnummer,Klantnummer,Startdatum,Plancode\nX1,K1,03/04/2026,SMALL\n", encoding="utf-8")
    wizard = _wizard(qtbot, desk, path, "subscriptions")
    _on(qtbot, desk, wizard)
    assert not wizard._next.isEnabled()
    (asked,) = wizard._presenter.state.asked
    assert [choice.reading for choice in asked.choices] == ["03/04/2026 → 3 Apr 2026", "03/04/2026 → 4 Mar 2026"]
    wizard._questions.answered.emit(asked.sheet, asked.header, asked.kind, "dmy")
    _on(qtbot, desk, wizard)
    assert wizard._presenter.state.counts.added == 1


def test_a_column_can_take_one_value_for_every_row(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = tmp_path / "namen.csv"
    path.write_text("Klantnummer,Naam,Betalingstermijn\nK8,Nieuw BV,30\n", encoding="utf-8")
    wizard = _wizard(qtbot, desk, path)
    wizard._columns.chosen.emit("", "currency", "", "GBP")
    settle(qtbot, desk)
    _on(qtbot, desk, wizard)
    place = [name for name, _title in wizard._check._model.columns].index("currency")
    assert wizard._check._model.rows[0].cells[place] == "GBP"


def test_a_needed_column_without_a_source_holds_the_wizard(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *GOOD))
    wizard._columns.chosen.emit("", "name", "", "")
    settle(qtbot, desk)
    assert not wizard._next.isEnabled()


@pytest.mark.parametrize(("name", "content"), [("leeg.csv", b""), ("stuk.xlsx", b"PK\x03\x04half a zip")])
def test_a_file_that_cannot_be_read_says_so_by_name(
    qtbot: QtBot, desk: Context, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    wizard = _wizard(qtbot, desk, path)
    assert wizard.page is wizard._file
    assert name in wizard._file.problem.accessibleName()


def test_after_a_wrong_file_enter_chooses_another_one(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = open_import_wizard(desk)
    before = wizard.focusWidget()
    (tmp_path / "leeg.csv").touch()
    wizard.take_files((tmp_path / "leeg.csv",))
    settle(qtbot, desk)
    assert wizard.focusWidget() is before
    assert isinstance(before, QPushButton)
    assert before.text() == "Choose a file…"


def test_a_file_of_another_kind_than_was_said_is_recognised(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *GOOD), "plans")
    assert wizard._note.text() == "This looks like a file of another kind: Customers. Go back and choose that."
    wizard._file._kind.set_value("customers")
    wizard._file._pick()
    settle(qtbot, desk)
    assert wizard._note.text() == ""
    assert wizard._next.isEnabled()


def test_several_sheets_are_checked_side_by_side(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, tmp_path / "boekhouding.xlsx", "")
    _on(qtbot, desk, wizard)
    assert {sheet.label for sheet in wizard._check._sheets} >= {"Customers", "Plans", "Contracts"}


def test_further_files_wait_for_their_turn(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    paths = [a_customer_file(tmp_path, GOOD[0]), a_customer_file(tmp_path, GOOD[1], name="meer.csv")]
    wizard = open_import_wizard(desk, paths, "customers")
    settle(qtbot, desk)
    _on(qtbot, desk, wizard)
    _on(qtbot, desk, wizard)
    assert wizard._next.text() == "Next file (1 waits)"
    _on(qtbot, desk, wizard)
    assert wizard.windowTitle() == "Import meer.csv"


def test_enter_edits_a_cell_instead_of_importing(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *GOOD))
    _on(qtbot, desk, wizard)
    wizard._check._grid.setFocus()
    wizard._check._grid.go_to(2, 1)
    QTest.keyClick(wizard._check._grid, Qt.Key.Key_Return)
    assert wizard._check._grid.state() == wizard._check._grid.State.EditingState


def test_the_list_of_problems_is_saved(
    qtbot: QtBot, desk: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "problems.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    wizard._check.list_asked.emit()
    settle(qtbot, desk)
    assert target.read_bytes()[:2] == b"PK"


def test_columns_that_the_file_lacks_are_folded_away(qtbot: QtBot, desk: Context) -> None:
    page = ColumnsPage()
    qtbot.addWidget(page)
    lines = (ColumnLine("", "a", "A", True, "x"), ColumnLine("", "b", "B", False, ""))
    page.show_sheets([Sheet("", "Things", ("x",), lines)])
    assert [page._places["", key].parts[1].isHidden() for key in "ab"] == [False, True]


def test_every_outcome_has_its_tab(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_customer_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    wizard._check._tabs.choose(Outcome.ADDED)
    assert [row.number for row in wizard._check._model.rows] == [4]
