from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.discounts import (
    Coupon,
    CouponFacts,
    CouponState,
    Discount,
    DiscountedLine,
    DiscountFrequency,
    DiscountScope,
    apply_discounts,
    check_coupon,
    check_discount,
    coupon_state,
)
from billdesk.domain.invoices import DiscountedPeriod
from billdesk.kernel.money import Money
from builders.contracts import a_catalog, a_price, metered

DAY = date(2026, 1, 1)
CATALOG = a_catalog((a_price(1), a_price(2)), (metered(3, "per_unit", {"unit_price": "1"}),))
HALF = Discount(1, "Half", Decimal(50))
TEN = Discount(2, "Ten", amount=Money(1000, "EUR"))


def line(
    amount: int, price: int | None = 1, subscription: int = 1, due: date = DAY, until: date | None = None
) -> DiscountedLine:
    return DiscountedLine(amount, price, subscription, due, until)


def shares(discount: Discount, *lines: DiscountedLine) -> list[int]:
    return apply_discounts(lines or (line(300), line(100, 2), line(200, 3)), [discount], CATALOG, "EUR").shares


@pytest.mark.parametrize(
    ("scope", "ids", "expected"),
    [
        (DiscountScope.ALL, set(), [150, 50, 100]),
        (DiscountScope.PRICES, {2}, [0, 50, 0]),
        (DiscountScope.PRODUCTS, {1}, [150, 0, 0]),
        (DiscountScope.METRICS, {1}, [0, 0, 100]),
        (DiscountScope.PLANS, {1}, [150, 50, 0]),
    ],
)
def test_a_discount_takes_from_its_scope_only(scope: DiscountScope, ids: set[int], expected: list[int]) -> None:
    assert shares(replace(HALF, scope=scope, scope_ids=frozenset(ids))) == expected


def test_a_line_without_a_price_is_in_no_narrow_scope() -> None:
    assert shares(replace(HALF, scope=DiscountScope.PRICES, scope_ids=frozenset({1})), line(300, None)) == [0]


def test_each_discount_takes_from_what_the_one_before_left() -> None:
    result = apply_discounts([line(10000)], [replace(TEN, position=2), replace(HALF, position=1)], CATALOG, "EUR")
    assert [use.amount.minor for use in result.uses] == [5000, 1000]


def test_an_amount_is_spread_by_largest_remainder_and_never_below_zero() -> None:
    assert shares(TEN, line(1000), line(2000)) == [333, 667]
    assert shares(TEN, line(100), line(200)) == [100, 200]


def test_credits_are_not_discounted_again() -> None:
    assert shares(HALF, line(-300), line(100)) == [0, 50]


def test_an_amount_of_another_currency_is_left_out() -> None:
    assert shares(replace(TEN, amount=Money(1000, "NOK")), line(5000)) == [0]


def test_what_is_left_of_a_one_time_amount_is_used_up() -> None:
    once = replace(TEN, frequency=DiscountFrequency.ONCE, left=Money(300, "EUR"))
    assert shares(once, line(5000)) == [300]
    assert shares(replace(once, left=None), line(5000)) == [1000]


def test_a_percentage_once_takes_the_first_period_of_a_catch_up() -> None:
    once = replace(HALF, frequency=DiscountFrequency.ONCE)
    assert shares(once, line(100, due=date(2026, 2, 1)), line(100)) == [0, 50]


def test_an_amount_per_period_counts_the_periods_it_is_given_for() -> None:
    monthly = replace(TEN, frequency=DiscountFrequency.PERIODS, periods_left=5)
    assert sum(shares(monthly, line(5000), line(5000, due=date(2026, 2, 1)))) == 2000


def test_parts_of_one_month_are_one_period_when_billing_catches_up() -> None:
    january, february = (date(2026, 2, 1), date(2026, 3, 1))
    halves = (line(100, until=january), line(100, due=date(2026, 1, 15), until=january))
    half = replace(HALF, frequency=DiscountFrequency.PERIODS, periods_left=1)
    assert shares(half, *halves, line(100, due=january, until=february)) == [50, 50, 0]
    ten = replace(TEN, frequency=DiscountFrequency.PERIODS, periods_left=1)
    assert shares(ten, *(replace(one, amount=5000) for one in halves), line(5000, due=january)) == [500, 500, 0]


