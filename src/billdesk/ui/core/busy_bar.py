"""What runs now, how far it is, and a button that stops it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtWidgets import QFrame, QProgressBar

from billdesk.kernel.i18n import _, current
from billdesk.kernel.progress import Step
from billdesk.ui.core.tasks import Job, Tasks
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import button, label, row

_MILLION: Final = 1_000_000


class BusyBar(QFrame):
    """Hidden while nothing runs. `in_percent` is for steps that count bytes, which say nothing to a person."""

    def __init__(
        self, tasks: Tasks, look: str = "footer", side: int = Space.THREE, *, in_percent: bool = False
    ) -> None:
        super().__init__()
        self._in_percent = in_percent
        set_look(self, look)
        self._job: Job | None = None
        self._doing = label("", "second")
        self._count = label("", "faint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Progress"))
        stop = button(_("Stop"), self.stop, "x")
        self.setLayout(row(self._doing, self._bar, self._count, stop, spacing=Space.TWO, margins=(side, 6, side, 6)))
        tasks.job_stepped.connect(self._note_step)
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._job is not None

    def watch(self, job: Job, doing: str) -> None:
        """Show a running job until `settle`."""
        self._job = job
        self._doing.setText(doing)
        self._count.setText("")
        self._bar.setRange(0, 0)
        self.show()

    def settle(self) -> None:
        """Say that nothing runs any more."""
        self._job = None
        self.hide()

    def stop(self) -> None:
        """Ask the job to stop at its next step."""
        if self._job is not None:
            self._job.progress.cancel()

    def _note_step(self, job: Job, step: Step) -> None:
        if self._job is None or job.number != self._job.number:
            return
        if not step.total:
            self._bar.setRange(0, 0)
            self._count.setText("" if self._in_percent else current().number(step.done))
            return
        share = min(step.done, step.total) * _MILLION // step.total
        # Progress bars count in 32 bits; a file can have more bytes.
        self._bar.setRange(0, _MILLION)
        self._bar.setValue(share)
        done, total = current().number(step.done), current().number(step.total)
        told = _("{done} of {total}", done=done, total=total)
        self._count.setText(current().percent(Decimal(share * 100 // _MILLION)) if self._in_percent else told)
