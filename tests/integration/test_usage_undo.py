from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.invoices import Document, DocumentKind
from billdesk.domain.usage import BatchState, UsageWindow
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import billing, invoices, usage
from billdesk.services.result import Result
from billdesk.services.usage import EventFilter, EventState
from billdesk.storage.database import Db
from billdesk.storage.usage import batches, events
from builders.usage import Meters, a_metered_book, a_metric

FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))
ROWS = ("S1,calls,2026-02-10,1.5,a", "S1,calls,2026-02-11,2,b", "S2,gb,2026-02-11,4,c")


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    with made.book:
        made.add("S1", "S2")
        yield made
        assert made.book.query(usage.check_usage) == []


def bring(meters: Meters, *rows: str, **options: Any) -> int:
    """Import rows; gives the batch."""
    return meters.bring(*rows, **options).batch_id or 0


def total(meters: Meters, contract: int = 1, metric: str = "calls") -> Decimal:
    window = UsageWindow(contract, meters.metric_ids[metric], 1, FEBRUARY, FEBRUARY.start)
    return meters.book.query(usage.usage_totals, [window])[window].quantity


def rolled_up(meters: Meters, contract: int = 1) -> list[tuple[str, int, str]]:
    rows = meters.book.query(usage.daily_usage, contract, meters.metric_ids["calls"], FEBRUARY)
    return [(row.day.isoformat(), row.events, str(row.quantity)) for row in rows]


def test_undo_takes_the_events_out_and_keeps_the_batch_in_the_history(meters: Meters) -> None:
    meters.bring("S1,calls,2026-02-10,8,z")
    batch = bring(meters, *ROWS)
    done = meters.book.run(usage.undo_usage_import, batch).value
    assert (done.events, done.contracts, done.invoices) == (3, 2, ())
    assert (total(meters), rolled_up(meters)) == (Decimal("8.000"), [("2026-02-10", 1, "8.000")])
    assert meters.book.query(batches.load, batch).state is BatchState.UNDONE


def test_undo_and_import_again_give_the_same_totals(meters: Meters) -> None:
    path = meters.file(*ROWS)
    batch = meters.bring_file(path).batch_id or 0
    before = total(meters), total(meters, 2, "gb"), rolled_up(meters)
    meters.book.run(usage.undo_usage_import, batch)
    assert total(meters) == 0
    outcome = meters.bring_file(path)
    assert (outcome.added, outcome.already) == (3, None)
    assert (total(meters), total(meters, 2, "gb"), rolled_up(meters)) == before


def test_undo_empties_the_queue_of_the_batch(meters: Meters) -> None:
    batch = bring(meters, "S9,calls,2026-02-10,1,a")
    assert meters.book.query(usage.preview_undo, batch).waiting == 1
    meters.book.run(usage.undo_usage_import, batch)
    assert meters.book.query(usage.count_unmatched) == 0


def test_undo_takes_rows_out_that_were_matched_later(meters: Meters) -> None:
    batch = bring(meters, "S9,calls,2026-02-10,1,a")
    ids = meters.add("S9")
    meters.book.run(usage.rematch_unmatched)
    assert total(meters, ids[0]) == Decimal("1.000")
    meters.book.run(usage.undo_usage_import, batch)
    assert total(meters, ids[0]) == 0


def test_undoing_a_correction_brings_back_what_it_replaced(meters: Meters) -> None:
    meters.bring(*ROWS)
    correction = bring(meters, "S1,calls,2026-02-10,9,a", replace=FEBRUARY)
    assert (total(meters), rolled_up(meters)) == (Decimal("9.000"), [("2026-02-10", 1, "9.000")])
    assert meters.book.query(usage.preview_undo, correction).restored == 2
    meters.book.run(usage.undo_usage_import, correction)
    assert total(meters) == Decimal("3.500")
    assert rolled_up(meters) == [("2026-02-10", 1, "1.500"), ("2026-02-11", 1, "2.000")]


def test_an_event_that_came_in_again_meanwhile_is_not_brought_back_twice(meters: Meters) -> None:
    bring(meters, *ROWS)
    correction = bring(meters, "S1,calls,2026-02-12,9,n", replace=FEBRUARY)
    bring(meters, "S1,calls,2026-02-10,7,a")
    meters.book.run(usage.undo_usage_import, correction)
    assert rolled_up(meters) == [("2026-02-10", 1, "7.000"), ("2026-02-11", 1, "2.000")]


def test_a_batch_is_undone_only_once(meters: Meters) -> None:
    batch = bring(meters, *ROWS)
    meters.book.run(usage.undo_usage_import, batch)
    with pytest.raises(RuleBroken) as error:
        meters.book.run(usage.undo_usage_import, batch)
    assert error.value.rule == "import_undone"


def bill(meters: Meters, day: date) -> Document:
    """Run billing and issue its only document."""
    run = meters.book.run(billing.run_billing, day, progress=Progress()).value
    assert (run.created, run.run_id is not None) == (1, True)
    issued = meters.book.run(invoices.issue_run, run.run_id or 0, day, progress=Progress()).value
    return meters.book.query(invoices.load_document, issued.ids[0])


