"""Numbers that other systems print in their documentation, in our vocabulary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billdesk.domain.billing import SettleOptions
from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.taxing import tax_lines, to_local
from billdesk.domain.catalog import Alignment, PriceTerms, Proration
from billdesk.domain.discounts import Discount, DiscountedLine, DiscountFrequency, apply_discounts
from billdesk.domain.entities import TaxRounding
from billdesk.domain.invoices import ExchangeRate, LineKind
from billdesk.domain.offers import IncludedOverage, build_included_overage
from billdesk.domain.rating import amount_of
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.money import Money, allocate, exponent
from billdesk.kernel.period import Interval, Period, Unit
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, metered, override, plan_change, started
from vectors.found import Case, NotCovered
from vectors.lago import ENTITY, RATE, a_line

UNITS = {"month": Unit.MONTH, "week": Unit.WEEK, "year": Unit.YEAR, "day": Unit.DAY}


def _tiers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = (("up_to", "up_to"), ("unit", "unit_price"), ("unit_amount", "unit_price"), ("flat", "flat"),
             ("flat_amount", "flat"))  # fmt: skip
    return {"tiers": [{ours: row[theirs] for theirs, ours in names if row.get(theirs) is not None} for row in rows]}


def _rate(model: str, parameters: dict[str, Any], quantity: str, currency: str = "USD") -> Money:
    return amount_of(model, PriceTerms(currency, parameters), UsageTotal(Decimal(quantity), 1))[0]


def _priced(given: dict[str, Any], quantity: str) -> Money:
    model, currency = given["model"], given.get("currency", "USD")
    if model in {"unit", "per_unit"}:
        price = given.get("unit_price") or given["unit_amount"]
        return _rate("per_unit", {"unit_price": price}, quantity, currency)
    if model == "flat":
        return _rate("flat", {"amount": given["flat_amount"]}, quantity, currency)
    if model == "package":
        size, price = given.get("size") or given["package_size"], given.get("amount") or given["package_amount"]
        down = given.get("round") == "down"
        return _rate("package", {"size": size, "price": price, "round_down": down}, quantity, currency)
    if "graduated" in model or "volume" in model:
        return _rate("graduated" if "graduated" in model else "volume", _tiers(given["tiers"]), quantity, currency)
    raise NotCovered(model)


def openmeter(case: Case) -> tuple[object, object]:
    """Rate a whole period, or what a later invoice of it adds."""
    given, expected = case["inputs"], case["expected"]
    if "minimum" in given:
        return _minimum(given), Decimal(expected["minimum_true_up"])
    before = Decimal(given.get("units_before", 0))
    upto = _priced(given, str(before + Decimal(given["units"])))
    # A package or a flat fee is owed from the first unit: nothing was billed before it.
    earlier = _priced(given, str(before)) if before else Money(0, upto.currency)
    return (upto - earlier).major, Decimal(expected["amount"])


def _minimum(given: dict[str, Any]) -> Decimal:
    models = {"unit": "per_unit", "graduated_up_to": "graduated"}
    parameters = _tiers(given["tiers"]) if "tiers" in given else {"unit_price": given["unit_price"]}
    price = metered(1, models[given["model"]], parameters, limits=(Decimal(given["minimum"]),))
    clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01")))
    lines = clerk.bill("02-01")
    return sum((line.amount.major for line in lines if line.kind is LineKind.MINIMUM), Decimal(0))


def stripe(case: Case) -> tuple[object, object]:
    """Answer by area."""
    answer = ANSWERS.get(case["id"]) or AREAS.get(case["area"])
    if answer is None:
        raise NotCovered(case["area"])
    return answer(case["inputs"], case["expected"])


def _pricing(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    if given["model"] == "flat_plus_overage":
        offer = IncludedOverage("USD", Decimal(given["flat_amount"]), Decimal(given["included_units"]),
                                Decimal(given["overage_unit_amount"]))  # fmt: skip
        flat, over = build_included_overage(metered(1, "per_unit", {}), (offer,))
        overage = amount_of("graduated", over.terms[0], UsageTotal(Decimal(given["quantity"])))[0]
        total = amount_of("flat", flat.terms[0], UsageTotal(Decimal(1)))[0] + overage
        return (overage.major, total.major), (Decimal(expected["overage"]), Decimal(expected["total"]))
    if given["model"] == "minimum_commitment":
        actual = {**given, "model": "unit", "unit_price": given["actual"]}
        price = metered(1, "per_unit", {"unit_price": actual["actual"]}, limits=(Decimal(given["minimum"]),))
        clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01")), [(date(2026, 1, 2), Decimal(1))])
        lines = clerk.bill("02-01")
        return (lines[1].amount.major, Decimal(clerk.total) / 100), (
            Decimal(expected["true_up"]),
            Decimal(expected["total"]),
        )
    return _priced(given, given["quantity"]).major, Decimal(expected["total"])


def _half_month(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    """Change the plan on the 16th of a month of thirty days."""
    old, new = (a_price(n, "flat", {"amount": given[name]}) for n, name in ((1, "old"), (2, "new")))
    clerk = Clerk(a_catalog((old,), (new,)), a_subscription(started("04-01")))
    clerk.bill("04-01")
    clerk.know(plan_change("04-16", 2))
    lines = clerk.bill("04-16")
    return [line.amount.major for line in lines], [Decimal(expected["credit"]), Decimal(expected["debit"])]


def _coupon_allocation(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    return allocate(given["amount_off_minor"], given["lines_minor"]), expected["allocated_minor"]


def _ratios(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    start = date.fromisoformat(given["start"])
    days = Period(start, date.fromisoformat(given["end_inclusive"]) + timedelta(days=1))
    whole = Period(date(2021, 2, 1), date(2021, 3, 1))
    names = {"actual_actual": Proration.BY_DAY}
    found = {}
    for name, policy in names.items():
        share, of = part_of(a_price(1, proration=policy), whole, days)
        found[name] = f"{share}/{of}"
    return found, {name: expected[name] for name in names}


def _midcycle(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    """Split usage by the terms in force at its instant."""
    first, second = (f"{Decimal(price['amount']) / Decimal(price['per']):f}" for price in given["prices"])
    price = metered(1, "per_unit", {"unit_price": first})
    days = [date(2026, 1, int(event["at"].split()[1])) for event in given["events"]]
    events = [(day, Decimal(event["quantity"])) for day, event in zip(days, given["events"], strict=True)]
    contract = a_subscription(started("01-01"), override("01-15", 1, unit_price=second))
    clerk = Clerk(a_catalog((price,)), contract, events)
    clerk.bill("02-01")
    return Decimal(clerk.total) / 100, Decimal(expected["total"])


def _threshold(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    """Bill what was used when the threshold was crossed, then true up at the end of the period."""
    price = metered(1, "volume", _tiers(given["tiers"]))
    crossed = Decimal(given["threshold"]) / Decimal(given["tiers"][0]["unit_amount"])
    clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01")), [(date(2026, 1, 2), crossed)])
    first = clerk.bill("01-03", SettleOptions(progressive=frozenset({1})))[0].amount.major
    clerk.events.append((date(2026, 1, 20), Decimal(given["final_quantity"]) - crossed))
    rest = sum((line.amount.major for line in clerk.bill("02-01")), Decimal(0))
    if "invoice_2" in expected:
        return (first, rest), (Decimal(expected["invoice_1"]), Decimal(expected["invoice_2"]))
    return (first, -rest), (Decimal(expected["threshold_invoice"]), Decimal(expected["credit_to_customer_balance"]))


def _cycle(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    if "dates" not in expected:
        raise NotCovered("cycle")
    grid = grid_of(date.fromisoformat(given["anchor"]), Interval(UNITS[given["interval"]]), Alignment.ANNIVERSARY, 1)
    return [grid.boundary(k).isoformat() for k in range(given["count"])], expected["dates"]


def _day_of_month(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    interval = Interval(UNITS[given["interval"]], given["interval_count"])
    grid = grid_of(date.fromisoformat(given["start"]), interval, Alignment.DAY, given["day_of_month"])
    return grid.boundary(0).isoformat(), expected["first_full_invoice"]


def _mixed(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    start, through = date.fromisoformat(given["start"]), date.fromisoformat(given["renewed_through"])
    found = []
    for text in given["items"]:
        grid = grid_of(start, Interval(Unit.MONTH, int(text.split()[0])), Alignment.ANNIVERSARY, 1)
        whole = grid.period_at(through)
        found.append([whole.start.isoformat(), whole.end.isoformat()])
    return found, expected["item_periods"]


def _discount(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    if "subtotal" not in given:
        return _backdated(given, expected)
    minor = Money.of(Decimal(given["subtotal"]), "USD").minor
    discounts = [
        Discount(n, "d", Decimal(one["percent"]) if "percent" in one else None,
                 Money.of(Decimal(one["amount"]), "USD") if "amount" in one else None, position=n)
        for n, one in enumerate(given["discounts"])
    ]  # fmt: skip
    result = apply_discounts([DiscountedLine(minor, 1, 1, date.min)], discounts, a_catalog((a_price(1),)), "USD")
    return Decimal(minor - sum(result.shares)) / 100, Decimal(expected["total"])


def _backdated(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    """Bill three backdated months at once with a discount for a number of periods."""
    start = date.fromisoformat(given["backdate_start"])
    dues = [date(start.year, start.month + n, 1) for n in range(3)]
    lines = [DiscountedLine(100, 1, 1, due) for due in dues]
    discount = Discount(1, "d", Decimal(50), frequency=DiscountFrequency.PERIODS,
                        periods_left=given["duration_in_months"])  # fmt: skip
    shares = apply_discounts(lines, [discount], a_catalog((a_price(1),)), "USD").shares
    found = [due.isoformat()[:7] for due, share in zip(dues, shares, strict=True) if share]
    return found, expected["discounted_periods"]


def _trial(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    """Start a trial in the middle of a month that is billed on the first."""
    start = date(2026, 1, given["subscribe_day"])
    contract = a_subscription(started(start, trial_until=start + timedelta(days=given["trial_days"])),
                              alignment=Alignment.DAY, alignment_day=given["renewal_day"])  # fmt: skip
    lines = Clerk(a_catalog((a_price(1),)), contract).bill("02-01")
    found = (lines[0].period.start.day, lines[0].period.end.day, lines[1].period.start.day)
    return found, (expected["stub_invoice_day"], given["renewal_day"], expected["full_invoice_day"])


def _tax(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    if "rate" not in given and "lines" not in given:
        raise NotCovered("tax")
    none = given.get("customer_status") in {"reverse", "exempt"}
    rows = given.get("lines") or [{"amount": given["amount"], "rate": "0" if none else given["rate"]}]
    lines = [
        a_line(n, Money.of(Decimal(row["amount"]), "EUR").minor, 0, row["rate"]) for n, row in enumerate(rows, 1)
    ]  # fmt: skip
    taxed = tax_lines(lines, [given["behavior"] == "inclusive"] * len(lines), RATE, ENTITY)
    total = taxed.net + taxed.tax
    return (taxed.tax.major, total.major), (Decimal(expected["tax"]), Decimal(expected["total"]))


def _tax_rounding(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    inclusive = [given["behavior"] == "inclusive"] * len(given["lines"])
    lines = [
        a_line(n, Money.of(Decimal(one), "EUR").minor, 0, given["rate"]) for n, one in enumerate(given["lines"], 1)
    ]
    by_line = tax_lines(lines, inclusive, RATE, replace(ENTITY, tax_rounding=TaxRounding.PER_LINE)).tax.major
    by_group = tax_lines(lines, inclusive, RATE, ENTITY).tax.major
    if "line_level" in expected:
        return (by_line, by_group), (Decimal(expected["line_level"]), Decimal(expected["invoice_level"]))
    return by_line if given["rounding"] == "line" else by_group, Decimal(expected["tax"])


def _booked(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    rate = ExchangeRate(Decimal(given.get("rate_finalized") or given["rate_paid"]), date(2024, 1, 1), "")
    amount = Money.of(Decimal(given["amount"]), given["currency"])
    return to_local(amount, rate, given["functional"]).major, Decimal(expected["booked"])


def _currency(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    if not given:
        ours = {code: exponent(code) for code in [*expected["zero"], *expected["three"]]}
        return ours, dict.fromkeys(expected["zero"], 0) | dict.fromkeys(expected["three"], 3)
    minor = Money.of(Decimal(given["amount"]), given["currency"]).minor
    return minor, expected.get("minor") or expected.get("iso_minor") or expected["ledger_minor"]


def _rounding(given: dict[str, Any], expected: dict[str, Any]) -> tuple[object, object]:
    amount = _rate("per_unit", {"unit_price": given["unit"]}, given["quantity"], given["currency"])
    return amount.major, Decimal(expected["total"])


ANSWERS = {
    "pror-half-month-10-20": _half_month,
    "pror-coupon-allocation": _coupon_allocation,
    "pror-zuora-ratio-2021-02-27": _ratios,
    "usage-midcycle-price-flexible": _midcycle,
    "threshold-volume-drop": _threshold,
    "threshold-volume-second-invoice": _threshold,
    "cycle-two-month-dom31-from-feb": _day_of_month,
    "cycle-mixed-interval-after-mar1": _mixed,
    "cycle-trial-then-first": _trial,
}
AREAS = {
    "pricing": _pricing, "billing_cycle": _cycle, "discount": _discount, "tax": _tax, "tax_rounding": _tax_rounding,
    "fx": _booked, "currency": _currency, "rounding": _rounding,
}  # fmt: skip
