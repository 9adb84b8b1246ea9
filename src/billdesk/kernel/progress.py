"""Progress of a long job and the wish to stop it, shared by a worker and its watcher."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from billdesk.kernel.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Step:
    """How far a job is; `total` 0 means that the end is not known yet."""

    done: int
    total: int
    label: str


@dataclass
class Progress:
    """Reports steps to `on_step` from the worker's thread and stops the job when asked.

    `cancel()` may be called from any thread; the next `step` raises `Cancelled`.
    """

    on_step: Callable[[Step], None] = field(default=lambda _step: None)
    _stop: threading.Event = field(default_factory=threading.Event)

    def step(self, done: int, total: int = 0, label: str = "") -> None:
        """Report progress; raises `Cancelled` when the user asked to stop."""
        if self._stop.is_set():
            raise Cancelled
        self.on_step(Step(done, total, label))

    def silent(self) -> Progress:
        """Give a progress for a part of the job: it stops when the job is asked to, and reports nothing itself."""
        return Progress(_stop=self._stop)

    def cancel(self) -> None:
        """Ask the job to stop at its next step."""
        self._stop.set()
