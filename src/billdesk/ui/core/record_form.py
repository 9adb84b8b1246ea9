"""What forms over one whole record share: leaving with or without saving, and problems at their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from billdesk.kernel.errors import BillDeskError, Problem, RowsRejected
from billdesk.kernel.i18n import _
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.messages import words
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Tone
from billdesk.ui.core.widgets import Banner

R = TypeVar("R")


class RecordForm(QWidget, Generic[R]):
    """Edits one record; `submitted` carries the record, `left` says that nothing is wanted."""

    submitted = Signal(object)
    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._before: R | None = None
        self._banner = Banner("", Tone.RED)

    @property
    def has_changes(self) -> bool:
        """Something was typed that is not saved."""
        raise NotImplementedError

    def _forms(self) -> Sequence[FormGrid]:
        """Give the parts of the form in the order in which problems look for their fields."""
        raise NotImplementedError

    def refused(self, error: BillDeskError) -> None:
        """Show why saving did not work, at the fields where they are named."""
        if isinstance(error, RowsRejected):
            self.show_problems(error.problems)
        else:
            self._context.messages.fail(error)

    def show_problems(self, problems: Sequence[Problem]) -> bool:
        """Show problems at their fields, others above the form; gives whether there are any."""
        unplaced = list(problems)
        for form in self._forms():
            unplaced = form.show_problems(unplaced)
        self._banner.setVisible(bool(unplaced))
        if unplaced:
            self._banner.show_text(" ".join(dict.fromkeys(words(problem) for problem in unplaced)))
        return bool(problems)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Esc, as the dialogs and panels do."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    def leave(self) -> None:
        """Go back to the list; asks first when something would be lost."""
        if not self.has_changes:
            self._go()
            return
        self._context.messages.confirm(
            _("Leave without saving?"),
            _("What you typed in this form is lost; the book stays as it is."),
            yes=_("Leave"),
            on_yes=self._go,
            is_dangerous=True,
        )

    def done(self) -> None:
        """Forget what was typed, for it is saved."""
        self._before = None

    def _go(self) -> None:
        self.done()
        self.left.emit()
