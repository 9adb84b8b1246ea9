"""The strip at the foot of the window: what is being done, how far it is, and Cancel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.progress import Step
from billdesk.ui.core.tasks import Job, Tasks
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.buttons import button
from billdesk.ui.core.widgets.texts import label

SHOWN_AFTER_MS: Final = 300
"""Shorter jobs never show the strip; a strip that flashes is worse than none."""

_MILLION: Final = 1_000_000


class ProgressStrip(QFrame):
    """Shows the oldest of the running jobs."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        set_look(self, "strip")
        self._tasks = tasks
        self._job: Job | None = None
        self._label = label("", "medium")
        self._doing = label("", "second")
        self._count = label("", "second")
        self._more = label("", "faint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMinimumWidth(160)
        self._bar.setAccessibleName(_("Progress"))
        self._cancel = button(_("Cancel"), self._stop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(Space.THREE + 4, 6, Space.THREE, 6)
        layout.setSpacing(Space.TWO)
        layout.addWidget(self._label)
        layout.addWidget(self._bar, 1)
        for part in (self._count, self._doing, self._more, self._cancel):
            layout.addWidget(part)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._timer.timeout.connect(self.show)
        tasks.job_started.connect(self._take)
        tasks.job_stepped.connect(self._step)
        tasks.job_finished.connect(self._finished)
        self.hide()
        for job in tasks.jobs():
            self._take(job)

    def _take(self, job: Job) -> None:
        if self._job is None:
            self._job = job
            self._label.setText(job.label)
            self._doing.clear()
            self._count.clear()
            self._bar.setRange(0, 0)
            self._cancel.setEnabled(True)
            self._timer.start()
        self._show_more()

    def _step(self, job: Job, step: Step) -> None:
        if job is not self._job:
            return
        self._doing.setText(step.label)
        if step.total:
            # Progress bars count in 32 bits; millionths are finer than any screen.
            self._bar.setRange(0, _MILLION)
            self._bar.setValue(step.done * _MILLION // step.total)
            numbers = {"done": current().number(step.done), "total": current().number(step.total)}
            self._count.setText(_("{done} of {total}", **numbers))
        else:
            self._bar.setRange(0, 0)
            self._count.setText(current().number(step.done) if step.done else "")

    def _finished(self, job: Job) -> None:
        if job is not self._job:
            self._show_more()
            return
        self._job = None
        self._timer.stop()
        waiting = self._tasks.jobs()
        if waiting:
            self._take(waiting[0])
        else:
            self.hide()

    def _show_more(self) -> None:
        more = len(self._tasks.jobs()) - 1
        self._more.setText(ngettext("{n} more waiting", "{n} more waiting", more) if more > 0 else "")

    def _stop(self) -> None:
        if self._job is not None:
            self._cancel.setEnabled(False)
            self._doing.setText(_("Stopping…"))
            self._job.progress.cancel()
