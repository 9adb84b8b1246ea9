from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import use_language
from billdesk.kernel.money import Money
from billdesk.ui.core.editors import (
    CheckEditor,
    ChoiceEditor,
    DateEditor,
    DecimalEditor,
    IntegerEditor,
    MoneyEditor,
    ParagraphEditor,
    TextEditor,
)
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.theme import Theme
from ui.fakes import TODAY

TIERS = Field(
    "tiers",
    "Tiers",
    Kind.ROWS,
    columns=(Field("up_to", "Up to", Kind.DECIMAL, required=False), Field("price", "Price", Kind.DECIMAL)),
)
TAX = Field("tax", "Tax", Kind.CHOICE, choices=(("std", "Standard"), ("zero", "Zero")))


@pytest.fixture(autouse=True)
def _themed(theme: Theme) -> None:
    """Editors measure in the bundled font."""


def _typed(qtbot: QtBot, editor: MoneyEditor | DecimalEditor | DateEditor | IntegerEditor, text: str) -> str:
    qtbot.addWidget(editor)
    editor.show()
    editor.line.setFocus()
    QTest.keyClicks(editor.line, text)
    return editor._hint.text()


def test_a_sum_shows_what_it_comes_to_while_one_types(qtbot: QtBot) -> None:
    editor = MoneyEditor("EUR")
    assert _typed(qtbot, editor, "2*35") == "= €70.00"
    assert editor.value() == Money(7000, "EUR")


def test_a_point_in_german_is_shown_as_understood(qtbot: QtBot) -> None:
    use_language("de")
    assert _typed(qtbot, DecimalEditor(), "12.5") == "= 12,5"


def test_a_lone_group_mark_is_explained_by_a_decimal(qtbot: QtBot) -> None:
    use_language("de")
    assert _typed(qtbot, DecimalEditor(), "1.234") == "= 1.234,0"


def test_a_plain_number_needs_no_explanation(qtbot: QtBot) -> None:
    assert _typed(qtbot, DecimalEditor(), "12.5") == ""


def test_a_relative_date_shows_the_day(qtbot: QtBot) -> None:
    assert _typed(qtbot, DateEditor(lambda: TODAY), "+30") == "= 25 Dec 2026"


def test_the_numpad_point_types_the_mark_of_the_language(qtbot: QtBot) -> None:
    use_language("nl")
    editor = DecimalEditor()
    _typed(qtbot, editor, "12")
    QTest.keyClick(editor.line, Qt.Key.Key_Period, Qt.KeyboardModifier.KeypadModifier)
    QTest.keyClick(editor.line, Qt.Key.Key_5)
    assert (editor.line.text(), editor.value()) == ("12,5", Decimal("12.5"))


def test_leaving_writes_the_value_in_full_and_undo_brings_back_what_was_typed(qtbot: QtBot) -> None:
    editor = MoneyEditor("EUR")
    _typed(qtbot, editor, "1000*2")
    editor.line.left.emit()
    assert editor.line.text() == "2,000.00"
    editor.line.undo()
    assert editor.line.text() == "1000*2"


def test_leaving_a_wrong_text_says_what_is_wrong_and_keeps_it(qtbot: QtBot) -> None:
    editor = IntegerEditor()
    _typed(qtbot, editor, "1.5")
    editor.line.left.emit()
    assert (editor.line.text(), editor.line.property("state")) == ("1.5", "problem")
    assert "decimals" in editor._hint.text()


def test_more_than_twelve_decimals_are_refused_not_rounded(qtbot: QtBot) -> None:
    editor = DecimalEditor()
    _typed(qtbot, editor, "0.1234567890123")
    with pytest.raises(InvalidValue):
        editor.value()


def test_choice_check_and_paragraph_give_back_what_was_set(qtbot: QtBot) -> None:
    choice, tick, text = ChoiceEditor([("a", "A"), ("b", "B")], can_be_empty=True), CheckEditor("On"), ParagraphEditor()
    for editor, value in ((choice, "b"), (tick, True), (text, "two\nlines")):
        qtbot.addWidget(editor)
        editor.set_value(value)
        assert editor.value() == value
    choice.set_choices([("b", "Bee"), ("c", "C")])
    assert choice.value() == "b"


def test_a_form_shows_problems_at_their_fields_and_gives_back_the_rest(qtbot: QtBot) -> None:
    form = FormGrid()
    qtbot.addWidget(form)
    name = form.add("name", "Name", TextEditor())
    rest = form.show_problems(
        [Problem("value_missing", Place(field="name")), Problem("value_missing", Place(field="x"))]
    )
    assert name._hint.text() == "A value is missing. Fill it in."
    assert [problem.place.field for problem in rest] == ["x"]


