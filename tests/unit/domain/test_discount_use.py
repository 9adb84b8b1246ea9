from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.discount_use import (
    Granted,
    Use,
    amounts_used,
    is_amount,
    is_overused,
    is_used_up,
    returned_shares,
    terms_left,
    used_periods,
    uses_of,
    with_uses,
)
from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.domain.invoices import DiscountedPeriod, DiscountShown
from billdesk.kernel.money import Money
from builders.invoices import an_invoice

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
FIFTH = Discount(1, "Fifth", percent=Decimal(20))
TEN = Discount(2, "Ten", amount=Money(1000, "EUR"))
ONCE, PERIODS, FOREVER = DiscountFrequency.ONCE, DiscountFrequency.PERIODS, DiscountFrequency.FOREVER


def used(discount: Discount, *uses: Use) -> Granted:
    return with_uses(Granted(discount, 1), uses)


def times(discount: Discount, count: int) -> Discount:
    return replace(discount, frequency=PERIODS, periods_left=count)


def test_a_discount_for_ever_is_never_used_up() -> None:
    granted = used(FIFTH, Use(JANUARY, FEBRUARY, 500))
    assert terms_left(granted) == (FIFTH,)
    assert not is_used_up(granted)
    assert not is_overused(granted)


def test_an_unused_percentage_counts_all_its_periods() -> None:
    (left,) = terms_left(used(times(FIFTH, 3)))
    assert (left.frequency, left.periods_left, left.since) == (PERIODS, 3, None)


def test_a_used_month_stays_discounted_to_its_end_and_the_others_follow() -> None:
    covered, left = terms_left(used(times(FIFTH, 3), Use(JANUARY, FEBRUARY, 500)))
    assert (covered.frequency, covered.since, covered.until) == (FOREVER, JANUARY, FEBRUARY)
    assert (left.periods_left, left.since) == (2, FEBRUARY)


def test_the_window_of_the_discount_itself_still_binds() -> None:
    bound = replace(times(FIFTH, 2), since=date(2026, 1, 5), until=date(2026, 1, 20))
    covered, left = terms_left(used(bound, Use(JANUARY, FEBRUARY, 500)))
    assert (covered.since, covered.until, left.until) == (date(2026, 1, 5), date(2026, 1, 20), date(2026, 1, 20))


def test_arrears_cover_no_days_after_them() -> None:
    (left,) = terms_left(used(times(FIFTH, 2), Use(FEBRUARY, FEBRUARY, 500)))
    assert (left.periods_left, left.since) == (1, None)


def test_a_day_inside_a_used_period_is_not_another_one() -> None:
    granted = used(times(FIFTH, 2), Use(JANUARY, FEBRUARY, 500), Use(date(2026, 1, 15), FEBRUARY, 100))
    assert used_periods(granted) == 1
    assert used_periods(replace(granted, discount=times(TEN, 2))) == 1


def test_what_was_given_back_does_not_count() -> None:
    granted = used(times(FIFTH, 1), Use(JANUARY, FEBRUARY, 500), Use(JANUARY, FEBRUARY, -500, -1))
    assert used_periods(granted) == 0
    assert not is_used_up(granted)


def test_the_last_period_used_up_leaves_its_own_days_only() -> None:
    granted = used(replace(FIFTH, frequency=ONCE), Use(JANUARY, FEBRUARY, 500))
    assert [one.frequency for one in terms_left(granted)] == [FOREVER]
    assert is_used_up(granted)


def test_an_amount_per_period_counts_down() -> None:
    assert [one.periods_left for one in terms_left(used(times(TEN, 2), Use(JANUARY, FEBRUARY, 1000)))] == [1]
    assert terms_left(used(times(TEN, 1), Use(JANUARY, FEBRUARY, 1000))) == ()


def test_the_rest_of_an_amount_is_left() -> None:
    once = replace(TEN, frequency=ONCE)
    assert [one.left for one in terms_left(used(once, Use(JANUARY, FEBRUARY, 400)))] == [Money(600, "EUR")]
    assert terms_left(used(once, Use(JANUARY, FEBRUARY, 1000))) == ()
    assert terms_left(used(replace(once, amount=None))) == ()


def test_more_than_was_agreed_is_noticed() -> None:
    assert is_overused(used(replace(TEN, frequency=ONCE), Use(JANUARY, FEBRUARY, 1001)))
    twice = (Use(JANUARY, FEBRUARY, 1), Use(FEBRUARY, MARCH, 1))
    assert is_overused(used(replace(FIFTH, frequency=ONCE), *twice))
    assert not is_overused(used(times(FIFTH, 2), *twice))


def test_a_document_uses_its_discounts_by_period() -> None:
    periods = (DiscountedPeriod(JANUARY, FEBRUARY, 400), DiscountedPeriod(FEBRUARY, MARCH, 100))
    shown = (DiscountShown("Fifth", Money(500, "EUR"), 1, periods), DiscountShown("By hand", Money(1, "EUR")))
    found = uses_of(replace(an_invoice(), discounts=shown))
    assert found == [(1, Use(JANUARY, FEBRUARY, 400)), (1, Use(FEBRUARY, MARCH, 100))]


def test_a_period_that_had_its_amount_has_what_a_credit_gave_back_of_it() -> None:
    middle = date(2026, 1, 17)
    granted = used(times(TEN, 2), Use(JANUARY, FEBRUARY, 1000), Use(middle, middle, -484, 0))
    (left,) = terms_left(granted)
    assert (left.periods_left, left.used) == (1, (DiscountedPeriod(JANUARY, FEBRUARY, 516),))
    (last,) = terms_left(replace(granted, discount=times(TEN, 1)))
    assert last.periods_left == 0
    assert is_used_up(replace(granted, discount=times(TEN, 1)))


def test_an_amount_for_ever_knows_which_periods_had_it() -> None:
    (left,) = terms_left(used(TEN, Use(JANUARY, FEBRUARY, 1000)))
    assert (left.frequency, left.used) == (FOREVER, (DiscountedPeriod(JANUARY, FEBRUARY, 1000),))


def test_two_contracts_with_other_anchors_do_not_keep_a_period_open_for_ever() -> None:
    uses = [Use(date(2026, month, day), date(2026, month + 1, day), 1) for month in (1, 2, 3) for day in (1, 15)]
    assert used_periods(used(times(FIFTH, 3), *uses)) == 3


def test_what_comes_back_of_a_day_that_no_period_has_is_left_out() -> None:
    assert amounts_used([Use(FEBRUARY, FEBRUARY, -5, 0)]) == ()


def test_what_a_credit_returns_is_shared_by_what_was_shown() -> None:
    assert returned_shares(100, {1: 200, 2: 100}) == {1: 67, 2: 33}
    assert returned_shares(100, {}) == {}


def test_a_credit_gives_back_of_amounts_only() -> None:
    assert is_amount(TEN)
    assert not is_amount(FIFTH)
