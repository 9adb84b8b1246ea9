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
from billdesk.domain.entities import Entity, TaxRounding
from billdesk.domain.explain import StepKind
from billdesk.domain.invoices import ExchangeRate, Line, LineKind
from billdesk.domain.offers import IncludedOverage, build_included_overage
from billdesk.domain.rating import amount_of
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.thresholds import Thresholds
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.money import Money, allocate, exponent
from billdesk.kernel.period import Interval, Period, Unit
from builders.contracts import (
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    entry,
    metered,
    override,
    plan_change,
    started,
)
from vectors import rooms
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.lago import ENTITY, RATE, a_line, picked
from vectors.till import exchange_gain

UNITS = {"month": Unit.MONTH, "week": Unit.WEEK, "year": Unit.YEAR, "day": Unit.DAY}


def _tiers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = (("up_to", "up_to"), ("unit", "unit_price"), ("unit_amount", "unit_price"), ("flat", "flat"),
             ("flat_amount", "flat"))  # fmt: skip
    return {"tiers": [{ours: row[theirs] for theirs, ours in names if row.get(theirs) is not None} for row in rows]}


def _rate(model: str, parameters: dict[str, Any], quantity: str, currency: str = "USD") -> Money:
    return amount_of(model, PriceTerms(currency, parameters), UsageTotal(Decimal(quantity), 1))[0]


def _priced(given: Case, quantity: str) -> Money:
    model, currency = given["model"], given.get("currency", "USD")
    if model in {"unit", "per_unit"}:
        price = given.get("unit_price") or given["unit_amount"]
        return _rate("per_unit", {"unit_price": price}, quantity, currency)
    if model == "flat":
        return _rate("flat", {"amount": given["flat_amount"]}, quantity, currency)
    if model == "package":
        return _rate("package", _package(given), quantity, currency)
    if "graduated" in model or "volume" in model:
        return _rate("graduated" if "graduated" in model else "volume", _tiers(given["tiers"]), quantity, currency)
    raise NotCovered(model)


def openmeter(case: Case) -> Answer:
    """Rate a whole period, or what a later invoice of it adds."""
    given, expected = case["inputs"], case["expected"]
    known(given, "model", "tiers", "unit_price", "amount", "size", "units", "units_before", "minimum",
          "last_in_period", "previously_billed")  # fmt: skip
    if "minimum" in given:
        return compared({"minimum_true_up": _minimum(given)}, _decimals(expected))
    before = Decimal(given.get("units_before", 0))
    upto = _priced(given, str(before + Decimal(given["units"])))
    # A package or a flat fee is owed from the first unit: nothing was billed before it.
    earlier = _priced(given, str(before)) if before else Money(0, upto.currency)
    return compared({"amount": (upto - earlier).major}, _decimals(expected))


def _decimals(expected: Case) -> dict[str, object]:
    """Read amounts as numbers, so that 5 is 5.00."""
    return {key: Decimal(value) if isinstance(value, str) else value for key, value in expected.items()}


def _minimum(given: Case) -> Decimal:
    """Bill a period with its units and a minimum; `previously_billed` is what the units came to."""
    models = {"unit": "per_unit", "graduated_up_to": "graduated", "volume_up_to": "volume"}
    if given["model"] not in models or not given.get("last_in_period", True):
        raise NotCovered(given["model"])
    parameters = _tiers(given["tiers"]) if "tiers" in given else {"unit_price": given["unit_price"]}
    price = metered(1, models[given["model"]], parameters, limits=(Decimal(given["minimum"]),))
    contract = a_subscription(started("01-01"))
    clerk = Clerk(a_catalog((price,)), contract, [(date(2026, 1, 2), Decimal(given["units"]))])
    lines = clerk.bill("02-01")
    return sum((line.amount.major for line in lines if line.kind is LineKind.MINIMUM), Decimal(0))


def stripe(case: Case) -> Answer:
    """Answer by area, and in it by the inputs."""
    area, given = case["area"], case["inputs"]
    asked = [answer for (name, key), answer in BY_INPUT.items() if name == area and key in given]
    answer = asked[0] if asked else AREAS.get(area)
    if answer is None:
        raise NotCovered(area)
    return answer(given, case["expected"])


