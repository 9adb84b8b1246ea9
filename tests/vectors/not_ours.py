"""Published cases that follow another engine's rule: `docs/vectors.md` says which rule of ours differs, and why.

A case is named by its id. One that is not named, because it was published later, may still be of the same kind:
`fits` says by its inputs alone. It is asked only when numbers differ, so nothing that agrees is ever set aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.grid import grid_of
from billdesk.domain.catalog import Alignment
from vectors.found import Case
from vectors.killbill import INTERVALS, anchor_for, on

_CENTS: Final = Decimal("0.02")
_LENGTHS: Final = (28, 29, 30, 31, 365, 366)
_HALF: Final = 2


def never(case: Case) -> bool:
    """Say that no other case is of this kind."""
    return not case


@dataclass(frozen=True)
class Rule:
    """Where our rule differs: the heading in the document, the cases, and how to know one of the same kind."""

    title: str
    ids: tuple[str, ...]
    fits: Callable[[Case], bool] = never


def _events(case: Case) -> Iterator[tuple[date, Case]]:
    for step in case.get("steps", ()):
        for event in [*step.get("billing_events_added", ()), *step.get("add_events", ())]:
            yield on(step["target_date"]), event


def _ends_backwards(case: Case) -> bool:
    """Whether days before the first billing day are measured against the month that ends with them."""
    if any(event["type"] == "BCD_CHANGE" for _day, event in _events(case)):
        return True
    given = case["inputs"]
    interval = INTERVALS.get(given.get("billing_period", ""))
    if interval is None or not given.get("end") or "bcd" not in given:
        return False
    grid = grid_of(anchor_for(on(given["start"]), given["bcd"], interval), interval, Alignment.ANNIVERSARY, 1)
    first = grid.period_at(on(given["start"]))
    return on(given["end"]) <= first.end and first.start != on(given["start"])


def _is_known_ahead(case: Case) -> bool:
    """Whether a change of price is entered before its day, which is not the first of a period."""
    return any(
        on(event["date"]) > day and event.get("recurring_rate") is not None and on(event["date"]).day != event["bcd"]
        for day, event in _events(case)
    )


def _has_amounts_by_hand(case: Case) -> bool:
    given = case["inputs"]
    found = {item.get("id"): item for item in given.get("existing", ())}
    return any(_is_by_hand(item, found) for item in [*given.get("existing", ()), *given.get("proposed", ())])


def _is_by_hand(item: Case, found: dict[str, Case]) -> bool:
    if not item.get("end") or item["type"] not in {"RECURRING", "REPAIR_ADJ"}:
        return False
    days = (on(item["end"]) - on(item["start"])).days
    if item["type"] == "REPAIR_ADJ":
        linked = found.get(item.get("linked_item", ""), item)
        share = Decimal(linked["amount"]) * days / (on(linked["end"]) - on(linked["start"])).days
        return abs(share + Decimal(item["amount"])) > _CENTS
    rate, amount = Decimal(item.get("rate") or 0), Decimal(item["amount"])
    return amount != rate and all(abs(rate * days / whole - amount) > _CENTS for whole in _LENGTHS)


def _has_several_units(case: Case) -> bool:
    tiers = case["inputs"].get("tiers", ()) if case.get("kind") == "capacity_in_arrear" else ()
    return len({unit for tier in tiers for unit in tier["limits"]}) > 1


def _lasts_no_day(case: Case) -> bool:
    events: list[Case] = case["inputs"].get("events", []) if case.get("kind") == "usage_transitions" else []
    return bool(events) and events[0]["date"] == events[-1]["date"] and events[-1]["type"] == "CANCEL"


def _steps_from_a_short_month(case: Case) -> bool:
    stepped = case.get("kind") in {"advance_by_n_periods", "recede_by_n_periods"}
    return stepped and on(case["inputs"]["date"]).day > min(_LENGTHS)


def _moves_through_tiers(case: Case) -> bool:
    """Whether prorated units lie in other tiers than the units themselves."""
    given = case["inputs"]
    if "full_units" in given:
        return True
    if given.get("model") != "graduated_prorated":
        return False
    if "event_units" in given:
        pairs = zip(given["event_units"], given["event_prorated_units"], strict=True)
        steps = [(Decimal(units), Decimal(units) == Decimal(part)) for units, part in pairs]
    else:
        steps = [(Decimal(given["opening_units"]), True), *((Decimal(one["value"]), False) for one in given["events"])]
    level, low, high = Decimal(0), None, Decimal(0)
    for units, is_whole in steps:
        low = level if low is None and not is_whole else low
        level += units
        low = low if low is None else min(low, level)
        high = max(high, level)
    edges = [Decimal(tier["to"]) for tier in given["tiers"] if tier["to"] is not None]
    return low is not None and any(low < edge < high for edge in edges)


def _credits_a_part(case: Case) -> bool:
    given = case["inputs"]
    return "last_fee_minor" in given and int(given["last_fee_minor"]) < int(given["plan_amount_minor"])


def _credits_half_a_cent(case: Case) -> bool:
    """Whether a credit is exact to half a cent, where rounding what goes and what stays differ."""
    given = case["inputs"]
    if "unused_days" in given:
        cents = Fraction(int(given["plan_amount_minor"]) * given["unused_days"], given["period_days"])
        return cents.denominator == _HALF or _credits_a_part(case)
    steps = [(step.get("expected_invoice") or {}).get("items", step.get("derived_items", ())) for step in
             case.get("steps", ())]  # fmt: skip
    items = [*given.get("existing", ()), *given.get("proposed", ()), *case["expected"].get("items", ())] if (
        "expected" in case
    ) else [item for found in steps for item in found]  # fmt: skip
    return any(_is_half(gone, whole) for gone in items for whole in items if whole["type"] == "RECURRING")


def _is_half(gone: Case, whole: Case) -> bool:
    inside = gone["type"] == "REPAIR_ADJ" and whole["start"] <= gone["start"] and gone["end"] <= whole["end"]
    if not inside:
        return False
    days, of = ((on(one["end"]) - on(one["start"])).days for one in (gone, whole))
    return (Fraction(whole["amount"]) * 100 * days / of).denominator == _HALF


def _uses_up_what_is_free(case: Case) -> bool:
    """Whether the first event takes all of a free amount while more events would be free."""
    given = case["inputs"]
    terms, events = given.get("properties", {}), given.get("events", ())
    free = Decimal(terms.get("free_units") or 0)
    return bool(terms.get("free_events") and free and events) and Decimal(events[0]) >= free


def _credits_after_money_off(case: Case) -> bool:
    given = case["inputs"]
    return int(given.get("already_credited_items_minor", 0)) > 0 or given.get("fee_share_of_invoice", "1") != "1"


def _has_several_rates(case: Case) -> bool:
    given = case["inputs"]
    fees = [*given.get("fees", ()), *given.get("charges", ())]
    rates = {fee["tax_percent"] for fee in fees if isinstance(fee, dict) and "tax_percent" in fee}
    return len(rates | {str(fee["taxes"]) for fee in fees if isinstance(fee, dict) and "taxes" in fee}) > 1


def _continues_rounding(case: Case) -> bool:
    return Decimal(case["inputs"].get("previous_tax_rounding_minor", 0)) != 0


RULES: Final = (
    Rule("A stub measured backwards", ("TestWithBCDUpdate-testBCDChangeBeforeChangePlan",), _ends_backwards),
    Rule(
        "A change that is known ahead",
        ("TestCatalogWithEffectiveDateForExistingSubscriptions-testSubscriptionNotAlignedWithVersionChange",),
        _is_known_ahead,
    ),
    Rule(
        "Amounts put in by hand",
        (
            "tree-testWithBCDChange3-1",
            "tree-testAnnualToNewAnnualWithLaterDate-1",
            "tree-testAnnualWithBlocking1-1",
            "tree-testMultipleBlockedBillings-1",
            "tree-testMonthlyToAnnualWithLeadingProRation-1",
            "tree-testMergeUpgradeWithFinalRepair-1",
        ),
        _has_amounts_by_hand,
    ),
    Rule("Edges that are stepped to", (), _steps_from_a_short_month),
    Rule(
        "Capacity of several units",
        (
            "capacity-testComputeBilledUsage-5",
            "capacity-testMultipleItemsAndTiersAggregateMode-3",
            "capacity-testMultipleItemsAndTiersWithExistingItems",
        ),
        _has_several_units,
    ),
    Rule("A period without a day", ("usage-transitions-testTransitionsTimes9",), _lasts_no_day),
    Rule(
        "Levels that move through tiers",
        ("volume_prorated", "prorated_graduated_basic", "prorated_graduated_back_to_zero"),
        _moves_through_tiers,
    ),
    Rule("What stays is rounded", ("dec20_from_dec15",), _credits_half_a_cent),
    Rule("A free amount that is used up", (), _uses_up_what_is_free),
    Rule(
        "Money off before a credit",
        ("term_r_coupon_and_note", "term_o_with_existing_note", "term_o_coupon_and_note"),
        _credits_after_money_off,
    ),
    Rule("Tax of each rate", ("breakdown_3_coupons_8_fees",), _has_several_rates),
    Rule("Tax of each document", (), _continues_rounding),
    Rule("Credit at a price never billed", ("pror-classic-credit-current-price",)),
    Rule("Least credit of a cent", ("pror-chargify-minimum",)),
    Rule("Largest remainder", ("pror-coupon-allocation",)),
    Rule("Parts add up to the whole", ("pror-zuora-ratio-2021-02-27", "met-zuora-order-metrics")),
    Rule("Revenue by day", ("rr-zuora-round-trailing",)),
    Rule("ISO 4217", ("cur-zero-decimal-list",)),
    Rule(
        "Not in the house",
        (
            "schedule-phase-metadata-merge",
            "number-customer-level",
            "dunning-recurly-limits",
            "met-cohort-10pct",
            "met-cm-gross-churn",
            "met-cm-ltv",
        ),
    ),
)


def named_rule(case_id: str) -> str:
    """Give the rule of ours that differs for a case that is named, empty when the case is ours."""
    return next((rule.title for rule in RULES if case_id in rule.ids), "")


def fitting_rule(case: Case) -> str:
    """Give the rule of ours that differs for a case like it."""
    return next((rule.title for rule in RULES if rule.fits(case)), "")
