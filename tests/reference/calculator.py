"""A deliberately slow and obvious second opinion: what a contract costs, day by day, in exact fractions.

It shares no code with the engine but the records: the entries are replayed for every single day, each day costs
the full amount of its quantity divided by the days of its grid period, and each grid period is rounded once.
Days of a pause cost nothing, but those of one that only keeps drafts back; days of a trial cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from billdesk.domain.catalog import Catalog, Price, PriceTerms, QuantitySource
from billdesk.domain.subscriptions import Entry, EntryKind, PauseKind, Subscription
from billdesk.kernel.period import Period, grid_period, index_at

ONE_DAY = timedelta(days=1)


def half_away(value: Fraction) -> int:
    """Round half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def model_amount(price: Price, terms: PriceTerms, quantity: Fraction) -> Fraction:
    """Give minor units (of a hundredth) of a whole period for the models the random contracts use."""
    values = terms.parameters
    if price.model == "flat":
        return Fraction(str(values["amount"])) * 100
    if price.model == "per_unit":
        return quantity * Fraction(str(values["unit_price"])) * 100
    below, amount = Fraction(0), Fraction(0)
    for tier in values["tiers"]:  # type: ignore[attr-defined]
        top = quantity if not tier.get("up_to") else min(quantity, Fraction(tier["up_to"]))
        amount += max(Fraction(0), top - below) * Fraction(tier.get("unit_price") or 0) + Fraction(
            tier.get("flat") or 0
        )
        if not tier.get("up_to") or quantity <= Fraction(tier["up_to"]):
            break
        below = Fraction(tier["up_to"])
    return amount * 100


class Replay:
    """The state of a contract on one day, found by applying every entry up to it."""

    def __init__(self, catalog: Catalog, entries: list[Entry], on: date) -> None:
        self.catalog, self.on = catalog, on
        self.plan: int | None = None
        self.quantities: dict[int, Decimal] = {}
        self.overrides: dict[int, Entry] = {}
        self.add_ons: set[int] = set()
        self.paused: PauseKind | None = None
        self.trial_until: date | None = None
        for entry in entries:
            if entry.effective <= on:
                self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        if entry.kind is EntryKind.CANCEL:
            self.plan, self.paused, self.quantities, self.overrides, self.add_ons = None, None, {}, {}, set()
            return
        if entry.kind is EntryKind.START:
            self.trial_until = entry.trial_until
        if entry.kind is EntryKind.CONVERT:
            self.trial_until = entry.effective
        if entry.plan_version_id is not None:
            self.plan = entry.plan_version_id
            kept = self._sold() | self.add_ons
            self.quantities = {key: value for key, value in self.quantities.items() if key in kept}
        if self.plan is not None:
            self.add_ons |= entry.quantities.keys() - self._sold()
            self.quantities |= entry.quantities
            ended = {key for key in self.add_ons if self.quantities.get(key) == 0}
            self.add_ons -= ended
            self.quantities = {key: value for key, value in self.quantities.items() if key not in ended}
        if entry.override is not None:
            self.overrides[entry.override.price_id] = entry
        if entry.kind is EntryKind.PAUSE:
            self.paused = entry.pause_kind
        if entry.kind is EntryKind.RESUME:
            self.paused = None

    def _sold(self) -> set[int]:
        return set() if self.plan is None else {i.price_id for i in self.catalog.plan_versions[self.plan].items}

    def in_force(self) -> dict[int, tuple[Decimal, PriceTerms]]:
        """Give price ids with quantity and terms that count on the day."""
        if self.plan is None or self.paused not in {None, PauseKind.BILLING_KEEP}:
            return {}
        if self.trial_until is not None and self.on < self.trial_until:
            return {}
        found = {}
        ordered = {item.price_id: item.quantity for item in self.catalog.plan_versions[self.plan].items}
        ordered |= {key: self.quantities[key] for key in self.add_ons}
        for price_id, quantity in ordered.items():
            terms = self.catalog.prices[price_id].terms[0]
            entry = self.overrides.get(price_id)
            if entry is not None and entry.override is not None:
                until = entry.override.until
                terms = entry.override.terms if until is None or self.on < until else terms
            found[price_id] = (self.quantities.get(price_id, quantity), terms)
        return found


