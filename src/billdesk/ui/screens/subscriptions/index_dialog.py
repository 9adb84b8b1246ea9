"""Keeps price indexes: choose or add one, and enter its figures by month as from a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.contract_terms import PriceIndex
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem, RowsRejected
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _
from billdesk.kernel.messages import sentence
from billdesk.services.indexes import list_indexes, read_month, save_index, set_figures
from billdesk.ui.core.editors import ChoiceEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.import_wizard import open_import_wizard
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, boxed, button, label, row

_COLUMNS: Final = (Field("month", N_("Month"), Kind.TEXT), Field("value", N_("Figure"), Kind.DECIMAL))
_NEW: Final = "+"
_WIDTH, _HEIGHT = 520, 620


class IndexDialog(FormDialog):
    """Saves an index with its figures; contracts that rose with them are billed the difference."""

    def __init__(self, parent: QWidget, context: Context, today: date) -> None:
        self._known: dict[str, PriceIndex] = {}
        self._which = ChoiceEditor([(_NEW, _("A new index"))])
        self._code, self._name = TextEditor(), TextEditor()
        self._head, self._new = FormGrid(), FormGrid(2)
        self._rows, self._grid = FormGrid(), RowGrid(_COLUMNS, lambda: today)
        self._error = label("", "problem", wrap=True)
        self._context = context
        super().__init__(parent, _("Price indexes"), self._content())
        self.resize(_WIDTH, _HEIGHT)
        self._tasks = context.tasks.of(self)
        self._messages = context.messages
        self.on_submit(self._submit)
        self._which.changed.connect(self._show)
        self._tasks.query(list_indexes, then=self._take)

    def _content(self) -> QWidget:
        self._head.add("which", _("Index"), self._which)
        self._new.add("code", _("Code"), self._code, hint=_("Such as health."))
        self._new.add("name", _("Name"), self._name)
        hint = _("Months such as 2026-01; paste them from a spreadsheet. A row that is gone takes its figure out.")
        self._rows.add("figures", _("Figures"), self._grid, hint=hint)
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        files = boxed(row(button(_("Import figures…"), self.import_figures, "upload"), None))
        for part in (self._head, self._new, self._rows, files, self._error):
            layout.addWidget(part)
        layout.addStretch(1)
        self._error.hide()
        return holder

    def import_figures(self) -> None:
        """Close, and bring figures in from a spreadsheet instead."""
        self.reject()
        if not self.isVisible():
            open_import_wizard(self._context, (), "index_figures")

    def _take(self, found: list[PriceIndex]) -> None:
        self._known = {index.code: index for index in found}
        choices = [(index.code, f"{index.code} · {index.name}") for index in found]
        self._which.set_choices([*choices, (_NEW, _("A new index"))])
        self._which.set_value(choices[0][0] if choices else _NEW)
        self._show()

    def _show(self) -> None:
        index = self._known.get(str(self._which.value()))
        self._new.setVisible(index is None)
        figures = sorted(index.values.items(), reverse=True) if index else []
        self._grid.set_value([{"month": month.isoformat()[:7], "value": f"{value:f}"} for month, value in figures])

    def _figures(self) -> dict[date, Decimal]:
        """Read the grid; raises InvalidValue."""
        return {
            read_month(str(line.get("month", ""))): Decimal(str(line["value"]))
            for line in self._grid.value()
            if line.get("value") is not None
        }

    def _submit(self) -> bool:
        try:
            problems = self._rows.problems()
            figures = {} if problems else self._figures()
        except InvalidValue as error:
            problems = [Problem(error.problem.code, Place(field="figures"), error.problem.value)]
        if problems:
            self._rows.show_problems(problems)
            return False
        index = self._known.get(str(self._which.value()))
        if index is None:
            record = PriceIndex(0, str(self._code.value() or ""), str(self._name.value() or ""), figures)
            self._tasks.command(save_index, record, then=self._saved, failed=self._failed)
            return False
        gone: Mapping[date, Decimal | None] = dict.fromkeys(index.values.keys() - figures.keys())
        self._tasks.command(set_figures, index.code, {**gone, **figures}, then=self._saved, failed=self._failed)
        return False

    def _saved(self, index: PriceIndex) -> None:
        self._messages.note(_("The index {code} is saved.", code=index.code))
        self.accept()

    def _failed(self, error: BillDeskError) -> None:
        rest = self._new.show_problems(error.problems) if isinstance(error, RowsRejected) else [None]
        message = sentence(error)
        self._error.setText(f"{message.what} {message.next}".strip())
        self._error.setVisible(bool(rest))
