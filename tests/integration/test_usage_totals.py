from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.usage import Aggregation, EventFee, Metric, RoundingMode, UsageTotal, UsageWindow
from billdesk.kernel.errors import InvalidValue, RuleBroken
from billdesk.kernel.period import Period
from billdesk.services import usage
from billdesk.services.usage import MeterFilter, MeterPage, MeterSort
from builders.usage import Meters, a_metered_book, a_metric

FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))
HEADER = "contract,metric,time,quantity,key,user,region,price"
PROPERTIES = ("user", "region", "price")


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    with made.book:
        made.add("S1", "S2")
        yield made


def measure(meters: Meters, period: Period = FEBRUARY, **changes: Any) -> UsageTotal:
    """Ask for the calls of the first contract."""
    window = replace(UsageWindow(1, meters.metric_ids["calls"], 1, period, period.start), **changes)
    return meters.book.query(usage.usage_totals, [window])[window]


def define(meters: Meters, **changes: Any) -> None:
    """Change how calls are measured."""
    record = meters.book.query(usage.load_metric, meters.metric_ids["calls"])
    meters.book.run(usage.change_metric, replace(record, **changes))


def bring(meters: Meters, *rows: str) -> None:
    """Import calls of S1 given as `time,quantity,user,region,price`."""
    lines = []
    for number, row in enumerate(rows):
        moment, quantity, *rest = row.split(",")
        lines.append(",".join(("S1", "calls", moment, quantity, f"k{number}", *rest, *[""] * (3 - len(rest)))))
    meters.bring(*lines, header=HEADER, properties=PROPERTIES)


def test_a_window_holds_its_first_instant_and_not_its_last(meters: Meters) -> None:
    bring(
        meters, "2026-01-31T22:59:59Z,1", "2026-01-31T23:00:00Z,2", "2026-02-28T22:59:59Z,4", "2026-02-28T23:00:00Z,8"
    )
    assert measure(meters) == UsageTotal(Decimal("6.000"), 2)


def test_windows_that_part_a_period_add_up_to_it(meters: Meters) -> None:
    bring(meters, *(f"2026-02-{day:02},{day}.001" for day in range(1, 29)))
    parts = [Period(date(2026, 2, 1), date(2026, 2, 11)), Period(date(2026, 2, 11), date(2026, 3, 1))]
    assert [measure(meters, part).quantity for part in parts] == [Decimal("55.010"), Decimal("351.018")]
    assert measure(meters).quantity == Decimal("406.028")


def test_a_window_without_events_is_no_usage(meters: Meters) -> None:
    assert measure(meters) == UsageTotal(Decimal(0))


def test_totals_beyond_64_bits_are_exact(meters: Meters) -> None:
    bring(meters, *(f"2026-02-{day:02},9223372036854775.807" for day in range(1, 29)))
    assert measure(meters).quantity == Decimal("258254417031933722.596")


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (Aggregation.SUM, "4.500"),
        (Aggregation.COUNT, "3"),
        (Aggregation.MAX, "5.000"),
        (Aggregation.LATEST, "-2.500"),
    ],
)
def test_events_become_one_quantity(meters: Meters, aggregation: Aggregation, expected: str) -> None:
    define(meters, aggregation=aggregation)
    bring(meters, "2026-02-03,2", "2026-02-05,5", "2026-02-07,-2.5")
    assert measure(meters) == UsageTotal(Decimal(expected), 3)


def test_users_are_counted_once(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.COUNT_UNIQUE, unique_property="user")
    bring(meters, "2026-02-03,1,ann", "2026-02-04,1,bob", "2026-02-05,1,ann", "2026-02-06,1", "2026-03-05,1,eve")
    assert measure(meters) == UsageTotal(Decimal(2), 4)


def test_users_of_a_recurring_metric_stay_until_they_are_taken_away(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.COUNT_UNIQUE, unique_property="user", recurring=True)
    bring(meters, "2026-01-03,1,ann", "2026-01-04,1,bob", "2026-02-05,-1,ann")
    assert measure(meters).quantity == Decimal(1)


def test_a_recurring_sum_carries_over(meters: Meters) -> None:
    define(meters, recurring=True)
    bring(meters, "2026-01-03,10", "2026-02-04,5", "2026-03-05,7")
    assert measure(meters).quantity == Decimal("15.000")


def test_a_recurring_highest_starts_at_the_level_carried_over(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.MAX, recurring=True)
    bring(meters, "2026-01-03,90", "2026-01-20,40", "2026-02-04,25")
    assert measure(meters).quantity == Decimal("40.000")


