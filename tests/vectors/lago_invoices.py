"""Lago's invoices in ours: a settlement whose charges and credits may be taxed apart, as two documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billdesk.domain.aggregations import Reading, weighted_sum
from billdesk.domain.billing import ProposedLine, SettleOptions
from billdesk.domain.billing.taxing import Taxed, tax_lines
from billdesk.domain.catalog import Alignment, Price, PriceTerms, Timing
from billdesk.domain.discounts import DiscountedLine, apply_discounts
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import amount_of
from billdesk.domain.thresholds import Thresholds
from billdesk.domain.usage import Aggregation, Metric, UsageTotal, UsageWindow
from billdesk.domain.wallets import OpenCredit, Purse, use_credits
from billdesk.kernel.money import Money
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, cancelled, metered, plan_change, started
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.lago import CENT, ENTITY, ONE_DAY, RATE, a_discount, a_line

ALL_EVENTS = Decimal(1)
LEVEL = Metric(1, "m", "m", aggregation=Aggregation.WEIGHTED_SUM)


def invoices(case: Case) -> Answer:
    """Answer by what is given."""
    given, expected = case["inputs"], case["expected"]
    for key, answer in _ANSWERS.items():
        if key in given:
            return answer(given, expected)
    raise NotCovered(", ".join(given))


def major(minor: str | int) -> str:
    """Write cents as an amount."""
    return f"{Decimal(minor) * CENT:f}"


def plan(number: int, given: Case) -> Price:
    """Give a plan's fee: flat, in advance or arrears."""
    timing = Timing.ADVANCE if given.get("pay_in_advance") else Timing.ARREARS
    return a_price(number, "flat", {"amount": major(given["amount_minor"])}, timing=timing)


def bill_of(lines: Iterable[ProposedLine], percent: str) -> Taxed:
    """Tax lines as one document."""
    rows = [a_line(number, line.amount.minor, 0, percent) for number, line in enumerate(lines, 1)]
    return tax_lines(rows, [False] * len(rows), RATE, ENTITY)


def total_of(lines: Sequence[ProposedLine], percent: str) -> int:
    """Give the total of lines with their tax, nothing for none."""
    if not lines:
        return 0
    bill = bill_of(lines, percent)
    return (bill.net + bill.tax).minor


def apart(lines: Sequence[ProposedLine]) -> tuple[list[ProposedLine], list[ProposedLine]]:
    """Give charges and credits, which Lago puts on two documents."""
    return ([line for line in lines if line.kind is not LineKind.CREDIT],
            [line for line in lines if line.kind is LineKind.CREDIT])  # fmt: skip


def _whole_month(given: Case, expected: Case) -> Answer:
    """Bill a month of a plan with usage prices, a minimum, a coupon and rates of their own."""
    known(given, "plan", "charges", "coupons", "period")
    fees, coupons = [given["plan"], *given["charges"]], given["coupons"]
    if len(coupons) != 1:
        raise NotCovered("coupons")
    prices = [plan(1, given["plan"])]
    for number, charge in enumerate(given["charges"], 2):
        least = (Decimal(charge["minimum_minor"]) * CENT,) if "minimum_minor" in charge else ()
        prices.append(metered(number, "per_unit", {"unit_price": charge["unit_price"]}, limits=least))
    start, last = (date.fromisoformat(day) for day in given["period"])
    units = {number: Decimal(charge["units"]) for number, charge in enumerate(given["charges"], 2)}
    clerk = PerPrice(a_catalog(prices), a_subscription(started(start)), units=units)
    lines = clerk.bill(last + ONE_DAY)
    looked_at = [DiscountedLine(line.amount.minor, line.price_id, 1, line.due) for line in lines]
    coupon = a_discount(1, {**coupons[0], "frequency": "once"})
    shares = apply_discounts(looked_at, [coupon], clerk.catalog, "EUR").shares
    rows = [
        a_line(n, line.amount.minor, share, fees[(line.price_id or 1) - 1]["tax_percent"])
        for n, (line, share) in enumerate(zip(lines, shares, strict=True), 1)
    ]
    bill = tax_lines(rows, [False] * len(rows), RATE, ENTITY)
    names = list(expected["fees_minor"])
    by_line = [tax_lines([row], [False], RATE, ENTITY).tax.minor for row in rows]
    found = {
        "fees_minor": _named(names, [line.amount.minor for line in lines]),
        "coupon_allocation_minor": _named(names, shares), "tax_minor": _named(names, by_line),
        "fees_total_minor": str(sum(line.amount.minor for line in lines)), "discount_minor": str(sum(shares)),
        "net_minor": str(bill.net.minor), "tax_total_minor": str(bill.tax.minor),
        "total_minor": str((bill.net + bill.tax).minor),
    }  # fmt: skip
    return compared(found, expected)


