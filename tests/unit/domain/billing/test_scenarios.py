from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.billing import SettledState, SettleOptions, looks_from
from billdesk.domain.catalog import Alignment, Conversion, PriceTerms, Proration, Shelf, Timing
from billdesk.domain.invoices import LineKind
from billdesk.domain.subscriptions import EntryKind, PauseKind
from builders.contracts import (
    QUARTER,
    YEAR,
    Clerk,
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
    shown,
    started,
)

BASE = a_price(1)
SEATS = per_unit(2, "10")
CALLS = metered(3, "per_unit", {"unit_price": "0.10"})


def a_clerk(*prices: object, entries: tuple[object, ...] = (), **more: object) -> Clerk:
    plan = prices or (BASE,)
    return Clerk(a_catalog(plan), a_subscription(started("01-01"), *entries, **more))  # type: ignore[arg-type]


def test_a_month_in_advance_is_billed_when_it_starts() -> None:
    assert shown(a_clerk().bill("01-01")) == [("charge", "26-01-01", "26-01-31", "100.00")]


def test_the_next_due_day_is_told() -> None:
    assert a_clerk().look("01-01").next_due == day("02-01")


def test_upgrade_twice_in_a_period_credits_what_was_billed_each_time() -> None:
    plans = [(a_price(n, "flat", {"amount": amount}),) for n, amount in ((1, "31"), (2, "62"), (3, "93"))]
    clerk = Clerk(a_catalog(*plans), a_subscription(started("01-01")))
    clerk.bill("01-01")
    clerk.know(plan_change("01-11", 2))
    assert shown(clerk.bill("01-11")) == [
        ("credit", "26-01-11", "26-01-31", "-21.00"), ("charge", "26-01-11", "26-01-31", "42.00")]  # fmt: skip
    clerk.know(plan_change("01-21", 3))
    assert shown(clerk.bill("01-21")) == [
        ("credit", "26-01-21", "26-01-31", "-22.00"), ("charge", "26-01-21", "26-01-31", "33.00")]  # fmt: skip


def test_a_downgrade_at_the_end_of_the_period_credits_nothing() -> None:
    clerk = Clerk(a_catalog((BASE,), (a_price(4, "flat", {"amount": "40"}),)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    clerk.know(plan_change("02-01", 2))
    assert clerk.bill("01-15") == []
    assert shown(clerk.bill("02-01")) == [("charge", "26-02-01", "26-02-28", "40.00")]


def test_a_change_that_is_known_when_the_month_starts_is_billed_in_advance_with_it() -> None:
    plans = ((BASE,), (a_price(4, "flat", {"amount": "40"}),))
    clerk = Clerk(a_catalog(*plans), a_subscription(started("01-01"), plan_change("01-17", 2)))
    assert shown(clerk.bill("01-01")) == [
        ("charge", "26-01-01", "26-01-16", "51.61"), ("charge", "26-01-17", "26-01-31", "19.35")]  # fmt: skip
    assert [line.due for line in clerk.lines] == [day("01-01"), day("01-01")]
    assert clerk.look("01-01").next_due == day("02-01")
    assert clerk.bill("01-17") == []


def test_an_upgrade_entered_before_its_day_is_charged_when_the_old_days_are_credited() -> None:
    clerk = Clerk(a_catalog((BASE,), (a_price(4, "flat", {"amount": "310"}),)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    clerk.know(plan_change("01-17", 2))
    assert shown(clerk.bill("01-10")) == [
        ("credit", "26-01-17", "26-01-31", "-48.39"), ("charge", "26-01-17", "26-01-31", "150.00")]  # fmt: skip
    assert clerk.bill("01-17") == []


def test_a_contract_that_starts_inside_its_first_period_is_billed_on_its_start() -> None:
    plans = ((BASE,), (a_price(4, "flat", {"amount": "40"}),))
    contract = a_subscription(started("01-10"), plan_change("01-17", 2), alignment=Alignment.CALENDAR)
    clerk = Clerk(a_catalog(*plans), contract)
    assert clerk.bill("01-09") == []
    assert clerk.look("01-09").next_due == day("01-10")
    assert len(clerk.bill("01-10")) == 2


def test_an_add_on_and_a_resumption_are_due_when_they_begin() -> None:
    contract = a_subscription(started("01-01"), seats("01-17", 2, 3), entry(EntryKind.PAUSE, "01-21"),
                              entry(EntryKind.RESUME, "02-11"))  # fmt: skip
    clerk = Clerk(a_catalog((BASE,), (SEATS,)), contract)
    assert [(line.price_id, line.period.days) for line in clerk.bill("01-01")] == [(1, 20)]
    assert [(line.price_id, line.period.days) for line in clerk.bill("01-17")] == [(2, 4)]
    assert clerk.bill("02-10") == []
    assert [(line.price_id, line.period.days) for line in clerk.bill("02-11")] == [(1, 18), (2, 18)]


def test_seats_up_and_down_are_credited_and_charged_by_day() -> None:
    clerk = a_clerk(SEATS)
    clerk.bill("01-01")
    clerk.know(seats("01-11", 2, 4), seats("01-21", 2, 2))
    assert shown(clerk.bill("01-21")) == [
        ("credit", "26-01-11", "26-01-31", "-6.77"),
        ("charge", "26-01-11", "26-01-20", "12.90"),
        ("charge", "26-01-21", "26-01-31", "7.10"),
    ]
    assert clerk.total == 2323


def test_an_annual_plan_paused_over_its_renewal_keeps_its_month() -> None:
    yearly = a_price(1, "flat", {"amount": "365"}, interval=YEAR)
    clerk = a_clerk(yearly)
    clerk.bill("2026-01-01")
    clerk.know(entry(EntryKind.PAUSE, "2026-12-02"), entry(EntryKind.RESUME, "2027-01-31"))
    assert shown(clerk.bill("2026-12-02")) == [("credit", "26-12-02", "26-12-31", "-30.00")]
    assert shown(clerk.bill("2027-01-31")) == [("charge", "27-01-31", "27-12-31", "335.00")]


def test_the_31st_is_found_again_after_short_months_and_leap_years() -> None:
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("2028-01-31")))
    starts = [line.period.start.isoformat() for line in clerk.bill("2028-05-31")]
    assert starts == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]


def test_a_trial_bills_nothing_until_it_is_converted_early() -> None:
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("01-01", trial_until=day("01-31"))))
    assert clerk.bill("01-10") == []
    clerk.know(entry(EntryKind.CONVERT, "01-12"))
    assert shown(clerk.bill("01-12")) == [("charge", "26-01-12", "26-01-31", "64.52")]


