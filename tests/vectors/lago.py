"""Lago's vocabulary in ours: fees become lines, coupons discounts, inclusive ends exclusive ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billdesk.domain.billing import ProposedLine
from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.catalog import Alignment, Catalog, PriceTerms, Proration
from billdesk.domain.discounts import Discount, DiscountedLine, DiscountFrequency, DiscountScope, apply_discounts
from billdesk.domain.entities import Address, Entity
from billdesk.domain.invoices import ExchangeRate, Line, LineKind, LineTax, TaxCategory, TaxPart
from billdesk.domain.rating import amount_of, check_terms
from billdesk.domain.rating import charge_models as models
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.tariffs import Needs
from billdesk.domain.taxes import Buyer, TaxRate, TaxTable, determine
from billdesk.domain.usage import UsageTotal, each_fee
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, cancelled, entry, metered, started
from vectors.found import Answer, Case, NotCovered, compared, known

ENTITY = Entity(1, "E", "Entity", "EUR")
RATE = ExchangeRate(Decimal(1), date(2024, 1, 1), "")
ONE_DAY = timedelta(days=1)
INTERVALS = {
    "weekly": Interval(Unit.WEEK), "monthly": Interval(Unit.MONTH), "quarterly": Interval(Unit.QUARTER),
    "semiannual": Interval(Unit.HALF_YEAR), "yearly": Interval(Unit.YEAR),
}  # fmt: skip
CENT = Decimal("0.01")


def interval_of(start: date, days: int) -> Interval:
    """Give the interval of the calendar that lasts so many days from a day, else one of that many days."""
    fitting = (
        one
        for one in INTERVALS.values()
        if grid_of(start, one, Alignment.ANNIVERSARY, 1).boundary(1) == start + timedelta(days=days)
    )
    return next(fitting, Interval(Unit.DAY, days))


def tiers(rows: Sequence[dict[str, Any]], unit: str) -> list[dict[str, str]]:
    """Turn from/to tiers into ours; `to` is the last unit inside, so it is the edge."""
    return [
        {unit: row.get("unit") or row.get("rate") or "0", "flat": row["flat"]}
        | ({"up_to": row["to"]} if row["to"] is not None else {})
        for row in rows
    ]


def terms(model: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give our model and parameters for theirs."""
    if model == "standard":
        unit = given.get("pricing_unit", {})
        price = Decimal(given["amount"]) * Decimal(unit.get("conversion_rate", "1"))
        return "per_unit", {"unit_price": f"{price:f}"}
    if model == "package":
        free = given.get("free_units") or "0"
        return "package", {"size": given["package_size"], "price": given["amount"], "free": free}
    if model == "percentage":
        return "percentage", _percentage(given)
    if model in {"graduated_percentage", "graduated", "volume"}:
        return model, {"tiers": tiers(given["tiers"], "rate" if "percentage" in model else "unit_price")}
    raise NotCovered(model)


def _percentage(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"rate": given["rate_percent"], "fixed": f"{Decimal(given['fixed_amount_per_event']):f}",
                             "free_events": given.get("free_events") or 0}  # fmt: skip
    names = (("free_units", "free_value"), ("per_event_min", "minimum"), ("per_event_max", "maximum"))
    return found | {ours: given[theirs] for theirs, ours in names if given.get(theirs) is not None}


def rate(model: str, given: dict[str, Any], quantity: Decimal, events: Sequence[Decimal] = ()) -> Decimal:
    """Rate one period; fees per event are added up as storage does it."""
    ours, parameters = terms(model, given)
    assert check_terms(ours, parameters) == []
    needs: Needs = models().get(ours).compile(parameters).needs
    fees = sum(each_fee(needs.fee, events), Decimal(0)) if needs.fee is not None else Decimal(0)
    _money, rated = amount_of(ours, PriceTerms("EUR", parameters), UsageTotal(quantity, len(events), fees=fees))
    return rated.amount


def charge_models(case: Case) -> Answer:
    """Rate a period. `unit_amount` is the amount by the units, which they show; our unit price is the price's own."""
    given, expected = case["inputs"], case["expected"]
    known(given, "model", "properties", "units", "full_units", "events")
    events = [Decimal(value) for value in given.get("events", [])]
    quantity = Decimal(given["units"]) if "units" in given else sum(events, Decimal(0))
    amount = rate(given["model"], given["properties"], quantity, events)
    return compared({"amount": amount}, {"amount": Decimal(expected["amount"])})