def _named(names: Sequence[str], minors: Iterable[int]) -> dict[str, str]:
    return dict(zip(names, map(str, minors), strict=True))


@dataclass
class PerPrice(Clerk):
    """A clerk whose usage differs by price."""

    units: dict[int, Decimal] | None = None

    def measured(self, window: UsageWindow) -> UsageTotal:
        return UsageTotal((self.units or {}).get(window.price_id, Decimal(0)), 1)


@dataclass
class ByRegion(Clerk):
    """A clerk who counts events by a property."""

    regions: tuple[str, ...] = ()

    def measured(self, window: UsageWindow) -> UsageTotal:
        assert window.dimensions == ("region",)
        cells = {region: Decimal(self.regions.count(region)) for region in sorted(set(self.regions))}
        return UsageTotal(Decimal(len(self.regions)), len(self.regions),
                          tuple(((region,), count) for region, count in cells.items()))  # fmt: skip


@dataclass
class Levelled(Clerk):
    """A clerk whose metric is a level that stands since before the contract, averaged as the book does it."""

    level: int = 0

    def measured(self, window: UsageWindow) -> UsageTotal:
        until = window.counted_until or window.period.end
        whole = (until - window.counted_from).days
        return UsageTotal(weighted_sum([Reading(-1, self.level)], 0, window.period.days, LEVEL, whole=whole))


def _in_month(start: date) -> dict[str, Any]:
    return {"alignment": Alignment.CALENDAR, "anchor": start}


def _filtered(given: Case, expected: Case) -> Answer:
    """End a month early that was billed in advance, with a price table by region that has a minimum."""
    known(given, "plan", "charge", "period_days", "covered_days", "unused_days", "tax_percent")
    charge, start = given["charge"], date(2023, 2, 1)
    if given["period_days"] != 28:
        raise NotCovered("period_days")
    rows = [{"value": one["region"], "price": one["price"]} for one in charge["filters"]]
    table = {"first": "region", "rows": [*rows, {"price": charge["default_price"]}]}
    usage = metered(2, "matrix", table, limits=(Decimal(charge["minimum_minor"]) * CENT,))
    clerk = ByRegion(a_catalog((plan(1, given["plan"]), usage)), a_subscription(started(start)),
                     regions=tuple(charge["events"]))  # fmt: skip
    clerk.bill(start)
    end = start + timedelta(days=given["covered_days"])
    clerk.know(cancelled(end))
    charges, credits_ = apart(clerk.bill(end))
    bill = bill_of(charges, given["tax_percent"])
    note = -total_of(credits_, given["tax_percent"])
    parts = {step.values.get("label", "default"): step for line in charges for step in line.trace.steps if step.amount}
    fees = {region: parts[region].amount for region in {one["region"] for one in charge["filters"]} if region in parts}
    true_up = sum(line.amount.minor for line in charges if line.kind is LineKind.MINIMUM)
    found = {
        "fees_minor": {"default": "0", "true_up": str(true_up)}
        | {region: str(Money.of(Decimal(amount), "EUR").minor) for region, amount in fees.items()},
        "fees_total_minor": str(bill.net.minor), "tax_total_minor": str(bill.tax.minor),
        "credit_note_minor": str(note), "total_due_minor": str((bill.net + bill.tax).minor - note),
    }  # fmt: skip
    return compared(found, expected)


