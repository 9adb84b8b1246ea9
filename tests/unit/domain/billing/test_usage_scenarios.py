from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from billdesk.domain.billing import Case, SettledState, SettleOptions, looks_from, needed_usage, settle
from billdesk.domain.catalog import Commitment, LateUsage, PriceTerms
from billdesk.domain.contract_terms import AfterTerm, ContractTerm
from billdesk.domain.invoices import LineKind
from billdesk.domain.subscriptions import EntryKind, Override, PauseKind
from billdesk.domain.usage import Aggregation, UsageTotal
from billdesk.kernel.period import Interval
from builders.contracts import (
    MONTH,
    QUARTER,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    entry,
    metered,
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


def _special(price_id: int, parameters: Mapping[str, object]) -> Override:
    return Override(price_id, PriceTerms("EUR", parameters), "deal")


def test_late_usage_of_a_billed_month_is_a_true_up_with_its_own_dates() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    clerk.events.append((day("01-30"), Decimal(5)))
    assert shown(clerk.bill("02-10")) == [("usage", "26-01-01", "26-01-31", "0.50")]


def test_a_corrected_usage_file_credits_the_lines_it_overstated_the_latest_first() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    clerk.events.append((day("01-30"), Decimal(50)))
    clerk.bill("02-10")
    clerk.events[:] = [(day("01-05"), Decimal(70))]
    lines = clerk.bill("02-20")
    assert [(line.amount.minor, line.corrects.line_id if line.corrects else 0) for line in lines] == [
        (-500, 2),
        (-300, 1),
    ]


def test_a_price_change_in_mid_period_splits_usage_by_its_instant_and_goes_on_counting() -> None:
    tiers = {"tiers": [{"up_to": "100", "unit_price": "1"}, {"unit_price": "0.50"}]}
    dearer = {"tiers": [{"up_to": "100", "unit_price": "2"}, {"unit_price": "1"}]}
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-16", override=_special(3, dearer))
    clerk = a_clerk(metered(3, "graduated", tiers), entries=(deal,))
    clerk.events += [(day("01-10"), Decimal(80)), (day("01-20"), Decimal(40))]
    assert shown(clerk.bill("02-01")) == [("usage", "26-01-01", "26-01-31", "140.00")]


def test_tiers_start_again_after_a_change_where_the_price_says_so() -> None:
    tiers = {"tiers": [{"up_to": "100", "unit_price": "1"}, {"unit_price": "0.50"}]}
    dearer = {"tiers": [{"up_to": "100", "unit_price": "2"}, {"unit_price": "1"}]}
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-16", override=_special(3, dearer))
    clerk = a_clerk(metered(3, "graduated", tiers, tiers_restart=True), entries=(deal,))
    clerk.events += [(day("01-10"), Decimal(80)), (day("01-20"), Decimal(40))]
    assert clerk.bill("02-01")[0].amount.minor == 16000


def test_a_peak_is_priced_at_each_term_for_its_share_of_the_days() -> None:
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-11", override=_special(3, {"unit_price": "0.20"}))
    contract = a_subscription(started("01-01"), deal)
    clerk = Clerk(a_catalog((CALLS,), aggregation=Aggregation.MAX), contract, [(day("01-20"), Decimal(310))])
    assert clerk.bill("02-01")[0].amount.minor == 1000 + 4200


LEFT_ALONE = ((LateUsage.ASK, "late_usage_ask"), (LateUsage.IGNORE, "late_usage_ignored"))
RUNNING = frozenset({3})


@pytest.mark.parametrize(("policy", "code"), LEFT_ALONE)
@pytest.mark.parametrize("progressive", [frozenset(), RUNNING])
def test_late_usage_can_wait_for_a_person_or_be_left_out(
    policy: LateUsage, code: str, progressive: frozenset[int]
) -> None:
    clerk = a_clerk(replace(CALLS, late_usage=policy))
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    clerk.events.append((day("01-30"), Decimal(5)))
    settlement = clerk.look("02-10", SettleOptions(progressive=progressive))
    assert (settlement.lines, [one.code for one in settlement.warnings]) == ((), [code])
    assert [(one.lacks, one.comes_to) for one in settlement.late] == [(50, 1050)]


@pytest.mark.parametrize("policy", [LateUsage.ASK, LateUsage.IGNORE])
def test_late_usage_that_a_person_accepts_is_billed_for_the_amount_that_was_seen(policy: LateUsage) -> None:
    clerk = a_clerk(replace(CALLS, late_usage=policy))
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    clerk.events.append((day("01-30"), Decimal(5)))
    seen = SettleOptions(accepted=frozenset({(3, day("01-01"), 1050)}))
    other = SettleOptions(accepted=frozenset({(3, day("01-01"), 1040)}))
    assert clerk.look("02-10", other).lines == ()
    assert shown(clerk.bill("02-10", seen)) == [("usage", "26-01-01", "26-01-31", "0.50")]
    assert [one.lacks for one in clerk.look("02-10").late] == [0]


def test_a_month_of_which_nothing_was_billed_is_never_late() -> None:
    clerk = a_clerk(replace(CALLS, late_usage=LateUsage.IGNORE), entries=())
    clerk.events.append((day("01-30"), Decimal(5)))
    options = SettleOptions(SettledState(day("02-05"), day("01-30")))
    assert clerk.look("02-10", options).lines[0].amount.minor == 50


def test_a_running_month_billed_by_a_threshold_still_ends_with_its_final_invoice() -> None:
    clerk = a_clerk(replace(CALLS, late_usage=LateUsage.ASK))
    clerk.events.append((day("01-05"), Decimal(1000)))
    (early,) = clerk.bill("01-06", SettleOptions(progressive=RUNNING))
    clerk.events.append((day("01-20"), Decimal(50)))
    (final,) = clerk.bill("02-01", SettleOptions(SettledState(day("01-06"), day("01-20"))))
    assert shown([early, final]) == [
        ("usage", "26-01-01", "26-01-06", "100.00"), ("usage", "26-01-01", "26-01-31", "5.00")]  # fmt: skip
    assert (early.due, final.due) == (day("01-06"), day("02-01"))
    clerk.events.append((day("01-21"), Decimal(50)))
    later = SettleOptions(SettledState(day("02-01"), day("01-21")), RUNNING)
    assert [one.lacks for one in clerk.look("02-02", later).late] == [500]


def test_a_corrective_document_stands_apart() -> None:
    clerk = a_clerk(replace(CALLS, late_usage=LateUsage.CORRECTIVE))
    clerk.events.append((day("01-05"), Decimal(100)))
    assert not clerk.bill("02-01")[0].separate
    clerk.events.append((day("01-30"), Decimal(5)))
    assert clerk.bill("02-10")[0].separate


def test_usage_waits_for_its_days_of_grace() -> None:
    clerk = a_clerk(replace(CALLS, grace_days=3))
    clerk.events.append((day("01-05"), Decimal(100)))
    assert clerk.bill("02-03") == []
    assert len(clerk.bill("02-04", SettleOptions(SettledState(day("02-03"))))) == 1


def test_usage_below_zero_is_billed_as_none() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(-5)))
    assert clerk.bill("02-01") == []


