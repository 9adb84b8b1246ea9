"""A small grid for rows of fields, such as the tiers of a price: Tab goes through the cells, paste takes columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.decimals import MAX_PLACES, to_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import _, current
from billdesk.ui.core.editors import Editor
from billdesk.ui.core.parsing import read_date, read_number
from billdesk.ui.core.theme import set_look, text_width, tokens
from billdesk.ui.core.tokens import Size
from billdesk.ui.core.widgets.buttons import link
from billdesk.ui.core.widgets.choices import ChoiceBox
from billdesk.ui.core.widgets.layouts import row

_SHOWN_ROWS = 8
_NUMBERS = frozenset({Kind.DECIMAL, Kind.INTEGER})
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class _Table(QTableWidget):
    """Cells with the keys of a spreadsheet: paste, clear, a new row after the last."""

    def __init__(self, grid: RowGrid, columns: int) -> None:
        super().__init__(0, columns)
        self._grid = grid

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_last = self.currentRow() == self.rowCount() - 1
        if event.matches(QKeySequence.StandardKey.Paste):
            self._grid.paste(QGuiApplication.clipboard().text())
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            for item in self.selectedItems():
                item.setText("")
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Down} and is_last and self._grid.has_text(self.currentRow()):
            self._grid.add_row()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001 - Qt's signature
        """Leave the grid from its last cell, and backwards from its first: Tab must never be a trap."""
        end = (self.rowCount() - 1, self.columnCount() - 1) if forward else (0, 0)
        self.setTabKeyNavigation((self.currentRow(), self.currentColumn()) != end)
        return super().focusNextPrevChild(forward)


class _ChoiceDelegate(QStyledItemDelegate):
    """Edits a cell by choosing one of the field's words."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = [_(word) for _key, word in field.choices]

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        box = ChoiceBox(parent)
        box.addItems(self._words)
        box.activated.connect(lambda *_: self.commitData.emit(box))
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentText(str(index.data() or ""))

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentText())