def _pricing(given: Case, expected: Case) -> Answer:
    model = given["model"]
    if model == "flat_plus_overage":
        offer = IncludedOverage("USD", Decimal(given["flat_amount"]), Decimal(given["included_units"]),
                                Decimal(given["overage_unit_amount"]))  # fmt: skip
        flat, over = build_included_overage(metered(1, "per_unit", {}), (offer,))
        overage = amount_of("graduated", over.terms[0], UsageTotal(Decimal(given["quantity"])))[0]
        total = amount_of("flat", flat.terms[0], UsageTotal(Decimal(1)))[0] + overage
        return compared({"overage": overage.major, "total": total.major}, _decimals(expected))
    if model == "minimum_commitment":
        known(given, "model", "currency", "minimum", "actual")
        price = metered(1, "per_unit", {"unit_price": given["actual"]}, limits=(Decimal(given["minimum"]),))
        clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01")), [(date(2026, 1, 2), Decimal(1))])
        lines = clerk.bill("02-01")
        least = sum((line.amount.major for line in lines if line.kind is LineKind.MINIMUM), Decimal(0))
        return compared({"true_up": least, "total": Decimal(clerk.total) / 100}, _decimals(expected))
    found: dict[str, object] = {"total": _priced(given, given["quantity"]).major}
    if model == "package":
        found["packages"] = int(_packages(given))
    return compared(found, _decimals(expected))


def _packages(given: Case) -> Decimal:
    terms = PriceTerms("USD", _package(given))
    return Decimal(
        amount_of("package", terms, UsageTotal(Decimal(given["quantity"]), 1))[1].steps[0].values["quantity"]
    )


def _package(given: Case) -> dict[str, Any]:
    return {"size": given.get("size") or given["package_size"], "price": given.get("amount") or given["package_amount"],
            "round_down": given.get("round") == "down"}  # fmt: skip


def _half_month(given: Case, expected: Case) -> Answer:
    """Change the plan on the 16th of a month of thirty days."""
    if given["remaining_fraction"] != "1/2":
        raise NotCovered(given["remaining_fraction"])
    old, new = (a_price(n, "flat", {"amount": given[name]}) for n, name in ((1, "old"), (2, "new")))
    clerk = Clerk(a_catalog((old,), (new,)), a_subscription(started("04-01")))
    clerk.bill("04-01")
    clerk.know(plan_change("04-16", 2))
    credit, debit = (line.amount.major for line in clerk.bill("04-16"))
    return compared({"credit": credit, "debit": debit, "net": credit + debit}, _decimals(expected))


def _coupon_allocation(given: Case, expected: Case) -> Answer:
    shares = allocate(given["amount_off_minor"], given["lines_minor"])
    found = {"allocated_minor": shares, "total_minor": sum(given["lines_minor"]) - sum(shares)}
    return compared(found, expected)


def _ratios(given: Case, expected: Case) -> Answer:
    """Give the part of the calendar month by each policy, in days of its whole."""
    start = date.fromisoformat(given["start"])
    days = Period(start, date.fromisoformat(given["end_inclusive"]) + timedelta(days=1))
    whole = grid_of(start, Interval(Unit.MONTH), Alignment.CALENDAR, 1).period_at(start)
    names = {
        "actual_actual": Proration.BY_DAY, "actual_360": Proration.ACTUAL_360, "strict_30_360": Proration.THIRTY_360,
    }  # fmt: skip
    found = {}
    for name, policy in names.items():
        share, of = part_of(a_price(1, proration=policy), whole, days)
        found[name] = f"{share}/{of}"
    return compared(found, expected)