def test_a_price_that_bills_in_trial_is_charged_from_the_start() -> None:
    fee = a_price(1, bill_in_trial=True)
    clerk = Clerk(a_catalog((fee,)), a_subscription(started("01-01", trial_until=day("03-01"))))
    assert len(clerk.bill("01-01")) == 1


def test_a_ramp_deal_is_a_row_of_overrides() -> None:
    clerk = a_clerk(entries=(override("01-01", 1, "04-01", amount="50"), override("04-01", 1, "07-01", amount="75")))
    assert [str(line.amount.major) for line in clerk.bill("07-01")] == ["50.00"] * 3 + ["75.00"] * 3 + ["100.00"]


def test_zero_seats_bill_the_first_flat_fee_unless_the_price_skips_zero() -> None:
    tiers = {"tiers": [{"unit_price": "1", "flat": "5"}]}
    for skip, amounts in ((False, [500]), (True, [])):
        clerk = a_clerk(a_price(2, "graduated", tiers, skip_zero=skip), entries=(seats("01-01", 2, 0),))
        assert [line.amount.minor for line in clerk.bill("01-01")] == amounts


def test_cancelled_now_credits_the_unused_days() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    clerk.know(cancelled("01-16"))
    assert shown(clerk.bill("01-16")) == [("credit", "26-01-16", "26-01-31", "-51.61")]


def test_cancelled_without_credit_leaves_the_month_whole_even_if_it_is_billed_late() -> None:
    for first in ("01-01", "01-20"):
        clerk = a_clerk()
        if first == "01-01":
            clerk.bill(first)
        clerk.know(cancelled("01-16", credit=False))
        clerk.bill("01-20")
        assert clerk.total == 10000


def test_a_cancellation_that_is_undone_bills_the_days_again() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    clerk.know(cancelled("01-16"))
    clerk.bill("01-16")
    clerk.subscription = replace(clerk.subscription, entries=clerk.subscription.entries[:1])
    assert shown(clerk.bill("01-20")) == [("charge", "26-01-16", "26-01-31", "51.61")]


def test_a_line_that_was_reduced_by_hand_is_credited_from_what_is_left() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    line = clerk.billed[0]
    clerk.billed.append(replace(line, line_id=9, kind=LineKind.ADJUSTMENT, amount=-6000, corrects_line_id=line.line_id))
    clerk.know(cancelled("01-02"))
    assert [one.amount.minor for one in clerk.bill("01-02")] == [-4000]