def test_a_period_has_its_amount_once_however_often_its_plan_changes() -> None:
    until = date(2026, 2, 1)
    part = line(5000, due=date(2026, 1, 17), until=until)
    for frequency, left in ((DiscountFrequency.FOREVER, None), (DiscountFrequency.PERIODS, 0)):
        had = replace(TEN, frequency=frequency, periods_left=left, used=(DiscountedPeriod(DAY, until, 516),))
        assert shares(had, part) == [484]
    assert shares(had, part, line(5000, due=until)) == [484, 0]


def test_an_amount_shows_what_each_period_had() -> None:
    months = (line(600), line(5000, due=date(2026, 2, 1)))
    (shown,) = apply_discounts(months, [TEN], CATALOG, "EUR").shown
    assert [period.minor for period in shown.periods] == [600, 1000]


def test_a_window_and_a_contract_bound_a_discount() -> None:
    bound = replace(HALF, since=DAY, until=date(2026, 2, 1), subscription_id=1)
    dues = (date(2025, 12, 31), DAY, date(2026, 2, 1))
    assert shares(bound, *(line(100, due=due) for due in dues), line(100, subscription=2)) == [0, 50, 0, 0]


@pytest.mark.parametrize(
    ("discount", "code"),
    [
        (Discount(1, "x"), "discount_percent_or_amount"),
        (Discount(1, "x", Decimal(101)), "percent_out_of_range"),
        (Discount(1, "x", amount=Money(0, "EUR")), "amount_not_positive"),
        (replace(HALF, since=DAY, until=DAY), "validity_ends_before_start"),
        (replace(HALF, frequency=DiscountFrequency.PERIODS), "value_missing"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(discount: Discount, code: str) -> None:
    assert [problem.code for problem in check_discount(discount)] == [code]


def test_sensible_discounts_are_accepted() -> None:
    assert check_discount(HALF) + check_discount(TEN) == []


COUPON = Coupon(1, "HELLO", TEN, DAY, date(2026, 2, 1), most_uses=10, first_time_only=True)
FACTS = CouponFacts(DAY, "EUR")


@pytest.mark.parametrize(
    ("coupon", "facts", "code"),
    [
        (replace(COUPON, archived=True), FACTS, "coupon_archived"),
        (COUPON, replace(FACTS, day=date(2025, 12, 31)), "coupon_not_yet"),
        (COUPON, replace(FACTS, day=date(2026, 2, 1)), "coupon_expired"),
        (COUPON, replace(FACTS, currency="USD"), "coupon_other_currency"),
        (COUPON, replace(FACTS, uses=10), "coupon_used_up"),
        (COUPON, replace(FACTS, uses_of_customer=1), "coupon_used_by_customer"),
        (COUPON, replace(FACTS, has_been_billed=True), "coupon_first_time_only"),
    ],
)
def test_a_coupon_says_why_it_cannot_be_used(coupon: Coupon, facts: CouponFacts, code: str) -> None:
    assert [problem.code for problem in check_coupon(coupon, facts)] == [code]


def test_a_coupon_in_its_window_is_accepted() -> None:
    assert check_coupon(COUPON, FACTS) == []
    assert check_coupon(replace(COUPON, discount=HALF, most_uses=None, most_per_customer=None), FACTS) == []


@pytest.mark.parametrize(
    ("coupon", "uses", "expected"),
    [
        (Coupon(1, "A", TEN, since=date(2026, 3, 16)), 0, CouponState.OPEN),
        (Coupon(1, "A", TEN, since=date(2026, 3, 17)), 0, CouponState.PLANNED),
        (Coupon(1, "A", TEN, until=date(2026, 3, 16)), 0, CouponState.EXPIRED),
        (Coupon(1, "A", TEN, most_uses=2), 2, CouponState.USED_UP),
        (Coupon(1, "A", TEN, archived=True), 0, CouponState.ENDED),
    ],
)
def test_a_coupon_says_whether_it_can_be_used_today(coupon: Coupon, uses: int, expected: CouponState) -> None:
    assert coupon_state(coupon, date(2026, 3, 16), uses) is expected
