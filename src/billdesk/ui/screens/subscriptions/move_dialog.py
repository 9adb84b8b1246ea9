"""Moves a change that lies ahead to another day, with the next document before it is saved."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.errors import BillDeskError, Place, Problem
from billdesk.kernel.i18n import _
from billdesk.services.billing import preview_moved_entry
from billdesk.services.subscriptions import move_entry
from billdesk.ui.core.editors import DateEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, boxed, label, row
from billdesk.ui.screens.subscriptions.preview_pane import PreviewPane
from billdesk.ui.screens.subscriptions.subscriptions_presenter import Step

_DELAY_MS = 250
_FORM_WIDTH = 300
_WIDTH, _HEIGHT = 820, 520


class MoveDialog(FormDialog):
    """Announces the contract once the change is moved."""

    saved = Signal(object)

    def __init__(self, parent: QWidget, context: Context, subscription_id: int, step: Step, today: date) -> None:
        self._subscription_id, self._step = subscription_id, step
        self._day = DateEditor(lambda: today)
        self._form = FormGrid()
        self._pane = PreviewPane()
        super().__init__(parent, _("Move to another day"), self._content(), yes=_("Move"))
        self.resize(_WIDTH, _HEIGHT)
        self._tasks = context.tasks.of(self)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._preview)
        self.finished.connect(self._timer.stop)
        self.on_submit(self._submit)
        self._day.set_value(step.effective)
        self._form.changed.connect(self._timer.start)
        self._timer.start()
        self._day.focus_target().setFocus()

    def choose(self, day: date) -> None:
        """Begin with a day."""
        self._day.set_value(day)
        self._timer.start()

    def _content(self) -> QWidget:
        self._form.add("day", _("Day"), self._day)
        holder = QWidget()
        left = QVBoxLayout(holder)
        left.setContentsMargins(0, 0, Space.ONE, 0)
        left.setSpacing(Space.ONE_HALF)
        left.addWidget(label(self._step.text, "medium", wrap=True))
        left.addWidget(label(self._step.day, "faint"))
        left.addWidget(self._form)
        left.addStretch(1)
        holder.setFixedWidth(_FORM_WIDTH)
        content = row(holder, spacing=Space.TWO)
        content.addWidget(self._pane, 1)
        self._pane.show_words(_("Working it out…"))
        return boxed(content)

    def _preview(self) -> None:
        day = None if self._form.problems() else self._day.value()
        if day is not None:
            asked = (self._subscription_id, self._step.entry_id, day)
            shown, failed = self._pane.show_preview, self._pane.show_error
            self._tasks.query(preview_moved_entry, *asked, then=shown, failed=failed, latest="preview")

    def _submit(self) -> bool:
        problems = self._form.problems()
        day = None if problems else self._day.value()
        if day is None:
            self._form.show_problems(problems or [Problem("value_missing", Place(field="day"))])
            return False
        asked = (self._subscription_id, self._step.entry_id, day)
        self._tasks.command(move_entry, *asked, then=self._saved, failed=self._failed)
        return False

    def _saved(self, record: Subscription) -> None:
        self.saved.emit(record)
        self.accept()

    def _failed(self, error: BillDeskError) -> None:
        self._pane.show_error(error)
