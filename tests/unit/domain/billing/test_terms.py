from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billdesk.domain.billing import SettledState, SettleOptions
from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, PriceIndex, Uplift
from billdesk.domain.explain import StepKind
from billdesk.domain.invoices import LineKind
from billdesk.domain.subscriptions import Entry, EntryKind, PauseKind
from builders.contracts import (
    YEAR,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    entry,
    override,
    per_unit,
    seats,
    shown,
    started,
)

THREE = Uplift(Decimal(3))
HALF = EarlyFee(FeeKind.PERCENT, percent=Decimal(50))
REST = EarlyFee(FeeKind.REMAINING)
BASE = a_price(1)
ANNUAL = a_price(1, "flat", {"amount": "1200"}, interval=YEAR)
HEALTH = PriceIndex(1, "health", "Health", {date(2025, 12, 1): Decimal(100), date(2026, 12, 1): Decimal(102)})


def a_clerk(term: ContractTerm, *entries: Entry, price: object = BASE) -> Clerk:
    return Clerk(a_catalog((price,)), a_subscription(started("2026-01-01", term=term), *entries))  # type: ignore[arg-type]


def a_year(**more: object) -> ContractTerm:
    return ContractTerm(**{"months": 12, "notice_months": 3, **more})  # type: ignore[arg-type]


def revoke(clerk: Clerk, kind: EntryKind) -> None:
    entries = tuple(replace(one, revoked=one.revoked or one.kind is kind) for one in clerk.subscription.entries)
    clerk.subscription = replace(clerk.subscription, entries=entries)


def since(day_settled: str, touched: str) -> SettleOptions:
    return SettleOptions(SettledState(day(day_settled), day(touched)))


def test_the_first_invoice_of_the_new_term_has_the_raised_price() -> None:
    clerk = a_clerk(a_year(uplift=THREE))
    clerk.bill("2026-12-01")
    assert shown(clerk.bill("2027-01-01")) == [("charge", "27-01-01", "27-01-31", "103.00")]


def test_a_raised_price_says_in_its_trace_by_what_it_rose() -> None:
    line = a_clerk(a_year(uplift=THREE)).bill("2028-01-01")[-1]
    assert [dict(step.values) for step in line.trace.steps if step.kind is StepKind.TERMS] == [
        {"source": "renewal", "factors": "1.03 1.03"}]  # fmt: skip


def test_a_renewal_inside_a_period_splits_it() -> None:
    term = ContractTerm(months=6, uplift=Uplift(Decimal(100)))
    record = a_subscription(started("2026-01-01"), entry(EntryKind.SET_TERM, "2026-01-11", term=term))
    clerk = Clerk(a_catalog((a_price(1, "flat", {"amount": "365"}, interval=YEAR),)), record)
    clerk.bill("2026-07-11")
    assert clerk.total == 19100 + 17400 * 2


def test_an_unknown_index_figure_keeps_the_old_price_and_is_told() -> None:
    clerk = a_clerk(a_year(uplift=Uplift(index="health")))
    settlement = clerk.look("2027-01-01")
    assert settlement.lines[-1].amount.minor == 10000
    assert [(p.code, p.value, p.details) for p in settlement.warnings] == [
        ("index_figure_missing", "health", (("months", "2025-12, 2026-12"),))]  # fmt: skip
    assert clerk.look("2026-12-31").warnings == ()


def test_an_index_figure_that_comes_late_is_charged_for_what_was_billed_at_the_old_price() -> None:
    clerk = a_clerk(a_year(uplift=Uplift(index="health")))
    clerk.bill("2027-01-01")
    clerk.catalog = replace(clerk.catalog, indexes={"health": HEALTH})
    assert shown(clerk.bill("2027-01-20", since("2027-01-01", "2027-01-01"))) == [
        ("credit", "27-01-01", "27-01-31", "-100.00"), ("charge", "27-01-01", "27-01-31", "102.00")]  # fmt: skip


