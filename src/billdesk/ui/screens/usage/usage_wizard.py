"""The usage wizard: from a file of events to counted usage, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.errors import BillDeskError, Cancelled
from billdesk.kernel.i18n import _, ngettext
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.import_wizard import STEPS
from billdesk.ui.core.imports.columns_page import ColumnsPage
from billdesk.ui.core.imports.file_page import FilePage
from billdesk.ui.core.imports.frame import Foot, WizardFrame
from billdesk.ui.core.imports.questions_page import QuestionsPage
from billdesk.ui.core.imports.result_page import ResultPage
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FilterChips, FormDialog, boxed, column, label
from billdesk.ui.screens.usage.bill_words import bill_words
from billdesk.ui.screens.usage.usage_check_page import UsageCheckPage
from billdesk.ui.screens.usage.wizard_presenter import UsageWizardPresenter
from billdesk.ui.screens.usage.wizard_state import ProblemLine, figures_of

_FILE, _COLUMNS, _QUESTIONS, _CHECK, _IMPORT = range(len(STEPS))


def open_usage_wizard(context: Context, paths: Sequence[Path], undo: Callable[[int], object]) -> UsageWizard:
    """Open the wizard over the window; `undo` asks about taking a batch back."""
    wizard = UsageWizard(context, undo)
    wizard.open()
    wizard.take_files(tuple(paths))
    return wizard


class UsageWizard(WizardFrame):
    """File, columns, questions, check, import; nothing is counted before the last step."""

    def __init__(self, context: Context, undo: Callable[[int], object]) -> None:
        super().__init__(context, _("Import usage"), [_(step) for step in STEPS])
        self._presenter = UsageWizardPresenter(context.tasks.of(self))
        self._undo = undo
        self._waiting: tuple[Path, ...] = ()
        self._file, self._questions, self._result = FilePage(), QuestionsPage(), ResultPage()
        self._columns = ColumnsPage()
        self._spare = QVBoxLayout()
        self._columns_holder = self._build_columns()
        self._check = UsageCheckPage(context.preferences)
        for page in (self._file, self._columns_holder, self._questions, self._check, self._result):
            self.add_page(page)
        self._connect()
        self.show_page(self._file, _FILE, Foot(""))

    def take_files(self, paths: tuple[Path, ...]) -> None:
        """Begin with a file; further ones follow when it is done."""
        if paths:
            self._waiting = tuple(paths[1:])
            self.setWindowTitle(_("Import {file}", file=paths[0].name))
            watch = partial(self.watch, doing=_("Reading {f}", f=paths[0].name))
            self._presenter.read(paths[0], self._read, self._not_read, watch)

    def go_on(self) -> None:
        state = self._presenter.state
        if self.page is self._result:
            self._finish()
        elif self.page is self._check:
            job = self._presenter.apply(self._applied, self.settle_with, skip_bad_rows=self._check.skips_bad_rows)
            self.watch(job, _("Importing"))
        elif self.page is self._columns_holder and state.asked:
            self._show_questions()
        elif self.page is self._file:
            self._show_columns()
        else:
            self._presenter.answer_suggested()
            self._prepare(self._preview)

    def go_back(self) -> None:
        if self.page is self._check and self._presenter.state.asked:
            self._show_questions()
        elif self.page is self._columns_holder:
            self.show_page(self._file, _FILE, Foot(_("Next")))
        else:
            self._show_columns()

    def _build_columns(self) -> QWidget:
        layout = column(spacing=Space.ONE_HALF)
        layout.addWidget(self._columns, 1)
        layout.addLayout(self._spare)
        return boxed(layout)

    def _connect(self) -> None:
        self.files_dropped.connect(self.take_files)
        self._file.dropped.connect(self.take_files)
        self._columns.chosen.connect(self._choose_column)
        self._questions.answered.connect(self._answer)
        self._check.skip_changed.connect(self._show_check_foot)
        self._check.replace_changed.connect(self._replace)
        self._check.cell_asked.connect(self._ask_cell)
        self._check.list_asked.connect(lambda: self.save(_("Problems"), self._presenter.save_problems))

    def _choose_column(self, _sheet: str, name: str, header: str, constant: str) -> None:
        self._presenter.choose_column(name, header, constant)
        self._prepare(self._show_columns)

    def _answer(self, _sheet: str, header: str, kind: str, choice: str) -> None:
        self._presenter.answer(header, kind, choice)
        self._show_questions()

    def _replace(self, on: bool) -> None:  # noqa: FBT001 - the signal's signature
        self._presenter.replace_days(on=on)
        self._preview()

    def _ask_cell(self, line: ProblemLine) -> None:
        """Let a wrong cell be written anew; the whole file is checked again with it."""
        if not line.is_cell:
            self.messages.note(_("This is no matter of one cell; correct the file, or leave the row out."))
            return
        form = FormGrid()
        form.add("text", _("{column} in row {row}", column=line.column, row=line.row), TextEditor(), hint=line.what)
        form.set_values({"text": line.value})
        dialog = FormDialog(self, _("Correct a cell"), form, yes=_("Check again"))

        def submit() -> bool:
            self._presenter.correct(line.row, line.column, str(form.values()["text"] or ""))
            QTimer.singleShot(0, self, self._preview)
            return True

        dialog.on_submit(submit)
        dialog.open()

    def _prepare(self, then: Callable[[], object]) -> None:
        def settled() -> None:
            self.settle()
            then()

        self.watch(self._presenter.prepare(settled, self.settle_with), _("Reading the file"))

    def _preview(self) -> None:
        self.watch(self._presenter.check(self._previewed, self.settle_with), _("Checking every row"))

    def _previewed(self) -> None:
        self.settle()
        self._show_check()

    def _read(self) -> None:
        self.settle()
        self._file.problem.hide()
        self._show_columns()

    def _not_read(self, error: BillDeskError) -> None:
        self.settle()
        self.show_page(self._file, _FILE, Foot(""))
        if not isinstance(error, Cancelled):
            self._file.show_problem(error)

    def _show_columns(self) -> None:
        state = self._presenter.state
        self._columns.show_sheets(state.sheets)
        self._show_chips(state.spare_headers, frozenset(state.properties))
        note = "" if state.is_mapped else _("A column that is needed has no source yet.")
        foot = Foot(_("Next"), state.is_mapped, can_go_back=True, note=note)
        self.show_page(self._columns_holder, _COLUMNS, foot)

    def _show_chips(self, names: tuple[str, ...], kept: frozenset[str]) -> None:
        while self._spare.count():
            item = self._spare.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if names:
            words = _("Keep these further columns with the events, for prices that look at them:")
            chips = FilterChips([(name, name) for name in names], words)
            chips.choose(kept)
            chips.changed.connect(self._presenter.keep_properties)
            self._spare.addWidget(label(words, "second", wrap=True))
            self._spare.addWidget(chips)

    def _show_questions(self) -> None:
        state = self._presenter.state
        self._questions.show_questions(state.asked)
        foot = Foot(_("Next"), not state.has_open_question, can_go_back=True)
        self.show_page(self._questions, _QUESTIONS, foot)

    def _show_check(self) -> None:
        state = self._presenter.state
        self._check.show_state(state)
        is_new = self.page is not self._check
        self.show_page(self._check, _CHECK, Foot(_("Import")))
        self._show_check_foot()
        if is_new:
            self._check.go_to_problem(has_problems=any(line.is_blocking for line in state.problems))

    def _show_check_foot(self) -> None:
        state = self._presenter.state
        count = state.preview.added if state.preview else 0
        is_ready = state.can_import(skip_bad_rows=self._check.skips_bad_rows)
        text = ngettext("Import {n} event", "Import {n} events", count) if count else _("Import")
        is_bad = bool(state.preview and (state.preview.rejected or state.preview.conflicts))
        why = (
            _("Open a line to correct its cell, or leave the bad rows out.")
            if is_bad
            else _("There is nothing new in this file.")
        )
        self.show_foot(Foot(text, is_ready, can_go_back=True, note="" if is_ready else why))

    def _applied(self) -> None:
        self.settle()
        outcome = self._presenter.state.outcome
        if outcome is None:
            return
        actions = []
        batch_id = outcome.batch_id
        if batch_id is not None:
            actions.append((_("Undo this import…"), "undo", lambda: self._take_back(batch_id)))
        waits = ""
        if outcome.unmatched:
            waits = _("Rows that match no contract wait in the queue; they count as soon as a contract claims them.")
            actions.append((_("Look at the waiting rows"), "clock", self._go_waiting))
        if outcome.bill is not None and outcome.bill.run_id is not None:
            actions.append((_("Look at the drafts"), "file-text", self._go_runs))
        detail = "\n".join(filter(None, (bill_words(outcome.bill), waits)))
        self._result.show_result(
            _("{file} is in the book", file=outcome.file_name), detail, figures_of(outcome), actions
        )
        text = ngettext("Next file ({n} waits)", "Next file ({n} wait)", len(self._waiting))
        self.show_page(self._result, _IMPORT, Foot(text if self._waiting else _("Close"), is_over=True))

    def _take_back(self, batch_id: int) -> None:
        self.accept()
        self._undo(batch_id)

    def _go_waiting(self) -> None:
        self.accept()
        self.context.navigate("usage", view="waiting")

    def _go_runs(self) -> None:
        self.accept()
        self.context.navigate("billing", view="runs")

    def _finish(self) -> None:
        if self._waiting:
            self.take_files(self._waiting)
        else:
            self.accept()