def test_invoiced_usage_is_undone_only_by_force_and_its_trace_keeps_it(meters: Meters) -> None:
    batch = bring(meters, *ROWS)
    invoice = bill(meters, date(2026, 3, 2))
    with pytest.raises(RuleBroken) as error:
        meters.book.run(usage.undo_usage_import, batch)
    assert dict(error.value.details)["documents"] == invoice.number
    meters.book.run(usage.undo_usage_import, batch, force=True)
    found = meters.book.query(usage.trace_line_to_events, invoice.lines[0].id)
    assert (total(meters), [row.state for row in found.rows]) == (Decimal(0), [EventState.UNDONE] * 2)


def test_a_line_is_traced_to_its_events_with_file_and_row(meters: Meters) -> None:
    meters.bring(*ROWS, "S1,calls,2026-03-01,16,later")
    line = bill(meters, date(2026, 3, 2)).lines[0]
    found = meters.book.query(usage.trace_line_to_events, line.id, limit=1)
    assert (found.total, len(found.rows)) == (2, 1)
    row = found.rows[0]
    assert (row.quantity, row.file_name, row.row, row.state) == (
        Decimal("1.500"), "usage-1.csv", 2, EventState.COUNTED,
    )  # fmt: skip


def test_events_are_counted_and_paged(meters: Meters) -> None:
    meters.bring(*ROWS)
    wanted = EventFilter(1, 1, date(2026, 2, 11), date(2026, 2, 11))
    assert meters.book.query(usage.count_events, wanted) == 1
    assert meters.book.query(usage.list_events, EventFilter(1, 1), offset=1, limit=1)[0].quantity == Decimal("2.000")


def test_a_corrected_file_after_issue_bills_only_the_difference(meters: Meters) -> None:
    meters.bring("S1,calls,2026-02-10,300,a")
    assert bill(meters, date(2026, 3, 2)).lines[0].amount == Money(300, "EUR")
    meters.bring("S1,calls,2026-02-10,350,a", replace=FEBRUARY)
    assert [line.amount for line in bill(meters, date(2026, 3, 3)).lines] == [Money(50, "EUR")]
    again = meters.book.run(billing.run_billing, date(2026, 3, 3), progress=Progress()).value
    assert again.created == 0


def test_a_forced_undo_after_issue_credits_what_was_billed(meters: Meters) -> None:
    batch = bring(meters, "S1,calls,2026-02-10,300,a")
    bill(meters, date(2026, 3, 2))
    meters.book.run(usage.undo_usage_import, batch, force=True)
    credit = bill(meters, date(2026, 3, 3))
    assert (credit.kind, credit.lines[0].amount) == (DocumentKind.CREDIT_NOTE, Money(-300, "EUR"))


def test_the_check_names_what_contradicts_itself(tmp_path: Path) -> None:
    made = a_metered_book(tmp_path)
    with made.book:
        made.add("S1")
        made.bring("S1,calls,2026-02-10,1,a")
        made.book.run(_spoil)
        found = made.book.query(usage.check_usage)
    assert [(problem.code, problem.value) for problem in found] == [
        ("usage_orphan", "77"),
        ("usage_of_no_import", "9"),
        ("usage_rollup_wrong", "77"),
    ]


def _spoil(db: Db) -> Result[None]:
    events.insert_events(db, [(77, 1, 0, 5, 0, 100, 9, 2)])
    return Result(None)


def test_rows_that_leaned_on_an_import_that_was_undone_come_back_with_their_own_file(meters: Meters) -> None:
    first = meters.bring("S1,calls,2026-02-01T10:00:00Z,1,a", "S1,calls,2026-02-02T10:00:00Z,2,b")
    second = meters.file("S1,calls,2026-02-02T10:00:00Z,2,b", "S1,calls,2026-02-03T10:00:00Z,4,c")
    meters.bring_file(second)
    meters.book.run(usage.undo_usage_import, first.batch_id or 0)
    again = meters.bring_file(second)
    assert (again.already, again.added, again.duplicates) == (None, 1, 1)
    assert meters.book.query(usage.count_events, EventFilter(1, 1)) == 2


def test_rows_that_were_refused_can_go_in_from_the_same_file_later(meters: Meters) -> None:
    rows = ("S1,calls,2026-02-01T10:00:00Z,1,a", "S1,seats,2026-02-02T10:00:00Z,2,b", "S9,calls,2026-02-02,2,c")
    path = meters.file(*rows)
    meters.bring_file(path, skip_bad_rows=True)
    meters.book.run(usage.create_metric, a_metric("seats"))
    again = meters.bring_file(path, skip_bad_rows=True)
    assert (again.added, again.duplicates, again.rejected) == (1, 2, 0)
    assert meters.book.query(usage.count_unmatched) == 1
