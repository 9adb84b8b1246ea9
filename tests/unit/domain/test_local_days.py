from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.local_days import (
    LATEST,
    bounds,
    day_number,
    day_start,
    local_day,
    numbered_day,
    offset_at,
    offsets,
)
from billdesk.kernel.period import Period

BRUSSELS = ZoneInfo("Europe/Brussels")
HOUR = 3_600_000_000


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def test_a_local_day_begins_at_local_midnight() -> None:
    assert day_start(date(2026, 7, 1), BRUSSELS) == instant("2026-06-30T22:00:00")
    assert day_start(date(2026, 1, 1), BRUSSELS) == instant("2025-12-31T23:00:00")


def test_the_day_on_which_summer_time_begins_has_23_hours() -> None:
    start, end = bounds(Period(date(2026, 3, 29), date(2026, 3, 30)), BRUSSELS)
    assert end - start == 23 * HOUR


def test_days_without_end_begin_after_all_instants() -> None:
    assert day_start(date.max, BRUSSELS) == LATEST


def test_offsets_change_at_the_very_instant() -> None:
    change = instant("2026-03-29T01:00:00")
    found = offsets(instant("2026-03-01T00:00:00"), instant("2026-04-01T00:00:00"), BRUSSELS)
    assert found == [(change, HOUR), (LATEST, 2 * HOUR)]
    assert (offset_at(change - 1, BRUSSELS), offset_at(change, BRUSSELS)) == (HOUR, 2 * HOUR)


def test_a_zone_without_changes_has_one_offset() -> None:
    assert offsets(0, 10**15, ZoneInfo("Asia/Tokyo")) == [(LATEST, 9 * HOUR)]


@given(st.dates(date(1990, 1, 1), date(2037, 12, 31)), st.sampled_from(["Europe/Brussels", "America/St_Johns", "UTC"]))
def test_the_first_instant_of_a_day_falls_on_it_and_the_one_before_does_not(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    start = day_start(day, zone)
    assert local_day(start, zone) == day
    assert local_day(start - 1, zone) < day
    assert numbered_day(day_number(day)) == day
