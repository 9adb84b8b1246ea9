from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, PriceIndex, Uplift, check_term
from billdesk.domain.renewals import RunningTerm, course, running_on
from billdesk.domain.subscriptions import Entry, EntryKind, SubscriptionState
from billdesk.domain.timeline import in_order, lay_out, state_on
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
    started,
)

THREE = Uplift(Decimal(3))
YEARLY = ContractTerm(months=12, notice_months=3, uplift=THREE)
BASE = a_price(1)


def renewed(effective: str, **more: object) -> Entry:
    return entry(EntryKind.RENEW, effective, **more)


def running(*entries: Entry, on: str) -> RunningTerm:
    found = running_on(in_order(a_subscription(*entries).entries), day(on))
    assert found is not None
    return found


def amounts(*entries: Entry, price: int = 1, name: str = "amount", until: str = "2030-01-01") -> list[tuple[str, str]]:
    catalog = a_catalog((BASE, per_unit(2, "0.0333")))
    runs = lay_out(a_subscription(*entries), catalog, day(until)).terms[price]
    return [(term.period.start.isoformat(), str(term.terms.parameters[name])) for term in runs][:3]


def test_a_term_ends_a_year_on_and_notice_is_due_three_months_before_its_last_day() -> None:
    found = running(started("2026-01-01", term=YEARLY), on="2026-05-05")
    assert (found.end, found.notice_by) == (date(2027, 1, 1), date(2026, 9, 30))


def test_a_term_from_the_31st_renews_by_months_counted_from_its_start() -> None:
    term = ContractTerm(months=1)
    ends = [running(started("2026-01-31", term=term), on=on).end for on in ("2026-01-31", "2026-02-28", "2026-03-31")]
    assert ends == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_renewal_may_be_shorter_than_the_first_term() -> None:
    found = running(started("2024-01-01", term=ContractTerm(months=24, renewal_months=6)), on="2026-07-01")
    assert (found.since, found.end, found.renewals) == (date(2026, 7, 1), date(2027, 1, 1), 2)


def test_a_term_that_began_before_it_was_written_down_is_counted_from_its_first_day() -> None:
    term = ContractTerm(months=12, since=date(2024, 3, 1))
    found = running(started("2024-03-01"), entry(EntryKind.SET_TERM, "2026-06-01", term=term), on="2026-06-01")
    assert (found.since, found.end) == (date(2026, 3, 1), date(2027, 3, 1))


def test_without_renewal_a_contract_ends_with_its_term() -> None:
    record = a_subscription(started("2026-01-01", term=ContractTerm(months=12, after=AfterTerm.END, notice_days=30)))
    days = ("2026-11-30", "2026-12-02", "2027-01-01")
    assert [state_on(record, day(on)) for on in days] == [
        SubscriptionState.ACTIVE, SubscriptionState.ENDING, SubscriptionState.ENDED]  # fmt: skip
    assert lay_out(record, a_catalog((BASE,))).terms[1][-1].period.end == date(2027, 1, 1)


def test_a_renewal_that_was_decided_keeps_a_contract_which_would_have_ended() -> None:
    term = ContractTerm(months=12, after=AfterTerm.END)
    record = a_subscription(started("2026-01-01", term=term), renewed("2027-01-01"))
    assert state_on(record, day("2027-06-01")) is SubscriptionState.ACTIVE
    assert state_on(record, day("2028-01-01")) is SubscriptionState.ENDED


def test_a_contract_may_go_on_without_end_after_its_term() -> None:
    term = ContractTerm(months=12, after=AfterTerm.CONTINUE, notice_months=1)
    found = running(started("2026-01-01", term=term), on="2027-03-10")
    assert (found.end, found.earliest_end(day("2027-03-10"))) == (None, date(2027, 4, 11))


