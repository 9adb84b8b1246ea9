"""Lago's vocabulary in ours: fees become lines, coupons discounts, inclusive ends exclusive ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billdesk.domain.aggregations import Reading, rounded, weighted_sum
from billdesk.domain.billing import BilledLine, ProposedLine, settle
from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.catalog import Alignment, Catalog, PriceTerms, Proration, Timing
from billdesk.domain.discounts import Discount, DiscountedLine, DiscountFrequency, DiscountScope, apply_discounts
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import ExchangeRate, Line, LineKind, LineTax, TaxCategory
from billdesk.domain.rating import amount_of, check_terms
from billdesk.domain.rating import charge_models as models
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.tariffs import Needs
from billdesk.domain.usage import Aggregation, Metric, RoundingMode, UsageTotal, each_fee
from billdesk.domain.wallets import OpenCredit, Purse, Wallet, use_credits
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, cancelled, entry, metered, started
from vectors.found import Case, NotCovered

ENTITY = Entity(1, "E", "Entity", "EUR")
RATE = ExchangeRate(Decimal(1), date(2024, 1, 1), "")
ONE_DAY = timedelta(days=1)
INTERVALS = {
    "weekly": Interval(Unit.WEEK), "monthly": Interval(Unit.MONTH), "quarterly": Interval(Unit.QUARTER),
    "semiannual": Interval(Unit.HALF_YEAR), "yearly": Interval(Unit.YEAR),
}  # fmt: skip
LENGTHS = ((7, "weekly"), (31, "monthly"), (92, "quarterly"), (184, "semiannual"), (366, "yearly"))
CENT = Decimal("0.01")


def interval_of(days: int) -> Interval:
    return INTERVALS[next(name for most, name in LENGTHS if days <= most)]


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
    raise NotImplementedError(model)


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


def charge_models(case: Case) -> tuple[object, object]:
    given = case["inputs"]
    events = [Decimal(value) for value in given.get("events", [])]
    quantity = Decimal(given["units"]) if "units" in given else sum(events, Decimal(0))
    return rate(given["model"], given["properties"], quantity, events), Decimal(case["expected"]["amount"])


def aggregations(case: Case) -> tuple[object, object]:
    """Aggregate as storage does where SQL is not exact: rounding, and levels weighted by time."""
    given, expected = case["inputs"], case["expected"]
    if given["aggregation"] == "rounding":
        mode = RoundingMode(given["function"] or "none")
        metric = Metric(1, "m", "m", rounding=mode, rounding_places=given["precision"] or 0)
        return rounded(Decimal(given["units"]), metric), Decimal(expected["units"])
    if given["aggregation"] != "weighted_sum":
        raise NotCovered(given["aggregation"])
    start, end = (datetime.fromisoformat(given[name]) for name in ("period_start", "period_end"))
    metric = Metric(1, "m", "m", aggregation=Aggregation.WEIGHTED_SUM)
    opening = [Reading(-1, int(given["initial_value"]))]
    events = [
        Reading(_micros(datetime.fromisoformat(event["at"]) - start), int(event["value"])) for event in given["events"]
    ]
    # Their period ends a millisecond before midnight; ours at midnight.
    found = weighted_sum([*opening, *events], 0, _micros(end + timedelta(milliseconds=1) - start), metric)
    return found.quantize(Decimal("0.00001")), Decimal(expected["aggregation"]).quantize(Decimal("0.00001"))


def _micros(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def usage_sequences(case: Case) -> tuple[object, object]:
    given = case["inputs"]
    if given["model"] != "percentage":
        raise NotCovered(given["model"])
    events = [Decimal(value) for value in given["events"]]
    found = []
    for number in range(1, len(events) + 1):
        known = events[:number]
        found.append(rate("percentage", given["properties"], sum(known, Decimal(0)), known))
    expected = [Decimal(step["amount_minor"]) for step in case["expected"]["steps"]]
    return [Money.of(amount, "EUR").minor for amount in found], expected


def part(amount_minor: str, start: date, until: date, whole: date, interval: Interval) -> list[ProposedLine]:
    """Bill a flat price from start up to, not including, until, on a grid anchored where the whole period starts."""
    price = a_price(1, "flat", {"amount": f"{Decimal(amount_minor) * CENT:f}"}, interval=interval)
    contract = a_subscription(started(start), cancelled(until), anchor=whole)
    return Clerk(a_catalog((price,)), contract).bill(until + timedelta(days=400))


def subscription_proration(case: Case) -> tuple[object, object]:
    given, expected = case["inputs"], int(case["expected"]["fee_minor"])
    if given["billed_from"] is None:
        return 0, expected
    until = date.fromisoformat(given["billed_to"]) + ONE_DAY
    lines = part(
        given["plan_amount_minor"], date.fromisoformat(given["billed_from"]), until,
        date.fromisoformat(given["full_period_start"]), interval_of(given["full_period_days"]),
    )  # fmt: skip
    return sum(line.amount.minor for line in lines), expected


def fixed_charges(case: Case) -> tuple[object, object]:
    given, expected = case["inputs"], int(case["expected"]["fee_minor"])
    if "units_already_paid" in given:
        return _more_units(given), expected
    if "old_fee_paid_minor" in given:
        return _replaced(given), expected
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


def commitments(case: Case) -> tuple[object, object]:
    """Bill a metered price with a minimum over the covered part of a period."""
    given, expected = case["inputs"], case["expected"]
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
    return {key: found[key] for key in expected}, expected


def _discount(number: int, coupon: dict[str, Any]) -> Discount:
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


def coupons(case: Case) -> tuple[object, object]:
    given, expected = case["inputs"], case["expected"]
    fees = given.get("fees") or [{"amount_minor": one} for one in given.get("fees_minor", ())]
    fees = fees or [{"amount_minor": given.get("base_minor") or given.get("fees_total_minor")}]
    lines = [
        DiscountedLine(int(fee["amount_minor"]), int(fee.get("id", "bm1")[2:]), fee.get("subscription", 1), date.min)
        for fee in fees
    ]
    prices = {number: a_price(number) for number in range(1, 9)}
    wanted = given.get("coupons_in_application_order") or [given["coupon"]]
    discounts = [_discount(number, coupon) for number, coupon in enumerate(wanted, 1)]
    result = apply_discounts(lines, discounts, Catalog(prices), given.get("invoice_currency", "EUR"))
    found: dict[str, object] = {
        "discount_minor": str(sum(result.shares)), "total_discount_minor": str(sum(result.shares)),
        "allocation_minor": [str(share) for share in result.shares], "coupons_consumed": len(result.uses),
        "net_before_tax_minor": str(sum(line.amount for line in lines) - sum(result.shares)),
        "discount_total_minor": str(sum(result.shares)), "fees_total_minor": str(sum(line.amount for line in lines)),
    }  # fmt: skip
    return {key: found[key] for key in expected if key in found}, {k: v for k, v in expected.items() if k in found}


def invoices(case: Case) -> tuple[object, object]:
    """Bill a month of a plan with two usage prices, one with a minimum, a coupon and three rates."""
    given, expected = case["inputs"], case["expected"]
    if "charges" not in given:
        raise NotCovered("invoice")
    plan = a_price(1, "flat", {"amount": f"{Decimal(given['plan']['amount_minor']) * CENT:f}"}, timing=Timing.ARREARS)
    prices = [plan]
    for number, charge in enumerate(given["charges"], 2):
        least = (Decimal(charge["minimum_minor"]) * CENT,) if "minimum_minor" in charge else ()
        amount = Decimal(charge["unit_price"]) * Decimal(charge["units"])
        prices.append(metered(number, "per_unit", {"unit_price": f"{amount:f}"}, limits=least))
    start, last = (date.fromisoformat(day) for day in given["period"])
    clerk = Clerk(a_catalog(prices), a_subscription(started(start)), [(start, Decimal(1))])
    lines = clerk.bill(last + ONE_DAY)
    coupon = _discount(1, {**given["coupons"][0], "frequency": "once"})
    looked_at = [DiscountedLine(line.amount.minor, line.price_id, 1, line.due) for line in lines]
    shares = apply_discounts(looked_at, [coupon], clerk.catalog, "EUR").shares
    percents = {1: given["plan"]["tax_percent"]} | {n: c["tax_percent"] for n, c in enumerate(given["charges"], 2)}
    taxed = tax_lines(
        [a_line(n, one.amount.minor, share, percents[one.price_id or 0])
         for n, (one, share) in enumerate(zip(lines, shares, strict=True), 1)],
        [False] * len(lines), RATE, ENTITY,
    )  # fmt: skip
    found = {
        "fees": [line.amount.minor for line in lines], "discounts": shares,
        "net": taxed.net.minor, "tax": taxed.tax.minor,
    }  # fmt: skip
    return found, {
        "fees": [int(one) for one in expected["fees_minor"].values()],
        "discounts": [int(one) for one in expected["coupon_allocation_minor"].values()],
        "net": int(expected["net_minor"]), "tax": int(expected["tax_total_minor"]),
    }  # fmt: skip


def a_line(number: int, amount: int, discount: int, percent: str) -> Line:
    tax = LineTax(TaxCategory.STANDARD, Decimal(percent), country="BE")
    return Line(
        number, LineKind.CHARGE, "x", Decimal(1), "C62", None, Money(amount, "EUR"), Money(discount, "EUR"), tax
    )


def taxes(case: Case) -> tuple[object, object]:
    """Tax lines whose rates are single or added up; the discount is spread over them as ours is."""
    given, expected = case["inputs"], case["expected"]
    if "fees" not in given:
        percent = given["tax_rates_percent"][expected["applied_tax_codes"][0]]
        line = a_line(1, int(given["fee_minor"]), int(given.get("coupon_minor", 0)), percent)
        return str(tax_lines([line], [False], RATE, ENTITY).tax.minor), expected["tax_minor"]
    lines = [
        a_line(number, int(fee["amount_minor"]), round(Decimal(fee.get("coupon_minor", 0))),
               str(sum(Decimal(percent) for _code, percent in fee["taxes"])))
        for number, fee in enumerate(given["fees"], 1)
    ]  # fmt: skip
    return str(tax_lines(lines, [False] * len(lines), RATE, ENTITY).tax.minor), expected["tax_total_minor"]


def credit_notes(case: Case) -> tuple[object, object]:
    given, expected = case["inputs"], case["expected"]
    if "available_notes_minor" in given:
        return _applied(given), (expected["applied_minor"], expected["due_minor"])
    if "items" in given:
        lines = [
            a_line(number, -int(item["amount_minor"]), -round(Decimal(item.get("fee_coupon_minor", 0))),
                   item["tax_percent"])
            for number, item in enumerate(given["items"], 1)
        ]  # fmt: skip
        taxed = tax_lines(lines, [False] * len(lines), RATE, ENTITY)
        found = {"net_minor": -taxed.net.minor, "tax_minor": -taxed.tax.minor}
        found["total_minor"] = found["net_minor"] + found["tax_minor"]
        return {key: str(found[key]) for key in found if key in expected}, {
            key: expected[key] for key in found if key in expected
        }
    return _unused(given), (expected["net_minor"], expected["tax_minor"], expected["total_minor"])


def _applied(given: dict[str, Any]) -> tuple[list[str], str]:
    notes = tuple(
        OpenCredit(number, f"CN{number}", Money(int(left), "EUR"), date(2024, 1, number))
        for number, left in enumerate(given["available_notes_minor"], 1)
    )
    total = Money(int(given["invoice_total_minor"]), "EUR")
    uses, _purse = use_credits(Purse(credits=notes), total, (), date(2024, 2, 1))
    return [str(use.amount.minor) for use in uses], str(total.minor - sum(use.amount.minor for use in uses))


def _unused(given: dict[str, Any]) -> tuple[str, str, str]:
    """Cancel a contract whose period was billed, less what was credited and discounted before."""
    days, unused = given["period_days"], given["unused_days"]
    whole = date(2022, 10, 1) if days == 31 else date(2023, 2, 1) if days == 28 else date(2024, 2, 1)
    amount, fee = int(given["plan_amount_minor"]), int(given["last_fee_minor"])
    billed_days = round(Decimal(fee) * days / amount)
    start = whole + timedelta(days=days - billed_days)
    price = a_price(1, "flat", {"amount": f"{Decimal(amount) * CENT:f}"})
    clerk = Clerk(a_catalog((price,)), a_subscription(started(start), anchor=whole))
    clerk.bill(start)
    line = clerk.billed[0]
    clerk.billed[0] = BilledLine(**{**_fields(line), "discount": int(given["fee_coupon_minor"])})
    already = int(given["already_credited_items_minor"])
    if already:
        adjusted = {"line_id": 99, "kind": LineKind.ADJUSTMENT, "amount": -already, "corrects_line_id": line.line_id}
        clerk.billed.append(BilledLine(**{**_fields(line), **adjusted}))
    clerk.know(cancelled(whole + timedelta(days=days - unused)))
    lines = settle(clerk.subscription, clerk.catalog, {}, clerk.billed, whole + timedelta(days=days - 1)).lines
    discount = sum(one.discount.minor for one in lines if one.discount is not None)
    credit = a_line(1, sum(one.amount.minor for one in lines), discount, given["tax_percent"])
    taxed = tax_lines([credit], [False], RATE, ENTITY)
    return str(-taxed.net.minor), str(-taxed.tax.minor), str(-taxed.net.minor - taxed.tax.minor)


def _fields(line: BilledLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in BilledLine.__slots__}


def wallets(case: Case) -> tuple[object, object]:
    given, expected = case["inputs"], case["expected"]
    if "wallets_in_creation_order" in given:
        return _from_wallets(given), {key: int(value) for key, value in expected["allocation_minor"].items()}
    if "invoices_net_minor" in given:
        return _prepaid(given), expected["steps"]
    if "fees_minor" in given:
        return _capped(given), expected["prepaid_used_minor"]
    credits_ = given.get("paid_credits") or given["granted_credits"]
    minor = Money.of(Decimal(credits_) * Decimal(given["rate_amount"]), "EUR").minor
    return str(minor), expected.get("balance_minor") or expected["balance_minor_after_payment"]


PRODUCTS = {"subscription": 1, "charge": 2}


def _from_wallets(given: dict[str, Any]) -> dict[str, int]:
    granted = []
    for number, wallet in enumerate(given["wallets_in_creation_order"], 1):
        products = [PRODUCTS[name] for name in wallet.get("fee_types", [])] + [
            2 for _metric in wallet.get("metrics", [])
        ]
        granted.append(
            Wallet(number, wallet["id"], Money(int(wallet["balance_minor"]), wallet.get("currency", "EUR")),
                   date(2024, 1, number), wallet.get("priority", 50), product_ids=frozenset(products))
        )  # fmt: skip
    lines = []
    for number, fee in enumerate(given.get("fees", []), 1):
        line = a_line(number, int(fee["amount_minor"]), 0, "0")
        lines.append(_with_product(line, PRODUCTS[fee["type"]]))
    total = Money(int(given["invoice_total_minor"]), given.get("invoice_currency", "EUR"))
    uses, _left = use_credits(Purse(tuple(granted)), total, lines, date(2024, 6, 1))
    return {use.label: use.amount.minor for use in uses}


def _with_product(line: Line, product: int) -> Line:
    return replace(line, product_id=product)


def _purse(minor: str) -> Purse:
    return Purse((Wallet(1, "w", Money(int(minor), "EUR"), date(2024, 1, 1)),))


def _prepaid(given: dict[str, Any]) -> list[dict[str, str]]:
    purse, steps = _purse(given["wallet_balance_minor"]), []
    for net in given["invoices_net_minor"]:
        taxed = tax_lines([a_line(1, int(net), 0, given["tax_percent"])], [False], RATE, ENTITY)
        total = taxed.net + taxed.tax
        uses, purse = use_credits(purse, total, taxed.lines, date(2024, 6, 1))
        used = sum(use.amount.minor for use in uses)
        steps.append({"total_minor": str(total.minor), "prepaid_used_minor": str(used),
                      "due_minor": str(total.minor - used),
                      "balance_minor": str(purse.wallets[0].balance.minor)})  # fmt: skip
    return steps


def _capped(given: dict[str, Any]) -> str:
    lines = [a_line(number, int(fee), 0, given["tax_percent"]) for number, fee in enumerate(given["fees_minor"], 1)]
    taxed = tax_lines(lines, [False] * len(lines), RATE, ENTITY)
    uses, _left = use_credits(
        _purse(given["wallet_balance_minor"]), taxed.net + taxed.tax, taxed.lines, date(2024, 6, 1)
    )
    return str(sum(use.amount.minor for use in uses))


def periods(case: Case) -> tuple[object, object]:
    """Find the period a document of `billing_at` covers on our grid, in local days."""
    given, wanted = case["inputs"], case["inputs"]["quantity"]
    zone = ZoneInfo(given["timezone"])
    alignment = Alignment.CALENDAR if given["billing_time"] == "calendar" else Alignment.ANNIVERSARY
    billed_on = _local(given["billing_at"], zone)
    grid = grid_of(_local(given["anchor_at"], zone), INTERVALS[given["interval"]], alignment, 1)
    now = grid.period_at(billed_on)
    runs_now = given["current_usage"] or given["terminated_at"] or (
        given["pay_in_advance"] and wanted in {"from_datetime", "to_datetime"}
    )  # fmt: skip
    whole = now if runs_now else grid.period_at(now.start - ONE_DAY)
    start = max(whole.start, _local(given["started_at"], zone))
    if "duration" in wanted:
        return whole.days, int(case["expected"]["value"])
    days: dict[str, Callable[[], date]] = {"from": lambda: start, "to": lambda: whole.last_day}
    if wanted == "next_end_of_period":
        return now.last_day.isoformat(), _expected_day(case, zone)
    found = days["from" if "from" in wanted else "to"]()
    if given["terminated_at"] and "to_" in wanted:
        found = min(found, _local(given["terminated_at"], zone))
    return found.isoformat(), _expected_day(case, zone)


def _local(text: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(text).astimezone(zone).date()


def _expected_day(case: Case, zone: ZoneInfo) -> str:
    value = datetime.strptime(str(case["expected"]["value"]), "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    return value.astimezone(zone).date().isoformat()