def _midcycle(given: Case, expected: Case) -> Answer:
    """Split usage by the terms in force at its instant."""
    first, second = (f"{Decimal(price['amount']) / Decimal(price['per']):f}" for price in given["prices"])
    price = metered(1, "per_unit", {"unit_price": first})
    days = [date(2026, 1, int(event["at"].split()[1])) for event in given["events"]]
    events = [(day, Decimal(event["quantity"])) for day, event in zip(days, given["events"], strict=True)]
    contract = a_subscription(started("01-01"), override("01-15", 1, unit_price=second))
    clerk = Clerk(a_catalog((price,)), contract, events)
    (line,) = clerk.bill("02-01")
    parts, less = [], Decimal(0)
    for step in line.trace.steps:
        # What was counted before a change of terms is taken off at the new terms, which then go on counting.
        less += Decimal(step.amount) if step.kind is StepKind.LESS else 0
        if step.kind is StepKind.FULL:
            parts.append(f"{Decimal(step.amount) + less:.2f}")
            less = Decimal(0)
    return compared({"lines": parts, "total": f"{line.amount.major:.2f}"}, expected)


def _threshold(given: Case, expected: Case) -> Answer:
    """Bill what was used when the threshold was crossed, then true up at the end of the period."""
    price = metered(1, "volume", _tiers(given["tiers"]))
    crossed = Decimal(given["threshold"]) / Decimal(given["tiers"][0]["unit_amount"])
    clerk = Clerk(a_catalog((price,)), a_subscription(started("01-01")), [(date(2026, 1, 2), crossed)])
    first = clerk.bill("01-03", SettleOptions(progressive=frozenset({1})))[0].amount.major
    clerk.events.append((date(2026, 1, 20), Decimal(given["final_quantity"]) - crossed))
    rest = sum((line.amount.major for line in clerk.bill("02-01")), Decimal(0))
    cost = Decimal(clerk.total) / 100
    found = {
        "invoice_1": first, "threshold_invoice": first, "invoice_2": rest, "credit_to_customer_balance": -rest,
        "period_cost": cost, "invoice_2_lines": [cost, -first],
    }  # fmt: skip
    theirs = _decimals(expected)
    if "invoice_2_lines" in theirs:
        theirs["invoice_2_lines"] = [Decimal(one) for one in expected["invoice_2_lines"]]
    return compared(found, theirs)


def _cycle(given: Case, expected: Case) -> Answer:
    if "dates" not in expected:
        raise NotCovered("cycle")
    grid = grid_of(date.fromisoformat(given["anchor"]), Interval(UNITS[given["interval"]]), Alignment.ANNIVERSARY, 1)
    return [grid.boundary(k).isoformat() for k in range(given["count"])], expected["dates"]


def _day_of_month(given: Case, expected: Case) -> Answer:
    """Ask where a grid by the day of the month has its first edge after a stub."""
    interval = Interval(UNITS[given["interval"]], given["interval_count"])
    grid = grid_of(date.fromisoformat(given["start"]), interval, Alignment.DAY, given["day_of_month"])
    found = {"first_full_invoice": grid.boundary(0).isoformat(), "anchor": expected["anchor"]}
    edges = [grid.boundary(number).isoformat() for number in range(4)]
    if expected["anchor"] not in edges:
        found["anchor"] = " ".join(edges)
    return compared(found, expected)


def _mixed(given: Case, expected: Case) -> Answer:
    start, through = date.fromisoformat(given["start"]), date.fromisoformat(given["renewed_through"])
    found = []
    for text in given["items"]:
        grid = grid_of(start, Interval(Unit.MONTH, int(text.split()[0])), Alignment.ANNIVERSARY, 1)
        whole = grid.period_at(through)
        found.append([whole.start.isoformat(), whole.end.isoformat()])
    return compared({"item_periods": found, "subscription_period": min(found, key=_end)}, expected)


def _end(period: list[str]) -> tuple[str, int]:
    """Say that a contract's next invoice is that of its price that ends first; a later start wins."""
    return period[1], -date.fromisoformat(period[0]).toordinal()


def _discount(given: Case, expected: Case) -> Answer:
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


def _backdated(given: Case, expected: Case) -> Answer:
    """Bill three backdated months at once with a discount for a number of periods."""
    start = date.fromisoformat(given["backdate_start"])
    dues = [date(start.year, start.month + n, 1) for n in range(3)]
    lines = [DiscountedLine(100, 1, 1, due) for due in dues]
    discount = Discount(1, "d", Decimal(50), frequency=DiscountFrequency.PERIODS,
                        periods_left=given["duration_in_months"])  # fmt: skip
    shares = apply_discounts(lines, [discount], a_catalog((a_price(1),)), "USD").shares
    found = [due.isoformat()[:7] for due, share in zip(dues, shares, strict=True) if share]
    return found, expected["discounted_periods"]


