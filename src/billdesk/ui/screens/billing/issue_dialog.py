"""Asks on which day drafts are issued, and whether they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.editors import CheckEditor, DateEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, boxed, column, label

Answer = Callable[[date | None, bool], object]


class IssueDialog(FormDialog):
    """Gives the day (None: each draft's own) and whether to queue the documents for sending."""

    def __init__(self, parent: QWidget, what: str, today: date, on_answer: Answer) -> None:
        self._form = FormGrid()
        words = _("Issued documents get their numbers and can only be corrected by a credit note.")
        content = boxed(column(label(words, "second", wrap=True), self._form, spacing=Space.TWO))
        super().__init__(parent, _("Issue {documents}?", documents=what), content, yes=_("Issue"))
        self._on_answer = on_answer
        self._day = DateEditor(lambda: today)
        self._form.add("day", _("Issue date"), self._day, hint=_("Empty: each draft keeps the day it fell due."))
        self._send = CheckEditor(_("Put them into the outbox to be sent"))
        self._form.add("send", "", self._send)
        self._day.set_value(today)
        self._send.set_value(True)
        self.on_submit(self._submit)
        self._day.focus_target().setFocus()

    def _submit(self) -> bool:
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
            return False
        self._on_answer(self._day.value(), self._send.value())
        return True
