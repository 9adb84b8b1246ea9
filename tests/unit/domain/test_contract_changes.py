from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billdesk.domain.catalog import Alignment
from billdesk.domain.contract_changes import (
    Change,
    Occasion,
    When,
    carried_quantities,
    period_end,
    propose,
    seats_on,
    with_entries,
)
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.kernel.errors import RuleBroken
from builders.contracts import (
    YEAR,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    entry,
    per_unit,
    plan_change,
    seats,
    started,
)

BASIC = (a_price(1), per_unit(2, "10"))
PRO = (a_price(3, parameters={"amount": "2400"}, interval=YEAR), per_unit(2, "10"), per_unit(4, "3"))
CHEAP = (a_price(5, parameters={"amount": "20"}),)
CATALOG = a_catalog(BASIC, PRO, CHEAP)
TODAY = Occasion(day("01-20"), datetime(2026, 1, 20, 9, tzinfo=UTC), "Ann")
CONTRACT = a_subscription(started("01-15", quantities={2: Decimal(4)}))


def _proposed(change: Change, contract: Subscription = CONTRACT, lock: date | None = None) -> tuple[Entry, ...]:
    return propose(contract, CATALOG, change, TODAY, lock)


def test_a_change_now_is_dated_today_and_signed() -> None:
    (made,) = _proposed(Change(EntryKind.CANCEL, reason="Moved"))
    assert (made.effective, made.user, made.reason, made.credit_unused) == (day("01-20"), "Ann", "Moved", True)


def test_a_dearer_plan_comes_now_and_a_cheaper_one_at_the_end_of_the_period() -> None:
    days = [
        _proposed(Change(EntryKind.CHANGE_PLAN, When.UPGRADE_NOW, plan_version_id=version))[0].effective
        for version in (2, 3)
    ]
    assert days == [day("01-20"), day("02-15")]


def test_fewer_seats_wait_and_more_come_now() -> None:
    for quantity, expected in ((5, "01-20"), (3, "02-15")):
        change = Change(EntryKind.CHANGE_QUANTITY, When.UPGRADE_NOW, quantities={2: Decimal(quantity)})
        assert _proposed(change)[0].effective == day(expected)


def test_the_period_ends_by_the_longest_price_and_the_alignment() -> None:
    yearly = a_subscription(started("01-15", plan=2))
    assert period_end(yearly, CATALOG, day("03-01")) == date(2027, 1, 15)
    calendar = a_subscription(started("01-15"), alignment=Alignment.CALENDAR)
    assert period_end(calendar, CATALOG, day("01-20")) == day("02-01")
    assert period_end(a_subscription(started("05-01")), CATALOG, day("01-20")) == day("01-20")


def test_a_reset_anchor_moves_the_end_of_the_period() -> None:
    moved = a_subscription(started("01-15"), entry(EntryKind.RESET_ANCHOR, "02-01"))
    assert period_end(moved, CATALOG, day("02-10")) == day("03-01")


def test_seats_go_along_to_the_other_plan_and_new_seat_prices_take_the_highest() -> None:
    version = CATALOG.plan_versions[2]
    assert carried_quantities(CONTRACT, CATALOG, version, day("01-20")) == {2: Decimal(4), 4: Decimal(4)}
    without = a_subscription(started("01-15", plan=3))
    assert carried_quantities(without, CATALOG, version, day("01-20")) == {2: Decimal(1), 4: Decimal(1)}


def test_quantities_that_are_given_win_over_those_carried() -> None:
    (made,) = _proposed(Change(EntryKind.CHANGE_PLAN, plan_version_id=2, quantities={4: Decimal(1)}))
    assert made.quantities == {2: Decimal(4), 4: Decimal(1)}


def test_seats_on_a_day_follow_the_entries() -> None:
    contract = a_subscription(started("01-15"), seats("02-01", 2, 7), plan_change("03-01", 3))
    found = [seats_on(contract, CATALOG, day(text)) for text in ("01-01", "01-15", "02-01", "03-01")]
    assert found == [{}, {2: Decimal(1)}, {2: Decimal(7)}, {}]


def test_a_pause_with_a_known_end_brings_its_resumption() -> None:
    made = _proposed(Change(EntryKind.PAUSE, resume_on=day("02-10")))
    assert [(one.kind, one.effective) for one in made] == [
        (EntryKind.PAUSE, day("01-20")),
        (EntryKind.RESUME, day("02-10")),
    ]
    assert len(_proposed(Change(EntryKind.PAUSE))) == 1


@pytest.mark.parametrize(
    ("change", "entries", "rule"),
    [
        (Change(EntryKind.PAUSE, resume_on=day("01-20")), (), "resume_before_pause"),
        (Change(EntryKind.CANCEL, When.DATE), (), "change_without_date"),
        (Change(EntryKind.CANCEL, When.DATE, day("01-01")), (), "contract_state"),
        (Change(EntryKind.RESUME), (), "contract_state"),
        (Change(EntryKind.CONVERT), (), "contract_state"),
        (Change(EntryKind.CANCEL), (cancelled("01-18"),), "contract_state"),
        (Change(EntryKind.PAUSE), (entry(EntryKind.PAUSE, "01-18"),), "contract_state"),
    ],
)
def test_a_change_that_the_contract_does_not_allow(change: Change, entries: tuple[Entry, ...], rule: str) -> None:
    contract = a_subscription(started("01-15"), *entries)
    with pytest.raises(RuleBroken, match=rule):
        _proposed(change, contract)


def test_a_change_before_the_lock_date_is_refused_and_one_on_it_is_not() -> None:
    change = Change(EntryKind.CANCEL, When.DATE, day("01-18"))
    assert _proposed(change, lock=day("01-18"))
    with pytest.raises(RuleBroken, match="before_lock_date"):
        _proposed(change, lock=day("01-19"))


def test_a_preview_numbers_its_entries_behind_the_known_ones() -> None:
    seen = with_entries(CONTRACT, _proposed(Change(EntryKind.CANCEL)))
    assert [one.id for one in seen.entries] == [1, 2]