def part(amount_minor: str, start: date, until: date, whole: date, interval: Interval) -> list[ProposedLine]:
    """Bill a flat price from start up to, not including, until, on a grid anchored where the whole period starts."""
    price = a_price(1, "flat", {"amount": f"{Decimal(amount_minor) * CENT:f}"}, interval=interval)
    contract = a_subscription(started(start), cancelled(until), anchor=whole)
    return Clerk(a_catalog((price,)), contract).bill(until + timedelta(days=400))


def subscription_proration(case: Case) -> Answer:
    given, expected = case["inputs"], int(case["expected"]["fee_minor"])
    known(given, "plan_amount_minor", "billed_from", "billed_to", "billed_days", "full_period_start",
          "full_period_end", "full_period_days", "timezone")  # fmt: skip
    if given["billed_from"] is None:
        return 0, expected
    until, whole = date.fromisoformat(given["billed_to"]) + ONE_DAY, date.fromisoformat(given["full_period_start"])
    lines = part(
        given["plan_amount_minor"], date.fromisoformat(given["billed_from"]), until,
        whole, interval_of(whole, given["full_period_days"]),
    )  # fmt: skip
    return sum(line.amount.minor for line in lines), expected


def fixed_charges(case: Case) -> Answer:
    given, expected = case["inputs"], int(case["expected"]["fee_minor"])
    if "units_already_paid" in given:
        known(given, "unit_amount_minor", "units_already_paid", "new_units", "pay_in_advance", "prorated")
        return _more_units(given), expected
    if "old_fee_paid_minor" in given:
        known(given, "old_fee_paid_minor", "old_fee_covered_days", "new_full_amount_minor", "period_days",
              "remaining_days")  # fmt: skip
        return _replaced(given), expected
    known(given, "full_amount_minor", "pay_in_advance", "prorated", "billed_days", "period_days")
    start = date(2024, 7, 1) + timedelta(days=given["period_days"] - given["billed_days"])
    lines = part(given["full_amount_minor"], start, date(2024, 8, 1), date(2024, 7, 1), INTERVALS["monthly"])
    return sum(line.amount.minor for line in lines), expected


def _more_units(given: dict[str, Any]) -> int:
    """Order more units in a period that is billed, at a price of which any part costs all."""
    price = a_price(1, "per_unit", {"unit_price": f"{Decimal(given['unit_amount_minor']) * CENT:f}"},
                    proration=Proration.NONE)  # fmt: skip
    contract = a_subscription(started("01-01", quantities={1: Decimal(given["units_already_paid"])}))
    clerk = Clerk(a_catalog((price,)), contract)
    clerk.bill("01-01")
    clerk.know(entry(EntryKind.CHANGE_QUANTITY, "01-11", quantities={1: Decimal(given["new_units"])}))
    return sum(line.amount.minor for line in clerk.bill("01-11"))