def test_a_minimum_is_a_line_of_its_own_prorated_for_a_stub() -> None:
    clerk = a_clerk(metered(3, "per_unit", {"unit_price": "1"}, limits=(Decimal(31),)), entries=(cancelled("01-11"),))
    clerk.events.append((day("01-05"), Decimal(4)))
    assert shown(clerk.bill("01-11")) == [
        ("usage", "26-01-01", "26-01-10", "4.00"), ("minimum", "26-01-01", "26-01-10", "6.00")]  # fmt: skip


def test_late_usage_takes_back_the_minimum_it_fills() -> None:
    clerk = a_clerk(metered(3, "per_unit", {"unit_price": "1"}, limits=(Decimal(10),)))
    clerk.bill("02-01")
    clerk.events.append((day("01-05"), Decimal(4)))
    assert [line.amount.minor for line in clerk.bill("02-02")] == [400, -400]


def test_a_maximum_caps_a_month_of_usage() -> None:
    clerk = a_clerk(metered(3, "per_unit", {"unit_price": "1"}, limits=(None, Decimal(10))))
    clerk.events.append((day("01-05"), Decimal(14)))
    assert [(line.kind, line.amount.minor) for line in clerk.bill("02-01")] == [
        (LineKind.USAGE, 1400), (LineKind.MAXIMUM, -400)]  # fmt: skip


