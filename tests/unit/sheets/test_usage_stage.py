from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billdesk.sheets import ColumnRule, MappingProfile, SheetOptions, open_sheet
from billdesk.sheets.usage_stage import Match, UsageStage, key_hash, stage_usage, wall_offsets

HEADER = "contract,metric,time,quantity,key,region"
RULES = {"subscription": "contract", "metric": "metric", "instant": "time", "quantity": "quantity", "key": "key"}
PROFILE = MappingProfile("", "", tuple(ColumnRule(column, header) for column, header in RULES.items()))
SCALES = {"calls": 3, "whole": 0, "tiny": 12}
BRUSSELS = ZoneInfo("Europe/Brussels")
FOR_EVER = (0, 2**62)
Row = tuple[int, ...]


def staged(path: Path, encoding: str = "") -> tuple[list[Row], list[tuple[object, ...]], list[str]]:
    """Stage a file; gives its rows, its property sets and the codes of its problems."""
    sheet = open_sheet(path, SheetOptions(encoding=encoding))
    with stage_usage(sheet, PROFILE, scales=SCALES, properties=("region",), zone=BRUSSELS) as stage:
        codes = [problem.code for problem in stage.problems]
        names = stage.names()
        metric_ids = {code: number for number, code in enumerate(SCALES, start=1)}
        stage.match([Match(n.reference, n.metric, *FOR_EVER, 7, metric_ids[n.metric]) for n in names])
        sets = stage.property_sets()
        return [row for chunk in stage.chunks(100) for row in chunk], sets, codes


def write(path: Path, rows: list[str], encoding: str = "utf-8") -> Path:
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding=encoding)
    return path


_ODD_TIMES = [
    "2026-02-30 00:00:00", "yesterday", "", "2026-02-03T24:00:00Z", "0000-01-01T00:00:00Z", "-026-02-03T10:00:00Z",
    "2026-02-03T23:59:60Z", "2026-02-03T10:00:00z", "0001-01-01T00:00:00Z", "2026-02-03 10:00",
    "2026-02-03T10:00+02:00",
]  # fmt: skip
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - local time
real_times = st.one_of(
    moments.map(lambda moment: moment.isoformat(" ")),
    moments.map(lambda moment: moment.isoformat(timespec="seconds") + "Z"),
    st.sampled_from(["2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-10-25T02:30:00+01:00"]),
)
times = st.one_of(real_times, st.sampled_from(_ODD_TIMES))
numbers = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.decimals(-(10**7), 10**7, places=3).map(str),
    st.sampled_from(["", "-", ".5", "1.", "1e3", "+1", "00.10", "x"]),
)
texts = st.sampled_from(["a", "S1", "é", " b", "b ", "", "a|b", "'"])
rows = st.builds(
    lambda name, metric, time, number, key, region: f"{name},{metric},{time},{number},{key},{region}",
    st.sampled_from(["S1", "S2", " S3"]), st.sampled_from([*SCALES, "other"]), times, numbers, texts, texts,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=6))
def test_the_fast_and_the_careful_way_read_the_same(tmp_path: Path, lines: list[str]) -> None:
    fast = staged(write(tmp_path / "fast.csv", lines))
    careful = staged(write(tmp_path / "careful.csv", lines, "utf-16"))
    assert fast == careful


tidy_rows = st.builds(
    lambda name, metric, time, number, key: f"{name},{metric},{time},{number},{key},",
    st.sampled_from(["S1", "S2"]), st.just("calls"), real_times,
    st.decimals(-(10**7), 10**7, places=3).map(str), st.text("abé|'", min_size=1, max_size=4),
)  # fmt: skip


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(tidy_rows, min_size=1, max_size=12))
def test_ordinary_rows_are_read_the_same_either_way(tmp_path: Path, lines: list[str]) -> None:
    fast = staged(write(tmp_path / "fast.csv", lines))
    careful = staged(write(tmp_path / "careful.csv", lines, "utf-16"))
    assert fast == careful
    assert len(fast[0]) == len(lines)


def test_rows_come_in_the_order_of_the_key_with_their_row_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["S1,whole,2026-02-03T10:00:00Z,2,b,", "S1,whole,2026-02-03T09:00:00Z,-1,a,eu"])
    found, sets, _codes = staged(path)
    ten = 1_770_112_800_000_000
    assert found == [
        (7, 2, ten - 3_600_000_000, key_hash("a"), -1, 3, 0),
        (7, 2, ten, key_hash("b"), 2, 2, 0),
    ]
    assert sets == [(7, 2, "eu")]


def test_the_hash_of_a_key_is_the_same_for_ever() -> None:
    assert key_hash("abc") == 0x900150983CD24FB0 >> 1
    assert key_hash("é") == int(hashlib.md5("é".encode()).hexdigest()[:16], 16) >> 1  # noqa: S324 - not a secret


@pytest.mark.parametrize("ending", ["\n\n", "\r\n", ""])
def test_blank_lines_and_other_line_ends_do_not_shift_row_numbers(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    lines = [HEADER, "S1,whole,2026-02-03T10:00:00Z,1,a,", "S1,whole,2026-02-03T11:00:00Z,2,b,"]
    path.write_bytes((ending or "\n").join(lines).encode() + ending.encode())
    found, _sets, _codes = staged(path)
    expected = [3, 5] if ending == "\n\n" else [2, 3]
    assert [row[5] for row in found] == expected


def test_a_quoted_line_break_makes_a_file_one_for_the_careful_way(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ['S1,whole,2026-02-03T10:00:00Z,1,"a\nb",', "S1,whole,2026-02-03T11:00:00Z,2,c,"])
    found, _sets, _codes = staged(path)
    assert [(row[3], row[5]) for row in found] == [(key_hash("a\nb"), 2), (key_hash("c"), 3)]


def test_offsets_of_wall_time_change_where_the_clock_is_set() -> None:
    march = 1_774_742_400_000_000
    hour = 3_600_000_000
    found = wall_offsets(BRUSSELS, march, march + 86_400_000_000)
    assert [offset // hour for _until, offset in found] == [1, 2]
    assert len(wall_offsets(UTC, march, march + hour)) == 1


def test_skipped_rows_are_left_out_of_days_spans_and_totals(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [f"S1,whole,2026-02-0{day}T10:00:00Z,{day},k{day}," for day in (1, 2, 3)])
    with stage_usage(open_sheet(path), PROFILE, scales=SCALES) as stage:
        stage.match([Match("S1", "whole", *FOR_EVER, 7, 2)])
        stage.skip([3])
        assert [day[3:] for days in stage.days(10) for day in days] == [(1, 0, 1), (1, 0, 3)]
        assert [span[4] for span in stage.spans()] == [2]
        assert [(total.events, total.rest) for total in stage.totals()] == [(2, 4)]


def test_a_stage_without_matches_waits_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["S1,whole,2026-02-03T10:00:00Z,1,a,"])
    with stage_usage(open_sheet(path), PROFILE, scales=SCALES) as stage:
        assert isinstance(stage, UsageStage)
        stage.match([])
        assert stage.waiting() == [(2, "")]
