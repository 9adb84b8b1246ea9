"""Pure contracts for the engine: a catalogue in memory, a subscription of entries, and a clerk who bills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billdesk.domain.billing import (
    EVERYTHING,
    BilledLine,
    Case,
    ProposedLine,
    SettledState,
    Settlement,
    SettleOptions,
    check_billed,
    looks_from,
)
from billdesk.domain.catalog import (
    Catalog,
    PlanItem,
    PlanVersion,
    Price,
    PriceTerms,
    Product,
    QuantitySource,
    Timing,
    VersionState,
)
from billdesk.domain.explain import recompute
from billdesk.domain.invoices import LineTax, TaxCategory
from billdesk.domain.subscriptions import Entry, EntryKind, Override, Subscription
from billdesk.domain.usage import Aggregation, Metric, UsageTotal, UsageWindow
from billdesk.kernel.period import Interval, Unit

MONTH = Interval(Unit.MONTH)
QUARTER = Interval(Unit.QUARTER)
YEAR = Interval(Unit.YEAR)
WEEK = Interval(Unit.WEEK)
VAT = LineTax(TaxCategory.STANDARD, Decimal(21), country="BE")
_SOURCES = {"flat": QuantitySource.ONE}


def day(text: str) -> date:
    """Read an ISO date, the year 2026 where it is left out: `day("01-15")`."""
    return date.fromisoformat(text if len(text) > len("01-15") else f"2026-{text}")


def a_price(number: int, model: str = "flat", parameters: Mapping[str, object] | None = None, **more: Any) -> Price:
    """Give a monthly price in advance of 100.00 EUR; `more` are other fields, `limits` minimum and maximum."""
    terms = PriceTerms("EUR", parameters or {"amount": "100"}, *more.pop("limits", ()))
    fields = {
        "interval": MONTH,
        "timing": Timing.ADVANCE,
        "quantity_source": _SOURCES.get(model, QuantitySource.SUBSCRIPTION),
        "terms": (terms,),
    }
    return Price(number, f"p{number}", number, f"Price {number}", model, **{**fields, **more})


def per_unit(number: int, unit_price: str, **more: Any) -> Price:
    """Give a price per seat."""
    return a_price(number, "per_unit", {"unit_price": unit_price}, **more)


def metered(number: int, model: str, parameters: Mapping[str, object], **more: Any) -> Price:
    """Give a usage price in arrears on metric 1."""
    usual = {"timing": Timing.ARREARS, "quantity_source": QuantitySource.USAGE, "metric_id": 1}
    return a_price(number, model, parameters, **{**usual, **more})


def a_catalog(*plans: Iterable[Price], aggregation: Aggregation = Aggregation.SUM) -> Catalog:
    """Give a catalogue in which plan version n holds the n-th group of prices."""
    prices = {price.id: price for plan in plans for price in plan}
    versions = {
        number: PlanVersion(
            number, number, 1, VersionState.LIVE, date(2020, 1, 1), tuple(PlanItem(price.id) for price in plan)
        )
        for number, plan in enumerate(plans, 1)
    }
    products = {number: Product(number, f"product{number}", f"Product {number}") for number in prices}
    return Catalog(prices, products, versions, {1: Metric(1, "calls", "Calls", aggregation=aggregation)})


def entry(kind: EntryKind, effective: str | date, **more: Any) -> Entry:
    """Give an entry recorded on its effective day."""
    on = effective if isinstance(effective, date) else day(effective)
    recorded = more.pop("recorded", on)
    return Entry(more.pop("id", 0), kind, on, datetime(recorded.year, recorded.month, recorded.day), **more)  # noqa: DTZ001


def started(effective: str | date = "01-01", plan: int = 1, **more: Any) -> Entry:
    """Give the start of a plan."""
    return entry(EntryKind.START, effective, plan_version_id=plan, **more)


def seats(effective: str | date, price_id: int, quantity: str | int) -> Entry:
    """Give a change of quantity."""
    return entry(EntryKind.CHANGE_QUANTITY, effective, quantities={price_id: Decimal(quantity)})


def plan_change(effective: str | date, plan: int, **more: Any) -> Entry:
    """Give a change of plan."""
    return entry(EntryKind.CHANGE_PLAN, effective, plan_version_id=plan, **more)


def cancelled(effective: str | date, *, credit: bool = True) -> Entry:
    """Give a cancellation."""
    return entry(EntryKind.CANCEL, effective, credit_unused=credit)


def override(effective: str | date, price_id: int, until: str | None = None, **parameters: str) -> Entry:
    """Give other terms for one price."""
    terms = PriceTerms("EUR", parameters)
    special = Override(price_id, terms, "deal", day(until) if until else None)
    return entry(EntryKind.OVERRIDE_PRICE, effective, override=special)


def a_subscription(*entries: Entry, anchor: str | date | None = None, **more: Any) -> Subscription:
    """Give a contract in euro, anchored where it starts."""
    numbered = tuple(replace(one, id=number) for number, one in enumerate(entries, 1))
    start = entries[0].effective if anchor is None else anchor if isinstance(anchor, date) else day(anchor)
    fields = {"currency": "EUR", "anchor": start, "entries": numbered}
    return Subscription(1, "S1", 1, 1, **{**fields, **more})


@dataclass
class Clerk:
    """Bills one contract again and again, remembering what was issued; each run checks the invariants.

    `events` are (day, quantity) of metric 1, known to every run after they are added.
    """

    catalog: Catalog
    subscription: Subscription
    events: list[tuple[date, Decimal]] = field(default_factory=list)
    billed: list[BilledLine] = field(default_factory=list)
    lines: list[ProposedLine] = field(default_factory=list)

    def known_lines(self, settled: SettledState | None) -> list[BilledLine]:
        """Give the issued lines that storage would read: those since `looks_from` and what corrects them."""
        since = looks_from(self.subscription, self.catalog, settled)
        if since is None:
            return self.billed
        found = {line.line_id for line in self.billed if line.period.end > since}
        return [line for line in self.billed if line.line_id in found or line.corrects_line_id in found]

    def look(self, as_of: str | date, options: SettleOptions = EVERYTHING) -> Settlement:
        """Settle without issuing."""
        on = as_of if isinstance(as_of, date) else day(as_of)
        case = Case(self.subscription, self.catalog, on, options)
        usage = {window: self.measured(window) for window in case.needed_usage()}
        return case.settle(usage, self.known_lines(options.settled))

    def bill(self, as_of: str | date, options: SettleOptions = EVERYTHING) -> list[ProposedLine]:
        """Settle, issue all lines, and prove that traces recompute and that nothing is left to bill."""
        settlement = self.look(as_of, options)
        for line in settlement.lines:
            assert recompute(line.trace, line.amount.currency) == line.amount, line.trace.to_json()
            assert line.amount.minor, line
            self.billed.append(self._issued(line))
        self.lines += settlement.lines
        check_billed(self.billed)
        assert self.look(as_of, options).lines == ()
        return list(settlement.lines)

    def measured(self, window: UsageWindow) -> UsageTotal:
        """Add up the events of a window."""
        found = [quantity for on, quantity in self.events if on in window.period]
        return UsageTotal(sum(found, Decimal(0)), len(found))

    def know(self, *entries: Entry) -> None:
        """Record more entries."""
        known = len(self.subscription.entries)
        more = tuple(replace(one, id=known + number) for number, one in enumerate(entries, 1))
        self.subscription = replace(self.subscription, entries=(*self.subscription.entries, *more))

    @property
    def total(self) -> int:
        """Everything billed, net of credits, in minor units."""
        return sum(line.amount for line in self.billed)

    def total_of(self, price_id: int) -> int:
        """Everything billed for one price."""
        return sum(line.amount for line in self.billed if line.price_id == price_id)

    def _issued(self, line: ProposedLine) -> BilledLine:
        number = max((one.line_id for one in self.billed), default=0) + 1
        return BilledLine(
            number, number, f"INV-{number}", line.kind, line.price_id, line.period, line.amount.minor, line.quantity,
            line.terms, VAT, discount=line.discount.minor if line.discount else 0, unit_price=line.unit_price,
            corrects_line_id=line.corrects.line_id if line.corrects else None, of_days=line.of_days,
        )  # fmt: skip


def shown(lines: Iterable[ProposedLine]) -> list[tuple[str, str, str, str]]:
    """Give lines as (kind, first day, last day, amount), which reads well in a test."""
    return [
        (
            line.kind.value,
            line.period.start.isoformat()[2:],
            line.period.last_day.isoformat()[2:],
            f"{line.amount.major:f}",
        )
        for line in lines
    ]