def test_a_limit_that_was_dropped_is_credited() -> None:
    price = metered(3, "per_unit", {"unit_price": "1"}, limits=(Decimal(10),))
    clerk = a_clerk(price)
    clerk.bill("02-01")
    clerk.catalog = a_catalog((replace(price, terms=(PriceTerms("EUR", {"unit_price": "1"}),)),))
    assert [line.amount.minor for line in clerk.bill("02-02")] == [-1000]


def test_seats_have_minimum_and_maximum_lines_by_day() -> None:
    clerk = a_clerk(per_unit(2, "10", limits=(Decimal(31), Decimal(62))), entries=(seats("01-11", 2, 8),))
    assert shown(clerk.bill("01-31")) == [
        ("charge", "26-01-01", "26-01-10", "3.23"),
        ("charge", "26-01-11", "26-01-31", "54.19"),
        ("minimum", "26-01-01", "26-01-10", "6.77"),
        ("maximum", "26-01-11", "26-01-31", "-12.19"),
    ]


def test_a_maximum_is_taken_back_with_the_days_it_capped() -> None:
    clerk = a_clerk(per_unit(2, "10", limits=(None, Decimal(31))), entries=(seats("01-01", 2, 5),))
    clerk.bill("01-01")
    clerk.know(cancelled("01-11"))
    assert [(line.amount.minor, line.corrects.kind) for line in clerk.bill("01-11") if line.corrects] == [
        (-3387, LineKind.CHARGE), (1287, LineKind.MAXIMUM)]  # fmt: skip


def test_usage_of_nothing_bills_the_first_flat_fee_unless_the_price_skips_zero() -> None:
    tiers = {"tiers": [{"unit_price": "1", "flat": "5"}]}
    for skip, amounts in ((False, [500]), (True, [])):
        clerk = a_clerk(metered(3, "graduated", tiers, skip_zero=skip))
        assert [line.amount.minor for line in clerk.bill("02-01")] == amounts


def test_usage_in_a_skipped_pause_is_not_billed() -> None:
    pause = entry(EntryKind.PAUSE, "01-11", pause_kind=PauseKind.BILLING_SKIP)
    clerk = a_clerk(CALLS, entries=(pause, entry(EntryKind.RESUME, "01-21")))
    clerk.events += [(day("01-05"), Decimal(10)), (day("01-15"), Decimal(10)), (day("01-25"), Decimal(10))]
    assert [line.amount.minor for line in clerk.bill("02-01")] == [200]


def test_a_threshold_crossed_twice_bills_what_is_used_and_the_final_invoice_subtracts_it() -> None:
    clerk = a_clerk(CALLS)
    early = SettleOptions(progressive=frozenset({3}))
    amounts = []
    for text, quantity in (("01-05", 1000), ("01-15", 1200)):
        clerk.events.append((day(text), Decimal(quantity)))
        amounts += [line.amount.minor for line in clerk.bill(text, early)]
    clerk.events.append((day("01-20"), Decimal(50)))
    assert [*amounts, *(line.amount.minor for line in clerk.bill("02-01"))] == [10000, 12000, 500]


def test_a_commitment_is_trued_up_when_its_period_ends() -> None:
    catalog = a_catalog((CALLS,))
    version = replace(catalog.plan_versions[1], commitment=Commitment(MONTH, (("EUR", Decimal(31)),)))
    catalog = replace(catalog, plan_versions={1: version})
    clerk = Clerk(catalog, a_subscription(started("01-11"), anchor="01-01"), [(day("01-12"), Decimal(10))])
    assert shown(clerk.bill("02-01")) == [
        ("usage", "26-01-11", "26-01-31", "1.00"), ("commitment", "26-01-11", "26-01-31", "20.00")]  # fmt: skip
    clerk.events.append((day("01-13"), Decimal(50)))
    assert [line.amount.minor for line in clerk.bill("02-02")] == [500, -500]


