from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.usage import WaitReason
from billdesk.kernel.errors import Cancelled, OutOfRoom, RowsRejected, RuleBroken, UnreadableFile
from billdesk.kernel.messages import sentence
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress, Step
from billdesk.services import imports, usage
from billdesk.services.audit import count_events as count_audit_events
from billdesk.services.result import Result
from billdesk.services.usage import EventFilter, WaitingFilter
from billdesk.storage import subscriptions
from billdesk.storage.database import Db
from billdesk.storage.subscriptions import Settled
from builders.usage import PROFILE, Meters, a_metered_book, a_metric


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    with made.book:
        yield made
        assert made.book.query(usage.check_usage) == []


def stored(meters: Meters, contract: int = 1, metric: str = "calls") -> list[tuple[str, str]]:
    """Give the instants (UTC) and quantities of a contract's events."""
    wanted = EventFilter(contract, meters.metric_ids[metric])
    rows = meters.book.query(usage.list_events, wanted)
    return [(row.instant.strftime("%m-%d %H:%M"), str(row.quantity)) for row in rows]


def days(meters: Meters, contract: int = 1, metric: str = "calls") -> list[tuple[str, int, str]]:
    """Give the daily rollup of a contract."""
    year = Period(date(2025, 1, 1), date(2028, 1, 1))
    rows = meters.book.query(usage.daily_usage, contract, meters.metric_ids[metric], year)
    return [(row.day.isoformat(), row.events, str(row.quantity)) for row in rows]


def test_events_are_stored_with_their_exact_quantity_file_and_row(meters: Meters) -> None:
    meters.add("S1")
    outcome = meters.bring("S1,calls,2026-02-03T10:00:00Z,12.345,a", "S1,calls,2026-02-04T10:00:00Z,1,b")
    assert (outcome.rows_read, outcome.added, outcome.duplicates) == (2, 2, 0)
    row = meters.book.query(usage.list_events, EventFilter(1, 1))[0]
    assert (row.quantity, row.file_name, row.row) == (Decimal("12.345"), "usage-1.csv", 2)


def test_the_same_file_again_adds_nothing_and_says_which_import_brought_it(meters: Meters) -> None:
    meters.add("S1")
    path = meters.file("S1,calls,2026-02-03T10:00:00Z,1,a")
    first = meters.bring_file(path)
    again = meters.bring_file(path)
    assert again.already is not None
    assert (again.already.id, again.added, again.duplicates) == (first.batch_id, 0, 1)
    assert stored(meters) == [("02-03 10:00", "1.000")]


