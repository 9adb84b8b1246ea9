from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.subscriptions import EntryKind, PauseKind, SubscriptionState
from billdesk.domain.timeline import Billing, check_entries, in_order, lay_out, state_on
from builders.contracts import (
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    entry,
    override,
    per_unit,
    plan_change,
    seats,
    started,
)

CATALOG = a_catalog((a_price(1), per_unit(2, "10")), (per_unit(2, "10"),))


def terms(price: int, *entries: object) -> list[tuple[str, str, str]]:
    timeline = lay_out(a_subscription(*entries), CATALOG)  # type: ignore[arg-type]
    return [
        (term.period.start.isoformat()[5:], term.period.end.isoformat()[5:], str(term.quantity))
        for term in timeline.terms.get(price, [])
    ]


def test_terms_last_until_something_changes_them() -> None:
    assert terms(2, started("01-01"), seats("02-01", 2, 3)) == [("01-01", "02-01", "1"), ("02-01", "12-31", "3")]


def test_entries_that_do_not_touch_a_price_do_not_cut_it() -> None:
    assert terms(1, started("01-01"), seats("02-01", 2, 3)) == [("01-01", "12-31", "1")]


def test_of_several_changes_on_a_day_the_last_recorded_counts() -> None:
    late = seats("02-01", 2, 5)
    early = seats("02-01", 2, 9)
    assert terms(2, started("01-01"), early, late)[-1] == ("02-01", "12-31", "5")


def test_a_quantity_survives_a_change_of_plan_where_the_price_is_in_both() -> None:
    assert terms(2, started("01-01", quantities={2: Decimal(4)}), plan_change("02-01", 2)) == [("01-01", "12-31", "4")]


def test_an_override_holds_until_its_end() -> None:
    found = lay_out(a_subscription(started("01-01"), override("02-01", 1, "03-01", amount="50")), CATALOG)
    assert [str(term.terms.parameters["amount"]) for term in found.terms[1]] == ["100", "50", "100"]


def test_a_revoked_entry_has_no_effect() -> None:
    gone = entry(EntryKind.CANCEL, "02-01", revoked=True)
    assert terms(1, started("01-01"), gone) == [("01-01", "12-31", "1")]
    assert in_order([gone]) == []


def test_a_service_pause_has_no_terms_and_a_billing_pause_marks_them() -> None:
    stop, go = entry(EntryKind.PAUSE, "02-01"), entry(EntryKind.RESUME, "03-01")
    assert terms(1, started("01-01"), stop, go) == [("01-01", "02-01", "1"), ("03-01", "12-31", "1")]
    keep = entry(EntryKind.PAUSE, "02-01", pause_kind=PauseKind.BILLING_KEEP)
    found = lay_out(a_subscription(started("01-01"), keep), CATALOG).terms[1]
    assert [term.billing for term in found] == [Billing.NORMAL, Billing.HOLD]


def test_quantities_without_a_plan_have_no_effect() -> None:
    assert terms(2, started("01-01"), cancelled("02-01"), seats("03-01", 2, 4)) == [("01-01", "02-01", "1")]


def test_a_contract_without_entries_has_no_terms() -> None:
    assert lay_out(a_subscription(started("01-01", revoked=True)), CATALOG).terms == {}


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2025-12-31", SubscriptionState.FUTURE),
        ("2026-01-05", SubscriptionState.TRIAL),
        ("2026-01-15", SubscriptionState.ENDING),
        ("2026-02-05", SubscriptionState.PAUSED),
        ("2026-03-05", SubscriptionState.ENDING),
        ("2026-04-01", SubscriptionState.ENDED),
    ],
)
def test_how_a_contract_stands_on_a_day(on: str, state: SubscriptionState) -> None:
    entries = [
        started("01-01", trial_until=day("01-10")),
        entry(EntryKind.PAUSE, "02-01"),
        entry(EntryKind.RESUME, "03-01"),
        cancelled("04-01"),
    ]
    contract = a_subscription(*(entries if on != "2026-01-05" else entries[:1]))
    assert state_on(contract, date.fromisoformat(on)) is state


def test_a_converted_trial_is_active() -> None:
    contract = a_subscription(started("01-01", trial_until=day("02-01")), entry(EntryKind.CONVERT, "01-10"))
    assert state_on(contract, day("01-15")) is SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    ("entries", "codes"),
    [
        ((started("01-01"),), []),
        ((cancelled("01-01"),), ["start_missing"]),
        ((started("01-10"), cancelled("01-01")), ["entry_before_start"]),
        ((started("01-01"), entry(EntryKind.CHANGE_PLAN, "02-01")), ["value_missing"]),
        ((started("01-01"), seats("02-01", 2, -1)), ["too_small"]),
    ],
)
def test_entries_that_contradict_each_other_are_named(entries: tuple[object, ...], codes: list[str]) -> None:
    assert [problem.code for problem in check_entries(a_subscription(*entries))] == codes  # type: ignore[arg-type]
