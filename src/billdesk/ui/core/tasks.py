"""Work away from the window, in lanes: `db` owns the book, `files` never sees a connection.

Previews that take long are read in a lane beside `db`, on a connection of their own, so that lists answer meanwhile.
This is the only module with threads. Results, steps and failures reach the GUI thread by a queued signal.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from billdesk.kernel.changes import NOTHING, Changes
from billdesk.kernel.errors import BillDeskError, BugError, Cancelled, StorageFailed
from billdesk.kernel.progress import Progress, Step

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

STEP_INTERVAL_S: Final = 0.06
"""Steps closer together than this are not shown; a person cannot read them."""

FILE_WORKERS: Final = 2


class Outcome(Protocol[T_co]):
    """What a command gives back: its value and the nouns it touched."""

    @property
    def value(self) -> T_co:
        """What the use case promises."""

    @property
    def changes(self) -> Changes:
        """What other screens may have to read again."""


class OpenBook(Protocol):
    """The book as the lanes use it; see `billdesk.services.book.Book`."""

    def run(self, use_case: Callable[..., Any], /, *args: Any, **named: Any) -> Outcome[Any]:  # noqa: ANN401
        """Run a command in one transaction."""

    def query(self, use_case: Callable[..., Any], /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """Run a query in a read transaction."""

    def close(self) -> None:
        """Give the file back."""


class NoBook(BugError):
    """A screen asked for data while no book is open."""


class Reported(BugError):
    """Stands for a crash that was already shown; receivers only tidy up."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work as the progress strip shows it; only jobs with a label are shown."""

    number: int
    label: str
    progress: Progress


@dataclass(slots=True)
class _Order:
    """What to do, for whom, and whether somebody still waits for it."""

    work: Callable[[], Any]
    then: Callable[[Any], object] | None
    failed: Callable[[BillDeskError], object] | None
    owner: QObject | None
    latest: str | None
    is_command: bool
    job: Job
    turn: int = 0
    last_step_at: float = field(default=0.0)


@dataclass(frozen=True, slots=True)
class _HandedOver:
    """What goes on in the lane of previews."""

    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Arrival:
    order: _Order
    value: Any = None
    error: Exception | None = None
    step: Step | None = None