@pytest.mark.parametrize(
    ("given", "after", "earliest"),
    [
        ("2026-09-30", AfterTerm.RENEW, "2027-01-01"),
        ("2026-10-01", AfterTerm.RENEW, "2028-01-01"),
        ("2026-10-01", AfterTerm.END, "2027-01-01"),
        ("2026-11-15", AfterTerm.CONTINUE, "2027-02-16"),
    ],
)
def test_the_earliest_end_depends_on_when_notice_is_given(given: str, after: AfterTerm, earliest: str) -> None:
    term = ContractTerm(months=12, notice_months=3, after=after)
    assert running(started("2026-01-01", term=term), on=given).earliest_end(day(given)) == day(earliest)


def test_each_renewal_raises_prices_and_rounds_them() -> None:
    assert amounts(started("2026-01-01", term=YEARLY)) == [
        ("2026-01-01", "100"), ("2027-01-01", "103"), ("2028-01-01", "106.09")]  # fmt: skip


def test_a_price_keeps_its_own_decimals_when_it_rises() -> None:
    found = amounts(started("2026-01-01", term=YEARLY), price=2, name="unit_price")
    assert found[1] == ("2027-01-01", "0.0343")


def test_an_own_price_agreed_for_the_renewal_is_not_raised_by_it_but_by_the_next() -> None:
    found = amounts(started("2026-01-01", term=YEARLY), override("2027-01-01", 1, amount="110"))
    assert found == [("2026-01-01", "100"), ("2027-01-01", "110"), ("2028-01-01", "113.3")]


def test_an_own_price_with_an_end_holds_until_then_and_the_raised_price_follows() -> None:
    found = amounts(started("2026-01-01", term=YEARLY), override("2026-07-01", 1, until="2027-07-01", amount="60"))
    assert found == [("2026-01-01", "100"), ("2026-07-01", "60"), ("2027-07-01", "103")]


def test_a_plan_that_begins_later_is_raised_by_later_renewals_only() -> None:
    catalog = a_catalog((BASE,), (a_price(2, "flat", {"amount": "200"}),))
    record = a_subscription(started("2026-01-01", term=YEARLY), plan_change("2027-06-01", 2))
    found = lay_out(record, catalog, day("2029-01-01")).terms[2]
    assert [term.terms.parameters["amount"] for term in found][:2] == ["200", "206"]


def test_a_decision_about_a_renewal_takes_the_place_of_what_was_agreed() -> None:
    found = amounts(started("2026-01-01", term=YEARLY), renewed("2027-01-01", uplift=Uplift(Decimal("1.5"))))
    assert found == [("2026-01-01", "100"), ("2027-01-01", "101.5"), ("2028-01-01", "104.55")]


def test_a_decision_that_is_taken_back_leaves_what_was_agreed() -> None:
    found = amounts(started("2026-01-01", term=YEARLY), renewed("2027-01-01", uplift=Uplift(), revoked=True))
    assert found[1] == ("2027-01-01", "103")


def test_the_last_decision_for_a_day_counts() -> None:
    first, last = (renewed("2027-01-01", uplift=Uplift(Decimal(n)), recorded=day(on))
                   for n, on in ((5, "2026-10-01"), (1, "2026-11-01")))  # fmt: skip
    start = started("2026-01-01", term=YEARLY)
    assert amounts(start, first, last) == amounts(start, last, first)
    assert amounts(start, last, first)[1] == ("2027-01-01", "101")


def test_an_early_renewal_begins_a_new_term() -> None:
    found = running(started("2026-01-01", term=YEARLY), renewed("2026-09-01"), on="2026-10-01")
    assert (found.since, found.end) == (date(2026, 9, 1), date(2027, 9, 1))


def test_another_term_agreed_on_the_day_of_renewal_takes_its_place() -> None:
    other = ContractTerm(months=36, uplift=Uplift(Decimal(10)))
    found = amounts(
        started("2026-01-01", term=YEARLY), entry(EntryKind.SET_TERM, "2027-01-01", term=other), until="2033-01-01"
    )
    assert found == [("2026-01-01", "100"), ("2030-01-01", "110"), ("2033-01-01", "121")]