def test_a_commitment_that_never_was_is_credited() -> None:
    catalog = a_catalog((CALLS,))
    version = replace(catalog.plan_versions[1], commitment=Commitment(MONTH, (("EUR", Decimal(31)),)))
    clerk = Clerk(replace(catalog, plan_versions={1: version}), a_subscription(started("01-01")))
    clerk.bill("02-01")
    clerk.catalog = catalog
    assert [line.amount.minor for line in clerk.bill("02-02")] == [-3100]


def test_usage_of_a_contract_that_never_was_is_credited() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    clerk.subscription = a_subscription(started("02-01"))
    assert [line.amount.minor for line in clerk.bill("02-01")] == [-1000]


def test_peaks_of_several_places_are_added_per_cell_where_terms_change() -> None:
    table = {"first": "region", "rows": [{"value": "eu", "price": "1"}]}
    dearer = {"first": "region", "rows": [{"value": "eu", "price": "2"}]}
    deal = entry(EntryKind.OVERRIDE_PRICE, "01-16", override=_special(3, dearer))
    clerk = a_clerk(metered(3, "matrix", table), entries=(deal,))
    windows = needed_usage(clerk.subscription, clerk.catalog, None, day("02-01"))
    usage = {window: UsageTotal(Decimal(5), 1, ((("eu",), Decimal(5)),)) for window in windows}
    settlement = settle(clerk.subscription, clerk.catalog, usage, (), day("02-01"))
    assert [line.amount.minor for line in settlement.lines] == [1500]


def test_a_usage_price_that_is_no_longer_in_force_is_credited() -> None:
    clerk = Clerk(a_catalog((CALLS,), (BASE,)), a_subscription(started("01-01")), [(day("01-05"), Decimal(100))])
    clerk.bill("02-01")
    clerk.subscription = a_subscription(started("01-01", plan=2))
    assert [(line.price_id, line.amount.minor) for line in clerk.bill("02-01")] == [(1, 10000), (1, 10000), (3, -1000)]


def test_usage_does_not_split_where_only_a_quantity_changes() -> None:
    clerk = a_clerk(CALLS, SEATS, entries=(seats("01-11", 2, 4), entry(EntryKind.PAUSE, "01-20"),
                                           entry(EntryKind.RESUME, "01-25")))  # fmt: skip
    windows = needed_usage(clerk.subscription, clerk.catalog, None, day("02-01"))
    assert [(window.period.start.day, window.period.end.day) for window in windows] == [(1, 20), (25, 1)]


def test_two_true_ups_of_a_commitment_are_credited_the_latest_first() -> None:
    clerk = a_committed_clerk()
    clerk.bill("02-01")
    line = clerk.billed[-1]
    clerk.billed[-1] = replace(line, amount=2100)
    clerk.billed.append(replace(line, line_id=50, amount=1000))
    clerk.events.append((day("01-02"), Decimal(150)))
    assert [one.amount.minor for one in clerk.bill("02-02")] == [1500, -1000, -500]


def test_a_commitment_is_looked_at_from_its_own_period_and_told_when_it_ends() -> None:
    clerk = a_committed_clerk(QUARTER)
    settled = SettledState(day("02-15"))
    assert looks_from(clerk.subscription, clerk.catalog, settled) == day("01-01")
    assert clerk.look("02-15", SettleOptions(settled)).next_due == day("03-01")
    assert [line.amount.minor for line in clerk.bill("04-01", SettleOptions(settled))] == [3100]
    later = SettledState(day("04-01"))
    assert clerk.look("04-02", SettleOptions(later)).lines == ()


def test_commitments_follow_a_new_anchor_and_an_entry_does_not_cut_them() -> None:
    clerk = a_committed_clerk()
    clerk.know(seats("01-05", 9, 0), entry(EntryKind.RESET_ANCHOR, "01-16", new_anchor=day("01-16")))
    assert [(line.period.days, line.amount.minor) for line in clerk.bill("02-16")] == [(15, 1500), (31, 3100)]
    settled = SettledState(day("02-16"))
    assert looks_from(clerk.subscription, clerk.catalog, settled) == day("02-16")