class RowGrid(Editor):
    """Rows as a list of objects; empty rows do not count, and an empty cell is an absent value."""

    def __init__(self, columns: Sequence[Field], today: Callable[[], date]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._today = today
        self._table = _Table(self, len(self._columns))
        set_look(self._table, "grid")
        self._table.setHorizontalHeaderLabels([_(column.label) for column in self._columns])
        self._table.verticalHeader().setDefaultSectionSize(Size.CONTROL)
        self._table.verticalHeader().setMinimumWidth(28)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self._table.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(max(text_width(_(column.label), 12) + 26 for column in self._columns))
        for place, column in enumerate(self._columns):
            title = self._table.horizontalHeaderItem(place)
            if column.kind in _NUMBERS and title is not None:
                title.setTextAlignment(_RIGHT)
            if column.kind is Kind.CHOICE:
                self._table.setItemDelegateForColumn(place, _ChoiceDelegate(column, self._table))
        self._table.itemChanged.connect(self._edited)
        self._adopt(self._framed())
        self.set_value([])

    def value(self) -> list[dict[str, object]]:
        lines = range(self._table.rowCount())
        return [self._read_row(line) for line in lines if self.has_text(line)]

    def set_value(self, value: object) -> None:
        rows = value if isinstance(value, list) else []
        self._table.blockSignals(True)
        self._table.setRowCount(0)
        for values in rows or [{}]:
            self._append(values)
        self._table.blockSignals(False)
        self._fit()

    def focus_target(self) -> QWidget:
        return self._table

    def add_row(self) -> None:
        """Add an empty row and go there."""
        self._append({})
        self._fit()
        self._table.setCurrentCell(self._table.rowCount() - 1, 0)

    def remove_row(self) -> None:
        """Take the current row away."""
        self._table.removeRow(self._table.currentRow())
        if not self._table.rowCount():
            self._append({})
        self._fit()
        self.changed.emit()

    def has_text(self, line: int) -> bool:
        """Tell whether anything stands in a row."""
        return any(self._text(line, place) for place in range(len(self._columns)))

    def paste(self, text: str) -> None:
        """Write a block of cells from a spreadsheet, from the current cell on."""
        top, left = max(0, self._table.currentRow()), max(0, self._table.currentColumn())
        for down, line in enumerate(text.rstrip("\n").splitlines()):
            while top + down >= self._table.rowCount():
                self._append({})
            for right, cell in enumerate(line.split("\t")[: len(self._columns) - left]):
                self._item(top + down, left + right).setText(cell.strip())
        self._fit()

    def _framed(self) -> QWidget:
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        layout.addLayout(row(link(_("Add row"), self.add_row, "plus"), link(_("Remove row"), self.remove_row), None))
        return holder

    def _append(self, values: dict[str, object]) -> None:
        line = self._table.rowCount()
        self._table.insertRow(line)
        for place, column in enumerate(self._columns):
            self._table.setItem(line, place, QTableWidgetItem(_written(column, values.get(column.name))))
            if column.kind in _NUMBERS:
                self._item(line, place).setTextAlignment(_RIGHT)

    def _item(self, line: int, place: int) -> QTableWidgetItem:
        item = self._table.item(line, place)
        if item is None:
            item = QTableWidgetItem("")
            self._table.setItem(line, place, item)
        return item

    def _text(self, line: int, place: int) -> str:
        return self._item(line, place).text().strip()

    def _read_row(self, line: int) -> dict[str, object]:
        found = {c.name: self._read_cell(line, place) for place, c in enumerate(self._columns)}
        return {name: value for name, value in found.items() if value is not None}

    def _read_cell(self, line: int, place: int) -> object:
        column, text = self._columns[place], self._text(line, place)
        if not text:
            return column.default
        try:
            return self._read(column, text)
        except InvalidValue as error:
            place_name = Place(row=line + 1, column=_(column.label))
            raise InvalidValue(
                Problem(error.problem.code, place_name, error.problem.value, error.problem.details)
            ) from None

    def _edited(self, item: QTableWidgetItem) -> None:
        """Write a cell in full once it is left, and mark one that cannot be read."""
        column, text = self._columns[item.column()], item.text().strip()
        self._table.blockSignals(True)
        try:
            if text:
                item.setText(_written(column, self._read(column, text)))
            item.setToolTip("")
            item.setData(Qt.ItemDataRole.BackgroundRole, None)
        except InvalidValue:
            item.setBackground(_problem_ground())
        self._table.blockSignals(False)
        self.show_problem(self.problem())
        self.changed.emit()

    def _read(self, column: Field, text: str) -> object:
        if column.kind is Kind.DECIMAL:
            return to_text(round(read_number(text, current()).value, MAX_PLACES))
        if column.kind is Kind.INTEGER:
            return _whole(text)
        if column.kind is Kind.DATE:
            return read_date(text, self._today(), current()).isoformat()
        return _choice(column, text) if column.kind is Kind.CHOICE else text

    def _fit(self) -> None:
        shown = min(max(2, self._table.rowCount()), _SHOWN_ROWS)
        self._table.setFixedHeight(shown * Size.CONTROL + self._table.horizontalHeader().sizeHint().height() + 6)


def _problem_ground() -> QBrush:
    return QBrush(QColor(tokens().red_soft))


def _whole(text: str) -> int:
    value = read_number(text, current()).value
    if value != int(value):
        raise InvalidValue(Problem("too_many_decimals", value=text, details=(("places", "0"),)))
    return int(value)


def _choice(column: Field, text: str) -> str:
    words = {_(word).casefold(): key for key, word in column.choices}
    if text.casefold() not in words:
        allowed = ", ".join(_(word) for _key, word in column.choices)
        raise InvalidValue(Problem("not_a_choice", value=text, details=(("choices", allowed),)))
    return words[text.casefold()]


def _written(column: Field, value: object) -> str:
    if value is None:
        return ""
    if column.kind in {Kind.DECIMAL, Kind.INTEGER}:
        return current().number(Decimal(str(value)))
    if column.kind is Kind.DATE:
        return current().short_day(date.fromisoformat(str(value)))
    if column.kind is Kind.CHOICE:
        return _(dict(column.choices).get(str(value), str(value)))
    return str(value)