def test_an_annual_plan_paused_over_its_renewal_resumes_at_the_raised_price() -> None:
    clerk = a_clerk(a_year(uplift=THREE), price=a_price(1, "flat", {"amount": "365"}, interval=YEAR))
    clerk.bill("2026-01-01")
    clerk.know(entry(EntryKind.PAUSE, "2026-12-22", pause_kind=PauseKind.SERVICE))
    assert shown(clerk.bill("2026-12-22")) == [("credit", "26-12-22", "26-12-31", "-10.00")]
    clerk.know(entry(EntryKind.RESUME, "2027-01-11"))
    assert shown(clerk.bill("2027-01-11")) == [("charge", "27-01-11", "27-12-31", "365.65")]
    assert clerk.look("2027-01-11").next_due == day("2028-01-01")


def test_leaving_in_the_minimum_term_costs_half_of_the_months_left() -> None:
    clerk = a_clerk(a_year(fee=HALF))
    clerk.bill("2026-03-01")
    clerk.know(cancelled("2026-04-01"))
    lines = clerk.bill("2026-04-01")
    assert shown(lines) == [("termination_fee", "26-04-01", "26-04-01", "450.00")]
    assert dict(lines[0].trace.steps[0].values) == {
        "quantity": "9", "of": "12", "source": "term", "from": "2026-04-01", "until": "2027-01-01"}  # fmt: skip


def test_a_fee_is_taken_back_when_the_cancellation_is_and_charged_once_when_it_comes_again() -> None:
    clerk = a_clerk(a_year(fee=HALF))
    clerk.bill("2026-03-01")
    clerk.know(cancelled("2026-04-01"))
    clerk.bill("2026-04-01")
    revoke(clerk, EntryKind.CANCEL)
    assert shown(clerk.bill("2026-04-10", since("2026-04-01", "2026-04-01"))) == [
        ("charge", "26-04-01", "26-04-30", "100.00"), ("credit", "26-04-01", "26-04-01", "-450.00")]  # fmt: skip
    clerk.know(cancelled("2026-04-01"))
    assert shown(clerk.bill("2026-04-12", since("2026-04-10", "2026-04-01"))) == [
        ("credit", "26-04-01", "26-04-30", "-100.00"),
        ("termination_fee", "26-04-01", "26-04-01", "450.00"),
    ]


def test_a_fee_that_was_waived_is_not_charged() -> None:
    clerk = a_clerk(a_year(fee=HALF), replace(cancelled("2026-04-01"), fee_waived=True))
    clerk.bill("2026-05-01")
    assert clerk.total == 30000


@pytest.mark.parametrize(
    ("fee", "until", "amount"),
    [
        (REST, "2026-04-01", "900.00"),
        (REST, "2026-04-16", "850.00"),
        (EarlyFee(FeeKind.FIXED, amount=Decimal("123.45")), "2026-04-16", "123.45"),
        (EarlyFee(FeeKind.PERCENT, percent=Decimal("33.3")), "2026-11-01", "66.60"),
    ],
)
def test_a_fee_is_what_was_agreed(fee: EarlyFee, until: str, amount: str) -> None:
    lines = a_clerk(a_year(fee=fee), cancelled(until)).bill(until)
    assert [f"{line.amount.major:f}" for line in lines if line.kind is LineKind.TERMINATION_FEE] == [amount]


def test_an_end_at_the_end_of_the_term_costs_nothing_and_late_notice_costs_the_next_term() -> None:
    in_time = replace(cancelled("2027-01-01"), notice_given=day("2026-09-30"))
    late = replace(cancelled("2027-01-01"), notice_given=day("2026-10-01"))
    assert a_clerk(a_year(fee=REST), in_time).look("2027-01-01").lines[-1].kind is LineKind.CHARGE
    line = a_clerk(a_year(fee=REST), late).look("2027-01-01").lines[-1]
    assert (line.kind, line.amount.minor, line.trace.steps[0].values["of"]) == (
        LineKind.TERMINATION_FEE, 120000, "24")  # fmt: skip


def test_what_stays_billed_without_credit_is_not_left_to_pay() -> None:
    clerk = a_clerk(a_year(fee=REST), price=ANNUAL)
    clerk.bill("2026-01-01")
    clerk.know(cancelled("2026-04-01", credit=False))
    assert clerk.bill("2026-04-01") == []