def a_committed_clerk(interval: Interval = MONTH) -> Clerk:
    catalog = a_catalog((CALLS,))
    version = replace(catalog.plan_versions[1], commitment=Commitment(interval, (("EUR", Decimal(31)),)))
    return Clerk(replace(catalog, plan_versions={1: version}), a_subscription(started("01-01")))


def test_a_new_anchor_cuts_usage_periods_and_counts_no_day_twice() -> None:
    clerk = a_clerk(CALLS, entries=(entry(EntryKind.RESET_ANCHOR, "01-16", new_anchor=day("01-16")),))
    clerk.events += [(day("01-10"), Decimal(10)), (day("01-20"), Decimal(20)), (day("02-10"), Decimal(30))]
    assert shown(clerk.bill("02-16")) == [
        ("usage", "26-01-01", "26-01-15", "1.00"), ("usage", "26-01-16", "26-02-15", "5.00")]  # fmt: skip


def test_usage_of_a_kept_pause_is_one_window_and_its_draft_is_held() -> None:
    pause = entry(EntryKind.PAUSE, "01-11", pause_kind=PauseKind.BILLING_KEEP)
    clerk = a_clerk(CALLS, entries=(pause,))
    clerk.events.append((day("01-05"), Decimal(100)))
    lines = clerk.bill("02-01")
    assert [(line.amount.minor, line.hold) for line in lines] == [(1000, True)]


def test_a_month_of_a_skipped_pause_asks_for_no_usage() -> None:
    pause = entry(EntryKind.PAUSE, "02-01", pause_kind=PauseKind.BILLING_SKIP)
    clerk = a_clerk(CALLS, entries=(pause,))
    assert len(needed_usage(clerk.subscription, clerk.catalog, None, day("03-01"))) == 1


def test_a_commitment_that_was_credited_whole_stays_credited() -> None:
    clerk = a_committed_clerk()
    clerk.bill("02-01")
    clerk.events.append((day("01-05"), Decimal(400)))
    assert [line.amount.minor for line in clerk.bill("02-02")] == [4000, -3100]


def test_a_case_that_was_asked_for_usage_settles_as_one_that_was_not() -> None:
    clerk = a_clerk(CALLS)
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("01-20", SettleOptions(progressive=frozenset({3})))
    case = Case(clerk.subscription, clerk.catalog, day("02-01"))
    usage = {window: clerk.measured(window) for window in case.needed_usage()}
    fresh = settle(clerk.subscription, clerk.catalog, usage, clerk.billed, day("02-01"))
    assert case.settle(usage, clerk.billed) == fresh
    assert case.settle(usage, clerk.billed) == fresh
    assert case.settle(usage, []) == settle(clerk.subscription, clerk.catalog, usage, [], day("02-01"))


def test_a_metric_that_is_missing_is_named_once() -> None:
    clerk = a_clerk(CALLS)
    case = Case(clerk.subscription, replace(clerk.catalog, metrics={}), day("02-01"))
    assert case.needed_usage() == ()
    assert [problem.code for problem in case.settle({}, []).warnings] == ["metric_missing"]


def test_a_pause_inside_a_committed_quarter_takes_its_days_off_and_counts_no_charge_twice() -> None:
    clerk = a_committed_clerk(QUARTER)
    clerk.know(entry(EntryKind.PAUSE, "02-01"), entry(EntryKind.RESUME, "03-01"))
    clerk.events += [(day("01-05"), Decimal(50)), (day("03-05"), Decimal(20))]
    lines = clerk.bill("04-01")
    # 62 of 90 days of 31.00 are 21.36, of which 7.00 is charged.
    assert [line.amount.minor for line in lines if line.kind is LineKind.COMMITMENT] == [1436]


def test_a_change_of_plan_inside_a_committed_month_owes_each_plans_share_once() -> None:
    catalog = a_catalog((CALLS,), (CALLS,))
    versions = {
        number: replace(catalog.plan_versions[number], commitment=Commitment(MONTH, (("EUR", Decimal(amount)),)))
        for number, amount in ((1, 31), (2, 62))
    }
    clerk = Clerk(replace(catalog, plan_versions=versions), a_subscription(started("01-01"), plan_change("01-11", 2)))
    clerk.events.append((day("01-05"), Decimal(100)))
    assert [line.amount.minor for line in clerk.bill("02-01")] == [1000, 1000 + 4200 - 1000]