def _trial(given: Case, expected: Case) -> Answer:
    """Start a trial in the middle of a month that is billed on the first."""
    start = date(2026, 1, given["subscribe_day"])
    contract = a_subscription(started(start, trial_until=start + timedelta(days=given["trial_days"])),
                              alignment=Alignment.DAY, alignment_day=given["renewal_day"])  # fmt: skip
    lines = Clerk(a_catalog((a_price(1),)), contract).bill("02-01")
    stub, full = lines[0].period, lines[1].period
    # The stub is said in words: "22nd to 1st".
    first, last = (int("".join(filter(str.isdigit, word))) for word in expected["stub_covers"].split(" to "))
    ours = (stub.start.day, (stub.start.day, stub.end.day), full.start.day)
    return ours, (expected["stub_invoice_day"], (first, last), expected["full_invoice_day"])


def _tax(given: Case, expected: Case) -> Answer:
    """Tax lines whose prices are without or with it; a customer without tax keeps the printed price."""
    if "invoice_rates" in given:
        return _overridden(given, expected)
    known(given, "amount", "rate", "behavior", "customer_status", "policy", "lines")
    none = given.get("customer_status") in {"reverse", "exempt"}
    if given.get("policy", "keep_gross") != "keep_gross":
        raise NotCovered(given["policy"])
    rows = given.get("lines") or [{"amount": given["amount"], "rate": "0" if none else given["rate"]}]
    lines = [
        a_line(n, Money.of(Decimal(row["amount"]), "EUR").minor, 0, row["rate"]) for n, row in enumerate(rows, 1)
    ]  # fmt: skip
    return compared(_taxed(lines, given["behavior"], ENTITY), expected)


def _taxed(lines: list[Line], behavior: str, entity: Entity) -> dict[str, object]:
    inclusive = [behavior == "inclusive"] * len(lines)
    taxed = tax_lines(lines, inclusive, RATE, entity)
    by_line = [tax_lines([line], inclusive[:1], RATE, entity).tax for line in lines]
    return {
        "net": f"{taxed.net.major:f}", "tax": f"{taxed.tax.major:f}", "total": f"{(taxed.net + taxed.tax).major:f}",
        "tax_by_line": [f"{tax.major:f}" for tax in by_line],
    }  # fmt: skip


def _overridden(given: Case, expected: Case) -> Answer:
    """Give a line rates of its own, which add up, or leave it those of the country."""
    classes = {"standard": [(one, one) for one in given["invoice_rates"]]}
    classes |= {f"line {n}": [(one, one) for one in rates] for n, rates in enumerate(given["line_rates"]) if rates}
    taxes = [picked(classes, f"line {n}") for n in range(len(given["line_rates"]))]
    return compared({"effective": [[part.name for part in tax.parts] for tax in taxes]}, expected)


def _tax_rounding(given: Case, expected: Case) -> Answer:
    lines = [
        a_line(n, Money.of(Decimal(one), "EUR").minor, 0, given["rate"]) for n, one in enumerate(given["lines"], 1)
    ]
    by_line = _taxed(lines, given["behavior"], replace(ENTITY, tax_rounding=TaxRounding.PER_LINE))
    by_group = _taxed(lines, given["behavior"], ENTITY)
    if "line_level" in expected:
        return compared({"line_level": by_line["tax"], "invoice_level": by_group["tax"]}, expected)
    return compared(by_line if given["rounding"] == "line" else by_group, expected)


def _booked(given: Case, expected: Case) -> Answer:
    """Pay an invoice at another rate than its own, or pay money back at another than it came at."""
    known(given, "amount", "currency", "functional", "rate_finalized", "rate_paid", "rate_refunded")
    amount = Money.of(Decimal(given["amount"]), given["currency"])
    before, after = (given[name] for name in ("rate_finalized", "rate_paid", "rate_refunded") if name in given)
    booked, now = (to_local(amount, ExchangeRate(Decimal(one), date(2024, 1, 1), ""), given["functional"])
                   for one in (before, after))  # fmt: skip
    gain = exchange_gain(amount, given["functional"], Decimal(before), Decimal(after),
                         is_refund="rate_refunded" in given)  # fmt: skip
    found = {"booked": booked.major, "cash": now.major, "refund": now.major, "fx_loss": -gain.major}
    return compared(found, _decimals(expected))