def test_a_fee_counts_the_prices_of_later_phases_and_ends_a_running_pause() -> None:
    ramp = override("2026-07-01", 1, amount="200")
    pause = entry(EntryKind.PAUSE, "2026-03-01", pause_kind=PauseKind.SERVICE)
    clerk = a_clerk(a_year(fee=REST), ramp, pause, cancelled("2026-04-01"))
    fees = [line for line in clerk.bill("2026-04-01") if line.kind is LineKind.TERMINATION_FEE]
    assert [line.amount.minor for line in fees] == [30000 + 120000]


def test_a_trial_may_end_without_a_fee() -> None:
    term = a_year(fee=REST)
    start = started("2026-01-01", term=term, trial_until=day("2026-02-01"))
    clerk = Clerk(a_catalog((BASE,)), a_subscription(start, cancelled("2026-01-15")))
    assert clerk.bill("2026-03-01") == []


def a_random_contract(seed: int) -> list[Entry]:
    pick = random.Random(seed)
    fee = pick.choice((REST, HALF, EarlyFee(FeeKind.FIXED, amount=Decimal(99))))
    after = pick.choice(tuple(AfterTerm))
    uplift = Uplift(Decimal(pick.choice(("3", "-2.5", "0.333"))), places=pick.choice((0, 2, 4)))
    term = ContractTerm(months=pick.choice((1, 5, 12)), after=after, notice_days=pick.choice((0, 30)), fee=fee,
                        renewal_months=pick.choice((None, 3)), uplift=uplift)  # fmt: skip
    found = [started("2026-01-31", term=term)]
    on = day("2026-02-01")
    for _change in range(pick.randint(0, 6)):
        on += timedelta(days=pick.randint(1, 120))
        found.append(pick.choice((
            seats(on, 2, pick.randint(0, 9)),
            override(on, 1, amount="88.8"),
            entry(EntryKind.RENEW, on, uplift=pick.choice((None, Uplift(Decimal(7))))),
            entry(EntryKind.SET_TERM, on, term=replace(term, months=4)),
            entry(EntryKind.PAUSE, on), entry(EntryKind.RESUME, on),
        )))  # fmt: skip
    if pick.random() < 0.5:
        found.append(replace(cancelled(on + timedelta(days=pick.randint(1, 200))), fee_waived=pick.random() < 0.2))
    return found


def a_bill(entries: list[Entry], days: list[date], *, known: bool = True) -> Clerk:
    catalog = a_catalog((BASE, per_unit(2, "9.95"), a_price(3, "flat", {"amount": "777.77"}, interval=YEAR)))
    record = a_subscription(*entries)
    clerk = Clerk(catalog, record if known else replace(record, entries=record.entries[:1]))
    settled: SettledState | None = None
    for on in days:
        # An end that lies ahead shortens what is billed in advance: the last run knows of it in any rhythm.
        until = date.max if on == LAST else on
        new = [one for one in record.entries if one.effective <= until and one not in clerk.subscription.entries]
        clerk.subscription = replace(clerk.subscription, entries=(*clerk.subscription.entries, *new))
        touched = min((one.effective for one in new), default=None)
        options = SettleOptions(replace(settled, touched=touched) if settled else None)
        clerk.bill(on, options)
        settled = SettledState(on)
    return clerk


LAST = day("2027-12-15")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_daily_monthly_and_once_bill_the_same_over_renewals_and_fees(seed: int) -> None:
    entries = a_random_contract(seed)
    once = a_bill(entries, [LAST])
    weekly = a_bill(entries, [day("2026-02-01") + timedelta(days=7 * n) for n in range(97)] + [LAST], known=False)
    monthly = a_bill(entries, [date(2026 + n // 12, n % 12 + 1, 20) for n in range(1, 23)] + [LAST], known=False)
    assert once.total == weekly.total == monthly.total
    fees = [line for line in once.billed if line.kind is LineKind.TERMINATION_FEE]
    assert len(fees) <= 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_the_order_in_which_renewals_are_recorded_does_not_matter(seed: int) -> None:
    entries = a_random_contract(seed)
    days = [one.effective for one in entries]
    if len(set(days)) < len(days):
        return
    shuffled = entries[1:]
    random.Random(seed).shuffle(shuffled)
    assert a_bill(entries, [LAST]).total == a_bill([entries[0], *shuffled], [LAST]).total
