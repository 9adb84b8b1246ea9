from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from billdesk.kernel.money import Money
from billdesk.kernel.paths import resource
from billdesk.kernel.progress import Progress
from billdesk.services import banking, billing, invoices, rates, usage
from billdesk.services.banking import LineFilter, LineState
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import set_up_company
from billdesk.services.demo import COMPANY, MASTERS, MONTHS, RATES, USAGE, Demo, build_demo, make_demo
from billdesk.services.imports import ImportRequest, apply_import
from billdesk.services.simulation import SimulationOptions, simulate
from billdesk.services.usage.preparing import prepare_usage
from billdesk.storage.invoices import DocumentFilter

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return build_demo(tmp_path_factory.mktemp("demo"), progress=Progress())


def test_the_demo_issues_what_its_statements_were_written_for(demo: Demo) -> None:
    assert {sums.currency: (sums.count, sums.total.minor) for sums in demo.sums} == {
        "EUR": (467, 25_630_307),
        "GBP": (9, 710_008),
        "JPY": (4, 801_693),
        "USD": (14, 355_293),
    }


def test_issued_equals_receivables_plus_what_was_settled_and_postings_sum_to_zero(demo: Demo) -> None:
    figures = demo.tie_out
    assert figures.issued == figures.receivables + figures.settled
    assert figures.receivables == figures.open_items
    assert figures.balance == Money(0, "EUR")
    assert demo.is_sound


def test_every_document_is_on_paper_and_in_the_workbook(demo: Demo) -> None:
    assert demo.files == 494
    assert demo.workbook.stat().st_size > 50_000


def test_a_second_run_for_the_same_day_creates_nothing(demo: Demo, tmp_path: Path) -> None:
    path = Path(shutil.copy(demo.book, tmp_path))
    with Book.open(path) as book:
        outcome = book.run(billing.run_billing, MONTHS[-1], progress=Progress()).value
        assert (outcome.created, outcome.replaced, outcome.preview.documents) == (0, 0, 0)


def test_every_issued_line_recomputes_to_the_same_cent(demo: Demo) -> None:
    with Book.open(demo.book, read_only=True) as book:
        found = book.query(invoices.verify_documents, progress=Progress())
    assert (found.documents, found.agrees) == (494, True)
    assert found.traces == found.lines > found.documents


def test_two_years_ahead_every_document_still_explains_itself(demo: Demo, tmp_path: Path) -> None:
    kept, digest = tmp_path / "ahead.billdesk", hashlib.sha256(demo.book.read_bytes()).digest()
    options = SimulationOptions(date(2028, 11, 1))
    ahead = simulate(
        demo.book, options, clock=lambda: datetime(2026, 11, 25, 9, tzinfo=UTC), keep=kept, progress=Progress()
    )
    assert hashlib.sha256(demo.book.read_bytes()).digest() == digest
    with Book.open(kept, read_only=True) as book:
        found = book.query(invoices.verify_documents, progress=Progress())
        assert (found.documents, found.agrees) == (494 + ahead.documents, True)
        assert book.query(check_book) == []


def test_most_bank_lines_find_their_invoice_and_the_rest_waits_for_a_person(demo: Demo) -> None:
    with Book.open(demo.book, read_only=True) as book:
        states = book.query(banking.count_by_state, LineFilter())
    assert states[LineState.MATCHED] > 8 * states[LineState.OPEN]
    assert states[LineState.OPEN] > 20


def test_a_demo_that_is_there_is_kept(demo: Demo) -> None:
    before = demo.book.stat().st_mtime_ns
    assert make_demo(demo.book.parent, progress=Progress()) == demo.book
    assert demo.book.stat().st_mtime_ns == before


def _drafts(book: Book, day: date) -> list[tuple[object, ...]]:
    book.run(billing.run_billing, day, progress=Progress())
    rows = book.query(invoices.list_documents, DocumentFilter(), limit=10_000)
    return sorted((row.customer_name, row.net, row.tax, row.total) for row in rows)


def test_undoing_the_usage_import_and_importing_again_gives_the_same_drafts(tmp_path: Path) -> None:
    meters = resource("demo", USAGE[1])
    profile = prepare_usage(meters).profile
    with Book.create(tmp_path / "again.billdesk") as book:
        book.run(set_up_company, COMPANY)
        book.run(rates.import_rates, resource("demo", RATES), progress=Progress())
        for name in MASTERS:
            book.run(apply_import, resource("demo", name), ImportRequest(), progress=Progress())
        batch = book.run(usage.import_usage, meters, profile).value.batch_id
        assert batch is not None
        with_usage = _drafts(book, date(2026, 11, 1))
        book.run(usage.undo_usage_import, batch)
        without_usage = _drafts(book, date(2026, 11, 1))
        book.run(usage.import_usage, meters, profile)
        assert _drafts(book, date(2026, 11, 1)) == with_usage
        assert without_usage != with_usage
        assert book.query(check_book) == []