def _currency(given: Case, expected: Case) -> Answer:
    """Count minor units as ISO 4217 does; how Stripe's interface writes them is its own affair."""
    if not given:
        ours = {code: exponent(code) for code in [*expected["zero"], *expected["three"]]}
        return ours, dict.fromkeys(expected["zero"], 0) | dict.fromkeys(expected["three"], 3)
    known(given, "amount", "currency")
    minor = Money.of(Decimal(given["amount"]), given["currency"]).minor
    theirs = {key: value for key, value in expected.items() if not key.startswith("stripe_")}
    return compared(dict.fromkeys(("minor", "iso_minor", "ledger_minor"), minor), theirs)


def _rounding(given: Case, expected: Case) -> Answer:
    known(given, "currency", "unit", "quantity")
    terms = PriceTerms(given["currency"], {"unit_price": given["unit"]})
    money, rated = amount_of("per_unit", terms, UsageTotal(Decimal(given["quantity"])))
    return compared({"exact": rated.amount, "total": money.major}, _decimals(expected))


def _twice_upgraded(given: Case, expected: Case) -> Answer:
    """Upgrade twice and start anew each time; per cents of a period are days of a period of 10,000."""
    interval, start = Interval(Unit.DAY, 10_000), date(2026, 1, 1)
    plans = [(a_price(n, "flat", {"amount": given[f"plan_{n}"]}, interval=interval),) for n in (1, 2, 3)]
    clerk = Clerk(a_catalog(*plans), a_subscription(started(start)))
    clerk.bill(start)
    charges, day = [], start
    for number in (1, 2):
        day += timedelta(days=10_000 - int(Decimal(given[f"unused_{number}_percent"]) * 100))
        clerk.know(plan_change(day, number + 1), entry(EntryKind.RESET_ANCHOR, day, new_anchor=day))
        charges.append(sum((line.amount.major for line in clerk.bill(day)), Decimal(0)))
    # The source rounds its per cents, so its amounts are given within 0.06.
    near = [abs(ours - Decimal(expected[name])) <= Decimal("0.06")
            for ours, name in zip(charges, ("charge_1", "right_charge_2"), strict=True)]  # fmt: skip
    return (charges, near), (charges, [True, True])


def _units_per_invoice(given: Case, expected: Case) -> Answer:
    """Count units from one passing of a repeated threshold to the next, in the first tier and in the last."""
    model, parameters = given["model"].removeprefix("tiered_"), _tiers(given["tiers"])
    thresholds = Thresholds((), Decimal(given["threshold"]))

    def after(units: int) -> int:
        before = _rate(model, parameters, str(units)).major
        more = 1
        while not thresholds.passed(before, _rate(model, parameters, str(units + more)).major):
            more += 1
        return more

    edge = int(given["tiers"][0]["up_to"])
    return compared({"units_per_invoice_first_tier": after(0), "units_per_invoice_second_tier": after(edge)}, expected)


BY_INPUT = {
    ("proration", "remaining_fraction"): _half_month,
    ("proration", "amount_off_minor"): _coupon_allocation,
    ("proration", "end_inclusive"): _ratios,
    ("proration", "unused_1_percent"): _twice_upgraded,
    ("usage", "prices"): _midcycle,
    ("threshold", "final_quantity"): _threshold,
    ("threshold", "threshold"): _units_per_invoice,
    ("billing_cycle", "day_of_month"): _day_of_month,
    ("billing_cycle", "renewed_through"): _mixed,
    ("billing_cycle", "trial_days"): _trial,
    **rooms.BY_INPUT,
}
AREAS = {
    "pricing": _pricing, "billing_cycle": _cycle, "discount": _discount, "tax": _tax, "tax_rounding": _tax_rounding,
    "fx": _booked, "currency": _currency, "rounding": _rounding,
}  # fmt: skip