def test_a_level_is_weighted_by_the_time_it_held(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.WEIGHTED_SUM)
    bring(meters, "2026-02-01T00:00:00+01:00,10", "2026-02-15T00:00:00+01:00,4")
    assert measure(meters).quantity == Decimal(12)


@pytest.mark.parametrize(
    ("aggregation", "eu", "us"),
    [(Aggregation.LATEST, "3", "7"), (Aggregation.WEIGHTED_SUM, "4", "7"), (Aggregation.PERCENTILE, "3", "7")],
)
def test_what_looks_at_each_event_is_told_by_property_too(
    meters: Meters, aggregation: Aggregation, eu: str, us: str
) -> None:
    percentile = Decimal(100) if aggregation is Aggregation.PERCENTILE else None
    define(meters, aggregation=aggregation, percentile=percentile)
    bring(meters, "2026-02-01,1,,eu", "2026-02-01,7,,us", "2026-02-01T00:00:01+01:00,3,,eu")
    cells = dict(measure(meters, dimensions=("region",)).cells)
    assert {key[0]: round(quantity, 3) for key, quantity in cells.items()} == {"eu": Decimal(eu), "us": Decimal(us)}


def test_a_level_that_held_for_a_part_of_a_grid_period_counts_for_that_part(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.WEIGHTED_SUM)
    bring(meters, "2026-02-15T00:00:00+01:00,10")
    fortnight = Period(date(2026, 2, 15), date(2026, 3, 1))
    until = {"counted_from": FEBRUARY.start, "counted_until": FEBRUARY.end}
    assert measure(meters, fortnight, **until).quantity == Decimal(5)


def test_the_95th_percentile_leaves_the_highest_twentieth_out(meters: Meters) -> None:
    define(meters, aggregation=Aggregation.PERCENTILE, percentile=Decimal(95))
    bring(meters, *(f"2026-02-{1 + n // 2:02} {n % 2:02}:00:00,{n + 1}" for n in range(40)))
    assert measure(meters).quantity == Decimal("38.000")


def test_quantities_are_rounded_as_the_metric_says(meters: Meters) -> None:
    define(meters, rounding=RoundingMode.CEIL, rounding_places=1)
    bring(meters, "2026-02-03,1.201")
    assert measure(meters).quantity == Decimal("1.3")


def test_events_that_a_filter_leaves_out_are_kept_but_not_measured(meters: Meters) -> None:
    define(meters, filters={"region": ("eu", "uk")})
    bring(meters, "2026-02-03,1,ann,eu", "2026-02-04,2,bob,us", "2026-02-05,4,eve,uk")
    assert measure(meters) == UsageTotal(Decimal("5.000"), 2)


def test_quantities_are_told_apart_by_property(meters: Meters) -> None:
    bring(meters, "2026-02-03,1,ann,eu", "2026-02-04,2,bob,us", "2026-02-05,4,eve,eu", "2026-02-06,8,eve")
    cells = measure(meters, dimensions=("region",)).cells
    assert cells == ((("",), Decimal("8.000")), (("eu",), Decimal("5.000")), (("us",), Decimal("2.000")))


def test_amounts_that_events_carry_are_added_up(meters: Meters) -> None:
    bring(meters, "2026-02-03,1,ann,eu,0.25", "2026-02-04,1,ann,eu,0.25", "2026-02-05,1,ann,eu,1.5", "2026-02-06,1")
    assert measure(meters, amount_property="price").amount == Decimal("2.00")


def test_fees_per_event_have_a_floor_a_ceiling_and_free_events(meters: Meters) -> None:
    fee = EventFee(Decimal("1.5"), Decimal("0.10"), Decimal("0.50"), Decimal(3), free_events=1)
    bring(meters, "2026-02-03,1000", "2026-02-04,100", "2026-02-05,10", "2026-02-06,500")
    assert measure(meters, fee=fee).fees == Decimal("5.10")


def test_what_is_free_is_used_up_from_the_start_of_the_grid_period(meters: Meters) -> None:
    fee = EventFee(Decimal(1), free_value=Decimal(150))
    bring(meters, "2026-02-03,100", "2026-02-20,100", "2026-02-21,100")
    late = Period(date(2026, 2, 15), date(2026, 3, 1))
    assert measure(meters, late, counted_from=FEBRUARY.start, fee=fee).fees == Decimal("1.5")