def _replaced(given: dict[str, Any]) -> int:
    """Change to a dearer price in a billed month."""
    old = a_price(1, "flat", {"amount": f"{Decimal(given['old_fee_paid_minor']) * CENT:f}"})
    new = a_price(2, "flat", {"amount": f"{Decimal(given['new_full_amount_minor']) * CENT:f}"})
    clerk = Clerk(a_catalog((old,), (new,)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    on = date(2026, 2, 1) - timedelta(days=given["remaining_days"])
    clerk.know(entry(EntryKind.CHANGE_PLAN, on, plan_version_id=2))
    return sum(line.amount.minor for line in clerk.bill(on))


def commitments(case: Case) -> Answer:
    """Bill a metered price with a minimum over the covered part of a period."""
    given, expected = case["inputs"], case["expected"]
    known(given, "commitment_minor", "covered_days", "period_days", "fees_minor")
    minimum = Decimal(given["commitment_minor"]) * CENT
    fees = sum((Decimal(fee) for fee in given.get("fees_minor", ["0"])), Decimal(0))
    price = metered(1, "per_unit", {"unit_price": "0.01"}, interval=Interval(Unit.DAY, given["period_days"]),
                    limits=(minimum,))  # fmt: skip
    start = date(2024, 1, 1)
    contract = a_subscription(started(start), cancelled(start + timedelta(days=given["covered_days"])))
    clerk = Clerk(a_catalog((price,)), contract, [(start, fees)])
    lines = clerk.bill(start + timedelta(days=400))
    true_up = sum(line.amount.minor for line in lines if line.kind is LineKind.MINIMUM)
    found = {"true_up_fee_minor": str(true_up), "prorated_commitment_minor": str(true_up + int(fees))}
    return compared(found, expected)


def a_discount(number: int, coupon: dict[str, Any]) -> Discount:
    frequency = {"once": DiscountFrequency.ONCE}.get(coupon.get("frequency", ""), DiscountFrequency.FOREVER)
    scope, ids, subscription = DiscountScope.ALL, frozenset[int](), None
    wanted = coupon.get("scope", "all")
    if isinstance(wanted, list):
        scope, ids = DiscountScope.PRICES, frozenset(int(name[2:]) for name in wanted)
    elif wanted.startswith("subscription"):
        subscription = int(wanted.split()[1])
    percent = Decimal(coupon["rate_percent"]) if "rate_percent" in coupon else None
    amount = Money(int(coupon["amount_minor"]), coupon.get("currency", "EUR")) if "amount_minor" in coupon else None
    left = Money(amount.minor - int(coupon.get("used_minor", 0)), amount.currency) if amount is not None else None
    return Discount(number, f"coupon {number}", percent, amount, scope, ids, frequency, left=left,
                    subscription_id=subscription, position=number)  # fmt: skip


def coupons(case: Case) -> Answer:
    given, expected = case["inputs"], case["expected"]
    fees = given.get("fees") or [{"amount_minor": one} for one in given.get("fees_minor", ())]
    fees = fees or [{"amount_minor": given.get("base_minor") or given.get("fees_total_minor")}]
    lines = [
        DiscountedLine(int(fee["amount_minor"]), int(fee.get("id", "bm1")[2:]), fee.get("subscription", 1), date.min)
        for fee in fees
    ]
    prices = {number: a_price(number) for number in range(1, 9)}
    wanted = given.get("coupons_in_application_order") or [given["coupon"]]
    discounts = [a_discount(number, coupon) for number, coupon in enumerate(wanted, 1)]
    result = apply_discounts(lines, discounts, Catalog(prices), given.get("invoice_currency", "EUR"))
    taxed = tax_lines(
        [a_line(n, line.amount, share, fee.get("tax_percent") or given.get("tax_percent", "0"))
         for n, (line, share, fee) in enumerate(zip(lines, result.shares, fees, strict=True), 1)],
        [False] * len(lines), RATE, ENTITY,
    )  # fmt: skip
    total = str(sum(result.shares))
    found: dict[str, object] = {
        "discount_minor": total, "total_discount_minor": total, "discount_total_minor": total,
        "allocation_minor": [str(share) for share in result.shares], "coupons_consumed": len(result.uses),
        "net_before_tax_minor": str(taxed.net.minor), "net_minor": str(taxed.net.minor),
        "fees_total_minor": str(sum(line.amount for line in lines)), "tax_total_minor": str(taxed.tax.minor),
        "total_minor": str((taxed.net + taxed.tax).minor),
    }  # fmt: skip
    # Their shares have five decimals of a cent; a share of ours is money, within a cent of theirs.
    for fee, share in zip(fees, result.shares, strict=True):
        theirs = expected.get("fees", {}).get(fee.get("id"))
        assert theirs is None or abs(Decimal(theirs["coupon_minor"]) - share) < 1
    return compared(found, {key: value for key, value in expected.items() if key != "fees"})


def a_line(number: int, amount: int, discount: int, percent: str | LineTax) -> Line:
    tax = LineTax(TaxCategory.STANDARD, Decimal(percent), country="BE") if isinstance(percent, str) else percent
    return Line(
        number, LineKind.CHARGE, "x", Decimal(1), "C62", None, Money(amount, "EUR"), Money(discount, "EUR"), tax
    )


def taxes(case: Case) -> Answer:
    """Tax lines whose rates are single or added up; `effective_rate_percent` is a quotient for their display."""
    given, expected = case["inputs"], case["expected"]
    if "fees" not in given:
        return _picked(given, expected)
    known(given, "fees")
    lines = [
        a_line(number, int(fee["amount_minor"]), round(Decimal(fee.get("coupon_minor", 0))), added_up(fee["taxes"]))
        for number, fee in enumerate(given["fees"], 1)
    ]
    taxed = tax_lines(lines, [False] * len(lines), RATE, ENTITY)
    by_code: dict[str, int] = {}
    for group in taxed.groups:
        for one in group.tax.parts:
            by_code[one.name] = by_code.get(one.name, 0) + (one.amount.minor if one.amount else 0)
    found = {
        "tax_total_minor": str(taxed.tax.minor),
        "tax_by_code_minor": {code: str(minor) for code, minor in by_code.items()},
    }
    return compared(found, {key: value for key, value in expected.items() if key != "effective_rate_percent"})


def added_up(rates: Sequence[Sequence[str]]) -> LineTax:
    """Give the tax of a line that several authorities share, from (code, percent)."""
    parts = tuple(TaxPart(code, Decimal(percent)) for code, percent in rates)
    return LineTax(TaxCategory.STANDARD, sum((one.percent for one in parts), Decimal(0)), country="BE", parts=parts)


def picked(classes: Mapping[str, Sequence[Sequence[str]]], tax_class: str) -> LineTax:
    """Let the engine pick the rate of a class from (code, percent) by class; without its own it is the standard."""
    rates = [
        TaxRate(number, "BE", added_up(rows).percent, date(2020, 1, 1), name, parts=added_up(rows).parts)
        for number, (name, rows) in enumerate(classes.items(), 1)
    ]
    seller = replace(ENTITY, address=Address(country="BE"))
    return determine(seller, Buyer("BE"), tax_class, date(2024, 1, 1), TaxTable(tuple(rates)))


_OWN_TAXES = ("{type}_taxes", "plan_taxes", "customer_taxes")


def _picked(given: Case, expected: Case) -> Answer:
    """Give what is sold a class of its own where it (or its plan, or its customer) has taxes of its own."""
    own = next((given[n] for name in _OWN_TAXES if given.get(n := name.format(type=given["fee_type"]))), ())
    percents = given["tax_rates_percent"]
    classes = {"standard": [(code, percents[code]) for code in given["billing_entity_taxes"]]}
    if own:
        classes["own"] = [(code, percents[code]) for code in own]
    tax = picked(classes, "own")
    line = a_line(1, int(given["fee_minor"]), int(given.get("coupon_minor", 0)), tax)
    taxed = tax_lines([line], [False], RATE, ENTITY)
    found = {"applied_tax_codes": [one.name for one in tax.parts], "tax_minor": str(taxed.tax.minor)}
    return compared(found, expected)


QUANTITIES = {
    "from_datetime": "from", "charges_from_datetime": "from", "fixed_charges_from_datetime": "from",
    "to_datetime": "to", "charges_to_datetime": "to", "fixed_charges_to_datetime": "to",
    "charges_duration_in_days": "days", "fixed_charges_duration_in_days": "days", "next_end_of_period": "next",
}  # fmt: skip


def periods(case: Case) -> Answer:
    """Find the period a document of `billing_at` covers on our grid, in local days."""
    given, wanted = case["inputs"], case["inputs"]["quantity"]
    known(given, "anchor_at", "started_at", "billing_at", "billing_time", "interval", "pay_in_advance", "quantity",
          "terminated_at", "timezone", "current_usage")  # fmt: skip
    zone = ZoneInfo(given["timezone"])
    alignment = Alignment.CALENDAR if given["billing_time"] == "calendar" else Alignment.ANNIVERSARY
    grid = grid_of(_local(given["anchor_at"], zone), INTERVALS[given["interval"]], alignment, 1)
    now = grid.period_at(_local(given["billing_at"], zone))
    runs_now = given["current_usage"] or given["terminated_at"] or (
        given["pay_in_advance"] and wanted in {"from_datetime", "to_datetime"}
    )  # fmt: skip
    whole = now if runs_now else grid.period_at(now.start - ONE_DAY)
    if wanted not in QUANTITIES:
        raise NotCovered(wanted)
    if QUANTITIES[wanted] == "days":
        return whole.days, int(case["expected"]["value"])
    last = whole.last_day
    if given["terminated_at"]:
        last = min(last, _local(given["terminated_at"], zone))
    first = max(whole.start, _local(given["started_at"], zone))
    found = {"from": first, "to": last, "next": now.last_day}[QUANTITIES[wanted]]
    return found.isoformat(), _expected_day(case, zone)


def _local(text: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(text).astimezone(zone).date()


def _expected_day(case: Case, zone: ZoneInfo) -> str:
    value = datetime.strptime(str(case["expected"]["value"]), "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    return value.astimezone(zone).date().isoformat()
