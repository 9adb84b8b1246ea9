from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Price
from billdesk.domain.standing import Standing, monthly_minor, standing
from billdesk.domain.subscriptions import EntryKind, SubscriptionState
from billdesk.kernel.period import Interval, Unit
from builders.contracts import (
    QUARTER,
    WEEK,
    YEAR,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    entry,
    metered,
    override,
    per_unit,
    plan_change,
    seats,
    started,
)

BASIC = (a_price(1), per_unit(2, "10"))
PRO = (a_price(3, parameters={"amount": "1200"}, interval=YEAR), per_unit(2, "10"))
CATALOG = a_catalog(BASIC, PRO)


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (a_price(1), 10000),
        (a_price(1, interval=QUARTER), 3333),
        (a_price(1, interval=YEAR), 833),
        (a_price(1, interval=Interval(Unit.HALF_YEAR)), 1667),
        (a_price(1, interval=WEEK), 43333),
        (a_price(1, interval=Interval(Unit.WEEK, 2)), 21667),
        (a_price(1, interval=Interval(Unit.DAY)), 304167),
        (a_price(1, interval=None), 0),
        (a_price(1, limits=(Decimal(150), None)), 15000),
        (a_price(1, limits=(None, Decimal(80))), 8000),
        (metered(1, "per_unit", {"unit_price": "5"}), 0),
    ],
)
def test_a_price_counts_with_its_share_of_a_month(price: Price, expected: int) -> None:
    contract = a_subscription(started(quantities={}))
    assert monthly_minor(contract, a_catalog([price]), day("01-15")) == expected


def test_shares_are_added_exactly_and_rounded_once() -> None:
    thirds = [a_price(n, parameters={"amount": "1"}, interval=QUARTER) for n in (1, 2, 3)]
    assert monthly_minor(a_subscription(started()), a_catalog(thirds), day("01-15")) == 100


def test_zero_seats_of_a_price_that_skips_zero_count_for_nothing() -> None:
    tiers = {"tiers": [{"up_to": None, "unit_price": "1", "flat": "5"}]}
    for skips, expected in ((False, 500), (True, 0)):
        price = a_price(1, "graduated", tiers, skip_zero=skips)
        contract = a_subscription(started(quantities={1: Decimal(0)}))
        assert monthly_minor(contract, a_catalog([price]), day("01-15")) == expected


def test_a_running_contract_shows_plan_start_and_revenue() -> None:
    contract = a_subscription(started(), seats("02-01", 2, 4))
    assert standing(contract, CATALOG, day("01-15")) == Standing(
        SubscriptionState.ACTIVE, 1, 1, day("01-01"), None, 11000, day("02-01")
    )
    assert standing(contract, CATALOG, day("02-01")).mrr_minor == 14000


def test_a_change_of_plan_shows_from_its_day() -> None:
    contract = a_subscription(started(), plan_change("03-01", 2))
    versions = [standing(contract, CATALOG, day(text)).plan_version_id for text in ("02-28", "03-01")]
    assert versions == [1, 2]


def test_a_contract_that_has_not_begun_shows_its_first_plan_and_earns_nothing() -> None:
    found = standing(a_subscription(started("05-01")), CATALOG, day("01-15"))
    assert (found.state, found.plan_version_id, found.mrr_minor) == (SubscriptionState.FUTURE, 1, 0)
    assert (found.started, found.refresh_on) == (day("05-01"), day("05-01"))


def test_a_trial_earns_nothing_until_its_last_day_has_passed() -> None:
    contract = a_subscription(started(trial_until=day("01-15")))
    found = [standing(contract, CATALOG, day(text)) for text in ("01-14", "01-15")]
    assert [(one.state, one.mrr_minor, one.refresh_on) for one in found] == [
        (SubscriptionState.TRIAL, 0, day("01-15")),
        (SubscriptionState.ACTIVE, 11000, None),
    ]


def test_an_end_in_the_future_is_shown_and_one_that_has_come_earns_nothing() -> None:
    contract = a_subscription(started(), cancelled("03-01"))
    found = [standing(contract, CATALOG, day(text)) for text in ("02-01", "03-01")]
    assert [(one.state, one.ended, one.mrr_minor) for one in found] == [
        (SubscriptionState.ENDING, day("03-01"), 11000),
        (SubscriptionState.ENDED, day("03-01"), 0),
    ]


def test_a_new_start_makes_the_earlier_end_void() -> None:
    contract = a_subscription(started(), cancelled("02-01"), started("04-01"))
    assert standing(contract, CATALOG, day("04-02")).ended is None


def test_own_terms_count_until_they_end() -> None:
    contract = a_subscription(started(), override("01-10", 1, "03-01", amount="60"))
    found = [standing(contract, CATALOG, day(text)) for text in ("01-15", "03-01")]
    assert [(one.mrr_minor, one.refresh_on) for one in found] == [(7000, day("03-01")), (11000, None)]


def test_a_pause_earns_nothing() -> None:
    contract = a_subscription(started(), entry(EntryKind.PAUSE, "02-01"))
    found = standing(contract, CATALOG, day("02-01"))
    assert (found.state, found.mrr_minor) == (SubscriptionState.PAUSED, 0)


def test_a_contract_without_entries_stands_nowhere() -> None:
    empty = a_subscription(anchor=date(2026, 1, 1))
    assert standing(empty, CATALOG, day("01-15")) == Standing()
