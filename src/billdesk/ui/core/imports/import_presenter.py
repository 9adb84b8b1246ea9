"""State of the import wizard: the file, what a person decided about it, and what importing it would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.imports import (
    CellAt,
    Counts,
    ImportOutcome,
    ImportPreview,
    ImportRequest,
    UndoPreview,
    apply_import,
    import_template,
    preview_import,
    preview_undo,
    rejected_rows_workbook,
    undo_import,
)
from billdesk.ui.core.imports.records import CheckSheet, Question, Sheet, check_sheets, questions_of, sheets_of
from billdesk.ui.core.tasks import Job, OwnedTasks

Failed = Callable[[BillDeskError], object]


@dataclass(frozen=True, slots=True)
class ImportState:
    """Everything the wizard shows; `asked` keeps answered questions on screen."""

    path: Path | None = None
    request: ImportRequest = field(default_factory=ImportRequest)
    preview: ImportPreview | None = None
    asked: tuple[Question, ...] = ()
    outcome: ImportOutcome | None = None

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The mapping by sheet."""
        return sheets_of(self.preview, self.request) if self.preview else ()

    @property
    def check_sheets(self) -> tuple[CheckSheet, ...]:
        """The rows by sheet."""
        return check_sheets(self.preview, self.request) if self.preview else ()

    @property
    def counts(self) -> Counts:
        """All rows by what becomes of them."""
        return self.preview.counts if self.preview else Counts()

    @property
    def is_mapped(self) -> bool:
        """Whether no required column is without a source."""
        return self.preview is not None and not any(part.missing for part in self.preview.recognised)

    @property
    def rather(self) -> str:
        """The label of the kind that a sheet without a needed column fits better; empty when there is none."""
        return next((part.rather for part in self.preview.recognised if part.rather), "") if self.preview else ""

    @property
    def has_open_question(self) -> bool:
        """Whether something is still to be answered."""
        return any(not question.answer for question in self.asked)

    def can_import(self, *, skip_bad_rows: bool) -> bool:
        """Whether there is something to import and nothing in its way."""
        counts = self.counts
        return counts.added + counts.changed > 0 and (skip_bad_rows or not counts.rejected)


class ImportPresenter:
    """Asks for a new preview after each decision; nothing is written before `apply`."""

    def __init__(self, tasks: OwnedTasks, kind: str = "") -> None:
        self._tasks = tasks
        self.state = ImportState(request=ImportRequest(kind=kind))

    def read(self, path: Path, then: Callable[[], object], failed: Failed) -> Job:
        """Take another file; decisions about the one before are forgotten."""
        self.state = ImportState(path, ImportRequest(kind=self.state.request.kind))
        return self.check(then, failed)

    def check(self, then: Callable[[], object], failed: Failed) -> Job:
        """Work out what the import would do."""

        def take(preview: ImportPreview) -> None:
            self._take(preview)
            then()

        state = self.state
        asked = (state.path, state.request)
        return self._tasks.preview(preview_import, *asked, then=take, failed=failed, latest="preview")

    def choose_kind(self, kind: str) -> None:
        """Say what the file holds; empty recognises it."""
        self._decide(replace(self.state.request, kind=kind))

    def choose_column(self, sheet: str, column: str, header: str, constant: str) -> None:
        """Say where a column's values come from."""
        request, key = self.state.request, (sheet, column)
        headers = {**request.headers, key: header}
        self._decide(replace(request, headers=headers, constants={**request.constants, key: constant}))

    def answer(self, sheet: str, header: str, kind: str, choice: str) -> None:
        """Answer a question."""
        answers = {**self.state.request.answers, (sheet, header, kind): choice}
        self._decide(replace(self.state.request, answers=answers))
        asked = tuple(
            replace(one, answer=choice) if (one.sheet, one.header, one.kind) == (sheet, header, kind) else one
            for one in self.state.asked
        )
        self.state = replace(self.state, asked=asked)

    def answer_suggested(self) -> None:
        """Count what the file itself proves as the answer until a person says otherwise."""
        for one in self.state.asked:
            if one.answer and (one.sheet, one.header, one.kind) not in self.state.request.answers:
                self.answer(one.sheet, one.header, one.kind, one.answer)

    def correct(self, sheet: str, row: int, column: str, text: str) -> None:
        """Replace the text of a cell."""
        corrections = {**self.state.request.corrections, CellAt(row, column, sheet): text}
        self._decide(replace(self.state.request, corrections=corrections))

    def save_mapping(self, name: str) -> None:
        """Keep the mapping under a name when the file is imported; empty keeps nothing."""
        self._decide(replace(self.state.request, save_as=name))

    def apply(self, then: Callable[[], object], failed: Failed, *, skip_bad_rows: bool) -> Job:
        """Import the file."""

        def take(outcome: ImportOutcome) -> None:
            self.state = replace(self.state, outcome=outcome)
            then()

        state = self.state
        return self._tasks.command(
            apply_import, state.path, state.request, skip_bad_rows=skip_bad_rows, then=take, failed=failed
        )

    def preview_undo(self, then: Callable[[UndoPreview], object]) -> None:
        """Say what taking the import back would do."""
        if self.state.outcome and self.state.outcome.batch_id:
            self._tasks.query(preview_undo, self.state.outcome.batch_id, then=then)

    def undo(self, then: Callable[[UndoPreview], object]) -> None:
        """Take the import back."""
        if self.state.outcome and self.state.outcome.batch_id:
            self._tasks.command(undo_import, self.state.outcome.batch_id, leave_blocked=True, then=then)

    def save_problems(self, target: Path, then: Callable[[Path], object]) -> None:
        """Write the refused rows with what is wrong."""
        if self.state.preview is not None:
            self._tasks.files(write_problems, self.state.preview, target, then=then)

    def save_template(self, target: Path, then: Callable[[Path], object]) -> None:
        """Write an empty workbook to fill in."""
        self._tasks.files(write_template, self.state.request.kind, target, then=then)

    def _decide(self, request: ImportRequest) -> None:
        self.state = replace(self.state, request=request)

    def _take(self, preview: ImportPreview) -> None:
        fresh = {(one.sheet, one.header, one.kind): one for one in questions_of(preview)}
        known = {(one.sheet, one.header, one.kind): one for one in self.state.asked}
        headers = {(part.sheet, item.header) for part in preview.recognised for item in part.mapping if item.header}
        kept = {key: one for key, one in known.items() if key[:2] in headers}
        self.state = replace(self.state, preview=preview, asked=tuple({**fresh, **kept}.values()))


def write_problems(preview: ImportPreview, target: Path) -> Path:
    """Write the refused rows with what is wrong as a workbook."""
    target.write_bytes(rejected_rows_workbook(preview))
    return target


def write_template(kind: str, target: Path) -> Path:
    """Write an empty workbook to fill in."""
    target.write_bytes(import_template(kind))
    return target


def undo_words(preview: UndoPreview) -> list[str]:
    """Say what taking an import back would touch, and what it cannot."""
    language = current()
    lines = [
        _("Records that go: {n}", n=language.number(preview.removed)),
        _("Records that get their old values back: {n}", n=language.number(preview.restored)),
    ]
    if preview.blocked:
        text = ngettext(
            "{n} record stays, for it is in use or was changed since.",
            "{n} records stay, for they are in use or were changed since.",
            len(preview.blocked),
        )
        lines.append(text)
    return lines
