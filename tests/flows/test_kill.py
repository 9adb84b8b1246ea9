from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from billdesk.kernel.paths import install_root, resource
from billdesk.kernel.progress import Progress
from billdesk.services import billing, entities, invoices, rates, usage
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import set_up_company
from billdesk.services.demo import COMPANY, MASTERS, RATES
from billdesk.services.imports import ImportRequest, apply_import
from billdesk.services.ledger import trial_balance
from billdesk.storage.invoices import DocumentFilter
from billdesk.storage.usage.listing import EventFilter, MeterFilter, MeterPage
from flows import killed_job

KILLS = 10
EVENTS = 40_000


@pytest.fixture(scope="module")
def meter_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = resource("demo", "verbruik-2026-08-09.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path_factory.mktemp("files") / "verbruik.csv"
    path.write_text("".join(lines[: EVENTS + 1]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def masters_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "masters.billdesk"
    with Book.create(path) as book:
        book.run(set_up_company, COMPANY)
        book.run(rates.import_rates, resource("demo", RATES), progress=Progress())
        for name in MASTERS:
            book.run(apply_import, resource("demo", name), ImportRequest(), progress=Progress())
    return path


@pytest.fixture(scope="module")
def drafts_book(masters_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "drafts.billdesk"
    shutil.copy(masters_book, path)
    with Book.open(path) as book:
        book.run(billing.run_billing, date(2026, 11, 1), progress=Progress())
    return path


def _kill_somewhere(job: str, book: Path, seconds: float, *rest: str) -> bool:
    """Run a job and kill it after so many seconds; tells whether it was still at work."""
    with _start(job, book, *rest) as process:
        time.sleep(seconds)
        was_running = process.poll() is None
        process.send_signal(signal.SIGKILL)
    return was_running


@contextmanager
def _start(job: str, book: Path, *rest: str) -> Iterator[subprocess.Popen[str]]:
    """Start a job in a process of its own; it has the book open when this is entered, and ended when it is left."""
    command = [sys.executable, killed_job.__file__, job, str(book), *rest]
    paths = {"PYTHONPATH": f"{install_root() / 'src'}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=paths, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def _kill_until(job: str, original: Path, seconds: float, *rest: str) -> Iterator[Path]:
    """Give books in which the job was killed at work, at random moments, each a copy of the original.

    The machine may be quicker than when the job was timed, so a job that was done already shortens the time.
    """
    dice, kills = random.Random(job), 0
    for attempt in range(6 * KILLS):
        path = original.with_name(f"{job}-{attempt}.billdesk")
        shutil.copy(original, path)
        if _kill_somewhere(job, path, dice.uniform(0, seconds), *rest):
            kills += 1
            yield path
        else:
            seconds *= 0.8
        if kills == KILLS:
            return
    pytest.fail(f"only {kills} of {KILLS} jobs were still at work when they were killed")


def _duration(job: str, book: Path, *rest: str) -> float:
    """Give how long the undisturbed job takes in a process of its own, after its start."""
    with _start(job, book, *rest) as process:
        start = time.perf_counter()
        assert process.wait() == 0
        return time.perf_counter() - start


def _usage_facts(book: Book) -> list[object]:
    meters = book.query(usage.list_meters, MeterFilter(), MeterPage(limit=1000))
    totals = [book.query(usage.count_events, EventFilter(meter.subscription_id, meter.metric_id)) for meter in meters]
    return [meters, totals]


def _issue_facts(book: Book) -> list[object]:
    rows = book.query(invoices.list_documents, DocumentFilter(), limit=10_000)
    numbers = sorted(row.number for row in rows)
    assert len(numbers) == len(set(numbers))
    entity = book.query(entities.list_entities)[0]
    return [sorted((row.number, row.customer_name, row.total) for row in rows), book.query(trial_balance, entity.id)]


@pytest.mark.slow
def test_an_import_killed_at_any_moment_leaves_a_sound_book_and_can_be_finished(
    masters_book: Path, meter_file: Path, tmp_path: Path
) -> None:
    undisturbed = tmp_path / "undisturbed.billdesk"
    shutil.copy(masters_book, undisturbed)
    seconds = _duration("import", undisturbed, str(meter_file))
    with Book.open(undisturbed) as book:
        expected = _usage_facts(book)
    for path in _kill_until("import", masters_book, seconds, str(meter_file)):
        with Book.open(path) as book:
            assert book.query(check_book) == []
            killed_job.import_file(book, meter_file)
            assert _usage_facts(book) == expected


@pytest.mark.slow
def test_issuing_killed_at_any_moment_leaves_no_gap_and_no_double_number(drafts_book: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed.billdesk"
    shutil.copy(drafts_book, undisturbed)
    seconds = _duration("issue", undisturbed)
    with Book.open(undisturbed) as book:
        expected = _issue_facts(book)
    for path in _kill_until("issue", drafts_book, seconds):
        with Book.open(path) as book:
            assert book.query(check_book) == []
            if any(not row.number for row in book.query(invoices.list_documents, DocumentFilter(), limit=10_000)):
                killed_job.issue_all(book)
            assert book.query(check_book) == []
            assert _issue_facts(book) == expected
