"""The import wizard for customers, catalogue and contracts: from a spreadsheet to the book, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer

from billdesk.kernel.errors import BillDeskError, Cancelled
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.services.imports import UndoPreview, import_kinds
from billdesk.ui.core.imports.check_page import CheckPage
from billdesk.ui.core.imports.columns_page import ColumnsPage
from billdesk.ui.core.imports.file_page import FilePage
from billdesk.ui.core.imports.frame import Foot, WizardFrame
from billdesk.ui.core.imports.import_presenter import ImportPresenter, undo_words
from billdesk.ui.core.imports.questions_page import QuestionsPage
from billdesk.ui.core.imports.result_page import ResultPage
from billdesk.ui.core.screen import Context

STEPS: Final = (N_("File"), N_("Columns"), N_("Questions"), N_("Check"), N_("Import"))
_FILE, _COLUMNS, _QUESTIONS, _CHECK, _IMPORT = range(len(STEPS))


def open_import_wizard(context: Context, paths: Sequence[Path] = (), kind: str = "") -> ImportWizard:
    """Open the wizard over the window; with a path it starts with that file, `kind` says what the file holds."""
    wizard = ImportWizard(context, kind)
    wizard.open()
    wizard.take_files(tuple(paths))
    return wizard


class ImportWizard(WizardFrame):
    """File, columns, questions, check, import; nothing is written before the last step."""

    def __init__(self, context: Context, kind: str = "") -> None:
        super().__init__(context, _("Import"), [_(step) for step in STEPS])
        self._presenter = ImportPresenter(context.tasks.of(self), kind)
        self._waiting: tuple[Path, ...] = ()
        kinds = [("", _("Recognise by itself")), *((one.key, _(one.label)) for one in import_kinds())]
        self._file = FilePage(kinds, self._save_template)
        self._file.choose_kind(kind)
        self._columns, self._questions, self._check = ColumnsPage(), QuestionsPage(), CheckPage()
        self._result = ResultPage()
        for page in (self._file, self._columns, self._questions, self._check, self._result):
            self.add_page(page)
        self._connect()
        self.show_page(self._file, _FILE, Foot(""))

    def take_files(self, paths: tuple[Path, ...]) -> None:
        """Begin with a file; further ones follow when it is done."""
        if paths:
            self._waiting = tuple(paths[1:])
            self.setWindowTitle(_("Import {file}", file=paths[0].name))
            self.watch(self._presenter.read(paths[0], self._read, self._not_read), _("Reading {f}", f=paths[0].name))

    def go_on(self) -> None:
        state = self._presenter.state
        if self.page is self._result:
            self._finish()
        elif self.page is self._check:
            self._apply()
        elif self.page is self._columns and state.asked:
            self._show_questions()
        elif self.page is self._questions:
            self._presenter.answer_suggested()
            self._check_again(self._show_check)
        else:
            self._show_check()

    def go_back(self) -> None:
        has_questions = bool(self._presenter.state.asked)
        if self.page is self._check and has_questions:
            self._show_questions()
        elif self.page is self._columns:
            self._show_file()
        else:
            self._show_columns()

    def _connect(self) -> None:
        self.files_dropped.connect(self.take_files)
        self._file.dropped.connect(self.take_files)
        self._file.kind_chosen.connect(self._choose_kind)
        self._columns.chosen.connect(self._choose_column)
        self._questions.answered.connect(self._answer)
        self._check.corrected.connect(self._correct)
        self._check.skip_changed.connect(self._show_check_foot)
        self._check.list_asked.connect(self._save_problems)

    def _choose_kind(self, kind: str) -> None:
        self._presenter.choose_kind(kind)
        path = self._presenter.state.path
        if path is not None:
            self.take_files((path, *self._waiting))

    def _choose_column(self, sheet: str, column: str, header: str, constant: str) -> None:
        self._presenter.choose_column(sheet, column, header, constant)
        self._check_again(self._show_columns)

    def _answer(self, sheet: str, header: str, kind: str, choice: str) -> None:
        self._presenter.answer(sheet, header, kind, choice)
        self._questions.show_questions(self._presenter.state.asked)
        self._show_questions_foot()

    def _correct(self, sheet: str, row: int, column: str, text: str) -> None:
        self._presenter.correct(sheet, row, column, text)
        # The editor of the cell is still open while it reports; the new check must not take it away.
        QTimer.singleShot(0, self, lambda: self._check_again(self._show_check))

    def _check_again(self, then: Callable[[], object]) -> None:
        def settled() -> None:
            self.settle()
            then()

        self.watch(self._presenter.check(settled, self.settle_with), _("Checking"))

    def _read(self) -> None:
        self.settle()
        self._file.problem.hide()
        self._show_columns()

    def _not_read(self, error: BillDeskError) -> None:
        self.settle()
        self._show_file()
        if not isinstance(error, Cancelled):
            self._file.show_problem(error)

    def _show_file(self) -> None:
        has_file = self._presenter.state.preview is not None
        self.show_page(self._file, _FILE, Foot(_("Next") if has_file else ""))

    def _show_columns(self) -> None:
        state = self._presenter.state
        self._columns.show_sheets(state.sheets)
        note = "" if state.is_mapped else _("A column that is needed has no source yet.")
        if state.rather:
            note = _("This looks like a file of another kind: {kind}. Go back and choose that.", kind=_(state.rather))
        self.show_page(self._columns, _COLUMNS, Foot(_("Next"), state.is_mapped, can_go_back=True, note=note))

    def _show_questions(self) -> None:
        self._questions.show_questions(self._presenter.state.asked)
        self.show_page(self._questions, _QUESTIONS, Foot(_("Next"), can_go_back=True))
        self._show_questions_foot()

    def _show_questions_foot(self) -> None:
        is_ready = not self._presenter.state.has_open_question
        self.show_foot(Foot(_("Next"), is_ready, can_go_back=True))

    def _show_check(self) -> None:
        preview = self._presenter.state.preview
        already = preview.already if preview else None
        self._check.show_sheets(self._presenter.state.check_sheets)
        self._check.banner.hide()
        if already is not None:
            day = current().day(already.imported_at.astimezone().date())
            self._check.banner.show_text(
                _("This very file was imported on {day} by {user}.", day=day, user=already.user)
            )
        is_new = self.page is not self._check
        self.show_page(self._check, _CHECK, Foot(_("Import")))
        self._show_check_foot()
        if is_new:
            self._check.go_to_problem()

    def _show_check_foot(self) -> None:
        state = self._presenter.state
        wanted = state.counts.added + state.counts.changed
        is_ready = state.can_import(skip_bad_rows=self._check.skips_bad_rows)
        text = ngettext("Import {n} row", "Import {n} rows", wanted) if wanted else _("Import")
        self.show_foot(Foot(text, is_ready, can_go_back=True, note=_why_not(wanted, is_ready=is_ready)))

    def _apply(self) -> None:
        job = self._presenter.apply(self._applied, self.settle_with, skip_bad_rows=self._check.skips_bad_rows)
        self.watch(job, _("Importing"))

    def _applied(self) -> None:
        self.settle()
        outcome = self._presenter.state.outcome
        if outcome is None:
            return
        counts, number = outcome.counts, current().number
        facts = [
            (_("New"), number(counts.added)),
            (_("Changed"), number(counts.changed)),
            (_("Unchanged"), number(counts.unchanged + counts.duplicate)),
            (_("Left out"), number(counts.rejected)),
        ]
        actions = [(_("Undo this import…"), "undo", self._ask_undo)]
        if counts.rejected:
            actions.append((_("Save the list of problems…"), "download", self._save_problems))
        detail = _("It stands in the history and can be taken back from there too.")
        self._result.show_result(_("{file} is in the book", file=outcome.file_name), detail, facts, actions)
        text = ngettext("Next file ({n} waits)", "Next file ({n} wait)", len(self._waiting))
        self.show_page(self._result, _IMPORT, Foot(text if self._waiting else _("Close"), is_over=True))

    def _finish(self) -> None:
        if self._waiting:
            self.take_files(self._waiting)
        else:
            self.accept()

    def _ask_undo(self) -> None:
        self._presenter.preview_undo(self._confirm_undo)

    def _confirm_undo(self, preview: UndoPreview) -> None:
        self.messages.confirm(
            _("Take the import of {file} back?", file=preview.batch.file_name),
            *undo_words(preview),
            yes=_("Undo the import"),
            on_yes=lambda: self._presenter.undo(self._undone),
            is_dangerous=True,
        )

    def _undone(self, preview: UndoPreview) -> None:
        self.context.messages.note(_("The import of {file} was taken back.", file=preview.batch.file_name))
        self.accept()

    def _save_problems(self) -> None:
        self.save(_("Problems"), self._presenter.save_problems)

    def _save_template(self) -> None:
        self.save(_("Template"), self._presenter.save_template)


def _why_not(wanted: int, *, is_ready: bool) -> str:
    if is_ready:
        return ""
    if not wanted:
        return _("There is nothing new in this file.")
    return _("Correct the red cells, or leave the rejected rows out.")