def days_of(first: date, last: date) -> Iterator[date]:
    """Give each day from first up to, not including, last."""
    while first < last:
        yield first
        first += ONE_DAY


def costs(catalog: Catalog, subscription: Subscription, until: date) -> dict[int, int]:
    """Give what each price costs over all days before `until`, in minor units, by-day proration."""
    entries = sorted(
        (one for one in subscription.entries if not one.revoked),
        key=lambda one: (one.effective, one.recorded_at, one.id),
    )
    exact: dict[tuple[int, Period], Fraction] = defaultdict(Fraction)
    start = min(one.effective for one in entries)
    for on in days_of(start, until):
        for price_id, (quantity, terms) in _on(catalog, entries, on).items():
            price = catalog.prices[price_id]
            if price.interval is None or price.quantity_source is QuantitySource.USAGE:
                continue
            whole = _whole(price, subscription, on)
            amount = model_amount(price, terms, Fraction(quantity))
            exact[price_id, whole] += amount / whole.days
    totals: dict[int, int] = defaultdict(int)
    for (price_id, _whole_period), amount in exact.items():
        totals[price_id] += half_away(amount)
    return dict(totals)


def usage_costs(
    catalog: Catalog, subscription: Subscription, events: list[tuple[date, Decimal]], until: date
) -> dict[int, int]:
    """Give what each usage price costs: event after event, each at the terms of its day, tiers counting on."""
    entries = sorted(
        (one for one in subscription.entries if not one.revoked),
        key=lambda one: (one.effective, one.recorded_at, one.id),
    )
    exact: dict[tuple[int, Period], Fraction] = {}
    counted: dict[tuple[int, Period], Fraction] = defaultdict(Fraction)
    start = min(one.effective for one in entries)
    for on in days_of(start, until):
        for price_id, (_quantity, terms) in _on(catalog, entries, on).items():
            price = catalog.prices[price_id]
            if price.quantity_source is not QuantitySource.USAGE:
                continue
            key = (price_id, _whole(price, subscription, on))
            exact.setdefault(key, model_amount(price, terms, Fraction(0)))
            for quantity in [Fraction(found) for day, found in events if day == on]:
                before = model_amount(price, terms, counted[key])
                counted[key] += quantity
                exact[key] += model_amount(price, terms, counted[key]) - before
    totals: dict[int, int] = defaultdict(int)
    for (price_id, _whole_period), amount in exact.items():
        totals[price_id] += half_away(amount)
    return dict(totals)


def month_costs(catalog: Catalog, subscription: Subscription, price_id: int, until: date) -> dict[Period, Fraction]:
    """Give what one price costs in each of its grid periods before `until`, in minor units, exactly."""
    entries = sorted(subscription.entries, key=lambda one: (one.effective, one.recorded_at, one.id))
    exact: dict[Period, Fraction] = defaultdict(Fraction)
    for on in days_of(min(one.effective for one in entries), until):
        quantity, terms = _on(catalog, entries, on).get(price_id, (None, None))
        if quantity is not None and terms is not None:
            price = catalog.prices[price_id]
            whole = _whole(price, subscription, on)
            exact[whole] += model_amount(price, terms, Fraction(quantity)) / whole.days
    return dict(exact)


def _on(catalog: Catalog, entries: list[Entry], on: date) -> dict[int, tuple[Decimal, PriceTerms]]:
    return Replay(catalog, entries, on).in_force()


def _whole(price: Price, subscription: Subscription, on: date) -> Period:
    assert price.interval is not None
    k = index_at(subscription.anchor, price.interval, on)
    return grid_period(subscription.anchor, price.interval, k)
