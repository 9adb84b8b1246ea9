from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from billdesk.domain.billing import SettledState, SettleOptions
from billdesk.domain.catalog import Catalog, PriceTerms, Proration, Timing
from billdesk.domain.subscriptions import Entry, EntryKind, Override, PauseKind, Subscription
from builders.contracts import MONTH, QUARTER, WEEK, YEAR, Clerk, a_catalog, a_price, a_subscription, metered, per_unit
from reference.calculator import costs, usage_costs

EXAMPLES = int(os.environ.get("BILLDESK_EXAMPLES", "25"))
CONTRACTS = int(os.environ.get("BILLDESK_CONTRACTS", "0"))
PARTS = 50 if CONTRACTS else 1
TIERS = {"tiers": [{"up_to": "5", "unit_price": "9.95"}, {"up_to": "20", "unit_price": "7.33", "flat": "3"},
                   {"unit_price": "5.001"}]}  # fmt: skip
FIRST = date(2027, 10, 29)
END = FIRST + timedelta(days=260)


def a_random_catalog() -> Catalog:
    seats = per_unit(2, "9.95")
    calls = metered(8, "graduated", TIERS)
    return a_catalog(
        (a_price(1), seats, per_unit(3, "7.77", interval=QUARTER, timing=Timing.ARREARS), calls),
        (a_price(4, "flat", {"amount": "1234.56"}, interval=YEAR), seats, a_price(5, "graduated", TIERS)),
        (
            per_unit(6, "0.333", interval=WEEK),
            a_price(7, "graduated", TIERS, interval=MONTH, timing=Timing.ARREARS),
            calls,
            metered(9, "per_unit", {"unit_price": "0.333"}, interval=WEEK),
        ),
    )


CATALOG = a_random_catalog()
KINDS = ("seats", "seats", "seats", "plan", "pause", "resume", "override", "cancel", "restart", "convert")
PAUSES = (PauseKind.SERVICE, PauseKind.SERVICE, PauseKind.BILLING_KEEP, PauseKind.BILLING_SKIP, PauseKind.BILLING_WAIVE)


def _change(kind: str, on: date, pick: random.Random) -> Entry:
    recorded = datetime(2027, 1, 1)  # noqa: DTZ001
    price = pick.choice((2, 2, 3, 5, 6, 7))
    match kind:
        case "seats":
            return Entry(0, EntryKind.CHANGE_QUANTITY, on, recorded, quantities={price: Decimal(pick.randint(0, 30))})
        case "plan":
            return Entry(0, EntryKind.CHANGE_PLAN, on, recorded, plan_version_id=pick.randint(1, 3))
        case "pause":
            return Entry(0, EntryKind.PAUSE, on, recorded, pause_kind=pick.choice(PAUSES))
        case "resume":
            return Entry(0, EntryKind.RESUME, on, recorded)
        case "convert":
            return Entry(0, EntryKind.CONVERT, on, recorded)
        case "override":
            until = on + timedelta(days=pick.randint(1, 60)) if pick.random() < 0.7 else None
            terms: dict[str, object] = {"unit_price": pick.choice(("8.5", "3.333", "11"))}
            number = pick.choice((2, 2, 8, 9))
            if number == 8:
                terms = {"tiers": [{"up_to": "8", "unit_price": "6", "flat": "1"}, {"unit_price": "4.4"}]}
            special = Override(number, PriceTerms("EUR", terms), "deal", until)
            return Entry(0, EntryKind.OVERRIDE_PRICE, on, recorded, override=special)
        case "restart":
            return Entry(0, EntryKind.START, on, recorded, plan_version_id=pick.randint(1, 3))
        case _:
            return Entry(0, EntryKind.CANCEL, on, recorded)