def test_a_form_from_specs_gives_canonical_json(qtbot: QtBot) -> None:
    fields = [
        Field("price", "Price", Kind.DECIMAL),
        Field("from", "From", Kind.DATE, required=False),
        Field("mode", "Mode", Kind.CHOICE, choices=(("x", "Ex"), ("y", "Why"))),
        Field("round", "Round", Kind.BOOLEAN, default=False),
        TIERS,
    ]
    form = FieldForm(fields, lambda: TODAY)
    qtbot.addWidget(form)
    values: dict[str, object] = {
        "price": "1.5",
        "from": "2026-12-01",
        "mode": "y",
        "round": True,
        "tiers": [{"up_to": "100", "price": "0.05"}],
    }
    form.set_json(values)
    assert form.json() == values
    assert form.problems() == []
    assert form.editor("from").value() == date(2026, 12, 1)


def test_a_missing_value_is_a_problem_of_its_field(qtbot: QtBot) -> None:
    form = FieldForm([Field("price", "Price", Kind.DECIMAL)], lambda: TODAY)
    qtbot.addWidget(form)
    assert [(p.code, p.place.field) for p in form.problems()] == [("value_missing", "price")]


def test_cells_pasted_from_a_spreadsheet_become_rows(qtbot: QtBot) -> None:
    form = FieldForm([TIERS], lambda: TODAY)
    qtbot.addWidget(form)
    grid = form.editor("tiers")
    table = grid.focus_target()
    QGuiApplication.clipboard().setText("100\t0.05\n1,000\t0.04\n\t0.03\n")
    QTest.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert grid.value() == [{"up_to": "100", "price": "0.05"}, {"up_to": "1000", "price": "0.04"}, {"price": "0.03"}]


def test_a_cell_that_cannot_be_read_names_row_and_column(qtbot: QtBot) -> None:
    form = FieldForm([TIERS], lambda: TODAY)
    qtbot.addWidget(form)
    table = form.editor("tiers").focus_target()
    QGuiApplication.clipboard().setText("1\tx\n")
    QTest.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    problem = form.editor("tiers").problem()
    assert problem is not None
    assert (problem.code, problem.place.row, problem.place.column, problem.value) == ("not_a_number", 1, "Price", "x")


def test_choices_and_dates_in_a_grid_are_stored_by_key_and_iso_date(qtbot: QtBot) -> None:
    columns = (
        Field("tax", "Tax", Kind.CHOICE, choices=(("std", "Standard"), ("zero", "Zero"))),
        Field("on", "On", Kind.DATE),
    )
    grid = RowGrid(columns, lambda: TODAY)
    qtbot.addWidget(grid)
    grid.set_value([{"tax": "std", "on": "2026-12-01"}])
    grid.paste("zero\t1.4")
    assert grid.value() == [{"tax": "zero", "on": "2026-04-01"}]
    grid.paste("odd")
    problem = grid.problem()
    assert problem is not None
    assert problem.code == "not_a_choice"


def test_a_choice_cell_is_edited_by_choosing(qtbot: QtBot) -> None:
    grid = RowGrid((TAX,), lambda: TODAY)
    qtbot.addWidget(grid)
    grid.show()
    table = grid._table
    table.editItem(grid._item(0, 0))
    (box,) = table.findChildren(QComboBox)
    box.setCurrentText("Zero")
    box.activated.emit(1)
    assert grid.value() == [{"tax": "zero"}]


def test_tab_leaves_a_grid_at_its_last_cell(qtbot: QtBot) -> None:
    grid = RowGrid((Field("a", "A"), Field("b", "B")), lambda: TODAY)
    qtbot.addWidget(grid)
    grid.show()
    grid._table.setCurrentCell(0, 0)
    grid._table.focusNextPrevChild(True)
    assert (grid._table.currentColumn(), grid._table.tabKeyNavigation()) == (1, True)
    grid._table.focusNextPrevChild(True)
    assert not grid._table.tabKeyNavigation()


def test_the_wheel_scrolls_the_page_and_changes_no_choice(qtbot: QtBot) -> None:
    choice = ChoiceEditor([("BE", "Belgium"), ("NL", "Netherlands")])
    qtbot.addWidget(choice)
    choice.show()
    choice.set_value("BE")
    turn = QPoint(0, -120)
    middle = QPointF(choice._box.rect().center())
    event = QWheelEvent(
        middle, QPointF(choice._box.mapToGlobal(middle)), QPoint(), turn, Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(choice._box, event)
    assert choice.value() == "BE"
    assert not event.isAccepted()


def test_what_the_book_refused_stays_below_a_field_until_it_is_typed_over(qtbot: QtBot) -> None:
    editor = IntegerEditor()
    qtbot.addWidget(editor)
    editor.set_value(5)
    editor.show_problem(Problem("too_small", value="5", details=(("minimum", "6"),)))
    editor.line.left.emit()
    assert "5 is too small" in editor._hint.text()
    editor.line.textEdited.emit("7")
    assert editor._hint.text() == ""


def test_a_choice_that_was_missing_is_no_longer_once_it_is_made(qtbot: QtBot) -> None:
    editor = ChoiceEditor([("a", "A"), ("b", "B")])
    qtbot.addWidget(editor)
    editor.show_problem(Problem("value_missing"))
    editor.focus_target().activated.emit(1)  # type: ignore[attr-defined]  # a combo box
    assert editor._hint.text() == ""
    editor.show_problem(Problem("value_missing"))
    editor.set_choices([("c", "C")])
    assert editor._hint.text() == ""
