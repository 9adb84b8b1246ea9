from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.aggregations import Reading, event_fees, highest, percentile, rounded, weighted_sum
from billdesk.domain.usage import EventFee, Metric, RoundingMode

WHOLE = Metric(1, "m", "m")
CENTS = Metric(1, "m", "m", decimals=2)


@pytest.mark.parametrize(
    ("mode", "places", "expected"),
    [
        (RoundingMode.NONE, 0, "-2.345"),
        (RoundingMode.ROUND, 2, "-2.35"),
        (RoundingMode.CEIL, 0, "-2"),
        (RoundingMode.FLOOR, 1, "-2.4"),
        (RoundingMode.FLOOR, -1, "-10"),
    ],
)
def test_quantities_are_rounded_halves_away_from_zero(mode: RoundingMode, places: int, expected: str) -> None:
    metric = Metric(1, "m", "m", rounding=mode, rounding_places=places)
    assert rounded(Decimal("-2.345"), metric) == Decimal(expected)


def test_a_level_counts_for_the_time_it_held() -> None:
    readings = [Reading(-5, 1000), Reading(0, 2), Reading(50, 6)]
    assert weighted_sum(readings, 0, 100, WHOLE) == Decimal(1005)


def test_a_weighted_level_that_does_not_end_is_cut_at_twelve_decimals() -> None:
    assert weighted_sum([Reading(1, 1)], 0, 3, WHOLE) == Decimal("0.666666666667")


def test_the_percentile_is_the_nearest_rank() -> None:
    median = Metric(1, "m", "m", decimals=2, percentile=Decimal(50))
    readings = [Reading(i, scaled) for i, scaled in enumerate((500, 100, 300))]
    assert percentile(readings, median) == Decimal("3.00")
    assert percentile(readings, CENTS) == Decimal("5.00")
    assert percentile([], median) == 0


def test_the_highest_level_may_be_the_one_carried_over() -> None:
    assert highest([Reading(-2, 900), Reading(-1, 400), Reading(5, 300)], 0, CENTS) == Decimal("4.00")
    assert highest([Reading(5, 300)], 0, CENTS) == Decimal("3.00")
    assert highest([], 0, CENTS) == 0


def test_an_event_that_is_partly_free_pays_for_the_rest() -> None:
    fee = EventFee(Decimal(10), Decimal(1), free_value=Decimal(15))
    assert event_fees([Reading(0, 10), Reading(1, 10), Reading(2, 10)], 0, fee, WHOLE) == Decimal("3.5")


def test_negative_values_give_their_fee_back_and_use_up_nothing() -> None:
    fee = EventFee(Decimal(10), free_value=Decimal(5))
    assert event_fees([Reading(0, -10), Reading(1, 5), Reading(2, 10)], 0, fee, WHOLE) == Decimal(0)


def test_fees_without_limits_are_exact_with_twelve_decimals() -> None:
    fee = EventFee(Decimal("0.000000000001"))
    metric = Metric(1, "m", "m", decimals=12)
    assert event_fees([Reading(0, 9_223_372_036_854_775_807)], 0, fee, metric) == Decimal("9.223372036854775807E-8")


@given(st.lists(st.integers(-(10**18), 10**18), max_size=30), st.integers(1, 50))
def test_fees_of_parts_of_a_period_add_up_to_the_whole(values: list[int], cut: int) -> None:
    fee = EventFee(Decimal("1.5"), Decimal("0.1"), Decimal("0.2"), Decimal(1000), free_events=2)
    readings = [Reading(i, value) for i, value in enumerate(values)]
    first = event_fees([r for r in readings if r.instant < cut], 0, fee, CENTS)
    assert first + event_fees(readings, cut, fee, CENTS) == event_fees(readings, 0, fee, CENTS)


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(-(10**9), 10**9)), max_size=20))
def test_a_weighted_sum_agrees_with_counting_every_moment(events: list[tuple[int, int]]) -> None:
    slow = sum(Fraction(scaled * (1000 - instant), 1000) for instant, scaled in events)
    fast = weighted_sum([Reading(*event) for event in events], 0, 1000, WHOLE)
    assert abs(Fraction(fast) - slow) <= Fraction(1, 10**12)