def test_a_line_billed_at_another_amount_is_credited_pro_rata_from_that_amount() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    clerk.billed[0] = replace(clerk.billed[0], amount=6200)
    clerk.know(cancelled("01-16"))
    assert [one.amount.minor for one in clerk.bill("01-16")] == [-3200]


def test_a_discount_goes_back_with_the_days_it_was_given_for() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    clerk.billed[0] = replace(clerk.billed[0], discount=3100)
    clerk.know(cancelled("01-11"))
    line = clerk.bill("01-11")[0]
    assert (line.amount.minor, line.discount.minor if line.discount else 0) == (-6774, -2100)


def test_a_quarter_with_the_laptop_closed_makes_each_month_once_with_its_own_dates() -> None:
    clerk = a_clerk(BASE, CALLS)
    clerk.events += [(day("01-05"), Decimal(100)), (day("02-05"), Decimal(200)), (day("03-05"), Decimal(300))]
    lines = clerk.bill("04-01")
    assert [(line.period.start.month, line.amount.minor) for line in lines] == [
        (1, 10000), (2, 10000), (3, 10000), (4, 10000), (1, 1000), (2, 2000), (3, 3000)]  # fmt: skip
    assert [line.due.isoformat()[5:] for line in lines[4:]] == ["02-01", "03-01", "04-01"]


def test_a_price_can_be_billed_some_days_before_its_period() -> None:
    clerk = a_clerk(a_price(1, days_before=10))
    assert len(clerk.bill("2025-12-22")) == 1
    assert clerk.look("01-01").next_due == day("01-22")


def test_a_line_billed_ahead_is_left_alone_by_an_earlier_run() -> None:
    clerk = a_clerk()
    clerk.bill("02-01")
    assert clerk.bill("01-15") == []


def test_mixed_intervals_have_their_own_grids() -> None:
    clerk = a_clerk(a_price(1, interval=YEAR), a_price(2, timing=Timing.ARREARS, interval=QUARTER), a_price(3))
    starts = [(line.price_id, line.period.days) for line in clerk.bill("04-01")]
    assert starts == [(1, 365), (2, 90), (3, 31), (3, 28), (3, 31), (3, 30)]


def test_calendar_alignment_bills_a_stub_first() -> None:
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("01-16"), alignment=Alignment.CALENDAR))
    assert shown(clerk.bill("02-01")) == [
        ("charge", "26-01-16", "26-01-31", "51.61"), ("charge", "26-02-01", "26-02-28", "100.00")]  # fmt: skip


def test_a_new_anchor_charges_only_days_that_are_not_billed() -> None:
    clerk = a_clerk()
    clerk.bill("01-01")
    clerk.know(entry(EntryKind.RESET_ANCHOR, "01-16", new_anchor=day("01-16")))
    assert shown(clerk.bill("01-16")) == [("charge", "26-02-01", "26-02-15", "48.39")]


def test_an_end_after_a_new_anchor_credits_the_unused_days_alone() -> None:
    clerk = a_clerk(a_price(1, "flat", {"amount": "365"}, interval=YEAR))
    clerk.bill("01-01")
    clerk.know(entry(EntryKind.RESET_ANCHOR, "05-01", new_anchor=day("05-01")))
    clerk.bill("05-01", SettleOptions(SettledState(day("01-01"), day("05-01"))))
    clerk.know(cancelled("07-01"))
    lines = clerk.bill("07-01", SettleOptions(SettledState(day("05-01"), day("07-01"))))
    assert shown(lines) == [
        ("credit", "26-07-01", "26-12-31", "-184.00"), ("credit", "27-01-01", "27-04-30", "-120.00")]  # fmt: skip


def test_a_new_anchor_learnt_late_bills_the_period_that_it_cut_short() -> None:
    calls = metered(3, "per_unit", {"unit_price": "0.10"}, interval=YEAR)
    clerk = a_clerk(a_price(1, "flat", {"amount": "365"}, interval=YEAR, timing=Timing.ARREARS), calls)
    clerk.events = [(day("02-01"), Decimal(70))]
    clerk.know(entry(EntryKind.RESET_ANCHOR, "05-01", new_anchor=day("05-01")))
    lines = clerk.bill("05-20", SettleOptions(SettledState(day("05-10"), day("05-01"))))
    assert shown(lines) == [("charge", "26-01-01", "26-04-30", "120.00"), ("usage", "26-01-01", "26-04-30", "7.00")]


