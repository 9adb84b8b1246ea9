"""A dialog of one form that runs one command and shows at its fields what the command refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from billdesk.kernel.errors import BillDeskError, InvalidValue, Problem, RowsRejected
from billdesk.kernel.fields import Field
from billdesk.ui.core.form import FieldForm
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog

Command = Callable[[Mapping[str, object]], Callable[..., Any]]
"""Makes the command, a use case with its arguments bound, of the form's JSON values."""


class OfferDialog(FormDialog):
    """Announces when the command was done; it closes then."""

    completed = Signal()

    def __init__(
        self, context: Context, parent: QWidget, heading: str, fields: Sequence[Field], today: date, *, yes: str
    ) -> None:
        self.form = FieldForm(fields, lambda: today, columns=2 if len(fields) > 1 else 1)
        super().__init__(parent, heading, self.form, yes=yes)
        self._messages = context.messages
        self._tasks = context.tasks.of(self)

    def run(self, make: Command) -> None:
        """Set what the primary button does, and open."""

        def submit() -> bool:
            problems = self.form.problems()
            if problems:
                self.form.show_problems(problems)
            else:
                self._tasks.command(make(self.form.json()), then=self._finish, failed=self._refuse)
            return False

        self.on_submit(submit)
        self.open()

    def _finish(self, _value: object) -> None:
        self.completed.emit()
        self.accept()

    def _refuse(self, error: BillDeskError) -> None:
        problems: list[Problem] = [error.problem] if isinstance(error, InvalidValue) else []
        problems += error.problems if isinstance(error, RowsRejected) else ()
        left = self.form.show_problems(problems)
        if left or not problems:
            self._messages.fail(error)
