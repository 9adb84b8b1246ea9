"""The editor of a one-off invoice: who, when, a grid of lines, and the totals always in sight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from billdesk.domain.invoices import Document
from billdesk.kernel.errors import BillDeskError, InvalidValue, RuleBroken
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import sentence
from billdesk.services import invoices
from billdesk.services.invoices import Issued
from billdesk.ui.core.countries import currency_choices
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, ParagraphEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.theme import text_width
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    Card,
    Fact,
    KeyValueList,
    PageHeader,
    boxed,
    button,
    column,
    label,
    primary,
    scrolled,
)
from billdesk.ui.screens.invoices.bulk import issued_text
from billdesk.ui.screens.invoices.editor_presenter import (
    EditorFacts,
    draft_of,
    due_hint,
    find_buyers,
    line_fields,
    load_facts,
    rows_of,
    totals_of,
)

_PAUSE_MS: Final = 250
_TOTALS_WIDTH: Final = 288
_NARROW: Final = 80
_LEAST: Final = 60
_TELLING: Final = frozenset({"description", "unit_price", "discount", "product_id", "line_id"})
_SIDES: Final = 28


class LineGrid(RowGrid):
    """The grid of lines; its last column is hidden and keeps which stored line a row is."""

    def __init__(self, columns: Sequence[Field], today: date) -> None:
        super().__init__(columns, lambda: today)
        self._table.setColumnHidden(len(columns) - 1, True)
        self._table.setWordWrap(False)
        header = self._table.horizontalHeader()
        header.setMinimumSectionSize(_LEAST)
        for place, field in enumerate(columns):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(place, max(_NARROW, text_width(_(field.label)) + _SIDES))
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.set_value([])

    def has_text(self, line: int) -> bool:
        """Tell whether a person wrote something in a row; quantity and tax are filled in beforehand."""
        told = [place for place, column in enumerate(self._columns) if column.name in _TELLING]
        return any(self._text(line, place) for place in told)

    def _append(self, values: dict[str, object]) -> None:
        beforehand = {column.name: column.default for column in self._columns if column.default is not None}
        super()._append(values or beforehand)


class EditorView(QWidget):
    """Writes a draft; nothing is stored before Save, and the totals come from the use case that will store it."""

    left = Signal()
    saved = Signal(int)

    def __init__(self, context: Context, document_id: int | None, today: date) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._document_id = document_id
        self._today = today
        self._facts: EditorFacts | None = None
        self._is_changed = False
        self._grid: LineGrid
        self._form = FormGrid(3)
        self._notes = ParagraphEditor(3)
        self._totals = KeyValueList()
        self._hint = label("", "faint", wrap=True)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._preview)
        self._tasks.query(load_facts, document_id, then=self._fill)

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not saved."""
        return self._is_changed

    def ask_to_leave(self) -> None:
        """Go back to the list; what was typed is only thrown away when that is wanted."""
        if not self._is_changed:
            self.left.emit()
            return
        self._context.messages.confirm(
            _("Leave without saving?"),
            _("What you typed is lost."),
            yes=_("Leave"),
            on_yes=self.left.emit,
            is_dangerous=True,
        )

    def _fill(self, facts: EditorFacts) -> None:
        self._facts = facts
        self._grid = LineGrid(line_fields(facts), self._today)
        self._build_form(facts)
        self._build()
        self._add_actions()
        self._show_draft(facts)
        for part in (self._form, self._grid, self._notes):
            part.changed.connect(self._changed)
        self._picker.focus_target().setFocus()

    def _build_form(self, facts: EditorFacts) -> None:
        form, today = self._form, self._today
        self._picker = RecordPicker(self._context.tasks, find_buyers, _("Name, number, city…"))
        self._picker.picked.connect(self._take_customer)
        self._currency = ChoiceEditor([(code, code) for code, _name in currency_choices()])
        form.add("customer", _("Customer"), self._picker)
        form.add("entity", _("Company"), ChoiceEditor([(str(one.id), one.name) for one in facts.entities]))
        form.add("currency", _("Currency"), self._currency)
        form.add("issue_date", _("Date"), DateEditor(lambda: today))
        form.add("due_date", _("Due"), DateEditor(lambda: today, _("by the customer's terms")))
        form.add("purchase_order", _("Purchase order"), TextEditor())

    def _build(self) -> None:
        heading = _("Edit draft") if self._document_id else _("New invoice")
        head = PageHeader(
            heading,
            _("A draft has no number and can be changed until it is issued."),
            [
                button(_("Back"), self.ask_to_leave, "chevron-left"),
                button(_("Save draft"), partial(self._save, self._stored)),
                primary(_("Save and issue"), partial(self._save, self._issue), "check"),
            ],
        )
        lines = Card(_("Lines"))
        lines.body.addWidget(self._grid)
        keys = _("Tab goes on, Enter in the last row adds one; paste takes cells of a spreadsheet.")
        lines.body.addWidget(label(keys, "faint", wrap=True))
        who = Card()
        who.body.addWidget(self._form)
        notes = Card(_("Text on the invoice"))
        notes.body.addWidget(self._notes)
        left = QWidget()
        inside = column(who, lines, notes, None, spacing=Space.TWO)
        left.setLayout(inside)
        body = QHBoxLayout()
        body.setSpacing(Space.TWO)
        body.addWidget(scrolled(left), 1)
        body.addWidget(self._totals_card())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addWidget(head)
        layout.addLayout(body, 1)

    def _totals_card(self) -> QWidget:
        card = Card(_("Totals"))
        card.body.addWidget(self._totals)
        card.body.addWidget(self._hint)
        card.body.addStretch(1)
        card.setFixedWidth(_TOTALS_WIDTH)
        return boxed(column(card, None))

    def _add_actions(self) -> None:
        for text, keys, run in (
            (_("Save draft"), "Ctrl+S", partial(self._save, self._stored)),
            (_("Save and issue"), "Ctrl+Return", partial(self._save, self._issue)),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    def _show_draft(self, facts: EditorFacts) -> None:
        company = facts.entities[0]
        self._form.set_values({"entity": company.id, "currency": company.currency, "issue_date": self._today})
        if facts.draft is None:
            return
        draft = facts.draft
        self._form.set_values(
            {
                "customer": facts.buyer,
                "entity": draft.entity_id,
                "currency": draft.currency,
                "issue_date": draft.issue_date,
                "due_date": draft.due_date,
                "purchase_order": draft.purchase_order,
            }
        )
        self._notes.set_value(draft.notes)
        self._grid.set_value(rows_of(draft))
        self._show_totals(draft)

    def _take_customer(self, hit: Hit) -> None:
        record: Any = hit.record
        self._currency.set_value(record.currency)

    def _changed(self) -> None:
        self._is_changed = True
        self._timer.start()

    def _preview(self) -> None:
        try:
            given = self._given()
        except InvalidValue:
            return
        self._tasks.query(
            invoices.preview_draft, given, then=self._show_totals, failed=self._show_hint, latest="preview"
        )

    def _given(self) -> invoices.DraftInput:
        if self._facts is None:
            raise RuleBroken("draft_without_lines")
        values = self._form.values() | {"notes": self._notes.value()}
        return draft_of(values, self._grid.value(), self._facts)

    def _show_totals(self, document: Document) -> None:
        totals = totals_of(document)
        facts = [Fact(name, amount) for name, amount in totals.parts]
        self._totals.show_facts([*facts, Fact(_("Total"), totals.total, is_total=True)])
        self._hint.setText(due_hint(document))

    def _show_hint(self, error: BillDeskError) -> None:
        self._hint.setText(str(sentence(error)))

    def _save(self, then: Any) -> None:  # noqa: ANN401 - takes the draft's id
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
            return
        try:
            given = self._given()
        except InvalidValue as error:
            self._form.show_problems([error.problem])
            self._grid.show_problem(error.problem if error.problem.place.field == "lines" else None)
            return
        if self._facts is not None and self._facts.draft is not None:
            draft = self._facts.draft
            self._tasks.command(invoices.update_draft, draft.id, draft.version, given, then=then)
        else:
            self._tasks.command(invoices.create_draft, given, then=then)

    def _stored(self, document_id: int) -> None:
        self._context.messages.note(_("Draft saved."))
        self.saved.emit(document_id)

    def _issue(self, document_id: int) -> None:
        self._document_id = document_id
        self._tasks.command(
            invoices.issue_documents,
            [document_id],
            label=_("Issuing"),
            then=self._issued,
            failed=partial(self._not_issued, document_id),
        )

    def _issued(self, issued: Issued) -> None:
        self._context.messages.note(issued_text(issued.numbers, issued.totals))
        self.saved.emit(issued.ids[0])

    def _not_issued(self, document_id: int, error: BillDeskError) -> None:
        self._context.messages.fail(error)
        self.saved.emit(document_id)