class Tasks(QObject):
    """Runs use cases in the `db` lane, previews beside it, and other functions in the `files` lane."""

    job_started = Signal(object)
    job_stepped = Signal(object, object)
    job_finished = Signal(object)
    changed = Signal(object)
    failed = Signal(object)
    crashed = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book: OpenBook | None = None
        self._db = ThreadPoolExecutor(1, thread_name_prefix="db")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="previews")
        # Held while a preview has the book, which must not be closed under it, and by whoever writes.
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._previewed: Progress | None = None
        self._is_swapping = False
        self._files = ThreadPoolExecutor(FILE_WORKERS, thread_name_prefix="files")
        self._inbox: deque[_Arrival] = deque()
        self._numbers = count(1)
        self._turns: dict[tuple[int, str], int] = {}
        self._running: dict[int, _Order] = {}
        self._has_ended = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def of(self, owner: QObject) -> OwnedTasks:
        """Give the same lanes for one owner; nothing is called back once the owner is gone."""
        return OwnedTasks(self, owner)

    def open_book(
        self,
        opener: Callable[[], OpenBook],
        *,
        label: str = "",
        then: Callable[[None], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
    ) -> Job:
        """Open a book in the lane that will use it; the book that was open is closed after that worked."""
        return self._put(self._db, partial(self._swap_book, opener), then=then, failed=failed, label=label)

    def close_book(self, *, then: Callable[[None], object] | None = None) -> Job:
        """Close the book after the work that is already waiting."""
        return self._put(self._db, partial(self._swap_book, None), then=then)

    def query(
        self,
        use_case: Callable[..., T],
        *args: Any,  # noqa: ANN401
        then: Callable[[T], object],
        failed: Callable[[BillDeskError], object] | None = None,
        owner: QObject | None = None,
        latest: str | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Read in the `db` lane; with `latest` only the owner's newest request of that name is answered.

        A use case that has a `progress` parameter is given it, so that a long preview can be watched and stopped.
        """
        progress = Progress()
        work = partial(self._read, use_case, args, _with_progress(use_case, named, progress))
        return self._put(self._db, work, then=then, failed=failed, owner=owner, latest=latest, progress=progress)

    def preview(
        self,
        use_case: Callable[..., T],
        *args: Any,  # noqa: ANN401
        then: Callable[[T], object],
        failed: Callable[[BillDeskError], object] | None = None,
        owner: QObject | None = None,
        latest: str | None = None,
        by_writing: bool = False,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Read for long beside the `db` lane, which answers others meanwhile; see `query`.

        It begins after the work that waits already, so that it sees what was changed before. With `latest` the one
        before it is stopped. `by_writing` says that the use case finds out by writing what is not kept: a command
        given meanwhile waits for it.
        """
        progress = Progress()
        for order in self._running.values():
            if latest is not None and order.owner is owner and order.latest == latest:
                order.job.progress.cancel()
        gate = self._writing if by_writing else nullcontext()
        work = partial(self._read_beside, use_case, args, _with_progress(use_case, named, progress), gate, progress)
        hand_over = partial(self._hand_over, work)
        return self._put(self._db, hand_over, then=then, failed=failed, owner=owner, latest=latest, progress=progress)

    def command(
        self,
        use_case: Callable[..., Outcome[T]],
        *args: Any,  # noqa: ANN401
        label: str = "",
        then: Callable[[T], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
        owner: QObject | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Change the book in one transaction; `then` gets the value, the change bus the nouns.

        A use case that has a `progress` parameter is given it; `label` shows the job in the progress strip.
        """
        progress = Progress()
        work = partial(self._change, use_case, args, _with_progress(use_case, named, progress))
        return self._put(
            self._db, work, then=then, failed=failed, owner=owner, label=label, progress=progress, is_command=True
        )

    def files(
        self,
        function: Callable[..., T],
        *args: Any,  # noqa: ANN401
        label: str = "",
        then: Callable[[T], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
        owner: QObject | None = None,
        latest: str | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Run a function without the book; one that has a `progress` parameter is given it."""
        progress = Progress()
        work = partial(function, *args, **_with_progress(function, named, progress))
        return self._put(
            self._files, work, then=then, failed=failed, owner=owner, latest=latest, label=label, progress=progress
        )

    def jobs(self) -> tuple[Job, ...]:
        """Give the shown jobs that wait or run, oldest first."""
        return tuple(order.job for order in self._running.values() if order.job.label)

    @property
    def is_idle(self) -> bool:
        """Nothing waits or runs."""
        return not self._running

    def stop(self) -> None:
        """Cancel what runs, close the book and end the threads; called once, when the program ends."""
        self._has_ended = True
        for order in self._running.values():
            order.job.progress.cancel()
        self._files.shutdown(wait=True, cancel_futures=True)
        self._db.submit(self._swap_book, None)
        self._db.shutdown(wait=True)
        self._beside.shutdown(wait=True, cancel_futures=True)
        self._inbox.clear()
        self._running.clear()

    def _put(  # noqa: PLR0913 - the one door through which every kind of order goes
        self,
        lane: ThreadPoolExecutor,
        work: Callable[[], Any],
        *,
        then: Callable[[Any], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
        owner: QObject | None = None,
        latest: str | None = None,
        label: str = "",
        progress: Progress | None = None,
        is_command: bool = False,
    ) -> Job:
        job = Job(next(self._numbers), label, progress or Progress())
        order = _Order(work, then, failed, owner, latest, is_command, job)
        job.progress.on_step = partial(self._note_step, order)
        if self._has_ended:
            # A timer of a screen that is still there may ask once more; nobody waits for the answer.
            job.progress.cancel()
            return job
        if latest is not None:
            place = (id(owner), latest)
            order.turn = self._turns[place] = self._turns.get(place, 0) + 1
        self._running[job.number] = order
        if label:
            self.job_started.emit(job)
        lane.submit(self._work, order)
        return job

    def _is_wanted(self, order: _Order) -> bool:
        if order.owner is not None and not shiboken6.isValid(order.owner):
            return False
        return order.latest is None or self._turns.get((id(order.owner), order.latest)) == order.turn

    def _work(self, order: _Order) -> None:
        """Do one order in its lane's thread."""
        if order.latest is not None and not self._is_wanted(order):
            self._send(_Arrival(order, error=Cancelled()))
            return
        try:
            value = order.work()
            if isinstance(value, _HandedOver):
                order.work = value.work
                self._beside.submit(self._work, order)
            else:
                self._send(_Arrival(order, value=value))
        except Exception as error:  # noqa: BLE001 - the lane's boundary: every failure reaches the window
            self._send(_Arrival(order, error=error))

    def _send(self, arrival: _Arrival) -> None:
        self._inbox.append(arrival)
        self._arrived.emit()

    def _note_step(self, order: _Order, step: Step) -> None:
        now = time.monotonic()
        if now - order.last_step_at >= STEP_INTERVAL_S:
            order.last_step_at = now
            self._send(_Arrival(order, step=step))

    def _swap_book(self, opener: Callable[[], OpenBook] | None) -> None:
        book = opener() if opener else None
        self._is_swapping = True
        if self._previewed is not None:
            self._previewed.cancel()
        with self._reading:
            # Previews that come to their turn now find another book than theirs.
            before, self._book, self._is_swapping = self._book, book, False
            if before is not None:
                before.close()

    def _the_book(self) -> OpenBook:
        if self._book is None:
            raise NoBook
        return self._book

    def _read(self, use_case: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> object:
        return self._the_book().query(use_case, *args, **named)

    def _change(self, use_case: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> object:
        with self._writing:
            return self._the_book().run(use_case, *args, **named)

    def _hand_over(self, work: Callable[[OpenBook], Any]) -> _HandedOver:
        """Let a preview begin in its own lane, now that what was asked before it is done."""
        if self._has_ended:
            raise Cancelled
        return _HandedOver(partial(work, self._the_book()))

    def _read_beside(
        self,
        use_case: Callable[..., Any],
        args: tuple[Any, ...],
        named: dict[str, Any],
        gate: AbstractContextManager[Any],
        progress: Progress,
        book: OpenBook,
    ) -> object:
        self._previewed = progress
        with self._reading, gate:
            if self._is_swapping or book is not self._book:
                raise Cancelled
            return book.query(use_case, *args, **named)

    def _deliver(self) -> None:
        while self._inbox:
            arrival = self._inbox.popleft()
            if arrival.step is not None:
                self.job_stepped.emit(arrival.order.job, arrival.step)
            else:
                self._finish(arrival)

    def _finish(self, arrival: _Arrival) -> None:
        order = arrival.order
        self._running.pop(order.job.number, None)
        if order.job.label:
            self.job_finished.emit(order.job)
        if arrival.error is not None:
            self._fail(order, arrival.error)
            return
        value, changes = arrival.value, NOTHING
        if order.is_command:
            value, changes = value.value, value.changes
        try:
            if order.then is not None and self._is_wanted(order):
                order.then(value)
        finally:
            # The book has changed, whatever the one who asked makes of it.
            if changes:
                self.changed.emit(changes)

    def _fail(self, order: _Order, error: Exception) -> None:
        if isinstance(error, OSError):
            # A workbook that Excel has open, a folder one may not write to, a full disk: no mistake of ours.
            error = StorageFailed.of(error)
        if not isinstance(error, BillDeskError):
            self.crashed.emit(error)
            error = Reported()
        if not self._is_wanted(order):
            return
        if order.failed is not None:
            order.failed(error)
        elif not isinstance(error, Reported):
            self.failed.emit(error)


def _with_progress(function: Callable[..., Any], named: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Hand the progress to what takes one; only long work does."""
    return named | {"progress": progress} if "progress" in inspect.signature(function).parameters else named


class OwnedTasks:
    """The lanes as one screen or presenter uses them."""

    def __init__(self, tasks: Tasks, owner: QObject) -> None:
        self._tasks = tasks
        self._owner = owner

    def query(
        self,
        use_case: Callable[..., T],
        *args: Any,  # noqa: ANN401
        then: Callable[[T], object],
        failed: Callable[[BillDeskError], object] | None = None,
        latest: str | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Read from the book; see `Tasks.query`."""
        return self._tasks.query(use_case, *args, then=then, failed=failed, owner=self._owner, latest=latest, **named)

    def preview(
        self,
        use_case: Callable[..., T],
        *args: Any,  # noqa: ANN401
        then: Callable[[T], object],
        failed: Callable[[BillDeskError], object] | None = None,
        latest: str | None = None,
        by_writing: bool = False,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Read from the book for long; see `Tasks.preview`."""
        return self._tasks.preview(
            use_case, *args, then=then, failed=failed, owner=self._owner, latest=latest, by_writing=by_writing, **named
        )

    def command(
        self,
        use_case: Callable[..., Outcome[T]],
        *args: Any,  # noqa: ANN401
        label: str = "",
        then: Callable[[T], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Change the book; see `Tasks.command`."""
        return self._tasks.command(use_case, *args, label=label, then=then, failed=failed, owner=self._owner, **named)

    def files(
        self,
        function: Callable[..., T],
        *args: Any,  # noqa: ANN401
        label: str = "",
        then: Callable[[T], object] | None = None,
        failed: Callable[[BillDeskError], object] | None = None,
        latest: str | None = None,
        **named: Any,  # noqa: ANN401
    ) -> Job:
        """Work on files; see `Tasks.files`."""
        return self._tasks.files(
            function, *args, label=label, then=then, failed=failed, owner=self._owner, latest=latest, **named
        )
