from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import BillDeskError, Cancelled, NotFound, StorageFailed
from billdesk.kernel.messages import sentence
from billdesk.kernel.progress import Progress, Step
from billdesk.ui.core.tasks import Reported, Tasks
from ui.fakes import FakeBook, Outcome


def _thread(_db: object) -> str:
    return threading.current_thread().name


def _change(_db: object, value: int) -> Outcome:
    return Outcome(value, frozenset({Noun.CUSTOMERS}))


def _missing(_db: object) -> None:
    raise NotFound("customers", "K-1")


def _crash(_db: object) -> None:
    raise ZeroDivisionError


def _finish(qtbot: QtBot, tasks: Tasks) -> None:
    qtbot.waitUntil(lambda: tasks.is_idle, timeout=5000)


def test_a_query_runs_in_the_db_lane_and_answers_on_the_gui_thread(qtbot: QtBot, tasks: Tasks) -> None:
    got: list[tuple[str, bool]] = []
    is_gui = threading.main_thread
    tasks.query(_thread, then=lambda name: got.append((name, threading.current_thread() is is_gui())))
    _finish(qtbot, tasks)
    assert got == [("db_0", True)]


def test_a_command_gives_its_value_and_announces_its_changes_once(qtbot: QtBot, tasks: Tasks) -> None:
    values: list[int] = []
    changes: list[object] = []
    tasks.changed.connect(changes.append)
    tasks.command(_change, 7, then=values.append)
    _finish(qtbot, tasks)
    assert (values, changes) == ([7], [frozenset({Noun.CUSTOMERS})])


def test_only_the_newest_query_of_a_name_is_answered(qtbot: QtBot, tasks: Tasks) -> None:
    owner, got = QObject(), list[int]()
    for number in range(5):
        tasks.of(owner).query(lambda _db, n: n, number, then=got.append, latest="list")
    _finish(qtbot, tasks)
    assert got == [4]


def test_queries_of_two_owners_do_not_replace_each_other(qtbot: QtBot, tasks: Tasks) -> None:
    one, two, got = QObject(), QObject(), list[int]()
    for number, owner in enumerate((one, two)):
        tasks.of(owner).query(lambda _db, n: n, number, then=got.append, latest="list")
    _finish(qtbot, tasks)
    assert got == [0, 1]


def test_nothing_is_called_back_once_the_owner_is_gone(qtbot: QtBot, tasks: Tasks) -> None:
    owner, got = QObject(), list[object]()
    tasks.of(owner).query(_thread, then=got.append)
    tasks.of(owner).query(_missing, then=got.append, failed=got.append)
    shiboken6.delete(owner)
    _finish(qtbot, tasks)
    assert got == []


def test_a_failure_goes_to_the_one_who_asked(qtbot: QtBot, tasks: Tasks) -> None:
    got: list[BillDeskError] = []
    tasks.query(_missing, then=lambda _value: None, failed=got.append)
    _finish(qtbot, tasks)
    assert [type(error) for error in got] == [NotFound]


def test_a_failure_nobody_waits_for_is_shown_by_the_window(qtbot: QtBot, tasks: Tasks) -> None:
    shown: list[BillDeskError] = []
    tasks.failed.connect(shown.append)
    tasks.query(_missing, then=lambda _value: None)
    _finish(qtbot, tasks)
    assert [type(error) for error in shown] == [NotFound]


def test_a_file_that_cannot_be_written_is_no_mistake_of_ours(qtbot: QtBot, tasks: Tasks, tmp_path: Path) -> None:
    failures: list[object] = []
    tasks.failed.connect(failures.append)
    target = tmp_path / "no such folder" / "list.xlsx"
    tasks.files(target.write_bytes, b"content")
    _finish(qtbot, tasks)
    (failure,) = failures
    assert isinstance(failure, StorageFailed)
    assert (failure.path, failure.reason) == (str(target), "No such file or directory")
    nameless = sentence(StorageFailed.of(OSError(111, "Connection refused")))
    assert nameless.what == "The system did not let BillDesk go on: Connection refused."