def test_many_windows_are_answered_at_once(meters: Meters) -> None:
    meters.bring("S1,calls,2026-02-03,1,a", "S2,gb,2026-02-03,2,b", "S2,calls,2026-01-03,4,c")
    windows = [UsageWindow(s, m, 1, FEBRUARY, FEBRUARY.start) for s in (1, 2) for m in (1, 2)]
    found = meters.book.query(usage.usage_totals, windows)
    assert [str(found[window].quantity) for window in windows] == ["1.000", "0", "0", "2.000"]


def test_meters_show_this_month_and_the_last(meters: Meters) -> None:
    meters.bring(
        "S1,calls,2026-03-03,1,a", "S1,calls,2026-02-03,2,b", "S2,gb,2026-02-03,4,c", "S1,calls,2026-01-03,8,d"
    )
    rows = meters.book.query(usage.list_meters)
    assert [(row.contract, row.code, row.current, row.previous) for row in rows] == [
        ("S1", "calls", Decimal("1.000"), Decimal("2.000")),
        ("S2", "gb", Decimal(0), Decimal("4.000")),
    ]


def test_meters_are_filtered_sorted_and_paged(meters: Meters) -> None:
    meters.bring("S1,calls,2026-03-03,1,a", "S1,gb,2026-02-03,2,b", "S2,gb,2026-02-05,4,c")
    newest = MeterPage(MeterSort.LAST, descending=True, limit=2)
    rows = meters.book.query(usage.list_meters, MeterFilter(customer_id=1), newest)
    assert [(row.contract, row.code) for row in rows] == [("S1", "calls"), ("S2", "gb")]
    assert meters.book.query(usage.count_meters, MeterFilter(metric_id=2)) == 2
    assert meters.book.query(usage.count_meters, MeterFilter(text="s2")) == 1
    assert meters.book.query(usage.count_meters, MeterFilter(subscription_id=1)) == 2


def test_the_decimals_of_a_metric_are_frozen_once_events_exist(meters: Meters) -> None:
    define(meters, decimals=6)
    bring(meters, "2026-02-03,1.000001")
    with pytest.raises(RuleBroken) as error:
        define(meters, decimals=2)
    assert error.value.rule == "metric_frozen"


def test_a_metric_that_is_used_cannot_be_deleted(meters: Meters) -> None:
    with pytest.raises(RuleBroken):
        meters.book.run(usage.delete_metric, meters.metric_ids["gb"])
    unused = meters.book.run(usage.create_metric, a_metric("unused")).value
    meters.book.run(usage.delete_metric, unused)
    assert [metric.code for metric in meters.book.query(usage.list_metrics)] == ["calls", "gb"]


@pytest.mark.parametrize(
    ("metric", "code", "field"),
    [
        (a_metric(""), "value_missing", "code"),
        (a_metric("gb"), "already_used", "code"),
        (a_metric("a", decimals=13), "too_many_decimals", "decimals"),
        (a_metric("a", aggregation=Aggregation.COUNT_UNIQUE), "value_missing", "unique_property"),
        (a_metric("a", aggregation=Aggregation.PERCENTILE), "value_missing", "percentile"),
        (a_metric("a", aggregation=Aggregation.PERCENTILE, percentile=Decimal(0)), "too_small", "percentile"),
        (a_metric("a", aggregation=Aggregation.PERCENTILE, percentile=Decimal(101)), "too_large", "percentile"),
    ],
)
def test_an_impossible_metric_is_refused(meters: Meters, metric: Metric, code: str, field: str) -> None:
    with pytest.raises(InvalidValue) as error:
        meters.book.run(usage.create_metric, metric)
    assert (error.value.problem.code, error.value.problem.place.field) == (code, field)


def test_meters_are_compared_with_the_same_days_of_last_month(tmp_path: Path) -> None:
    made = a_metered_book(tmp_path)
    made.add("S1", "S2")
    made.bring("S1,calls,2026-02-10T10:00:00Z,100,a", "S2,calls,2026-02-20T10:00:00Z,900,b")
    made.bring("S1,calls,2026-03-05T10:00:00Z,150,c")
    with made.book as book:
        (found,) = book.query(usage.compare_metrics)
        rows = book.query(usage.list_meters)
    # Today is 16 March: the 20th of February is not among the same days.
    assert (found.current, found.same_days, found.previous) == (Decimal(150), Decimal(100), Decimal(1000))
    assert found.change == 50
    assert found.months == (*map(Decimal, (0, 0, 0, 0, 1000, 150)),)
    assert [(row.contract, row.same_days, row.change) for row in rows] == [
        ("S1", Decimal(100), 50),
        ("S2", Decimal(0), None),
    ]
