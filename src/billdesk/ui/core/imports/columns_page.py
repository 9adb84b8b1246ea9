"""The page that shows which header of the file fills which column, and lets a person choose otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.i18n import _, ngettext
from billdesk.ui.core.imports.records import ColumnLine, Sheet
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, StatusChip, label, link, row, scrolled
from billdesk.ui.core.widgets.choices import ChoiceBox

_NOWHERE: Final = ""
_CONSTANT: Final = "\x00constant"
_CHOICE_WIDTH: Final = 250
_CHOICES_SHOWN: Final = 14


class ColumnsPage(QWidget):
    """Announces each choice as sheet, column, header and constant."""

    chosen = Signal(str, str, str, str)

    def __init__(self) -> None:
        super().__init__()
        self._body = QVBoxLayout()
        self._body.setSpacing(Space.TWO)
        self._places: dict[tuple[str, str], _Line] = {}
        self._shown: tuple[Sheet, ...] = ()
        self._are_all_shown = False
        holder = QWidget()
        holder.setLayout(self._body)
        self._body.setContentsMargins(0, 0, Space.ONE, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        layout.addWidget(label(_("Which column of the file holds what?"), "heading"))
        layout.addWidget(scrolled(holder), 1)

    def show_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Show mappings; lines that are there already are only written anew, so that the keyboard stays."""
        self._shown = tuple(sheets)
        keys = [(line.sheet, line.column) for sheet in sheets for line in sheet.columns]
        if set(keys) != set(self._places) or not keys:
            self._build(sheets)
        for sheet in sheets:
            for line in sheet.columns:
                self._places[line.sheet, line.column].show(line)

    def _build(self, sheets: Sequence[Sheet]) -> None:
        while self._body.count():
            item = self._body.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._places = {}
        for sheet in sheets:
            self._body.addWidget(self._card(sheet, show_name=len(sheets) > 1))
        self._body.addStretch(1)

    def _card(self, sheet: Sheet, *, show_name: bool) -> Card:
        card = Card(sheet.label, _("sheet “{name}”", name=sheet.name) if show_name else "")
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.TWO)
        grid.setVerticalSpacing(Space.HALF)
        grid.setColumnStretch(3, 1)
        for place, title in enumerate((_("Column"), _("From"), "", _("Examples"))):
            grid.addWidget(label(title, "faint"), 0, place)
        further: list[QWidget] = []
        for number, column in enumerate(sheet.columns, start=1):
            line = _Line(sheet, column)
            line.chosen.connect(self.chosen)
            line.place(grid, number)
            self._places[column.sheet, column.column] = line
            if not (column.is_filled or column.is_required):
                further += line.parts
        card.body.addLayout(grid)
        if further:
            card.body.addLayout(row(self._more(further), None))
        return card

    @staticmethod
    def _more(parts: list[QWidget]) -> QWidget:
        """Hide the columns that the file lacks until they are asked for."""
        count = len(parts) // _Line.WIDGETS
        for part in parts:
            part.hide()

        def show() -> None:
            more.hide()
            for part in parts:
                part.show()
            parts[1].setFocus()

        text = ngettext("{n} more column is not in the file", "{n} more columns are not in the file", count)
        more = link(text, show, "chevron-down")
        return more


class _Line(QWidget):
    """The widgets of one column; it has no place itself, the grid lays its parts out."""

    WIDGETS: Final = 4
    chosen = Signal(str, str, str, str)

    def __init__(self, sheet: Sheet, column: ColumnLine) -> None:
        super().__init__()
        self._column = column
        self._title = label(column.title, "strong" if column.is_required else "medium")
        self._title.setToolTip(column.help)
        self._box = ChoiceBox()
        self._box.setItemDelegate(QStyledItemDelegate(self._box))
        self._box.setMaxVisibleItems(_CHOICES_SHOWN)
        self._box.setAccessibleName(column.title)
        self._box.addItem(_("– not in the file –"), _NOWHERE)
        for header in sheet.headers:
            self._box.addItem(header, header)
        self._box.insertSeparator(self._box.count())
        self._box.addItem(_("The same for every row…"), _CONSTANT)
        self._constant = QLineEdit()
        self._constant.setPlaceholderText(_("Value of every row"))
        self._constant.setAccessibleName(_("{column}: value of every row", column=column.title))
        self._chip = StatusChip()
        self._examples = label("", "second")
        # As wide as there is room, never wider: long examples must not push the card out of the window.
        self._examples.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._middle = QStackedWidget()
        self._middle.addWidget(self._examples)
        self._middle.addWidget(self._constant)
        self._middle.setMaximumHeight(36)
        self._box.setMinimumWidth(_CHOICE_WIDTH)
        self.parts: tuple[QWidget, ...] = (self._title, self._box, self._chip, self._middle)
        self._box.activated.connect(self._picked)
        self._constant.editingFinished.connect(self._typed)

    def place(self, grid: QGridLayout, number: int) -> None:
        """Put the parts into a row of the grid."""
        for column, part in enumerate(self.parts):
            grid.addWidget(part, number, column, Qt.AlignmentFlag(0) if column else Qt.AlignmentFlag.AlignVCenter)
        self.setParent(grid.parentWidget())

    def show(self, column: ColumnLine) -> None:  # type: ignore[override]  # it has no window of its own
        """Write what is chosen now."""
        self._column = column
        with QSignalBlocker(self._box):
            self._box.setCurrentIndex(self._box.findData(_CONSTANT if column.constant else column.header))
        self._chip.show_status(column.sure, column.tone)
        self._examples.setText(
            self._examples.fontMetrics().elidedText(column.examples, Qt.TextElideMode.ElideRight, 420)
        )
        self._examples.setToolTip(column.examples)
        with QSignalBlocker(self._constant):
            self._constant.setText(column.constant)
        self._middle.setCurrentIndex(1 if column.constant else 0)

    def _picked(self) -> None:
        header = self._box.currentData()
        if header == _CONSTANT:
            self._middle.setCurrentIndex(1)
            self._constant.setFocus()
            return
        self.chosen.emit(self._column.sheet, self._column.column, header, "")

    def _typed(self) -> None:
        text = self._constant.text().strip()
        if text != self._column.constant:
            self.chosen.emit(self._column.sheet, self._column.column, "", text)
