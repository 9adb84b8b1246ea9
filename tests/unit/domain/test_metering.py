from __future__ import annotations

from datetime import UTC, date

from billdesk.domain.local_days import LATEST, day_start
from billdesk.domain.metering import Claim, Contract, ContractEntry, claim_by_contract, claim_by_customer, stretches
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.usage import WaitReason

CALLS, GB = 1, 2


def a_contract(*entries: ContractEntry, number: int = 1) -> Contract:
    return Contract(number, f"S{number}", "C1", UTC, entries)


def start(day: date, *metrics: int) -> ContractEntry:
    return ContractEntry(EntryKind.START, day, frozenset(metrics))


def at(month: int, day: int = 1) -> int:
    return day_start(date(2026, month, day), UTC)


def test_a_contract_owns_usage_from_its_start_to_its_cancellation() -> None:
    contract = a_contract(start(date(2026, 1, 1), CALLS), ContractEntry(EntryKind.CANCEL, date(2026, 3, 1)))
    assert claim_by_contract(contract, CALLS) == [Claim(at(1), at(3), contract)]


def test_a_contract_that_was_started_again_has_a_gap() -> None:
    contract = a_contract(
        start(date(2026, 1, 1), CALLS),
        ContractEntry(EntryKind.CANCEL, date(2026, 2, 1)),
        start(date(2026, 3, 1), CALLS),
    )
    assert [(s.start, s.end) for s in stretches(contract)] == [(at(1), at(2)), (at(3), LATEST)]


def test_a_change_of_plan_changes_what_is_measured_and_an_add_on_adds_to_it() -> None:
    contract = a_contract(
        start(date(2026, 1, 1), CALLS),
        ContractEntry(EntryKind.CHANGE_PLAN, date(2026, 2, 1)),
        ContractEntry(EntryKind.CHANGE_QUANTITY, date(2026, 3, 1), frozenset({GB})),
    )
    assert [sorted(s.metrics) for s in stretches(contract)] == [[CALLS], [], [GB]]
    assert [claim.priced for claim in claim_by_contract(contract, GB)] == [False, False, True]


def test_what_is_recorded_before_the_start_changes_nothing() -> None:
    contract = a_contract(ContractEntry(EntryKind.CHANGE_QUANTITY, date(2026, 1, 1)), start(date(2026, 2, 1), CALLS))
    assert [(s.start, s.end) for s in stretches(contract)] == [(at(2), LATEST)]


def test_entries_of_one_day_make_one_stretch() -> None:
    plan = ContractEntry(EntryKind.CHANGE_PLAN, date(2026, 1, 1), frozenset({GB}))
    found = stretches(a_contract(start(date(2026, 1, 1), CALLS), plan))
    assert [(s.start, s.end, sorted(s.metrics)) for s in found] == [(at(1), LATEST, [GB])]


def test_a_customers_usage_goes_to_the_contract_that_was_active() -> None:
    first = a_contract(start(date(2026, 1, 1), CALLS), ContractEntry(EntryKind.CANCEL, date(2026, 2, 1)))
    second = a_contract(start(date(2026, 2, 1), CALLS), number=2)
    assert claim_by_customer([first, second], CALLS) == [Claim(at(1), at(2), first), Claim(at(2), LATEST, second)]


def test_where_two_contracts_measure_the_same_metric_none_is_chosen() -> None:
    first, second = a_contract(start(date(2026, 1, 1), CALLS)), a_contract(start(date(2026, 2, 1), CALLS), number=2)
    assert claim_by_customer([first, second], CALLS) == [
        Claim(at(1), at(2), first),
        Claim(at(2), LATEST, None, WaitReason.SEVERAL_CONTRACTS),
    ]


def test_a_contract_that_does_not_measure_the_metric_is_no_rival() -> None:
    first, second = a_contract(start(date(2026, 1, 1), CALLS)), a_contract(start(date(2026, 1, 1), GB), number=2)
    assert claim_by_customer([first, second], CALLS) == [Claim(at(1), LATEST, first)]


def test_changes_that_do_not_matter_do_not_part_a_claim() -> None:
    plan = ContractEntry(EntryKind.CHANGE_PLAN, date(2026, 2, 1), frozenset({CALLS, GB}))
    contract = a_contract(start(date(2026, 1, 1), CALLS), plan)
    assert claim_by_customer([contract], CALLS) == [Claim(at(1), LATEST, contract)]


def test_a_customer_without_contracts_claims_nothing() -> None:
    assert claim_by_customer([], CALLS) == []


def test_between_two_contracts_of_a_customer_nobody_claims() -> None:
    first = a_contract(start(date(2026, 1, 1), CALLS), ContractEntry(EntryKind.CANCEL, date(2026, 2, 1)))
    second = a_contract(start(date(2026, 3, 1), CALLS), number=2)
    assert claim_by_customer([first, second], CALLS) == [Claim(at(1), at(2), first), Claim(at(3), LATEST, second)]