def a_random_history(seed: int) -> tuple[Subscription, list[tuple[date, Entry]]]:
    """Give a contract that has only started, and changes with the day on which each becomes known."""
    pick = random.Random(seed)
    start = FIRST + timedelta(days=pick.randint(0, 40))
    trial = start + timedelta(days=pick.randint(1, 45)) if pick.random() < 0.3 else None
    first = Entry(1, EntryKind.START, start, datetime(2027, 1, 1), plan_version_id=pick.randint(1, 3),  # noqa: DTZ001
                  quantities={2: Decimal(pick.randint(1, 9))}, trial_until=trial)  # fmt: skip
    changes = []
    for number in range(pick.randint(0, 7)):
        on = start + timedelta(days=pick.randint(0, 200))
        known = on + timedelta(days=pick.choice((-60, -5, 0, 0, 1, 20, 90)))
        entry = _change(pick.choice(KINDS), on, pick)
        if entry.pause_kind is PauseKind.BILLING_SKIP:
            # It leaves what was billed; known in time it costs the same in whatever rhythm one bills.
            known = date.min
        changes.append((known, replace(entry, id=number + 2)))
    end = Entry(99, EntryKind.CANCEL, END, datetime(2027, 1, 1))  # noqa: DTZ001
    anchor = pick.choice((start, date(2027, 10, 31), date(2027, 8, 15), date(2028, 2, 29)))
    return a_subscription(first, anchor=anchor), [*changes, (END, end)]


def random_events(seed: int) -> list[tuple[date, date, Decimal]]:
    """Give usage as (day on which it becomes known, day, quantity); some of it comes late."""
    pick = random.Random(seed + 1)
    found = []
    for _number in range(pick.randint(0, 25)):
        on = FIRST + timedelta(days=pick.randint(0, 250))
        late = timedelta(days=pick.choice((0, 0, 0, 3, 40)))
        found.append((on + late, on, Decimal(pick.randint(1, 900)) / 100))
    return found


def play(seed: int, step: int, *, shuffle: int | None = None, catalog: Catalog = CATALOG) -> Clerk:
    """Bill a random history every `step` days as its changes become known, and once when all is over."""
    subscription, changes = a_random_history(seed)
    clerk = Clerk(catalog, subscription)
    if shuffle is not None:
        in_time = [one for one in changes if one[0] == date.min]
        others = [one for one in changes if one[0] != date.min]
        days = [known for known, _entry in others]
        random.Random(shuffle).shuffle(days)
        changes = in_time + [(known, entry) for known, (_old, entry) in zip(days, others, strict=True)]
    events = random_events(seed)
    on = subscription.entries[0].effective
    while on < END:
        _learn(clerk, changes, on)
        clerk.events = [(day, quantity) for known, day, quantity in events if known <= on]
        clerk.bill(on)
        on += timedelta(days=step)
    _learn(clerk, changes, date.max)
    clerk.events = [(day, quantity) for _known, day, quantity in events]
    clerk.bill(END + timedelta(days=400))
    return clerk


def play_settled(seed: int, step: int) -> Clerk:
    """Bill as services do: remember how far one got, and look back only to the first day that changed."""
    subscription, changes = a_random_history(seed)
    clerk, events = Clerk(CATALOG, subscription), random_events(seed)
    through: date | None = None
    on = subscription.entries[0].effective
    while on < END + timedelta(days=90):
        until = on if on < END else date.max
        news = [day for known, day, _quantity in events if through is not None and through < known <= until]
        news += _learn(clerk, changes, until)
        clerk.events = [(day, quantity) for known, day, quantity in events if known <= until]
        settled = None if through is None else SettledState(through, min(news, default=None))
        clerk.bill(on, SettleOptions(settled))
        through = on
        on += timedelta(days=step)
    return clerk


def _learn(clerk: Clerk, changes: list[tuple[date, Entry]], on: date) -> list[date]:
    """Record what has become known; give the days on which it takes effect."""
    effective = []
    for known, entry in list(changes):
        if known <= on:
            clerk.subscription = _with(clerk.subscription, entry)
            changes.remove((known, entry))
            effective.append(entry.effective)
    return effective