def test_a_cancellation_stops_renewals() -> None:
    record = a_subscription(started("2026-01-01", term=YEARLY), cancelled("2027-01-01"))
    assert course(in_order(record.entries), day("2030-01-01")).renewals == ()


def test_the_tiers_of_a_matrix_rise_as_well() -> None:
    rows = [{"value": "EU", "model": "graduated", "tiers": "100: 1.00 + 5 | 0.80"}, {"model": "per_unit", "price": "2"}]
    price = a_price(1, "matrix", {"first": "region", "rows": rows})
    catalog = a_catalog((price,))
    run = lay_out(a_subscription(started("2026-01-01", term=YEARLY)), catalog, day("2027-06-01")).terms[1]
    cells = run[1].terms.parameters["rows"]
    assert isinstance(cells, list)
    assert [cell.get("tiers", cell.get("price")) for cell in cells] == ["100: 1.03 + 5.15 | 0.82", "2.06"]


def test_what_rises_is_a_recurring_amount() -> None:
    prices = (a_price(1, interval=None), a_price(2, "percentage", {"rate": "2", "fixed": "1"}))
    runs = lay_out(a_subscription(started("2026-01-01", term=YEARLY)), a_catalog(prices), day("2028-01-01")).terms
    assert [len(run) for run in runs.values()] == [1, 1]


def test_a_contract_that_begins_again_begins_at_the_price_as_it_is_sold() -> None:
    again = started("2027-06-01", term=YEARLY)
    found = amounts(started("2026-01-01", term=YEARLY), cancelled("2027-03-01"), again)
    assert found == [("2026-01-01", "100"), ("2027-01-01", "103"), ("2027-06-01", "100")]


def test_an_indexed_price_follows_the_figures_of_the_months_before() -> None:
    index = PriceIndex(1, "health", "Health index", {date(2025, 12, 1): Decimal(130), date(2026, 12, 1): Decimal(134)})
    uplift = Uplift(index="health", share=Decimal(80))
    assert uplift.months(date(2026, 1, 1), date(2027, 1, 1)) == (date(2025, 12, 1), date(2026, 12, 1))
    factor = uplift.factor(date(2026, 1, 1), date(2027, 1, 1), {"health": index})
    assert factor is not None
    assert f"{float(factor):.6f}" == "1.024615"
    assert uplift.factor(date(2026, 1, 1), date(2028, 1, 1), {"health": index}) is None


@pytest.mark.parametrize(
    ("term", "code"),
    [
        (ContractTerm(months=0), "too_small"),
        (ContractTerm(), "term_without_length"),
        (ContractTerm(months=12, until=date(2027, 1, 1)), "term_given_twice"),
        (ContractTerm(until=date(2025, 1, 1), renewal_months=1), "end_before_start"),
        (ContractTerm(until=date(2027, 1, 1)), "value_missing"),
        (ContractTerm(months=12, since=date(2027, 1, 1)), "term_begins_later"),
        (ContractTerm(months=12, notice_days=-1), "too_small"),
        (ContractTerm(months=12, uplift=Uplift(Decimal(-100))), "too_small"),
        (ContractTerm(months=12, uplift=Uplift(places=13)), "too_large"),
        (ContractTerm(months=12, fee=EarlyFee(FeeKind.PERCENT, percent=Decimal(101))), "too_large"),
        (ContractTerm(months=12, fee=EarlyFee(FeeKind.FIXED)), "too_small"),
    ],
)
def test_a_term_that_cannot_be_is_refused(term: ContractTerm, code: str) -> None:
    assert [problem.code for problem in check_term(term, date(2026, 1, 1))] == [code]


def test_a_renewal_without_length_which_was_never_to_be_goes_on_without_end() -> None:
    found = running(started("2026-01-01", term=ContractTerm(months=0)), on="2026-05-05")
    assert found.end is None
