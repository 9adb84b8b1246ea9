from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.invoices import Document, LineKind
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, invoices, usage
from billdesk.services.billing import RunOutcome
from billdesk.services.book import Book
from billdesk.services.check import check_book
from builders.usage import Meters, a_metered_book

FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1")
    yield made
    assert made.book.query(check_book) == []
    made.book.close()


def _run(meters: Meters, day: date = FEBRUARY) -> RunOutcome:
    return meters.book.run(billing.run_billing, day, progress=Progress()).value


def _bill(meters: Meters, day: date = FEBRUARY) -> list[Document]:
    outcome = _run(meters, day)
    assert outcome.run_id is not None
    issued = meters.book.run(invoices.issue_run, outcome.run_id, progress=Progress()).value
    return meters.book.query(invoices.load_documents, issued.ids)


def test_stored_usage_becomes_a_line_that_explains_itself(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1250,a", "S1,calls,2026-01-31T22:00:00Z,750,b")
    (document,) = _bill(meters)
    (line,) = document.lines
    assert (line.kind, str(line.quantity), line.amount) == (LineKind.USAGE, "2000", Money(2000, "EUR"))
    assert line.trace.steps[0].values["events"] == "2"


def test_the_local_day_decides_the_month_of_an_event(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-31T22:59:00Z,100,a", "S1,calls,2026-01-31T23:01:00Z,900,b")
    assert _run(meters).preview.totals["EUR"].net == Money(100, "EUR")


def test_late_usage_is_billed_on_the_next_invoice(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    _bill(meters)
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late")
    (document,) = _bill(meters)
    assert (document.net, document.lines[0].amount) == (Money(500, "EUR"), Money(500, "EUR"))


def test_undoing_an_import_before_issue_and_reading_it_again_gives_the_same_drafts(meters: Meters) -> None:
    rows = ("S1,calls,2026-01-05T10:00:00Z,1000,a", "S1,gb,2026-01-06T10:00:00Z,12.5,b")
    first = meters.bring(*rows)
    before = _run(meters).preview
    assert first.batch_id is not None
    meters.book.run(usage.undo_usage_import, first.batch_id)
    assert _run(meters).preview.documents == 0
    meters.bring(*rows)
    assert _run(meters).preview.totals == before.totals


def test_usage_undone_after_issue_is_credited(meters: Meters) -> None:
    batch = meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a").batch_id
    (invoice,) = _bill(meters)
    assert batch is not None
    meters.book.run(usage.undo_usage_import, batch, force=True)
    (note,) = _bill(meters)
    assert (note.net, note.corrects_numbers) == (Money(-1000, "EUR"), (invoice.number,))


def test_meters_that_say_nothing_are_pointed_out(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    silent = [finding.value for finding in _run(meters).preview.findings if finding.code == "missing_usage"]
    assert silent == ["gb"]


def test_a_run_can_be_previewed_in_a_book_that_is_open_for_reading_only(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    with Book.open(meters.book.location, read_only=True) as book:
        preview = book.query(billing.preview_billing, FEBRUARY, progress=Progress())
    assert preview.totals["EUR"].net == Money(1000, "EUR")


def test_nothing_new_makes_no_document(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    _bill(meters)
    assert _run(meters).created == 0
    assert _run(meters, date(2026, 2, 20)).created == 0


def test_a_month_is_billed_the_same_in_one_go_or_day_by_day(tmp_path: Path) -> None:
    totals = []
    for number, days in enumerate((range(1, 29), range(28, 29)), start=1):
        (tmp_path / str(number)).mkdir()
        meters = a_metered_book(tmp_path / str(number))
        with meters.book:
            meters.add("S1")
            meters.bring("S1,calls,2026-01-05T10:00:00Z,1000.333,a", "S1,gb,2026-02-06T10:00:00Z,7.777,b")
            for day in days:
                if _run(meters, date(2026, 2, day)).run_id is not None:
                    ids = meters.book.query(invoices.list_draft_ids)
                    meters.book.run(invoices.issue_documents, ids, progress=Progress())
            sums = meters.book.query(invoices.sum_documents, invoices.DocumentFilter())
            totals.append(sums["EUR"].total)
    assert totals[0] == totals[1] == Money(1210, "EUR")


def test_correcting_an_invoice_with_usage_does_not_bill_the_usage_again(meters: Meters) -> None:
    meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
    (invoice,) = _bill(meters)
    made = meters.book.run(invoices.correct_document, invoice.id, "wrong address", day=FEBRUARY).value
    meters.book.run(invoices.issue_documents, [made.draft_id], progress=Progress())
    assert _run(meters).created == 0
    meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late")
    assert [document.net for document in _bill(meters)] == [Money(500, "EUR")]
