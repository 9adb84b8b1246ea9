import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.kernel.errors import UnreadableFile
from billdesk.sheets import ColumnRule, MappingProfile, open_sheet
from billdesk.sheets.usage import UsageBatch, read_usage_columns

PROFILE = MappingProfile(
    "usage",
    "",
    tuple(ColumnRule(name, name) for name in ("subscription", "metric", "instant", "quantity", "key")),
)
SCALES = {"calls": 0, "gb": 3}
HEADER = "subscription,metric,instant,quantity,key,region"


def a_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "usage.csv"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return path


def read(path: Path, profile: MappingProfile = PROFILE, zone: str = "UTC") -> UsageBatch:
    batches = read_usage_columns(open_sheet(path), profile, scales=SCALES, properties=("region",), zone=ZoneInfo(zone))
    first, *others = batches
    for other in others:
        for name in ("subscriptions", "metrics", "instants", "quantities", "keys", "properties"):
            getattr(first, name).extend(getattr(other, name))
    return replace(
        first,
        problems=tuple(problem for batch in (first, *others) for problem in batch.problems),
        rejected=tuple(row for batch in (first, *others) for row in batch.rejected),
    )


def test_usage_comes_as_columns_of_native_values(tmp_path: Path) -> None:
    batch = read(
        a_file(tmp_path, "S1,calls,1970-01-02T00:00:00Z,5,e1,eu", "S2,gb,1970-01-01T01:00:00+01:00,1.25,e2,us")
    )
    assert (batch.subscriptions, batch.metrics, batch.keys) == (["S1", "S2"], ["calls", "gb"], ["e1", "e2"])
    assert batch.instants == [86_400_000_000, 0]
    assert batch.quantities == [5, 1250]
    assert batch.properties == [("eu",), ("us",)]
    assert (list(batch.numbers), batch.problems) == ([2, 3], ())


def test_local_times_follow_summer_time(tmp_path: Path) -> None:
    path = a_file(tmp_path, "S1,calls,2026-01-01 12:00:00,1,a,", "S1,calls,2026-07-01 12:00:00,1,b,")
    winter, summer = (datetime.fromtimestamp(t / 1e6, UTC).hour for t in read(path, zone="Europe/Brussels").instants)
    assert (winter, summer) == (11, 10)


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("S1,calls,2026-01-01T00:00:00Z,1.5,e1,", "quantity", "too_many_decimals"),
        ("S1,calls,2026-01-01T00:00:00Z,1_000,e1,", "quantity", "not_a_number"),
        ("S1,calls,2026-01-01T00:00:00Z,-,e1,", "quantity", "not_a_number"),
        ("S1,calls,2026-01-01T00:00:00Z,,e1,", "quantity", "value_missing"),
        ("S1,calls,2026-01-01T00:00:00Z,1e3,e1,", "quantity", "scientific_notation"),
        ("S1,gb,2026-01-01T00:00:00Z,9223372036854775.808,e1,", "quantity", "too_large"),
        ("S1,calls,2026-02-31T00:00:00Z,1,e1,", "instant", "not_a_date"),
        ("S1,calls,01/02/2026 10:00,1,e1,", "instant", "date_order_unknown"),
        ("S1,seats,2026-01-01T00:00:00Z,1,e1,", "quantity", "unknown_metric"),
        (",calls,2026-01-01T00:00:00Z,1,e1,", "subscription", "value_missing"),
        ("S1,calls,2026-01-01T00:00:00Z,1,,", "key", "value_missing"),
        ("S1,calls,2026-01-01T00:00:00Z,1,e1,eu,extra", "", "too_many_cells"),
    ],
)
def test_a_bad_event_is_kept_out_with_its_reason(tmp_path: Path, line: str, column: str, code: str) -> None:
    batch = read(a_file(tmp_path, "S1,calls,2026-01-01T00:00:00Z,7,good,", line))
    (problem,) = batch.problems
    assert (problem.code, problem.place.column, problem.place.row) == (code, column, 3)
    assert (batch.quantities, [row.number for row in batch.rejected]) == ([7], [3])


def test_decimal_commas_and_day_first_dates_follow_the_profile(tmp_path: Path) -> None:
    path = a_file(
        tmp_path, "S1;gb;24/01/2026 10:00;1.234,5;e1;", "S1;gb;24/01/2026;0,125;e2;", header=HEADER.replace(",", ";")
    )
    profile = PROFILE.with_rule(ColumnRule("quantity", "quantity", decimal_mark=","))
    profile = profile.with_rule(ColumnRule("instant", "instant", date_order="dmy"))
    batch = read(path, profile)
    assert batch.quantities == [1_234_500, 125]
    assert batch.instants[0] == (datetime(2026, 1, 24, 10, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )


def test_a_file_may_leave_out_metric_quantity_and_key(tmp_path: Path) -> None:
    path = a_file(tmp_path, "S1,2026-01-01T00:00:00Z,eu", header="subscription,instant,region")
    rules = (
        ColumnRule("subscription", "subscription"),
        ColumnRule("instant", "instant"),
        ColumnRule("metric", constant="calls"),
    )
    batch = read(path, MappingProfile("usage", "", rules))
    assert (batch.metrics, batch.quantities, batch.keys) == (["calls"], [1], [""])


def test_columns_that_are_needed_must_be_there(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, "S1,calls,2026-01-01T00:00:00Z,7,e1,"))
    for profile, properties in ((MappingProfile("", "", ()), ()), (PROFILE, ("zone",))):
        with pytest.raises(UnreadableFile):
            list(read_usage_columns(sheet, profile, scales=SCALES, properties=properties))


def test_a_workbook_gives_the_same_as_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Usage", 0)
    sheet.append(HEADER.split(","))
    sheet.append(["S1", "gb", datetime(2026, 1, 1, 12), 1.25, 7, "eu"])  # noqa: DTZ001 - as Excel stores it
    book.save(tmp_path / "usage.xlsx")
    batch = read(tmp_path / "usage.xlsx", zone="Europe/Brussels")
    assert (batch.quantities, batch.keys, batch.properties) == ([1250], ["7"], [("eu",)])
    assert batch.instants == [1_767_265_200_000_000]


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r\n", exclude_categories=["Cs"]), min_size=1
).filter(lambda text: text == text.strip())


@given(st.lists(st.tuples(_TEXT, st.integers(-(10**9), 10**9), _TEXT), min_size=1, max_size=20))
def test_the_quick_way_and_the_careful_way_agree(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int, str]]
) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows(
        [name, "gb", "2026-01-01T00:00:00Z", f"{number / 1000:.3f}", key, ""] for name, number, key in events
    )
    folder = tmp_path_factory.mktemp("usage")
    quick = read(a_file(folder, out.getvalue()))
    careful = read(a_file(folder, out.getvalue(), "x,calls,2026-01-01T00:00:00Z,broken,k,"))
    assert quick.problems == ()
    assert quick.quantities == careful.quantities == [number for _name, number, _key in events]
    assert quick.subscriptions == careful.subscriptions == [name for name, _number, _key in events]
    assert quick.keys == careful.keys
