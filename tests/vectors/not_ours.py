"""Published cases that follow another engine's rule: `docs/vectors.md` says which rule of ours differs, and why."""

from __future__ import annotations

from typing import Final

_GREEDY = "interval-InArrearGreedyBillingIntervalDetail-testScenarioBillRun_"
_REPAIR = "TestIntegrationInvoiceWithRepairLogic"

NOT_OURS: Final[dict[str, tuple[str, ...]]] = {
    "greedy arrears": tuple(f"{_GREEDY}{letter}-1" for letter in "AFG"),
    "stub before a new anchor": ("TestWithBCDUpdate-testBCDChangeBeforeChangePlan",),
    "amounts put in by hand": (
        "tree-testWithBCDChange3-1",
        "tree-testAnnualToNewAnnualWithLaterDate-1",
        "tree-testAnnualWithBlocking1-1",
        "tree-testMultipleBlockedBillings-1",
        "tree-testMonthlyToAnnualWithLeadingProRation-1",
        "tree-testMergeUpgradeWithFinalRepair-1",
    ),
    "tiers of blocks": ("consumable-testComputeBilledUsageWith_TOP_TIER-a",),
    "capacity of several units": (
        "capacity-testComputeBilledUsage-5",
        "capacity-testMultipleItemsAndTiersAggregateMode-3",
        "capacity-testMultipleItemsAndTiersWithExistingItems",
    ),
    "usage on the last day": (
        "usage-transitions-testTransitionsTimes4",
        "usage-transitions-testTransitionsTimes7",
        "usage-transitions-testTransitionsTimes9",
        "usage-scenario-testWithUsageAtCancellationDayWithUncancel",
        "usage-scenario-testWithCancellation",
        "usage-scenario-testBCDChangeForConsumableInArrearPlan",
    ),
    "time-weighted levels": (
        "volume_prorated",
        "prorated_graduated_basic",
        "prorated_graduated_zero",
        "prorated_graduated_back_to_zero",
        "prorated_graduated_one_range",
        "prorated_graduated_two_overflows",
        "prorated_graduated_oct_carryover",
        "prorated_graduated_jan_carryover",
        "prorated_graduated_dec_carryover",
        "prorated_sum_only_opening",
        "prorated_sum_float",
        "uniq_added_in_period",
        "uniq_added_first_day",
        "uniq_removed_last_day",
        "uniq_add_remove_many",
        "upgrade_advance_with_recurring_prorated_usage",
        "terminate_arrears_with_recurring_prorated_usage",
    ),
    "what stays is rounded": ("dec20_from_dec15",),
    "money off before a credit": (
        "term_r_coupon_and_note",
        "term_o_with_existing_note",
        "term_o_coupon_and_note",
    ),
    "one document for both signs": (
        "termination_filters_minimum_credit_note",
        "terminate_credit",
        "terminate_same_day",
        "termination_credit_larger_than_usage",
        "package_upgrade_same_day",
        "adjusted_fee_then_credit",
    ),
    "lifetime thresholds": (
        "progressive_once_per_lifetime",
        "progressive_fixed_plus_recurring",
        "progressive_terminated",
        "threshold-every-200-units",
    ),
    "credit at a price never billed": ("pror-classic-credit-current-price", "pror-second-upgrade-trap"),
    "least credit of a cent": ("pror-chargify-minimum",),
    "largest remainder": ("pror-coupon-allocation",),
    "ISO 4217": ("cur-zero-decimal-list",),
    "another room of the house": (
        "max_float",
        "latest_basic",
        "latest_filter",
        "schedule-phase-metadata-merge",
        "tax-override-line-over-invoice",
        "cn-order-of-operations",
        "number-customer-level",
        "dunning-recurly-limits",
        "rr-cancel-no-refund",
        "rr-line-without-period",
        "rr-waterfall-unbilled-item",
        "rr-waterfall-usage",
        "rr-zuora-round-trailing",
        "rr-zuora-price-increase-split",
        "met-zuora-order-metrics",
        "met-churned-revenue",
        "met-cohort-10pct",
        "met-cm-gross-churn",
        "met-cm-ltv",
        "met-cm-movements",
    ),
}
"""Case ids by the rule that differs, in the words of the document's headings."""

ELSEWHERE: Final = {"killbill_accounting"}
"""Whole files that other packages answer: balances of accounts are the ledger's."""


def rule_of(case_id: str) -> str:
    """Give the rule of ours that differs for a case, empty when the case is ours."""
    return next((rule for rule, ids in NOT_OURS.items() if case_id in ids), "")
