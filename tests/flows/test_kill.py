from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
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

ATTEMPTS = 10
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
    worker = Path(killed_job.__file__)
    paths = {"PYTHONPATH": f"{install_root() / 'src'}"}
    process = subprocess.Popen(
        [sys.executable, str(worker), job, str(book), *rest], stdout=subprocess.PIPE, env=paths, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return was_running


def _duration(job: str, book: Path, *rest: str) -> float:
    """Give how long the undisturbed job takes in a process of its own, after its start."""
    worker = Path(killed_job.__file__)
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(worker), job, str(book), *rest],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": f"{install_root() / 'src'}"},
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
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
    dice, interrupted = random.Random(11), 0
    for attempt in range(ATTEMPTS):
        path = tmp_path / f"import-{attempt}.billdesk"
        shutil.copy(masters_book, path)
        interrupted += _kill_somewhere("import", path, dice.uniform(0, seconds), str(meter_file))
        with Book.open(path) as book:
            assert book.query(check_book) == []
            killed_job.import_file(book, meter_file)
            assert _usage_facts(book) == expected
    assert interrupted >= ATTEMPTS // 2


@pytest.mark.slow
def test_issuing_killed_at_any_moment_leaves_no_gap_and_no_double_number(drafts_book: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed.billdesk"
    shutil.copy(drafts_book, undisturbed)
    seconds = _duration("issue", undisturbed)
    with Book.open(undisturbed) as book:
        expected = _issue_facts(book)
    dice, interrupted = random.Random(12), 0
    for attempt in range(ATTEMPTS):
        path = tmp_path / f"issue-{attempt}.billdesk"
        shutil.copy(drafts_book, path)
        interrupted += _kill_somewhere("issue", path, dice.uniform(0, seconds))
        with Book.open(path) as book:
            assert book.query(check_book) == []
            if any(not row.number for row in book.query(invoices.list_documents, DocumentFilter(), limit=10_000)):
                killed_job.issue_all(book)
            assert book.query(check_book) == []
            assert _issue_facts(book) == expected
    assert interrupted >= ATTEMPTS // 2