def _terminated(given: Case, expected: Case) -> Answer:
    """End a month that was billed in advance on its last day of service, with usage in it."""
    known(given, "plan", "start", "end", "usage", "tax_percent", "on_termination")
    start, end = date.fromisoformat(given["start"]), date.fromisoformat(given["end"]) + ONE_DAY
    usage = metered(2, "per_unit", {"unit_price": given["usage"]["unit_price"]})
    clerk = Clerk(a_catalog((plan(1, given["plan"]), usage)), a_subscription(started(start), **_in_month(start)),
                  [(start, Decimal(given["usage"]["units"]))])  # fmt: skip
    clerk.bill(start)
    clerk.know(cancelled(end))
    charges, credits_ = apart(clerk.bill(end))
    bill = bill_of(charges, given["tax_percent"])
    note = -total_of(credits_, given["tax_percent"])
    found = {"usage_net_minor": str(bill.net.minor), "tax_minor": str(bill.tax.minor),
             "credit_note_total_minor": str(note)}  # fmt: skip
    return compared(found | _paid_by_note((bill.net + bill.tax).minor, note), expected)


def _paid_by_note(total: int, note: int) -> dict[str, str]:
    credit = OpenCredit(1, "CN1", Money(note, "EUR"), date(2024, 1, 1))
    uses, purse = use_credits(Purse(credits=(credit,)), Money(total, "EUR"), (), date(2025, 1, 1))
    used = sum(use.amount.minor for use in uses)
    return {"total_minor": str(total), "credit_applied_minor": str(used), "due_minor": str(total - used),
            "credit_left_minor": str(purse.credits[0].left.minor)}  # fmt: skip


def _upgraded(given: Case, expected: Case) -> Answer:
    """Change to a dearer plan in a billed month; both plans meter a level that stands."""
    known(given, "old_plan", "new_plan", "recurring_units", "unit_price", "upgrade", "tax_percent")
    day = date.fromisoformat(given["upgrade"])
    month = day.replace(day=1)
    next_month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    old = (plan(1, given["old_plan"]), metered(2, "per_unit", {"unit_price": given["unit_price"]}))
    new = (plan(3, given["new_plan"]), metered(4, "per_unit", {"unit_price": given["unit_price"]}))
    clerk = Levelled(a_catalog(old, new, aggregation=Aggregation.WEIGHTED_SUM), a_subscription(started(month)),
                     level=int(given["recurring_units"]))  # fmt: skip
    clerk.bill(month)
    clerk.know(plan_change(day, 2))
    lines = clerk.bill(day)
    by_price = {line.price_id: line.amount.minor for line in lines}
    later = clerk.bill(next_month)
    percent = given["tax_percent"]
    found = {
        "new_plan_fee_minor": str(by_price[3]), "old_usage_fee_minor": str(by_price[2]),
        "credit_note_minor": str(-by_price[1]), "due_minor": str(total_of(lines, percent)),
        f"next_invoice_{next_month.isoformat().replace('-', '_')}_minor": str(total_of(later, percent)),
    }  # fmt: skip
    return compared(found, expected)


def _ended(given: Case, expected: Case) -> Answer:
    """End a contract in arrears whose metric is a level that stands; months before were billed."""
    known(given, "plan", "recurring_units", "unit_price", "start", "terminate", "tax_percent")
    start, end = date.fromisoformat(given["start"]), date.fromisoformat(given["terminate"]) + ONE_DAY
    prices = (plan(1, given["plan"]), metered(2, "per_unit", {"unit_price": given["unit_price"]}))
    contract = a_subscription(started(start), cancelled(end), **_in_month(start))
    clerk = Levelled(a_catalog(prices, aggregation=Aggregation.WEIGHTED_SUM), contract,
                     level=int(given["recurring_units"]))  # fmt: skip
    clerk.bill(end.replace(day=1))
    return compared({"due_minor": str(total_of(clerk.bill(end), given["tax_percent"]))}, expected)


def _changed_and_ended(given: Case, expected: Case) -> Answer:
    """Change the plan on the day it starts, and end it."""
    known(given, "plan", "upgrade", "terminate", "tax_percent")
    start, end = date.fromisoformat(given["upgrade"]), date.fromisoformat(given["terminate"]) + ONE_DAY
    contract = a_subscription(started(start), plan_change(start, 2), **_in_month(start))
    clerk = Clerk(a_catalog((plan(1, given["plan"]),), (plan(2, given["plan"]),)), contract)
    first = clerk.bill(start)
    clerk.know(cancelled(end))
    found = {"old_plan_invoice_minor": str(total_of(first, given["tax_percent"])),
             "due_minor": str(total_of(clerk.bill(end), given["tax_percent"]))}  # fmt: skip
    return compared(found, expected)