def test_a_price_of_which_any_part_costs_all_gives_nothing_back() -> None:
    clerk = a_clerk(per_unit(2, "10", proration=Proration.NONE))
    assert [line.amount.minor for line in clerk.bill("01-01")] == [1000]
    clerk.know(seats("01-11", 2, 3), seats("01-21", 2, 2))
    assert [line.amount.minor for line in clerk.bill("01-11")] == [-1000, 3000]
    assert clerk.bill("01-21") == []
    clerk.know(cancelled("01-25"))
    assert clerk.bill("01-25") == []
    clerk.subscription = a_subscription(started("03-01"))
    assert [line.amount.minor for line in clerk.bill("01-25")] == [-3000]


def test_a_service_pause_credits_and_resumes_by_day() -> None:
    clerk = a_clerk(entries=(entry(EntryKind.PAUSE, "01-11"), entry(EntryKind.RESUME, "01-21")))
    assert clerk.bill("02-01")[0].amount.minor == 3226
    assert clerk.total == 3226 + 3548 + 10000


def test_a_billing_pause_keeps_skips_or_waives() -> None:
    for kind, held, total in (
        (PauseKind.BILLING_KEEP, True, 20000), (PauseKind.BILLING_SKIP, False, 10000),
        (PauseKind.BILLING_WAIVE, False, 3226),
    ):  # fmt: skip
        clerk = a_clerk()
        clerk.bill("01-01")
        clerk.know(entry(EntryKind.PAUSE, "01-11", pause_kind=kind))
        lines = clerk.bill("02-01")
        assert (any(line.hold for line in lines), clerk.total) == (held, total)


def test_a_one_off_price_is_charged_once_and_comes_back_with_its_plan() -> None:
    setup = a_price(4, "flat", {"amount": "50"}, interval=None)
    clerk = Clerk(a_catalog((setup, BASE), (BASE,)), a_subscription(started("01-01")))
    assert [line.amount.minor for line in clerk.bill("01-01")] == [5000, 10000]
    clerk.know(plan_change("02-01", 2), plan_change("03-01", 1))
    clerk.bill("02-01")
    assert clerk.total_of(4) == 5000
    clerk.bill("03-01")
    assert clerk.total_of(4) == 10000


def test_a_one_off_charge_moves_with_its_start_and_goes_when_it_is_gone() -> None:
    setup = a_price(4, "flat", {"amount": "50"}, interval=None)
    clerk = a_clerk(setup)
    clerk.bill("01-01")
    clerk.subscription = a_subscription(started("01-05"))
    assert shown(clerk.bill("01-05")) == [
        ("credit", "26-01-01", "26-01-01", "-50.00"), ("one_off", "26-01-05", "26-01-05", "50.00")]  # fmt: skip
    clerk.subscription = a_subscription(started("03-05"), cancelled("03-05"))
    assert shown(clerk.bill("03-05")) == [("credit", "26-01-05", "26-01-05", "-50.00")]


def test_an_add_on_is_billed_beside_the_plan_until_its_quantity_is_zero() -> None:
    clerk = Clerk(
        a_catalog((BASE,), (SEATS,)), a_subscription(started("01-01"), seats("02-01", 2, 3), seats("03-01", 2, 0))
    )
    clerk.bill("03-01")
    assert clerk.total_of(2) == 3000


def test_a_missing_currency_is_told_and_the_other_prices_are_billed() -> None:
    catalog = a_catalog((BASE, a_price(2, terms=(PriceTerms("USD", {"amount": "1"}),))))
    settlement = Clerk(catalog, a_subscription(started("01-01"))).look("01-01")
    assert [one.code for one in settlement.warnings] == ["price_currency_missing"]
    assert len(settlement.lines) == 1


def test_what_is_missing_in_the_catalogue_is_told() -> None:
    clerk = a_clerk(BASE, CALLS)
    clerk.bill("02-01")
    clerk.catalog = replace(clerk.catalog, prices={}, metrics={})
    assert {one.code for one in clerk.look("02-01").warnings} == {"price_missing"}
    clerk = a_clerk(CALLS)
    clerk.catalog = replace(clerk.catalog, metrics={})
    assert [one.code for one in clerk.look("02-01").warnings] == ["metric_missing"]
    clerk.catalog = replace(clerk.catalog, plan_versions={})
    assert [one.code for one in clerk.look("02-01").warnings] == ["plan_version_missing"]


@pytest.mark.parametrize("through", ["03-01", "03-15"])
def test_a_settled_contract_looks_only_at_what_may_have_changed(through: str) -> None:
    clerk = a_clerk(BASE, CALLS, a_price(4, interval=QUARTER))
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("03-01")
    settled = SettledState(day(through))
    assert looks_from(clerk.subscription, clerk.catalog, settled) == day("01-01")
    clerk.billed = [line for line in clerk.billed if line.period.end > day("03-01")]
    assert [line.price_id for line in clerk.bill("04-01", SettleOptions(settled))] == [1, 4]


