"""Widgets that screens rely on without a second look."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress, Step
from billdesk.ui.core.busy_bar import BusyBar
from billdesk.ui.core.charts import Curve, CurveLine
from billdesk.ui.core.form import FieldForm
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.tasks import Job, Tasks
from billdesk.ui.core.theme import Theme
from billdesk.ui.core.tokens import Tone
from billdesk.ui.core.widgets import (
    DefinitionGrid,
    DropZone,
    Fact,
    FilterChips,
    FormDialog,
    KeyValueList,
    MessageDialog,
    MoneyLabel,
    PageHeader,
    Segment,
    SlideOver,
    StatusChip,
    Toast,
    label,
    primary,
)
from billdesk.ui.core.widgets.bars import CountedTabs
from ui.fakes import TODAY

NO_KEYS = Qt.KeyboardModifier.NoModifier
NO_BUTTON = Qt.MouseButton.NoButton


@pytest.fixture(autouse=True)
def _themed(theme: Theme) -> None:
    """Widgets measure in the bundled font."""


def _shown_texts(widget: QWidget) -> list[str]:
    return [found.text() for found in widget.findChildren(QLabel) if not found.isHidden()]


def test_facts_are_replaced_without_traces_of_the_old_ones(qtbot: QtBot) -> None:
    facts = KeyValueList([Fact("Open", Money(100, "EUR"))])
    qtbot.addWidget(facts)
    facts.show_facts([Fact("Paid", Money(250, "EUR"), is_total=True)])
    assert _shown_texts(facts) == ["Paid", "€2.50"]


def test_definitions_stand_below_their_names(qtbot: QtBot) -> None:
    grid = DefinitionGrid([Fact("Country", "Belgium"), Fact("State", StatusChip("Open", Tone.BLUE))], columns=2)
    qtbot.addWidget(grid)
    assert _shown_texts(grid) == ["Country", "Belgium", "State"]


def test_no_amount_is_a_dash(qtbot: QtBot) -> None:
    shown = MoneyLabel(None)
    qtbot.addWidget(shown)
    assert shown.text() == "–"
    shown.show_amount(Money(5, "JPY"))
    assert shown.text() == "JP¥5"


def test_a_chip_tells_its_word_to_screen_readers(qtbot: QtBot) -> None:
    chip = StatusChip("Open", Tone.BLUE)
    qtbot.addWidget(chip)
    chip.show_status("Paid", Tone.GREEN)
    assert chip.accessibleName() == "Paid"


def _drag(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)), QUrl("https://example.org/x.csv")])
    return data


def test_a_drop_zone_takes_local_files_only(qtbot: QtBot) -> None:
    zone, got = DropZone("Drop here"), list[object]()
    qtbot.addWidget(zone)
    zone.dropped.connect(got.append)
    data, copy = _drag(Path("/books/a.csv")), Qt.DropAction.CopyAction
    zone.dragEnterEvent(QDragEnterEvent(QPointF(5, 5).toPoint(), copy, data, NO_BUTTON, NO_KEYS))
    assert zone.property("look") == "drop-over"
    zone.dropEvent(QDropEvent(QPointF(5, 5), copy, data, NO_BUTTON, NO_KEYS))
    assert (got, zone.property("look")) == ([(Path("/books/a.csv"),)], "drop")


def test_files_can_be_chosen_instead_of_dropped(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    zone, got = DropZone("Usage", patterns=["*.csv"]), list[object]()
    qtbot.addWidget(zone)
    zone.dropped.connect(got.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: (["/books/a.csv"], ""))
    zone.choose()
    assert got == [(Path("/books/a.csv"),)]


def test_a_toast_offers_to_undo_and_stays_under_the_mouse(qtbot: QtBot) -> None:
    window, done = QWidget(), list[bool]()
    qtbot.addWidget(window)
    toast = Toast(window)
    toast.show_text("first", ("Undo", lambda: done.append(False)))
    toast.show_text("second", ("Undo", lambda: done.append(True)))
    toast.enterEvent(QEnterEvent(QPointF(), QPointF(), QPointF()))
    assert not toast._timer.isActive()
    toast.leaveEvent(QEvent(QEvent.Type.Leave))
    assert toast._timer.isActive()
    toast._act(lambda: done.append(True))
    assert (done, toast.isHidden()) == ([True], True)


def test_chips_are_on_or_off_together(qtbot: QtBot) -> None:
    chips, seen = FilterChips([("a", "A"), ("b", "B")], "Filters"), list[object]()
    qtbot.addWidget(chips)
    chips.changed.connect(seen.append)
    chips.choose(frozenset({"a"}))
    chips._chips["b"].click()
    assert seen == [frozenset({"a"}), frozenset({"a", "b"})]


def test_a_form_dialog_stays_open_until_its_content_is_right(qtbot: QtBot) -> None:
    answers = iter([False, True])
    dialog = FormDialog(None, "Edit", label("x"))
    qtbot.addWidget(dialog)
    dialog.on_submit(lambda: next(answers))
    dialog.open()
    dialog.save_button.click()
    assert dialog.isVisible()
    dialog.save_button.click()
    assert not dialog.isVisible()


def test_all_rejected_rows_can_be_copied(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    places = [Place(file="u.csv", row=row, column="Amount") for row in (2, 9)]
    problems = tuple(Problem("not_a_number", place, "x") for place in places)
    Messages(window).fail(RowsRejected(problems))
    (dialog,) = window.findChildren(MessageDialog)
    (details,) = dialog.findChildren(QPlainTextEdit)
    assert "row 9, column Amount" in details.toPlainText()


def test_a_curve_reads_out_the_nearest_point(qtbot: QtBot) -> None:
    curve = Curve()
    qtbot.addWidget(curve)
    curve.resize(400, 220)
    points = tuple((Decimal(q), Decimal(q * 2)) for q in (0, 50, 100))
    curve.show_lines("Price", [CurveLine("Now", points), CurveLine("New", points, 2)], x_label=str, y_label=str)
    spot = curve.spot_at(curve.spot_point(1) + QPointF(3, 0))
    curve.visit(spot)
    curve.grab()
    assert curve.read_out(curve.spot) == "50\nNow: 100\nNew: 100"


def test_rows_of_a_grid_are_added_at_the_end_and_taken_away(qtbot: QtBot) -> None:
    form = FieldForm(
        [Field("t", "T", Kind.ROWS, columns=(Field("a", "A"), Field("n", "N", Kind.INTEGER)))], lambda: TODAY
    )
    qtbot.addWidget(form)
    grid = form.editor("t")
    table = grid.focus_target()
    assert isinstance(grid, RowGrid)
    assert isinstance(table, QTableWidget)
    grid.paste("x\t5")
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert (table.rowCount(), table.currentRow()) == (2, 1)
    grid.remove_row()
    assert grid.value() == [{"a": "x", "n": 5}]
    table.setCurrentCell(0, 0)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert grid.value() == [{"n": 5}]
    grid.remove_row()
    assert grid.value() == []


def test_escape_anywhere_on_a_screen_closes_its_panel(qtbot: QtBot, context: Context) -> None:
    screen, panel = Screen(context), SlideOver()
    qtbot.addWidget(screen)
    content = label("list")
    screen.build_page(content, panel=panel)
    screen.show()
    panel.show_content("one", label("one"))
    QTest.keyClick(content, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_bar_of_bytes_shows_the_share_of_a_file_of_any_size(qtbot: QtBot, tasks: Tasks) -> None:
    bar = BusyBar(tasks, in_percent=True)
    qtbot.addWidget(bar)
    job = Job(1, "", Progress())
    bar.watch(job, "Reading")
    tasks.job_stepped.emit(job, Step(5_000_000_000, 10_000_000_000, ""))
    assert (bar._count.text(), bar._bar.value() * 2) == ("50%", bar._bar.maximum())
    bar.watch(job, "Reading")
    assert bar._bar.maximum() == 0


def test_a_bar_of_documents_counts_them(qtbot: QtBot, tasks: Tasks) -> None:
    bar = BusyBar(tasks)
    qtbot.addWidget(bar)
    job = Job(1, "", Progress())
    bar.watch(job, "Billing")
    tasks.job_stepped.emit(job, Step(12, 1_056, ""))
    assert bar._count.text() == "12 of 1,056"


def test_a_form_that_is_higher_than_the_screen_scrolls_and_its_buttons_stay(qtbot: QtBot) -> None:
    tall = QWidget()
    tall.setMinimumHeight(5000)
    field = QLineEdit(tall)
    dialog = FormDialog(None, "Edit", tall)
    qtbot.addWidget(dialog)
    dialog.show()
    room = dialog.screen().availableGeometry().height()
    qtbot.waitUntil(lambda: dialog.height() < room)
    assert dialog.focusWidget() is field
    assert dialog.rect().contains(dialog.save_button.mapTo(dialog, dialog.save_button.rect().center()))


def test_a_form_begins_with_its_first_field_and_tab_ends_at_the_buttons(qtbot: QtBot) -> None:
    holder = QWidget()
    inside = QVBoxLayout(holder)
    dialog = FormDialog(None, "Edit", holder)
    qtbot.addWidget(dialog)
    fields = [QLineEdit(), QLineEdit()]
    for field in fields:
        inside.addWidget(field)
    dialog.show()
    assert dialog.focusWidget() is fields[0]
    dialog.focusNextChild()
    dialog.focusNextChild()
    assert isinstance(dialog.focusWidget(), QPushButton)
    assert dialog.previousInFocusChain() is dialog.save_button


def test_tabs_that_have_no_room_become_a_list_that_chooses_them(qtbot: QtBot) -> None:
    tabs = CountedTabs([Segment("a", "Proefperiode", "3"), Segment("b", "Gepauzeerd")], "State")
    qtbot.addWidget(tabs)
    tabs.show()
    tabs.fit(120)
    assert (tabs.tabs_width() > 120, tabs._box.isVisible(), tabs._box.itemText(0)) == (True, True, "Proefperiode  3")
    tabs._box.activated.emit(1)
    assert tabs.key == "b"
    tabs.fit(900)
    assert not tabs._box.isVisible()


def test_a_header_without_room_shows_its_buttons_by_their_icons(qtbot: QtBot) -> None:
    action = primary("Nieuw abonnement", lambda: None, "plus")
    header = PageHeader("Abonnementen", "", [action])
    qtbot.addWidget(header)
    header.resize(260, 60)
    header.show()
    assert (action.text(), action.accessibleName()) == ("", "Nieuw abonnement")
    header.resize(600, 60)
    qtbot.waitUntil(lambda: action.text() == " Nieuw abonnement")