def test_a_crash_is_reported_and_the_asker_only_tidies_up(qtbot: QtBot, tasks: Tasks) -> None:
    crashes: list[Exception] = []
    told: list[BillDeskError] = []
    tasks.crashed.connect(crashes.append)
    tasks.query(_crash, then=lambda _value: None, failed=told.append)
    _finish(qtbot, tasks)
    assert ([type(e) for e in crashes], [type(e) for e in told]) == ([ZeroDivisionError], [Reported])


def test_steps_are_thinned_for_people(qtbot: QtBot, tasks: Tasks) -> None:
    steps: list[Step] = []
    tasks.job_stepped.connect(lambda _job, step: steps.append(step))

    def count(progress: Progress) -> int:
        for number in range(10_000):
            progress.step(number, 10_000)
        return 10_000

    tasks.files(count, label="Counting")
    _finish(qtbot, tasks)
    assert 1 <= len(steps) < 50


def test_cancel_stops_a_job_at_its_next_step(qtbot: QtBot, tasks: Tasks) -> None:
    started, failed = threading.Event(), list[BillDeskError]()

    def endless(_db: object, progress: Progress) -> Any:
        while True:
            started.set()
            progress.step(1)

    job = tasks.command(endless, label="Endless", failed=failed.append)
    assert started.wait(5)
    job.progress.cancel()
    _finish(qtbot, tasks)
    assert [type(error) for error in failed] == [Cancelled]


def test_only_labelled_jobs_are_shown(qtbot: QtBot, tasks: Tasks) -> None:
    started: list[str] = []
    tasks.job_started.connect(lambda job: started.append(job.label))
    tasks.query(_thread, then=lambda _value: None)
    tasks.files(lambda: 1, label="Shown")
    _finish(qtbot, tasks)
    assert started == ["Shown"]


def test_opening_a_book_closes_the_one_before(qtbot: QtBot, tasks: Tasks) -> None:
    first, second = FakeBook(), FakeBook()
    for book in (first, second):
        tasks.open_book(lambda book=book: book)  # type: ignore[misc]
    _finish(qtbot, tasks)
    assert (first.is_closed, second.is_closed) == (True, False)


def test_a_book_that_does_not_open_leaves_the_old_one_open(qtbot: QtBot, tasks: Tasks) -> None:
    book, failed = FakeBook(), list[BillDeskError]()
    tasks.open_book(lambda: book)
    tasks.open_book(lambda: _missing("db"), failed=failed.append)  # type: ignore[arg-type, return-value]
    _finish(qtbot, tasks)
    assert (len(failed), book.is_closed) == (1, False)


def test_stopping_closes_the_book(qtbot: QtBot) -> None:
    book, lanes = FakeBook(), Tasks()
    lanes.open_book(lambda: book)
    _finish(qtbot, lanes)
    lanes.stop()
    assert book.is_closed


def test_what_is_asked_after_the_end_is_not_done(qtbot: QtBot) -> None:
    tasks, answers = Tasks(), list[str]()
    tasks.stop()
    tasks.query(_thread, then=answers.append)
    assert (tasks.is_idle, answers) == (True, [])


@pytest.mark.parametrize("has_progress", [True, False])
def test_progress_is_handed_to_commands_that_take_it(qtbot: QtBot, tasks: Tasks, *, has_progress: bool) -> None:
    got: list[bool] = []
    long = lambda _db, progress=None: Outcome(progress is not None)  # noqa: E731
    short = lambda _db: Outcome(False)  # noqa: E731
    tasks.command(long if has_progress else short, then=got.append)
    _finish(qtbot, tasks)
    assert got == [has_progress]


def test_changes_are_announced_even_when_the_asker_stumbles(qtbot: QtBot, tasks: Tasks) -> None:
    changes: list[object] = []
    tasks.changed.connect(changes.append)

    def stumble(_value: int) -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as caught:
        tasks.command(_change, 7, then=stumble)
        _finish(qtbot, tasks)
    assert ([kind for kind, _error, _trace in caught], len(changes)) == ([ZeroDivisionError], 1)