def test_everything_is_read_while_nothing_was_settled() -> None:
    clerk = a_clerk()
    assert looks_from(clerk.subscription, clerk.catalog, None) is None


def test_a_touched_day_opens_the_periods_since_then() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("03-01")
    clerk.events.append((day("01-30"), Decimal(5)))
    assert clerk.look("03-02", SettleOptions(SettledState(day("03-01")))).lines == ()
    assert len(clerk.look("03-02", SettleOptions(SettledState(day("03-01"), day("01-30")))).lines) == 1


@pytest.mark.parametrize(("currency", "amount", "minor"), [("JPY", "1007", 520), ("KWD", "1000.345", 516307)])
def test_yen_and_dinar_are_rounded_to_their_own_minor_unit(currency: str, amount: str, minor: int) -> None:
    price = a_price(1, terms=(PriceTerms(currency, {"amount": amount}),))
    clerk = Clerk(a_catalog((price,)), a_subscription(started("01-16"), anchor=date(2026, 1, 1), currency=currency))
    assert clerk.bill("01-16")[0].amount.minor == minor


def test_a_one_off_charge_before_the_settled_day_is_left_alone() -> None:
    setup = a_price(4, "flat", {"amount": "50"}, interval=None)
    clerk = a_clerk(setup, BASE)
    clerk.bill("02-01")
    clerk.subscription = a_subscription(started("01-05"), anchor="01-01")
    settled = SettleOptions(SettledState(day("02-01")))
    assert clerk.look("02-02", settled).lines == ()


def test_a_second_one_off_charge_is_given_back_when_its_plan_never_went_away() -> None:
    setup = a_price(4, "flat", {"amount": "50"}, interval=None)
    clerk = Clerk(a_catalog((setup, BASE), (BASE,)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    away, back = plan_change("02-01", 2), plan_change("03-01", 1)
    clerk.know(away, back)
    clerk.bill("03-01", SettleOptions(SettledState(day("01-01"), day("02-01"))))
    assert clerk.total_of(4) == 10000
    clerk.subscription = a_subscription(started("01-01"), back)
    clerk.bill("03-02", SettleOptions(SettledState(day("03-01"), day("02-01"))))
    assert clerk.total_of(4) == 5000


def test_a_one_off_price_of_nothing_makes_no_line() -> None:
    assert a_clerk(a_price(4, "flat", {"amount": "0"}, interval=None)).bill("01-01") == []


def test_a_price_too_small_for_a_cent_makes_no_line() -> None:
    assert a_clerk(a_price(1, "flat", {"amount": "0.001"})).bill("01-01") == []
    tiny = Clerk(a_catalog((a_price(1, "flat", {"amount": "0.01"}),)), a_subscription(started("01-30"), anchor="01-01"))
    assert tiny.bill("01-30") == []


def test_an_undivided_price_is_left_alone_where_nothing_changed() -> None:
    clerk = a_clerk(a_price(1, proration=Proration.NONE))
    clerk.bill("01-01")
    assert clerk.bill("01-20") == []
    assert [line.amount.minor for line in clerk.bill("02-01")] == [10000]


def test_an_undivided_price_keeps_its_amount_when_a_rate_becomes_known_late() -> None:
    quotes = ((day("2025-12-30"), Decimal("1.10")), (day("2025-12-31"), Decimal("1.25")))
    clerk = a_clerk(per_unit(2, "10", proration=Proration.NONE, conversion=Conversion("EUR")), currency="USD")
    clerk.catalog = replace(clerk.catalog, shelf=Shelf(rates={"USD": quotes[:1]}))
    assert [line.amount.minor for line in clerk.bill("01-01")] == [1100]
    clerk.catalog = replace(clerk.catalog, shelf=Shelf(rates={"USD": quotes}))
    assert clerk.bill("01-10") == []
    clerk.know(seats("01-11", 2, 3))
    assert [line.amount.minor for line in clerk.bill("01-11")] == [-1100, 3900]


def test_an_undivided_price_that_somebody_changed_on_the_invoice_stays_as_it_was_billed() -> None:
    clerk = a_clerk(per_unit(2, "10", proration=Proration.NONE))
    clerk.bill("01-01")
    clerk.billed[0] = replace(clerk.billed[0], amount=900)
    assert clerk.bill("01-10") == []
