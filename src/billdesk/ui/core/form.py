"""Forms: rows of labelled editors, built by hand or from the field specs of a plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.fields import Field, Kind, check
from billdesk.kernel.i18n import _
from billdesk.ui.core.editors import (
    CheckEditor,
    ChoiceEditor,
    DateEditor,
    DecimalEditor,
    Editor,
    IntegerEditor,
    TextEditor,
)
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.texts import label


class FormGrid(QWidget):
    """Labelled editors in `columns` columns; Tab visits them in the order in which they were added."""

    changed = Signal()

    def __init__(self, columns: int = 1) -> None:
        super().__init__()
        self._columns = columns
        self._editors: dict[str, Editor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.TWO)
        self._grid.setVerticalSpacing(Space.ONE_HALF)
        self._next = 0
        for place in range(columns):
            self._grid.setColumnStretch(place, 1)

    def add(self, key: str, title: str, editor: Editor, *, hint: str = "", is_wide: bool = False) -> Editor:
        """Add an editor below its title; `is_wide` gives it a whole line. Gives the editor back."""
        if is_wide and self._next % self._columns:
            self._next += self._columns - self._next % self._columns
        line, place = divmod(self._next, self._columns)
        self._grid.addWidget(_labelled(title, editor, hint), line, place, 1, self._columns if is_wide else 1)
        self._next += self._columns if is_wide else 1
        self._editors[key] = editor
        editor.name(title)
        editor.changed.connect(self.changed)
        return editor

    def editor(self, key: str) -> Editor:
        """Give the editor of a key."""
        return self._editors[key]

    def set_values(self, values: Mapping[str, object]) -> None:
        """Show values; keys without an editor are left out."""
        for key in values.keys() & self._editors.keys():
            self._editors[key].set_value(values[key])

    def values(self) -> dict[str, object]:
        """Give all values; raises InvalidValue for the first that cannot be read."""
        return {key: editor.value() for key, editor in self._editors.items()}

    def title(self, key: str) -> str:
        """Give the words above the editor of a key, empty where there is none."""
        return self._editors[key].focus_target().accessibleName() if key in self._editors else ""

    def problems(self) -> list[Problem]:
        """Give what is wrong with the texts as typed."""
        found = ((key, editor.problem()) for key, editor in self._editors.items())
        return [_placed(problem, key) for key, problem in found if problem is not None]

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Show each problem at the editor its place names; gives back those that belong to no editor."""
        by_key = {problem.place.field.partition("[")[0]: problem for problem in reversed(problems)}
        for key, editor in self._editors.items():
            editor.show_problem(by_key.get(key))
        first = next((editor for key, editor in self._editors.items() if key in by_key), None)
        if first is not None:
            first.focus_target().setFocus()
        return [problem for problem in problems if problem.place.field.partition("[")[0] not in self._editors]


class FieldForm(FormGrid):
    """A form built from field specs; its values are the JSON values that the specs describe."""

    def __init__(self, fields: Sequence[Field], today: Callable[[], date], columns: int = 1) -> None:
        super().__init__(columns)
        self._fields = tuple(fields)
        for field in fields:
            title = _(field.label) if field.kind is not Kind.BOOLEAN else ""
            wide = field.kind is Kind.ROWS
            editor = self.add(field.name, title, editor_for(field, today), hint=_(field.help), is_wide=wide)
            editor.name(_(field.label))
            if field.default is not None:
                editor.set_value(_from_json(field, field.default))

    def set_json(self, values: Mapping[str, object]) -> None:
        """Show JSON values."""
        for field in self._fields:
            if field.name in values:
                self.editor(field.name).set_value(_from_json(field, values[field.name]))

    def json(self) -> dict[str, object]:
        """Give the JSON values, without the empty ones; raises InvalidValue."""
        values = {field.name: _to_json(self.editor(field.name).value()) for field in self._fields}
        return {name: value for name, value in values.items() if value is not None}

    def problems(self) -> list[Problem]:
        typed = super().problems()
        return typed or check(self._fields, self.json())


def show_problems_below(part: QWidget, problems: Sequence[Problem]) -> list[Problem]:
    """Show each problem at its field in the forms that a widget shows; gives back those that belong to none."""
    rest = list(problems)
    # Each form gives the keyboard to its first wrong field; from the last to the first, the uppermost has it.
    for form in reversed(_shown_forms(part)):
        rest = form.show_problems(rest)
    return rest


def with_field(part: QWidget, problem: Problem, text: str) -> str:
    """Put the title of a problem's field before words that are shown elsewhere."""
    key = problem.place.field.partition("[")[0]
    title = next((title for title in (form.title(key) for form in _shown_forms(part)) if title), "")
    return f"{title}: {text}" if title else text


def _shown_forms(part: QWidget) -> list[FormGrid]:
    return [form for form in part.findChildren(FormGrid) if form.isVisibleTo(part)]


def editor_for(field: Field, today: Callable[[], date]) -> Editor:
    """Give the editor for one field spec."""
    makers: dict[Kind, Callable[[], Editor]] = {
        Kind.TEXT: TextEditor,
        Kind.DECIMAL: DecimalEditor,
        Kind.INTEGER: IntegerEditor,
        Kind.BOOLEAN: lambda: CheckEditor(_(field.label)),
        Kind.CHOICE: lambda: ChoiceEditor(
            [(key, _(word)) for key, word in field.choices], can_be_empty=not field.required
        ),
        Kind.DATE: lambda: DateEditor(today),
        Kind.ROWS: lambda: RowGrid(field.columns, today),
    }
    return makers[field.kind]()


def _labelled(title: str, editor: Editor, hint: str) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.HALF)
    if title:
        words = label(title, "label")
        words.setBuddy(editor.focus_target())
        layout.addWidget(words)
    layout.addWidget(editor)
    if hint:
        layout.addWidget(label(hint, "faint", wrap=True))
    layout.setAlignment(Qt.AlignmentFlag.AlignTop)
    return holder


def _placed(problem: Problem, key: str) -> Problem:
    return Problem(problem.code, Place(field=key), problem.value, problem.details, problem.blocking)


def _to_json(value: object) -> object:
    if isinstance(value, Decimal):
        return to_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _from_json(field: Field, value: object) -> object:
    if value is None:
        return None
    if field.kind is Kind.DECIMAL:
        return Decimal(str(value))
    return date.fromisoformat(str(value)) if field.kind is Kind.DATE else value