def _with(subscription: Subscription, entry: Entry) -> Subscription:
    return a_copy(subscription, (*subscription.entries, entry))


def a_copy(subscription: Subscription, entries: tuple[Entry, ...]) -> Subscription:
    return Subscription(1, "S1", 1, 1, "EUR", subscription.anchor, entries)


def totals(clerk: Clerk) -> dict[int, int]:
    prices = {line.price_id for line in clerk.billed if line.price_id is not None}
    return {price: total for price in sorted(prices) if (total := clerk.total_of(price))}


def expected_of(clerk: Clerk) -> dict[int, int]:
    """Ask the reference calculator."""
    until = END + timedelta(days=1)
    expected = costs(CATALOG, clerk.subscription, until)
    expected |= usage_costs(CATALOG, clerk.subscription, clerk.events, until)
    return {price: total for price, total in sorted(expected.items()) if total}


# Hypothesis mixes in the numbers that stand in loaded modules: the seeds it draws, though derandomised, depend on what
# else runs. A seed that fails is kept as an example.
seeds = st.integers(min_value=0, max_value=10**9)
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@often
@given(seeds)
def test_billing_once_at_the_end_agrees_with_the_reference_day_by_day(seed: int) -> None:
    clerk = play(seed, 10_000)
    assert totals(clerk) == expected_of(clerk)


@often
@given(seeds, st.sampled_from([1, 7, 30, 45]))
def test_billing_daily_weekly_or_monthly_gives_the_same_total_as_once(seed: int, step: int) -> None:
    assert totals(play(seed, step)) == totals(play(seed, 10_000))


# One cent of a shortened line was all that was left of a period; in this order alone nobody took it back.
@example(329, 628525816)
@often
@given(seeds, seeds)
def test_the_order_in_which_changes_become_known_does_not_matter(seed: int, order: int) -> None:
    assert totals(play(seed, 15, shuffle=order)) == totals(play(seed, 10_000))


@often
@given(seeds, st.sampled_from([1, 10, 31]))
def test_looking_only_at_what_changed_gives_the_same_total(seed: int, step: int) -> None:
    assert totals(play_settled(seed, step)) == totals(play(seed, 10_000))


def with_policy(policy: Proration) -> Catalog:
    """Give the catalogue with another proration for every price."""
    return replace(CATALOG, prices={key: replace(one, proration=policy) for key, one in CATALOG.prices.items()})


def with_limits() -> Catalog:
    """Give the catalogue with a minimum and a maximum on every price of a quantity."""
    least, most = Decimal("25.55"), Decimal("60.01")
    limited = {
        key: replace(one, terms=(replace(one.terms[0], minimum=least, maximum=most),))
        for key, one in CATALOG.prices.items()
        if one.model != "flat"
    }
    return replace(CATALOG, prices={**CATALOG.prices, **limited})


OTHERS = {policy.value: with_policy(policy) for policy in Proration if policy is not Proration.BY_DAY}
OTHERS["limits"] = with_limits()


@pytest.mark.parametrize("name", sorted(OTHERS))
@settings(often, max_examples=max(5, EXAMPLES // 6))
@given(seed=seeds, step=st.sampled_from([5, 31]))
def test_every_policy_bills_the_same_in_any_rhythm(name: str, seed: int, step: int) -> None:
    catalog = OTHERS[name]
    assert totals(play(seed, step, catalog=catalog)) == totals(play(seed, 10_000, catalog=catalog))


@pytest.mark.slow
@pytest.mark.skipif(not CONTRACTS, reason="set BILLDESK_CONTRACTS=10000 for the long check")
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_contracts_agree_with_the_reference(part: int) -> None:
    for seed in range(part, CONTRACTS, PARTS):
        clerk = play(seed, random.Random(seed).choice((3, 30, 10_000)))
        assert totals(clerk) == expected_of(clerk), seed