def _edited(given: Case, expected: Case) -> Answer:
    """Type another price and quantity on a draft; credit pays what it then comes to."""
    known(given, "usage_fee_minor", "adjusted_unit_price", "adjusted_units", "available_credit_minor")
    terms = PriceTerms("EUR", {"unit_price": given["adjusted_unit_price"]})
    fee = amount_of("per_unit", terms, UsageTotal(Decimal(given["adjusted_units"])))[0].minor
    found = {"fee_minor": str(fee)} | _paid_by_note(fee, int(given["available_credit_minor"]))
    return compared(found, expected)


def _overpaid(given: Case, expected: Case) -> Answer:
    """Let a credit note pay a smaller bill of usage."""
    known(given, "usage_net_minor", "tax_percent", "credit_note_minor")
    bill = tax_lines([a_line(1, int(given["usage_net_minor"]), 0, given["tax_percent"])], [False], RATE, ENTITY)
    return compared(_paid_by_note((bill.net + bill.tax).minor, int(given["credit_note_minor"])), expected)


def _progressive(given: Case, expected: Case) -> Answer:
    """Bill when the usage of the whole life passes a threshold, and the rest when the period ends."""
    known(
        given, "plan_amount_minor", "unit_price", "thresholds_minor", "recurring_threshold_minor", "events_per_period"
    )
    step = given["recurring_threshold_minor"]
    thresholds = Thresholds(tuple(Decimal(one) * CENT for one in given["thresholds_minor"]),
                            Decimal(step) * CENT if step is not None else None)  # fmt: skip
    prices = (plan(1, {"amount_minor": given["plan_amount_minor"]}),
              metered(2, "per_unit", {"unit_price": given["unit_price"]}))  # fmt: skip
    clerk = Clerk(a_catalog(prices), a_subscription(started("01-01")))
    life, found = Decimal(0), []
    for month, (events, theirs) in enumerate(zip(given["events_per_period"], expected["periods"], strict=True), 1):
        day, early = date(2026, month, 2), []
        for quantity in events:
            clerk.events.append((day, Decimal(quantity)))
            now = life + Decimal(quantity) * Decimal(given["unit_price"])
            passed = thresholds.passed(life, now)
            life = now
            lines = clerk.bill(day, SettleOptions(progressive=frozenset({2}))) if passed else []
            early.append(str(sum(line.amount.minor for line in lines)) if passed else None)
        ended = clerk.bill(date(2026, month + 1, 1))
        before = sum(int(one) for one in early if one is not None)
        total = sum(line.amount.minor for line in ended)
        at_end = {"fees_minor": str(total + before), "progressive_credit_minor": str(before), "total_minor": str(total)}
        found.append({"progressive_invoices_minor": early,
                      "end_of_period_invoice": at_end if theirs["end_of_period_invoice"] else None})  # fmt: skip
    return compared({"periods": found}, expected)


def _progressive_ended(given: Case, expected: Case) -> Answer:
    """End a contract in arrears whose usage was billed when it passed a threshold."""
    known(given, "plan_amount_minor", "usage_minor", "progressive_invoice_minor", "terminate")
    end = date.fromisoformat(given["terminate"]) + ONE_DAY
    start = end.replace(day=1)
    usage = metered(2, "per_unit", {"unit_price": major(given["usage_minor"])})
    prices = (plan(1, {"amount_minor": given["plan_amount_minor"]}), usage)
    clerk = Clerk(a_catalog(prices), a_subscription(started(start), cancelled(end)), [(start, ALL_EVENTS)])
    early = sum(line.amount.minor for line in clerk.bill(start, SettleOptions(progressive=frozenset({2}))))
    total = sum(line.amount.minor for line in clerk.bill(end))
    found = {"fees_minor": str(total + early), "progressive_credit_minor": str(early), "total_minor": str(total)}
    return compared(found, expected)


_ANSWERS = {
    "charges": _whole_month,
    "charge": _filtered,
    "usage": _terminated,
    "old_plan": _upgraded,
    "recurring_units": _ended,
    "adjusted_units": _edited,
    "credit_note_minor": _overpaid,
    "upgrade": _changed_and_ended,
    "thresholds_minor": _progressive,
    "progressive_invoice_minor": _progressive_ended,
}
