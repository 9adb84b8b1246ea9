"""The checking grid: a file's rows as the spreadsheet has them, wrong cells marked, each cell can be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from billdesk.kernel.i18n import _
from billdesk.ui.core.imports.records import OUTCOMES, CheckRow
from billdesk.ui.core.theme import set_look, text_width, tokens
from billdesk.ui.core.tokens import Size

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX: Final = QModelIndex()
_FATE: Final = 0
_WIDEST: Final = 240
_MEASURED: Final = 60
_INDENT: Final = 8
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class CheckModel(QAbstractTableModel):
    """Rows of one sheet; the first column says what becomes of the row."""

    edited = Signal(int, str, str)

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[tuple[str, str], ...] = ()
        self.rows: tuple[CheckRow, ...] = ()

    def show_rows(self, columns: Sequence[tuple[str, str]], rows: Sequence[CheckRow]) -> None:
        """Show rows; when only cells differ, place and selection stay."""
        same_shape = tuple(columns) == self.columns and [r.number for r in rows] == [r.number for r in self.rows]
        if same_shape:
            self.rows = tuple(rows)
            last = self.index(max(0, len(self.rows) - 1), len(self.columns))
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns) + 1

    def flags(self, index: _Index) -> Qt.ItemFlag:
        editable = Qt.ItemFlag.ItemIsEditable if index.column() != _FATE else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | editable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(self.rows[section].number)
        return _("Result") if section == _FATE else self.columns[section - 1][1]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        row = self.rows[index.row()]
        place = index.column() - 1
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return row.cells[place] if place >= 0 else _(OUTCOMES[row.outcome][0])
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole}:
            return row.bad.get(place)
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(row, place)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(row, place)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401
        row, place = self.rows[index.row()], index.column() - 1
        if role != Qt.ItemDataRole.EditRole or place < 0 or str(value) == row.cells[place]:
            return False
        self.edited.emit(row.number, self.columns[place][0], str(value))
        return True

    @staticmethod
    def _ground(row: CheckRow, place: int) -> QColor | None:
        if place in row.bad and place >= 0:
            return QColor(tokens().red_soft)
        return QColor(tokens().soft) if place in row.corrected else None

    @staticmethod
    def _ink(row: CheckRow, place: int) -> QColor:
        if place < 0:
            return QColor(tokens().tone(OUTCOMES[row.outcome][1])[0])
        return QColor(tokens().red if place in row.bad else tokens().text)


class _CellDelegate(QStyledItemDelegate):
    """Keeps the ground of a cell when it is chosen: red must stay red; the current cell gets a frame."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        inside = QStyleOptionViewItem(option)
        is_current = bool(inside.state & QStyle.StateFlag.State_Selected)
        inside.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(inside.rect, ground)
        frame = inside.rect.adjusted(1, 1, -2, -2)
        inside.rect = inside.rect.adjusted(_INDENT, 0, -_INDENT, 0)
        super().paint(painter, inside, index)
        if is_current:
            painter.setPen(QPen(QColor(tokens().accent), 2))
            painter.drawRect(frame)


class CheckGrid(QTableView):
    """A spreadsheet-like view; Enter and F2 edit, Tab goes on."""

    current_moved = Signal()

    def __init__(self, model: CheckModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        set_look(self, "grid")
        self.setItemDelegate(_CellDelegate(self))
        self.setAccessibleName(_("Rows of the file"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(Size.CONTROL)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setFixedHeight(Size.CONTROL)
        model.modelReset.connect(self._fit)

    def go_to(self, number: int, place: int) -> None:
        """Make a cell current by row number of the file and place of the column."""
        found = next((line for line, row in enumerate(self._model.rows) if row.number == number), None)
        if found is not None:
            self.setCurrentIndex(self._model.index(found, place + 1))
            self.scrollTo(self.currentIndex())
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and self.state() != QAbstractItemView.State.EditingState:
            # Not the dialog's default button: Enter edits, as in a spreadsheet.
            self.edit(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.current_moved.emit()

    def _fit(self) -> None:
        """Give each column the width of its first rows; never of all, for there may be many."""
        for number in range(self._model.columnCount()):
            texts = [self._model.headerData(number, Qt.Orientation.Horizontal) or ""]
            shown = range(min(_MEASURED, self._model.rowCount()))
            texts += [str(self._model.data(self._model.index(row, number)) or "") for row in shown]
            self.setColumnWidth(number, min(_WIDEST, max(map(text_width, texts)) + 2 * _INDENT + 14))