class _Blocked:
    """A preview that goes on until a test lets it, or somebody asks it to stop."""

    def __init__(self) -> None:
        self.started, self.release = threading.Event(), threading.Event()

    def __call__(self, _db: object, progress: Progress) -> str:
        self.started.set()
        while not self.release.wait(0.01):
            progress.step(1)
        return threading.current_thread().name


def test_queries_are_answered_while_a_preview_goes_on(qtbot: QtBot, tasks: Tasks) -> None:
    preview, got = _Blocked(), list[str]()
    tasks.preview(preview, then=got.append)
    assert preview.started.wait(5)
    tasks.query(_thread, then=got.append)
    qtbot.waitUntil(lambda: got == ["db_0"], timeout=5000)
    preview.release.set()
    _finish(qtbot, tasks)
    assert got == ["db_0", "previews_0"]


def test_a_preview_begins_after_the_commands_before_it(qtbot: QtBot, tasks: Tasks) -> None:
    done, got = list[int](), list[list[int]]()

    def slow(_db: object) -> Outcome:
        time.sleep(0.05)
        done.append(1)
        return Outcome(1)

    tasks.command(slow)
    tasks.preview(lambda _db: list(done), then=got.append)
    _finish(qtbot, tasks)
    assert got == [[1]]


@pytest.mark.parametrize("by_writing", [True, False])
def test_a_command_waits_for_a_preview_that_writes_and_for_no_other(
    qtbot: QtBot, tasks: Tasks, *, by_writing: bool
) -> None:
    preview, got = _Blocked(), list[object]()
    tasks.preview(preview, then=got.append, by_writing=by_writing)
    assert preview.started.wait(5)
    tasks.command(_change, 7, then=got.append)
    if by_writing:
        preview.release.set()
    qtbot.waitUntil(lambda: bool(got), timeout=5000)
    preview.release.set()
    _finish(qtbot, tasks)
    assert got == (["previews_0", 7] if by_writing else [7, "previews_0"])


def test_a_newer_preview_stops_the_one_before(qtbot: QtBot, tasks: Tasks) -> None:
    owner, preview, got = QObject(), _Blocked(), list[object]()
    tasks.of(owner).preview(preview, then=got.append, failed=got.append, latest="preview")
    assert preview.started.wait(5)
    tasks.of(owner).preview(_thread, then=got.append, latest="preview")
    _finish(qtbot, tasks)
    assert got == ["previews_0"]


def test_a_book_is_not_closed_under_a_preview_which_is_stopped(qtbot: QtBot, tasks: Tasks) -> None:
    book, preview, failed = FakeBook(), _Blocked(), list[BillDeskError]()
    tasks.open_book(lambda: book)
    tasks.preview(preview, then=lambda _name: None, failed=failed.append)
    assert preview.started.wait(5)
    tasks.close_book()
    _finish(qtbot, tasks)
    assert ([type(error) for error in failed], book.is_closed) == ([Cancelled], True)


def test_a_preview_of_a_book_that_was_closed_before_it_began_is_given_up(qtbot: QtBot, tasks: Tasks) -> None:
    first, failed, got = _Blocked(), list[BillDeskError](), list[object]()
    tasks.preview(first, then=got.append, failed=failed.append)
    assert first.started.wait(5)
    tasks.preview(_thread, then=got.append, failed=failed.append)
    tasks.open_book(FakeBook)
    _finish(qtbot, tasks)
    assert ([type(error) for error in failed], got) == ([Cancelled, Cancelled], [])


def test_the_end_of_the_program_stops_a_preview() -> None:
    lanes, preview = Tasks(), _Blocked()
    lanes.open_book(FakeBook)
    lanes.preview(preview, then=lambda _name: None)
    assert preview.started.wait(5)
    lanes.preview(_thread, then=lambda _name: None)
    lanes.stop()
    assert lanes.is_idle
    assert not lanes.preview(_thread, then=lambda _name: None).label
