"""Facts about one record: names at the left, values at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from billdesk.kernel.i18n import current
from billdesk.kernel.money import Money
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.texts import label, rule

Value = str | Money | QWidget
"""Text, an amount, or a widget such as a chip."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: a name, its value and the look of the value; `is_total` draws a line above."""

    name: str
    value: Value
    look: str = "medium"
    is_total: bool = False


def _value_widget(fact: Fact, *, right: bool) -> QWidget:
    if isinstance(fact.value, QWidget):
        return fact.value
    text = current().money(fact.value) if isinstance(fact.value, Money) else fact.value
    shown = label(text, "strong" if fact.is_total else fact.look, wrap=not right, selectable=True)
    if right:
        shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return shown


class KeyValueList(QWidget):
    """Facts in two columns, values right-aligned, as in the slide-over of an invoice."""

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.TWO)
        self._grid.setVerticalSpacing(Space.ONE)
        self._grid.setColumnStretch(1, 1)
        self.show_facts(facts)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        _empty(self._grid)
        line = 0
        for fact in facts:
            if fact.is_total:
                self._grid.addWidget(rule(), line, 0, 1, 2)
                line += 1
            name = label(fact.name, "strong" if fact.is_total else "second")
            value = _value_widget(fact, right=True)
            if isinstance(value, QLabel):
                value.setAccessibleName(f"{fact.name}: {value.text()}")
            self._grid.addWidget(name, line, 0)
            self._grid.addWidget(value, line, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line += 1


class DefinitionGrid(QWidget):
    """Facts as small columns, the name above its value, `columns` beside one another."""

    def __init__(self, facts: Sequence[Fact] = (), columns: int = 3) -> None:
        super().__init__()
        self._columns = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.THREE)
        self._grid.setVerticalSpacing(2)
        self.show_facts(facts)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        _empty(self._grid)
        for index, fact in enumerate(facts):
            line, place = divmod(index, self._columns)
            self._grid.addWidget(label(fact.name, "faint"), line * 3, place)
            self._grid.addWidget(_value_widget(fact, right=False), line * 3 + 1, place)
            self._grid.setRowMinimumHeight(line * 3 + 2, Space.ONE)
            self._grid.setColumnStretch(place, 1)


def _empty(grid: QGridLayout) -> None:
    while grid.count():
        item = grid.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            # deleteLater alone leaves the old text on screen until the event loop turns.
            widget.hide()
            widget.deleteLater()
