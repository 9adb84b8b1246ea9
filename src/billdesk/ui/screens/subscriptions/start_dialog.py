"""Begins a contract: customer, plan, start, quantities and trial, with its first document beside it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.contract_terms import ContractTerm
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem, RowsRejected
from billdesk.kernel.i18n import _
from billdesk.services.subscriptions import Start
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, Editor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import RecordPicker
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, boxed, row, scrolled
from billdesk.ui.screens.subscriptions.change_fields import SeatFields
from billdesk.ui.screens.subscriptions.change_presenter import (
    ChangePresenter,
    StartOptions,
    find_customer_hits,
)
from billdesk.ui.screens.subscriptions.preview_pane import PreviewPane
from billdesk.ui.screens.subscriptions.term_fields import TermFields

PREVIEW_DELAY_MS = 250
_FORM_WIDTH = 430
_WIDTH, _HEIGHT = 980, 640


class StartDialog(FormDialog):
    """Announces the contract once it is in the book."""

    saved = Signal(object)

    def __init__(self, parent: QWidget, context: Context, today: date) -> None:
        self._options: StartOptions | None = None
        self._today = today
        self._customer = RecordPicker(context.tasks, find_customer_hits, _("Name, number, city…"))
        self._plan = ChoiceEditor([])
        self._number, self._order = TextEditor(), TextEditor()
        self._day, self._trial = DateEditor(lambda: today), DateEditor(lambda: today)
        self._seats = SeatFields(())
        self._has_term = CheckEditor(_("With a term"))
        self._term: TermFields | None = None
        self._place, self._term_place = QVBoxLayout(), QVBoxLayout()
        self._form = FormGrid()
        self._pane = PreviewPane()
        super().__init__(parent, _("New subscription"), self._content(), yes=_("Begin"))
        self.resize(_WIDTH, _HEIGHT)
        self._presenter = ChangePresenter(context.tasks.of(self))
        self._timer = QTimer(self, singleShot=True, interval=PREVIEW_DELAY_MS)
        self._timer.timeout.connect(self._preview)
        self.finished.connect(self._timer.stop)
        self._day.set_value(today)
        self.on_submit(self._submit)
        self._customer.picked.connect(lambda hit: self._presenter.load_start(int(hit.key), self._take))
        self._plan.changed.connect(self._show_seats)
        self._form.changed.connect(self._timer.start)
        self._has_term.changed.connect(self._show_term)
        self._customer.focus_target().setFocus()

    def _content(self) -> QWidget:
        self._form.add("customer", _("Customer"), self._customer)
        self._form.add("plan", _("Plan"), self._plan)
        self._form.add("start", _("Start"), self._day)
        hint = _("Empty: as the plan says.")
        self._form.add("trial", _("Free until (not included)"), self._trial, hint=hint)
        below = FormGrid()
        below.add("number", _("Number"), self._number)
        below.add("order", _("Purchase order"), self._order, hint=_("May be left out."))
        below.add("with_term", "", self._has_term)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, Space.ONE, 0)
        left.setSpacing(Space.ONE_HALF)
        left.addWidget(self._form)
        left.addLayout(self._place)
        left.addWidget(below)
        left.addLayout(self._term_place)
        left.addStretch(1)
        holder = QWidget()
        holder.setLayout(left)
        area = scrolled(holder)
        area.setFixedWidth(_FORM_WIDTH)
        content = row(area, spacing=Space.TWO)
        content.addWidget(self._pane, 1)
        self._pane.show_words(_("Choose a customer and a plan to see the first document."))
        return boxed(content)

    def _take(self, options: StartOptions) -> None:
        self._options = options
        self._number.set_value(options.number)
        self._plan.set_choices([(str(choice.version_id), choice.words) for choice in options.plans])
        self._show_seats()

    def _show_seats(self) -> None:
        version = self._plan.value()
        plans = self._options.plans if self._options else ()
        seats = next((choice.seats for choice in plans if str(choice.version_id) == version), ())
        old = self._seats
        self._place.removeWidget(old)
        old.hide()
        old.deleteLater()
        self._seats = SeatFields(seats)
        self._seats.changed.connect(self._timer.start)
        self._place.addWidget(self._seats)
        # Tab visits the quantities where they stand, though they were made last.
        editors = [self._trial, *self._seats.findChildren(Editor), self._number]
        for before, after in pairwise([editor.focus_target() for editor in editors]):
            self.setTabOrder(before, after)
        self._timer.start()

    def _show_term(self) -> None:
        if self._term is None:
            indexes = self._options.indexes if self._options else ()
            self._term = TermFields(lambda: self._day.value() or self._today, indexes)
            self._term.set_term(ContractTerm(months=12))
            self._term.changed.connect(self._timer.start)
            self._term_place.addWidget(self._term)
        self._term.setVisible(self._has_term.value())
        self._timer.start()

    def _problems(self) -> list[Problem]:
        missing = ((self._customer, "customer"), (self._plan, "plan"), (self._day, "start"))
        found = [*self._form.problems(), *self._seats.problems()]
        found += self._term.problems() if self._term and self._has_term.value() else []
        wrong = {problem.place.field for problem in found}
        absent = [name for editor, name in missing if name not in wrong and editor.value() is None]
        return found + [Problem("value_missing", Place(field=name)) for name in absent]

    def _wish(self, options: StartOptions) -> tuple[Subscription, Start]:
        day = self._day.value() or options.today
        record = Subscription(
            0,
            str(self._number.value() or ""),
            int(str(self._customer.value())),
            options.entity_id,
            options.currency,
            day,
            (),
            purchase_order=str(self._order.value() or ""),
        )
        term = self._term.term() if self._term and self._has_term.value() else None
        start = Start(int(str(self._plan.value())), day, self._seats.quantities(), self._trial.value(), term=term)
        return record, start

    def _preview(self) -> None:
        if self._options is None:
            return
        if self._problems():
            # Figures of what was entered before would be taken for those of what is entered now.
            self._pane.show_words(_("Fill in the fields to see the next document."))
            return
        try:
            record, start = self._wish(self._options)
        except InvalidValue:
            return  # the field says itself what is wrong once it is left
        self._presenter.preview_start(record, start, self._pane.show_preview, self._pane.show_error)

    def _submit(self) -> bool:
        problems = self._problems()
        if problems or self._options is None:
            self._form.show_problems(problems)
            return False
        self._presenter.begin(*self._wish(self._options), self._saved, self._failed)
        return False

    def _saved(self, record: Subscription) -> None:
        self.saved.emit(record)
        self.accept()

    def _failed(self, error: BillDeskError) -> None:
        if isinstance(error, RowsRejected):
            self._form.show_problems(error.problems)
            if self._term is not None:
                self._term.show_problems(error.problems)
        self._pane.show_error(error)
