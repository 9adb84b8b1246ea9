"""Questions to other rooms of the house: revenue by month, MRR movements, and the order of an invoice's sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from billdesk.documents.pdf import render_invoice
from billdesk.domain.catalog import Proration
from billdesk.domain.invoices import CreditUse, DiscountShown
from billdesk.domain.standing import standing
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from builders.contracts import (
    YEAR,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    override,
    per_unit,
    started,
)
from builders.invoices import a_line, an_invoice
from builders.pdfs import texts_of
from vectors.books import Service, a_sales_book, recognised
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.lago import ONE_DAY

MONTH = Interval(Unit.MONTH)


def on(text: str) -> date:
    return date.fromisoformat(text)


def _months(expected: Case) -> int:
    return len(expected["revenue"])


def _texts(amounts: dict[str, Decimal]) -> dict[str, str]:
    return {month: f"{amount:.2f}" for month, amount in amounts.items()}


def _cancelled_service(given: Case, expected: Case) -> Answer:
    """Recognise a line whose contract was cancelled without a credit: nothing changes."""
    known(given, "amount", "service", "canceled", "refund")
    if Decimal(given["refund"]):
        raise NotCovered("refund")
    first, last = (on(day) for day in given["service"])
    revenue, deferred = recognised([Service(given["amount"], first, last, first)], _months(expected))
    return compared({"revenue": _texts(revenue), "deferred_change": _texts(deferred)}, expected)


def _finalized(given: Case, expected: Case) -> Answer:
    """Recognise lines with and without days of service; what has none is revenue at once."""
    known(given, "lines", "finalized")
    issued = on(given["finalized"])
    services = []
    for line in given["lines"]:
        first, last = (on(day) for day in line["service"]) if line["service"] else (None, None)
        services.append(Service(line["amount"], first, last, issued))
    revenue, deferred = recognised(services, _months(expected))
    left: dict[str, Decimal] = {}
    for month, change in deferred.items():
        left[month] = sum(left.values(), Decimal(0)) + change if not left else list(left.values())[-1] + change
    ends = {month: amount for month, amount in _texts(left).items() if month in expected["deferred_end"]}
    return compared({"revenue": _texts(revenue), "deferred_end": ends}, expected)


def _created(given: Case, expected: Case) -> Answer:
    """Recognise a line that is invoiced on the day it is made."""
    known(given, "amount", "created", "service")
    first, last = (on(day) for day in given["service"])
    issued = on(given["created"])
    revenue, _deferred = recognised([Service(given["amount"], first, last, issued)], _months(expected))
    return compared({"revenue": _texts(revenue), "booked_month": issued.isoformat()[:7]}, expected)


def _used(given: Case, expected: Case) -> Answer:
    """Recognise usage in the month in which it was used, though it is invoiced later."""
    known(given, "unit", "usage", "invoiced")
    issued = on(given["invoiced"])
    services = []
    for month, quantity in given["usage"].items():
        first = on(f"{month}-01")
        amount = f"{Decimal(given['unit']) * quantity:f}"
        services.append(Service(amount, first, (first + timedelta(days=31)).replace(day=1) - ONE_DAY, issued))
    return compared({"revenue": _texts(recognised(services, _months(expected))[0])}, expected)


def _by_method(given: Case, expected: Case) -> Answer:
    """Recognise by day, the only method of ours; months are named by number."""
    known(given, "amount", "service", "method", "rounding")
    first, last = (on(day) for day in given["service"])
    revenue, _deferred = recognised([Service(given["amount"], first, last, first)], _months(expected))
    return compared({"revenue": {month[5:]: amount for month, amount in _texts(revenue).items()}}, expected)


def _segments(given: Case, expected: Case) -> Answer:
    """Bill a year month by month with a price that rises in it, and add up what each segment was billed."""
    known(given, "monthly_before", "monthly_after", "start", "change", "end_inclusive")
    price = a_price(1, "flat", {"amount": given["monthly_before"]})
    end = on(given["end_inclusive"]) + ONE_DAY
    contract = a_subscription(started(on(given["start"])), cancelled(end),
                              override(on(given["change"]), 1, amount=given["monthly_after"]))  # fmt: skip
    clerk = Clerk(a_catalog((price,)), contract)
    clerk.bill(end)
    found = []
    for first, until in ((on(given["start"]), on(given["change"])), (on(given["change"]), end)):
        lines = [line for line in clerk.lines if first <= line.period.start < until]
        total = sum((line.amount.major for line in lines), Decimal(0))
        found.append([first.isoformat(), (until - ONE_DAY).isoformat(), f"{total:.2f}"])
    return compared({"segments": found}, expected)


def _order_metrics(given: Case, expected: Case) -> Answer:
    """Bill seats over some months: MRR, and what they come to at their price and at the list price."""
    known(given, "quantity_delta", "unit_price", "original_list_price", "start", "end_inclusive")
    start, end = on(given["start"]), on(given["end_inclusive"]) + ONE_DAY
    found = {}
    for name, price, policy in (
        ("tcv_actual_days", given["unit_price"], Proration.BY_DAY),
        ("tcb_30_day_month", given["unit_price"], Proration.FIXED_DAYS),
        ("elp_30_day_month", given["original_list_price"], Proration.FIXED_DAYS),
    ):
        catalog = a_catalog((per_unit(1, price, proration=policy),))
        quantities = {1: Decimal(given["quantity_delta"])}
        contract = a_subscription(started(start, quantities=quantities), cancelled(end), anchor=start.replace(day=1))
        clerk = Clerk(catalog, contract)
        clerk.bill(end)
        found[name] = f"{Decimal(clerk.total) / 100:.2f}"
        if policy is Proration.BY_DAY:
            found["mrr"] = f"{Decimal(standing(contract, catalog, start).mrr_minor) / 100:.2f}"
    return compared(found, expected)


def _lost(given: Case, expected: Case) -> Answer:
    """Read from the report what contracts that end and contracts that shrink take away."""
    known(given, "churned_mrr", "contraction_mrr")
    day, later = date(2025, 1, 1), date(2025, 6, 1)
    with a_sales_book() as sales:
        sales.cancel(sales.start(day, given["churned_mrr"], MONTH), later)
        sales.another()
        sales.start(day, "100", MONTH)
        sales.cancel(sales.start(day, given["contraction_mrr"], MONTH), later)
        moved = sales.moved(day, later)
    lost = moved["contraction"] + moved["churn"]
    assert (moved["contraction"], moved["churn"]) == (Decimal(given["contraction_mrr"]), Decimal(given["churned_mrr"]))
    return compared({"churned_revenue": lost}, {key: Decimal(value) for key, value in expected.items()})


_COLUMNS = {
    "new_business": ("new", 1), "expansion": ("expansion", 1), "contraction": ("contraction", -1),
    "churn": ("churn", -1), "reactivation": ("new", 1),
}  # fmt: skip


def _movements(given: Case, expected: Case) -> Answer:
    """Sell and end the contracts of the steps, and read each day's movement from the report.

    A customer who comes back is new again in our report.
    """
    known(given, "steps")
    if given["steps"][0] != "4 Gold yearly at 500 (2000 billed)":
        raise NotCovered("steps in words")
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2026, 1, 1), date(2026, 2, 1)]
    with a_sales_book() as sales:
        gold = sales.start(days[0], "2000", YEAR)
        silver = sales.start(days[1], "60", MONTH)
        sales.cancel(silver, days[2])
        sales.cancel(gold, days[3])
        sales.start(days[4], "150", MONTH)
        found = []
        for day, (name, _amount) in zip(days, expected["movements"], strict=True):
            column, sign = _COLUMNS[name]
            moved = sales.moved(day - ONE_DAY, day)
            found.append([name, f"{sign * moved[column]:.2f}"])
            assert sum(bool(moved[one]) for one in ("new", "expansion", "contraction", "churn")) == 1
    return compared({"movements": found}, expected)


_WORDS = {
    "line items": "Team plan", "discounts": "Welcome", "pre-tax total": "Total excl. VAT", "taxes": "VAT 21",
    "customer credit balance": "Balance", "credit notes": "C2026-0001", "amount due": "Amount due",
}  # fmt: skip


def _order(given: Case, expected: Case) -> Answer:
    """Print an invoice that has all of them, and read in which order they stand."""
    known(given, "question")
    discount = Money(1000, "EUR")
    record = an_invoice(lines=(a_line(discount=1000),), discounts=(DiscountShown("Welcome", discount),))
    uses = (CreditUse("Balance", Money(500, "EUR")), CreditUse("C2026-0001", Money(300, "EUR"), credit_document_id=3))
    text = " ".join(texts_of(render_invoice(replace(record, credits=uses))))
    places = {name: text.rfind(word if name != "taxes" else "\nVAT") for name, word in _WORDS.items()}
    assert min(places.values()) >= 0, places
    return compared({"order": sorted(places, key=lambda name: places[name])}, expected)


Question = Callable[[Case, Case], Answer]
BY_INPUT: dict[tuple[str, str], Question] = {
    ("revenue", "canceled"): _cancelled_service,
    ("revenue", "finalized"): _finalized,
    ("revenue", "created"): _created,
    ("revenue", "usage"): _used,
    ("revenue", "method"): _by_method,
    ("revenue", "monthly_before"): _segments,
    ("metrics", "quantity_delta"): _order_metrics,
    ("metrics", "churned_mrr"): _lost,
    ("metrics", "steps"): _movements,
    ("credit_note", "question"): _order,
}
"""Which function answers, by area and an input that only such cases have."""
