"""Kill Bill's usage in ours: a block is a package, a tier of blocks a tier in packages, a peak a stairstep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billdesk.domain.billing import needed_usage
from billdesk.domain.catalog import PriceTerms
from billdesk.domain.explain import Step
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import amount_of, check_terms
from billdesk.domain.subscriptions import Entry, EntryKind
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval
from builders.contracts import Clerk, a_catalog, a_subscription, cancelled, entry, metered, started
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.killbill import INTERVALS, anchor_for, on

Tier = dict[str, Any]
MODELS = {"ALL_TIERS": "graduated", "TOP_TIER": "volume"}
ONE_DAY = timedelta(days=1)
NEXT_YEAR = timedelta(days=400)


def tiers(policy: str, rows: Iterable[Tier]) -> dict[str, Any]:
    """Turn tiers of so many blocks of a size into tiers in packages; above the last block nothing is charged.

    Where all units take the price of one tier, more units than all tiers hold take that of the last.
    """
    found: list[dict[str, str]] = []
    edge = Decimal(0)
    for row in rows:
        tier = {"unit_price": row["price_per_block"], "size": row["block_size"]}
        if row["max_blocks"] is not None:
            edge += Decimal(row["max_blocks"]) * Decimal(row["block_size"])
            tier["up_to"] = f"{edge:f}"
        found.append(tier)
    if policy == "TOP_TIER":
        found[-1].pop("up_to", None)
    elif "up_to" in found[-1]:
        found.append({"unit_price": "0"})
    return {"tiers": found}


def rated(policy: str, rows: list[Tier], used: str, unit: str = "") -> tuple[Decimal, list[Part]]:
    """Give the exact amount, and what each tier has of it as the trace says."""
    parameters = tiers(policy, rows)
    assert check_terms(MODELS[policy], parameters) == []
    amount = amount_of(MODELS[policy], PriceTerms("USD", parameters), UsageTotal(Decimal(used)))[1]
    edges = [str(tier.get("up_to", "")) for tier in parameters["tiers"]]
    parts = [
        (unit, edges.index(_edge(step)) + 1, Decimal(step.values.get("quantity", "0")), Decimal(step.amount))
        for step in amount.steps
    ]
    return amount.amount, [part for part in parts if part[3]]


def _edge(step: Step) -> str:
    """Read the upper edge from the label of a tier: 0-1000 (with a dash), or 1000+."""
    label = step.values["tier"]
    return "" if label.endswith("+") else label.rpartition("–")[2]


def usage(case: Case) -> Answer:
    """Answer by kind."""
    answer = _KINDS.get(case["kind"])
    if answer is None:
        raise NotCovered(case["kind"])
    return answer(case["inputs"], case["expected"])


Part = tuple[str, int, Decimal, Decimal]
"""Unit, number of the tier, blocks, amount."""


def _theirs(rows: list[Case], unit: str = "") -> list[Part]:
    found = [(row.get("unit", unit), row["tier"], Decimal(row["blocks"]), Decimal(row["amount"])) for row in rows]
    return sorted(part for part in found if part[3])


def _consumable(given: Case, expected: Case) -> Answer:
    known(given, "policy", "tiers", "units_used")
    total, parts = rated(given["policy"], given["tiers"], given["units_used"])
    unit = expected["lines"][0].get("unit", "") if expected["lines"] else ""
    found = {"total": total, "lines": [(unit, *part[1:]) for part in parts]}
    return compared(found, {"total": Decimal(expected["total"]), "lines": _theirs(expected["lines"])})


def _consumables(given: Case, expected: Case) -> Answer:
    """Bill several metrics, each a price of its own, less the tiers that were billed before."""
    known(given, "policy", "detail_mode", "period", "units", "already_billed")
    before = {(one["unit"], one["tier"]): one for one in given.get("already_billed", ())}
    lines: list[Part] = []
    for unit in given["units"]:
        for name, tier, blocks, amount in rated(given["policy"], unit["tiers"], unit["used"], unit["unit"])[1]:
            billed = before.get((name, tier), {"blocks": 0, "amount": 0})
            lines.append((name, tier, blocks - Decimal(billed["blocks"]), amount - Decimal(billed["amount"])))
    found = {"total": sum(line[3] for line in lines), "lines": sorted(line for line in lines if line[3])}
    return compared(found, {"total": Decimal(expected["total"]), "lines": _theirs(expected["lines"])})


def _reconciled(given: Case, expected: Case) -> Answer:
    """Bill a period whose usage was billed in part before, at an amount that is given."""
    known(given, "policy", "tiers", "period", "raw_usage", "already_billed_amount")
    price = metered(1, MODELS[given["policy"]], tiers(given["policy"], given["tiers"]))
    start, end = (on(day) for day in given["period"])
    events = [(on(one["date"]), Decimal(one["quantity"])) for one in given["raw_usage"]]
    whole = Clerk(a_catalog((price,)), a_subscription(started(start), cancelled(end)), events)
    gross = sum((line.amount.minor for line in whole.look(end).lines), 0)
    lacks = gross - Money.of(Decimal(given["already_billed_amount"]), "EUR").minor
    unrounded = rated(given["policy"], given["tiers"], f"{sum(quantity for _day, quantity in events):f}")[0]
    found = {
        "gross_amount": Decimal(gross) / 100, "amount_to_bill": Decimal(lacks) / 100,
        "gross_amount_unrounded": unrounded, "items": Decimal(1 if lacks else 0),
    }  # fmt: skip
    return compared(found, {key: Decimal(value) for key, value in expected.items()})


def _capacity(given: Case, expected: Case) -> Answer:
    """Price the peak of one unit by the tier that holds it."""
    known(given, "tiers", "usage", "already_billed_amount")
    units = {unit for tier in given["tiers"] for unit in tier["limits"]}
    if len(units) > 1:
        raise NotCovered("peaks of several units in one price")
    (unit,) = units
    rows = [
        {"flat": tier["price"]} | ({"up_to": tier["limits"][unit]} if tier["limits"][unit] is not None else {})
        for tier in given["tiers"]
    ]
    rows[-1].pop("up_to", None)
    peak = UsageTotal(Decimal(given["usage"].get(unit, 0)), 1)
    amount = amount_of("stairstep", PriceTerms("USD", {"tiers": rows}), peak)[0].major
    lacks = amount - Decimal(given.get("already_billed_amount", 0))
    theirs: dict[str, object] = {key: Decimal(expected[key]) for key in ("amount", "amount_to_bill") if key in expected}
    return compared({"amount": amount, "amount_to_bill": lacks}, theirs)


def _transitions(given: Case, expected: Case) -> Answer:
    """Ask which stretches of usage are measured up to a day; where they touch is a transition."""
    known(given, "billing_period", "events", "target", "closed_interval")
    interval, first = INTERVALS[given["billing_period"]], given["events"][0]
    price = metered(1, "per_unit", {"unit_price": "1"}, interval=interval)
    entries = [started(on(first["date"]))]
    entries += [cancelled(on(event["date"])) for event in given["events"] if event["type"] == "CANCEL"]
    contract = a_subscription(*entries, anchor=anchor_for(on(first["date"]), first["bcd"], interval))
    windows = needed_usage(contract, a_catalog((price,)), None, on(given["target"]))
    edges = sorted({day for window in windows for day in (window.period.start, window.period.end)})
    return [day.isoformat() for day in edges], [one["date"] for one in expected["transitions"]]


def _scenario(given: Case, expected: Case) -> Answer:
    """Bill a meter run by run; what ended and when the billing day moved is only said in the expected lines."""
    known(given, "usage_type", "unit", "bcd", "tiers", "records")
    if given["usage_type"] != "CONSUMABLE":
        raise NotCovered(given["usage_type"])
    items, month = expected["usage_items"], INTERVALS["MONTHLY"]
    start = on(items[0]["start"])
    price = metered(1, "graduated", tiers("ALL_TIERS", given["tiers"]))
    contract = a_subscription(started(start), *_moves(items, given["bcd"], month),
                              anchor=anchor_for(start, given["bcd"], month))  # fmt: skip
    events = [(on(one["date"]), Decimal(one["quantity"])) for one in given["records"]]
    clerk = Clerk(a_catalog((price,)), contract, events)
    ours: list[tuple[str, str, str]] = []
    for item in items:
        lines = clerk.bill(_run(item) if _is_end(item) else on(item["invoice_run"]))
        ours += [_shown(line.period.start, line.period.end - _last_day(item), line.amount) for line in lines]
        assert all(line.kind is LineKind.USAGE for line in lines)
    theirs = [(item["start"], item["end"], f"{Decimal(item['amount']):.2f}") for item in items]
    return ours, [one for one in theirs if Decimal(one[2])]


def _is_end(item: Case) -> bool:
    return bool(item.get("end_inclusive_because_cancelled"))


def _last_day(item: Case) -> timedelta:
    """Their last day of service still counts usage; ours is `[start, end)`, so the end is the day after."""
    return ONE_DAY if _is_end(item) else timedelta(0)


def _run(item: Case) -> date:
    return on(item["invoice_run"]) + ONE_DAY


def _moves(items: list[Case], bcd: int, interval: Interval) -> list[Entry]:
    found = [cancelled(on(item["end"]) + ONE_DAY) for item in items if _is_end(item)]
    day = bcd
    for item in items[1:]:
        begins = on(item["start"])
        if begins.day != day:
            day = begins.day
            anchor = anchor_for(begins, day, interval)
            found.append(entry(EntryKind.RESET_ANCHOR, begins, new_anchor=anchor))
    return found


def _shown(start: date, end: date, amount: Money) -> tuple[str, str, str]:
    return start.isoformat(), end.isoformat(), f"{amount.major:.2f}"


_KINDS = {
    "consumable_in_arrear": _consumable,
    "consumable_in_arrear_multi_unit": _consumables,
    "usage_reconciliation": _reconciled,
    "capacity_in_arrear": _capacity,
    "usage_transitions": _transitions,
    "usage_scenario": _scenario,
}