def a_term_clerk(**terms: object) -> Clerk:
    contract = a_subscription(started("01-01", term=ContractTerm(**terms)))  # type: ignore[arg-type]
    clerk = a_committed_clerk()
    clerk.subscription = contract
    return clerk


def test_what_lacks_to_a_contracts_term_is_a_line_of_its_own_at_its_end() -> None:
    clerk = a_term_clerk(months=3, commitment=Decimal(100))
    clerk.events += [(day("01-05"), Decimal(100)), (day("03-31"), Decimal(50))]
    found = [shown(clerk.bill(on)) for on in ("02-01", "03-01", "04-01")]
    assert found == [
        [("usage", "26-01-01", "26-01-31", "10.00")], [],
        [("usage", "26-03-01", "26-03-31", "5.00"), ("commitment", "26-01-01", "26-03-31", "85.00")],
    ]  # fmt: skip
    assert clerk.look("04-01").next_due == day("05-01")


def test_each_renewed_term_is_committed_anew_and_late_usage_of_the_old_one_is_taken_off() -> None:
    clerk = a_term_clerk(months=1, renewal_months=1, commitment=Decimal(20))
    clerk.bill("02-01")
    assert clerk.bill("03-01")[-1].amount.minor == 2000
    clerk.events.append((day("01-05"), Decimal(50)))
    assert [line.amount.minor for line in clerk.bill("03-02")] == [500, -500]


def test_a_term_that_ends_early_owes_its_share() -> None:
    clerk = a_term_clerk(months=3, commitment=Decimal(90))
    clerk.know(cancelled("02-01"))
    assert [line.amount.minor for line in clerk.bill("02-01")] == [3100]


def test_a_contracts_own_commitment_takes_the_place_of_its_plans() -> None:
    every_two = a_term_clerk(months=12, commitment=Decimal(59), commitment_months=2)
    assert [line.amount.minor for line in every_two.bill("03-01")] == [5900]
    waived = a_term_clerk(months=2, after=AfterTerm.CONTINUE, commitment=Decimal(0))
    assert waived.bill("04-01") == []


def test_a_term_that_goes_on_without_end_owes_its_amount_for_the_term_only() -> None:
    clerk = a_term_clerk(months=2, after=AfterTerm.CONTINUE, commitment=Decimal(100))
    assert shown(clerk.bill("05-01")) == [("commitment", "26-01-01", "26-02-28", "100.00")]


def test_a_run_that_looks_at_little_still_counts_a_whole_term() -> None:
    clerk = a_term_clerk(months=3, commitment=Decimal(100))
    clerk.events.append((day("01-05"), Decimal(100)))
    clerk.bill("02-01")
    settled = SettledState(day("03-01"))
    assert looks_from(clerk.subscription, clerk.catalog, settled) == day("01-01")
    assert [line.amount.minor for line in clerk.bill("04-01", SettleOptions(settled))] == [9000]


def test_usage_that_is_taken_back_raises_the_true_up_of_its_month() -> None:
    clerk = a_committed_clerk()
    clerk.events.append((day("01-05"), Decimal(100)))
    assert [line.amount.minor for line in clerk.bill("02-01")] == [1000, 2100]
    clerk.events.append((day("01-06"), Decimal(-40)))
    assert [line.amount.minor for line in clerk.bill("02-02")] == [-400, 400]


def test_the_true_up_of_a_term_that_is_settled_is_left_alone() -> None:
    clerk = a_term_clerk(months=1, renewal_months=1, commitment=Decimal(20))
    clerk.bill("02-01")
    settled = SettledState(day("02-15"))
    assert looks_from(clerk.subscription, clerk.catalog, settled) == day("02-01")
    assert [shown([line])[0][1] for line in clerk.bill("03-01", SettleOptions(settled))] == ["26-02-01"]