def test_rows_of_an_overlapping_file_are_counted_as_duplicates(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-03T10:00:00Z,1,a", "S1,calls,2026-02-03T11:00:00Z,2,b")
    outcome = meters.bring("S1,calls,2026-02-03T11:00:00Z,2,b", "S1,calls,2026-02-03T12:00:00Z,4,c")
    assert (outcome.added, outcome.duplicates, outcome.conflicts) == (1, 1, 0)
    assert days(meters) == [("2026-02-03", 3, "7.000")]


def test_a_known_key_with_another_content_is_refused_by_row_and_nothing_changes(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-03T10:00:00Z,1,a")
    with pytest.raises(RowsRejected) as error:
        meters.bring("S1,calls,2026-02-04T10:00:00Z,5,new", "S1,calls,2026-02-03T10:00:00Z,2,a")
    problem = error.value.problems[0]
    assert (problem.code, problem.place.row, problem.value) == ("usage_conflict", 3, "a")
    assert stored(meters) == [("02-03 10:00", "1.000")]


def test_two_rows_of_one_file_under_one_key_conflict_too(meters: Meters) -> None:
    meters.add("S1")
    with pytest.raises(RowsRejected):
        meters.bring("S1,calls,2026-02-03T10:00:00Z,1,a", "S1,calls,2026-02-03T11:00:00Z,1,a")


def test_a_conflict_waits_in_the_queue_when_bad_rows_are_skipped(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-03T10:00:00Z,1,a")
    outcome = meters.bring("S1,calls,2026-02-03T10:00:00Z,2,a", skip_bad_rows=True)
    assert (outcome.added, outcome.conflicts) == (0, 1)
    waiting = meters.book.query(usage.list_unmatched)[0]
    assert (waiting.reason, waiting.key, waiting.quantity) == (WaitReason.CONFLICT, "a", Decimal(2))


def test_bad_cells_name_row_column_and_value_and_nothing_goes_in(meters: Meters) -> None:
    meters.add("S1")
    with pytest.raises(RowsRejected) as error:
        meters.bring("S1,calls,2026-02-03T10:00:00Z,1,a", "S1,calls,2026-02-31,x,b")
    found = [(p.code, p.place.row, p.place.column, p.value) for p in error.value.problems]
    assert found == [("not_a_date", 3, "time", "2026-02-31"), ("not_a_number", 3, "quantity", "x")]
    assert error.value.good_rows == 1
    assert stored(meters) == []


def test_good_rows_go_in_when_bad_ones_are_skipped(meters: Meters) -> None:
    meters.add("S1")
    rows = ("S1,calls,2026-02-03T10:00:00Z,1,a", "S1,calls,2026-02-31,1,b", "S1,nothing,2026-02-03T10:00:00Z,1,c")
    outcome = meters.bring(*rows, skip_bad_rows=True)
    assert (outcome.rows_read, outcome.added, outcome.rejected) == (3, 1, 2)


def test_a_corrected_cell_counts_and_the_file_stays_as_it_is(meters: Meters) -> None:
    meters.add("S1")
    path = meters.file("S1,calls,2026-02-10,1.5,a", "S1,calls,2026-02-11,two,b", "S9,calls,2026-13-11,3,c")
    before = path.read_bytes()
    cells = {(3, "quantity"): "2", (4, "time"): "2026-03-11", (4, "no such column"): "x"}
    outcome = meters.bring_file(path, corrections=cells)
    assert (outcome.added, outcome.rejected, outcome.unmatched) == (2, 0, 1)
    assert [quantity for _key, quantity in stored(meters)] == ["1.500", "2.000"]
    waiting = meters.book.query(usage.list_unmatched, WaitingFilter())[0]
    assert waiting.instant.isoformat() == "2026-03-10T23:00:00+00:00"
    assert path.read_bytes() == before


def test_an_ordinary_and_an_odd_file_of_the_same_events_are_duplicates_of_each_other(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-03T10:00:00Z,1.5,é-1", "S1,calls,2026-02-03 12:00:00,-2,b")
    again = meters.bring("S1,calls,2026-02-03T10:00:00Z, 1.50 ,é-1", " S1,calls,3 Feb 2026 12:00,-2,b")
    assert (again.added, again.duplicates) == (0, 2)


def test_instants_without_an_offset_are_local_time_and_days_are_local_days(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-03 00:30:00,1,a", "S1,calls,2026-02-02T23:30:00Z,2,b")
    assert stored(meters) == [("02-02 23:30", "1.000"), ("02-02 23:30", "2.000")]
    assert days(meters) == [("2026-02-03", 2, "3.000")]


def test_the_short_day_of_summer_time_ends_at_local_midnight(meters: Meters) -> None:
    meters.add("S1")
    meters.bring(
        "S1,calls,2026-03-28T22:59:59Z,1,a",
        "S1,calls,2026-03-28T23:00:00Z,2,b",
        "S1,calls,2026-03-29T21:59:59Z,4,c",
        "S1,calls,2026-03-29T22:00:00Z,8,d",
        "S1,calls,2026-03-30 00:00:00,16,e",
    )
    assert days(meters) == [("2026-03-28", 1, "1.000"), ("2026-03-29", 2, "6.000"), ("2026-03-30", 2, "24.000")]


def test_an_event_at_the_end_of_a_contract_belongs_to_the_next_one(meters: Meters) -> None:
    meters.add("S1", end=date(2026, 2, 15))
    meters.add("S2", start=date(2026, 2, 15))
    meters.bring("C00001,calls,2026-02-14T23:59:59.999999+01:00,1,a", "C00001,calls,2026-02-15T00:00:00+01:00,2,b")
    assert (stored(meters, 1), stored(meters, 2)) == ([("02-14 22:59", "1.000")], [("02-14 23:00", "2.000")])


def test_usage_outside_a_contract_and_of_unknown_names_waits_visibly(meters: Meters) -> None:
    meters.add("S1", end=date(2026, 2, 15))
    outcome = meters.bring("S1,calls,2026-02-15,1,a", "NOBODY,calls,2026-02-10,1,b", "S1,calls,2026-02-10,1,c")
    assert (outcome.added, outcome.unmatched) == (1, 2)
    waiting = meters.book.query(usage.list_unmatched)
    assert [(row.row, row.reason) for row in waiting] == [
        (2, WaitReason.NOT_ACTIVE),
        (3, WaitReason.UNKNOWN_CONTRACT),
    ]
    assert [problem.code for problem in outcome.problems] == ["usage_not_active", "usage_unknown_contract"]


def test_a_customer_with_two_contracts_for_the_metric_is_not_guessed(meters: Meters) -> None:
    meters.add("S1", "S2")
    meters.bring("C00001,calls,2026-02-10,1,a")
    assert meters.book.query(usage.list_unmatched)[0].reason is WaitReason.SEVERAL_CONTRACTS


def test_a_row_that_waits_is_queued_once_however_often_it_is_imported(meters: Meters) -> None:
    meters.bring("S9,calls,2026-02-10,1,a")
    outcome = meters.bring("S9,calls,2026-02-10,1,a", "S9,calls,2026-02-11,1,b")
    assert (outcome.unmatched, outcome.duplicates) == (1, 1)
    assert meters.book.query(usage.count_unmatched) == 2


def test_waiting_rows_count_once_their_contract_appears(meters: Meters) -> None:
    meters.bring("S9,calls,2026-02-10 00:30:00,1.5,a", "S9,calls,2026-02-11,2,b", "S8,calls,2026-02-11,4,c")
    ids = meters.add("S9")
    outcome = meters.book.run(usage.rematch_unmatched).value
    assert (outcome.matched, outcome.waiting) == (2, 1)
    assert days(meters, ids[0]) == [("2026-02-10", 1, "1.500"), ("2026-02-11", 1, "2.000")]
    again = meters.bring("S9,calls,2026-02-10 00:30:00,1.5,a", "S9,calls,2026-02-12,8,d")
    assert (again.added, again.duplicates) == (1, 1)


def test_waiting_rows_freeze_the_decimals_of_their_metric(meters: Meters) -> None:
    meters.bring("S9,calls,2026-02-10,1.125,a")
    record = meters.book.query(usage.load_metric, meters.metric_ids["calls"])
    with pytest.raises(RuleBroken):
        meters.book.run(usage.change_metric, replace(record, decimals=2))


def test_usage_of_a_contract_without_a_price_for_it_is_stored_and_told(meters: Meters) -> None:
    meters.book.run(usage.create_metric, a_metric("sms"))
    meters.add("S1")
    outcome = meters.bring("S1,sms,2026-02-10,1,a")
    assert (outcome.added, [problem.code for problem in outcome.problems]) == (1, ["usage_not_priced"])


def test_a_row_given_up_leaves_the_queue_and_an_audit_event(meters: Meters) -> None:
    meters.bring("S9,calls,2026-02-10,1,a")
    before = meters.book.query(count_audit_events)
    ids = [row.id for row in meters.book.query(usage.list_unmatched, WaitingFilter(text="s9"))]
    assert meters.book.run(usage.discard_unmatched, ids, reason="test account").value == 1
    assert meters.book.query(usage.count_unmatched) == 0
    assert meters.book.query(count_audit_events) == before + 1


def test_equal_rows_of_a_file_without_keys_are_events_of_their_own(meters: Meters) -> None:
    meters.add("S1")
    rows = ("S1,calls,2026-02-10,1", "S1,calls,2026-02-10,1", "S1,calls,2026-02-11,3")
    profile = replace(PROFILE, rules=PROFILE.rules[:-1])
    path = meters.file(*rows, header="contract,metric,time,quantity")
    assert meters.book.run(usage.import_usage, path, profile).value.added == 3
    longer = meters.file(*rows, "S1,calls,2026-02-10,1", header="contract,metric,time,quantity")
    outcome = meters.book.run(usage.import_usage, longer, profile).value
    assert (outcome.added, outcome.duplicates) == (1, 3)


def test_equal_waiting_rows_without_keys_all_count_once_matched(meters: Meters) -> None:
    profile = replace(PROFILE, rules=PROFILE.rules[:-1])
    path = meters.file("S9,calls,2026-02-10,1", "S9,calls,2026-02-10,1", header="contract,metric,time,quantity")
    assert meters.book.run(usage.import_usage, path, profile).value.unmatched == 2
    ids = meters.add("S9")
    assert meters.book.run(usage.rematch_unmatched).value.matched == 2
    more = meters.file("S9,calls,2026-02-10,1", "S9,calls,2026-02-10,1", "", header="contract,metric,time,quantity")
    assert meters.book.run(usage.import_usage, more, profile).value.duplicates == 2
    assert days(meters, ids[0]) == [("2026-02-10", 2, "2.000")]


def test_a_corrected_file_replaces_its_scope_and_leaves_the_rest(meters: Meters) -> None:
    meters.add("S1", "S2")
    meters.bring(
        "S1,calls,2026-02-10,1,a", "S1,calls,2026-03-01,2,b", "S1,gb,2026-02-10,4,c", "S2,calls,2026-02-10,8,d"
    )
    february = Period(date(2026, 2, 1), date(2026, 3, 1))
    outcome = meters.bring("S1,calls,2026-02-10,1.5,a", "S1,calls,2026-02-11,1,e", replace=february)
    assert (outcome.replaced, outcome.added) == (1, 2)
    assert days(meters) == [("2026-02-10", 1, "1.500"), ("2026-02-11", 1, "1.000"), ("2026-03-01", 1, "2.000")]
    assert (days(meters, 1, "gb"), days(meters, 2)) == ([("2026-02-10", 1, "4.000")], [("2026-02-10", 1, "8.000")])


def test_properties_are_kept_with_events_and_tell_them_apart(meters: Meters) -> None:
    meters.add("S1")
    header = "contract,metric,time,quantity,key,region,user"
    meters.bring(
        "S1,calls,2026-02-10,1,a,eu,ann", "S1,calls,2026-02-11,2,b,,", "S1,calls,2026-02-12,4,c,eu,ann",
        header=header, properties=("region", "user"),
    )  # fmt: skip
    rows = meters.book.query(usage.list_events, EventFilter(1, 1))
    both = (("region", "eu"), ("user", "ann"))
    assert [row.properties for row in rows] == [both, (), both]


def test_cancelling_half_way_leaves_nothing(meters: Meters) -> None:
    meters.add("S1")
    rows = [f"S1,calls,2026-02-{1 + i % 28:02}T00:00:00Z,1,k{i}" for i in range(12_000)]

    def stop(step: Step) -> None:
        if step.done >= 5_000:
            progress.cancel()

    progress = Progress(stop)
    with pytest.raises(Cancelled):
        meters.book.run(usage.import_usage, meters.file(*rows), PROFILE, progress=progress)
    assert (stored(meters), days(meters)) == ([], [])
    assert meters.book.query(usage.count_meters) == 0


@pytest.mark.parametrize("key", ["k", "k "], ids=["ordinary file", "file read with care"])
def test_a_full_memory_or_disk_is_told_and_leaves_nothing(
    meters: Meters, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    meters.add("S1")
    cramped = "SET threads = 1; SET memory_limit = '4MB'; SET max_temp_directory_size = '0B'"
    monkeypatch.setattr("billdesk.sheets.usage_stage._READING", cramped)
    rows = [f"S1,calls,2026-02-{1 + i % 28:02}T00:00:00Z,1,{key}{i}" for i in range(60_000)]
    with pytest.raises(OutOfRoom) as caught:
        meters.book.run(usage.import_usage, meters.file(*rows), PROFILE)
    assert "too little memory" in sentence(caught.value).what
    assert (stored(meters), meters.book.query(imports.count_batches)) == ([], 0)


def test_a_preview_says_what_the_import_will_do_and_keeps_nothing(meters: Meters) -> None:
    meters.add("S1")
    meters.bring("S1,calls,2026-02-09,7,z")
    path = meters.file("S1,calls,2026-02-10,1.5,a", "S1,calls,2026-02-10,2.5,b", "S9,calls,2026-02-10,1,c")
    outcome = meters.book.query(usage.preview_usage_import, path, PROFILE)
    assert (outcome.batch_id, outcome.added, outcome.unmatched) == (None, 2, 1)
    total = outcome.totals[0]
    assert (total.code, total.quantity, total.before) == ("calls", Decimal("4.000"), Decimal("7.000"))
    assert (len(stored(meters)), meters.book.query(usage.count_unmatched)) == (1, 0)


def test_huge_quantities_add_up_and_those_that_do_not_fit_are_refused(meters: Meters) -> None:
    meters.add("S1")
    big = "9223372036854775.807"
    meters.bring(f"S1,calls,2026-02-10,{big},a", f"S1,calls,2026-02-10,{big},b", f"S1,calls,2026-02-10,-{big},c")
    assert days(meters) == [("2026-02-10", 3, "9223372036854775.807")]
    with pytest.raises(RowsRejected) as error:
        meters.bring("S1,calls,2026-02-10,9223372036854775.808,d")
    assert error.value.problems[0].code == "too_large"


def test_the_order_of_rows_and_files_does_not_matter(meters: Meters, tmp_path: Path) -> None:
    rows = [f"S1,calls,2026-02-{1 + i % 28:02} {i % 24:02}:00:00,{i}.5,k{i}" for i in range(300)]
    meters.add("S1")
    meters.bring(*rows)
    (tmp_path / "other").mkdir()
    other = a_metered_book(tmp_path / "other")
    with other.book:
        other.add("S1")
        shuffled = random.Random(5).sample(rows, len(rows))
        other.bring(*shuffled[:120])
        other.bring(*shuffled[100:])
        assert (days(other), sorted(stored(other))) == (days(meters), sorted(stored(meters)))


def test_affected_contracts_are_marked_for_billing_from_their_first_day(meters: Meters) -> None:
    first, second = meters.add("S1", "S2")
    meters.book.run(_settle_all)
    meters.bring("S1,calls,2026-02-10,1,a", "S1,gb,2026-02-07,1,b")
    due = meters.book.query(subscriptions.load_due, date(2026, 1, 1))
    assert [(one.subscription.id, one.settled and one.settled.touched) for one in due] == [(first, date(2026, 2, 7))]
    assert second == 2


def _settle_all(db: Db) -> Result[None]:
    subscriptions.settle(db, [Settled(key, date(2026, 3, 1), None) for key in (1, 2)])
    return Result(None)


def test_a_file_without_the_columns_it_should_have_is_refused(meters: Meters) -> None:
    with pytest.raises(UnreadableFile) as error:
        meters.bring("S1,2026-02-10,1", header="contract,time,quantity")
    assert error.value.problem.code == "column_missing"


def test_a_file_name_with_brackets_is_not_read_as_a_pattern_of_names(meters: Meters) -> None:
    meters.add("S1")
    meters.file("S1,calls,2026-02-03T10:00:00Z,1,other").rename(meters.folder / "usage1.csv")
    path = meters.file("S1,calls,2026-02-03T10:00:00Z,7,wanted").rename(meters.folder / "usage[1].csv")
    meters.bring_file(path)
    assert stored(meters) == [("02-03 10:00", "7.000")]


def test_a_mistyped_year_takes_no_longer_than_another(meters: Meters) -> None:
    meters.add("S1")
    started = time.process_time()
    outcome = meters.bring("S1,calls,9999-12-30 10:00:00,1,a", "S1,calls,0026-02-03 10:00:00,1,b")
    assert (outcome.added, outcome.unmatched) == (1, 1)
    assert time.process_time() - started < 30
