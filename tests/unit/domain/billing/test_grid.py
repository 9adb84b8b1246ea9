from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.proration import part_of
from billdesk.domain.catalog import Alignment, Proration
from billdesk.kernel.period import Interval, Period, Unit, grid_period, index_at
from builders.contracts import a_price

ANCHOR = date(2026, 1, 31)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
units = st.builds(Interval, st.sampled_from(list(Unit)), st.integers(1, 5))


@pytest.mark.parametrize(
    ("interval", "alignment", "day", "starts"),
    [
        (Interval(Unit.MONTH), Alignment.ANNIVERSARY, 1, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (Interval(Unit.MONTH), Alignment.CALENDAR, 1, ["2026-01-01", "2026-02-01", "2026-03-01"]),
        (Interval(Unit.QUARTER), Alignment.CALENDAR, 1, ["2026-01-01", "2026-04-01", "2026-07-01"]),
        (Interval(Unit.YEAR), Alignment.CALENDAR, 1, ["2026-01-01", "2027-01-01", "2028-01-01"]),
        (Interval(Unit.MONTH, 5), Alignment.CALENDAR, 1, ["2026-01-01", "2026-06-01", "2026-11-01"]),
        (Interval(Unit.WEEK), Alignment.CALENDAR, 1, ["2026-01-26", "2026-02-02", "2026-02-09"]),
        (Interval(Unit.WEEK), Alignment.ANNIVERSARY, 1, ["2026-01-31", "2026-02-07", "2026-02-14"]),
        (Interval(Unit.DAY, 30), Alignment.CALENDAR, 1, ["2026-01-31", "2026-03-02", "2026-04-01"]),
        (Interval(Unit.MONTH), Alignment.DAY, 31, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (Interval(Unit.MONTH), Alignment.DAY, 15, ["2026-02-15", "2026-03-15", "2026-04-15"]),
        (Interval(Unit.YEAR), Alignment.DAY, 15, ["2026-02-15", "2027-02-15", "2028-02-15"]),
    ],
)
def test_boundaries_follow_the_alignment(interval: Interval, alignment: Alignment, day: int, starts: list[str]) -> None:
    grid = grid_of(ANCHOR, interval, alignment, day)
    assert [grid.boundary(k).isoformat() for k in range(3)] == starts


def test_a_day_of_the_month_after_december_is_found_in_january() -> None:
    grid = grid_of(date(2026, 12, 20), Interval(Unit.MONTH), Alignment.DAY, 5)
    assert grid.boundary(0) == date(2027, 1, 5)


@given(days, units, days)
def test_the_remembered_grid_agrees_with_the_kernels(anchor: date, interval: Interval, day: date) -> None:
    whole = grid_of(anchor, interval, Alignment.ANNIVERSARY, 1).period_at(day)
    assert whole == grid_period(anchor, interval, index_at(anchor, interval, day))
    assert day in whole


JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def share(policy: Proration, whole: Period, start: date, end: date) -> str:
    interval = Interval(Unit.YEAR if whole == YEAR else Unit.MONTH)
    price = a_price(1, proration=policy, interval=interval)
    part, of = part_of(price, whole, Period(start, end))
    return f"{part}/{of}"


@pytest.mark.parametrize(
    ("policy", "whole", "start", "end", "expected"),
    [
        (Proration.BY_DAY, JANUARY, date(2026, 1, 16), date(2026, 2, 1), "16/31"),
        (Proration.BY_DAY, JANUARY, date(2026, 1, 1), date(2026, 2, 1), "1/1"),
        (Proration.THIRTY_360, JANUARY, date(2026, 1, 16), date(2026, 2, 1), "15/30"),
        (Proration.THIRTY_360, FEBRUARY, date(2026, 2, 1), date(2026, 2, 16), "15/30"),
        (Proration.THIRTY_360, FEBRUARY, date(2026, 2, 16), date(2026, 2, 28), "14/30"),
        (Proration.THIRTY_360, YEAR, date(2026, 1, 1), date(2026, 7, 1), "180/360"),
        (Proration.ACTUAL_360, JANUARY, date(2026, 1, 1), date(2026, 1, 16), "15/30"),
        (Proration.ACTUAL_360, JANUARY, date(2026, 1, 31), date(2026, 2, 1), "0/30"),
        (Proration.ACTUAL_360, FEBRUARY, date(2026, 2, 16), date(2026, 3, 1), "15/30"),
        (Proration.FIXED_DAYS, JANUARY, date(2026, 1, 1), date(2026, 1, 16), "15/30"),
        (Proration.FIXED_DAYS, JANUARY, date(2026, 1, 16), date(2026, 2, 1), "15/30"),
        (Proration.FIXED_DAYS, FEBRUARY, date(2026, 2, 16), date(2026, 3, 1), "15/30"),
        (Proration.FIXED_DAYS, YEAR, date(2026, 1, 1), date(2026, 7, 1), "180/360"),
    ],
)
def test_each_policy_counts_days_its_own_way(
    policy: Proration, whole: Period, start: date, end: date, expected: str
) -> None:
    assert share(policy, whole, start, end) == expected


def test_the_day_before_the_end_of_a_fixed_month_costs_no_more_than_all_of_it() -> None:
    whole = Period(date(2028, 2, 29), date(2028, 3, 31))
    assert share(Proration.FIXED_DAYS, whole, date(2028, 2, 29), date(2028, 3, 30)) == "30/30"
    assert share(Proration.FIXED_DAYS, whole, date(2028, 3, 30), date(2028, 3, 31)) == "0/30"


def test_a_fixed_month_that_crosses_a_calendar_month_puts_itself_right_there() -> None:
    whole = Period(date(2026, 1, 20), date(2026, 2, 20))
    assert share(Proration.FIXED_DAYS, whole, date(2026, 2, 10), date(2026, 2, 20)) == "10/30"
    assert share(Proration.FIXED_DAYS, whole, date(2026, 1, 20), date(2026, 2, 10)) == "20/30"


def test_intervals_of_days_are_always_by_day() -> None:
    price = a_price(1, proration=Proration.THIRTY_360, interval=Interval(Unit.DAY, 10))
    assert part_of(price, Period(date(2026, 1, 1), date(2026, 1, 11)), Period(date(2026, 1, 1), date(2026, 1, 5))) == (
        4,
        10,
    )


@given(
    days, st.sampled_from(list(Proration)), st.integers(1, 30), st.sampled_from([Unit.MONTH, Unit.QUARTER, Unit.YEAR])
)
def test_the_parts_of_a_period_add_up_to_it_in_every_policy(
    start: date, policy: Proration, cut: int, unit: Unit
) -> None:
    interval = Interval(unit)
    whole = grid_of(start, interval, Alignment.ANNIVERSARY, 1).period(0)
    middle = min(date.fromordinal(start.toordinal() + cut), whole.end)
    price = a_price(1, proration=policy, interval=interval)
    parts = [Period(whole.start, middle), Period(middle, whole.end)]
    shares = [part_of(price, whole, part) for part in parts if part.days]
    assert sum(share * shares[0][1] for share, _of in shares) == shares[0][1] * shares[0][1]
    assert all(share >= 0 for share, _of in shares)
