"""A contract's entries laid out in time: which price, at which quantity and terms, on which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billdesk.domain.catalog import Catalog, Commitment, PlanVersion, Price, PriceTerms, QuantitySource
from billdesk.domain.contract_terms import AfterTerm
from billdesk.domain.price_books import change_days, terms_on
from billdesk.domain.renewals import DERIVED, FAR, Course, Renewal, RunningTerm, course
from billdesk.domain.subscriptions import Entry, EntryKind, Override, PauseKind, Subscription, SubscriptionState
from billdesk.domain.uplifts import Rise, risen, rises_at_all
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.period import Interval, Period, Unit, add_months
from billdesk.kernel.records import quick

OPEN_END = date.max
_ONE = Decimal(1)
_AHEAD = 12
"""Months beyond two of the longest periods for which renewals are known."""


class Billing(StrEnum):
    """Whether days are charged as usual, made but held back, or left out."""

    NORMAL = "normal"
    HOLD = "hold"
    FREE = "free"


@quick
@dataclass(frozen=True, slots=True)
class Term:
    """A price in force at one quantity and one set of terms; `period.end` is `OPEN_END` while nothing ends it.

    `kept`: a cancellation without credit ended it, so a period in advance is due whole. `starts`: the price
    came into force here by a start or a change of plan, which makes a one-off price due.
    """

    period: Period
    price: Price
    quantity: Decimal
    terms: PriceTerms
    billing: Billing = Billing.NORMAL
    kept: bool = False
    starts: bool = False


@quick
@dataclass(frozen=True, slots=True)
class Committed:
    """Days on which a least amount was committed: for each of its intervals, or for the whole of a contract's term."""

    days: Period
    commitment: Commitment
    term: Period | None = None


@quick
@dataclass(frozen=True, slots=True)
class Timeline:
    """Terms per price in date order, the anchors by the day from which they hold, and what is wrong.

    `commitments` are the days on which a least amount was committed; `renewals` those on which a term renews.
    """

    terms: dict[int, list[Term]]
    anchors: tuple[tuple[date, date], ...]
    problems: tuple[Problem, ...] = ()
    commitments: tuple[Committed, ...] = ()
    renewals: tuple[Renewal, ...] = ()


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Give the entries that count: not revoked, by effective day, then as recorded."""
    return sorted(
        (entry for entry in entries if not entry.revoked),
        key=lambda entry: (entry.effective, entry.recorded_at, entry.id),
    )


@dataclass(slots=True)
class _State:
    """What holds while the entries are read in order."""

    catalog: Catalog
    currency: str
    customer_id: int = 0
    version: PlanVersion | None = None
    quantities: dict[int, Decimal] = field(default_factory=dict)
    added: set[int] = field(default_factory=set)
    overrides: dict[int, Override] = field(default_factory=dict)
    # The day from which each price, or the own terms agreed for it, hold: renewals after it raise them.
    since: dict[int, date] = field(default_factory=dict)
    agreed: dict[int, date] = field(default_factory=dict)
    listed: dict[int, PriceTerms | None] = field(default_factory=dict)
    rises: list[Rise] = field(default_factory=list)
    levels: dict[int, tuple[PriceTerms, date, int, PriceTerms]] = field(default_factory=dict)
    paused: PauseKind | None = None
    trial_until: date | None = None
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    starting: bool = False

    def apply(self, entry: Entry) -> None:
        if entry.kind is EntryKind.CANCEL:
            self.version, self.paused = None, None
            self.quantities, self.added, self.overrides, self.since, self.listed = {}, set(), {}, {}, {}
            return
        if entry.kind is EntryKind.START:
            self.trial_until, self.since = entry.trial_until, {}
        if entry.plan_version_id is not None:
            self._change_plan(entry.plan_version_id, entry.effective)
        if entry.kind is EntryKind.CONVERT:
            self.trial_until = entry.effective
        elif entry.kind is EntryKind.PAUSE:
            self.paused = entry.pause_kind
        elif entry.kind is EntryKind.RESUME:
            self.paused = None
        if entry.override is not None:
            self.overrides[entry.override.price_id] = entry.override
            self.agreed[entry.override.price_id] = entry.effective
        self._set_quantities(entry)

    def _change_plan(self, version_id: int, day: date) -> None:
        version = self.catalog.plan_versions.get(version_id)
        if version is None:
            self._problem("plan_version_missing", str(version_id))
            return
        kept = {item.price_id for item in version.items} | self.added
        self.quantities = {price: count for price, count in self.quantities.items() if price in kept}
        self.version, self.starting = version, True
        self.since = {price: self.since.get(price, day) for price in kept}

    def _set_quantities(self, entry: Entry) -> None:
        if not entry.quantities or self.version is None:
            return
        sold = {item.price_id for item in self.version.items}
        for price_id, quantity in entry.quantities.items():
            if price_id not in sold:
                self.added.add(price_id)
                self.since.setdefault(price_id, entry.effective)
                self.starting = True
            self.quantities[price_id] = quantity
            if price_id in self.added and not quantity:
                self.added.discard(price_id)
                del self.quantities[price_id], self.since[price_id]

    def _problem(self, code: str, value: str) -> None:
        self.problems[code, value] = Problem(code, Place(field="entries"), value, (("currency", self.currency),))

    def in_force(self) -> list[tuple[int, Decimal]]:
        """Give price ids and quantities of plan and add-ons."""
        if self.version is None:
            return []
        plan = [(item.price_id, self.quantities.get(item.price_id, item.quantity)) for item in self.version.items]
        sold = {price_id for price_id, _quantity in plan}
        return plan + [(price_id, self.quantities[price_id]) for price_id in sorted(self.added - sold)]

    def term(self, price_id: int, quantity: Decimal, period: Period, last: Term | None) -> Term | None:
        """Give the term of a price over days on which nothing changes, or None when nothing is billed for it."""
        price = self.catalog.prices.get(price_id)
        if price is None:
            self._problem("price_missing", str(price_id))
            return None
        if self.trial_until is not None and period.start < self.trial_until and not price.bill_in_trial:
            return None
        override = self.overrides.get(price_id)
        if override is not None and (override.until is None or period.start < override.until):
            terms: PriceTerms | None = override.terms
            # Own terms with an end were agreed for those days, whatever renews meanwhile.
            since = self.agreed[price_id] if override.until is None else date.max
        else:
            terms, since = self._listed(price, period.start)
        if terms is None or terms.currency != self.currency:
            self._problem("price_currency_missing", price.code)
            return None
        if self.rises and rises_at_all(price):
            terms = self._risen(price, terms, since)
        if price.quantity_source is not QuantitySource.SUBSCRIPTION:
            quantity = _ONE
        is_new = last is None or (self.starting and last.period.end != period.start)
        return Term(period, price, quantity, terms, self._billing(), starts=is_new)

    def _listed(self, price: Price, day: date) -> tuple[PriceTerms | None, date]:
        """Give the terms of a price on a day as it is sold, and since when they hold for the contract."""
        terms = terms_on(self.catalog, self.customer_id, price, self.currency, day)
        before = self.listed.get(price.id, terms)
        if before is not terms and before != terms:
            self.since[price.id] = day
        self.listed[price.id] = terms
        return terms, self.since.get(price.id, date.min)

    def _risen(self, price: Price, terms: PriceTerms, since: date) -> PriceTerms:
        """Give terms after the renewals since they hold; from one day to the next only what is new is added."""
        base, held, done, result = self.levels.get(price.id, (None, since, 0, terms))
        if base is not terms or held != since:
            done, result = 0, terms
        for rise in self.rises[done:]:
            if rise.day > since:
                result = risen(self.catalog, result, rise)
        self.levels[price.id] = (terms, since, len(self.rises), result)
        return result

    def _billing(self) -> Billing:
        if self.paused is None:
            return Billing.NORMAL
        return Billing.HOLD if self.paused is PauseKind.BILLING_KEEP else Billing.FREE


_NO_TERMS_IN = {PauseKind.SERVICE, PauseKind.BILLING_WAIVE}


def lay_out(subscription: Subscription, catalog: Catalog, until: date | None = None) -> Timeline:
    """Read a subscription's entries into terms per price; what cannot be read is listed as a problem.

    Renewals that raise prices are looked for up to `until` and the periods about it, or as far as anybody plans.
    """
    found = _course(subscription, catalog, until)
    entries, rises = found.entries, _rises(found, catalog)
    state = _State(catalog, subscription.currency, subscription.customer_id)
    terms: dict[int, list[Term]] = {}
    anchors = [(date.min, subscription.anchor)]
    commitments: list[Committed] = []
    changes = change_days(catalog, subscription.customer_id)
    stretches = [stretch for stretch in found.stretches if stretch.term.commitment is not None]
    bounds = [day for one in found.stretches for day in (one.since, one.end) if day] if stretches else []
    points = _points(entries, [*changes, *(rise.day for rise in rises), *bounds] if rises or bounds else changes)
    position = 0
    for number, start in enumerate(points):
        state.rises = [rise for rise in rises if rise.day <= start] if rises else rises
        while position < len(entries) and entries[position].effective <= start:
            entry = entries[position]
            if entry.kind is EntryKind.CANCEL and not entry.credit_unused:
                _keep_last(terms, start)
            if entry.kind is EntryKind.RESET_ANCHOR:
                anchors.append((entry.effective, entry.new_anchor or entry.effective))
            state.apply(entry)
            position += 1
        end = points[number + 1] if number + 1 < len(points) else OPEN_END
        _add_terms(terms, state, Period(start, end))
        _add_commitment(commitments, state, Period(start, end), found.stretches if stretches else ())
    return Timeline(terms, tuple(anchors), tuple(state.problems.values()), tuple(commitments), found.renewals)


def has_term(entries: Iterable[Entry]) -> bool:
    """Whether a contract has terms that renew by themselves, so that its layout depends on how far one looks."""
    return any(entry.term is not None and not entry.revoked for entry in entries)


def _course(subscription: Subscription, catalog: Catalog, until: date | None) -> Course:
    """Follow the entries and what terms bring by themselves, a whole period of the longest price beyond a day."""
    entries = in_order(subscription.entries)
    if not any(_brings_more(entry) for entry in entries):
        return Course(entries)
    if until is None:
        return course(entries, add_months(entries[-1].effective, FAR))
    versions = [catalog.plan_versions.get(entry.plan_version_id or 0) for entry in entries]
    sold = [catalog.prices.get(item.price_id) for version in versions if version for item in version.items]
    longest = max([price.interval.months for price in sold if price and price.interval], default=0)
    return course(entries, add_months(until, 2 * longest + _AHEAD))


def _brings_more(entry: Entry) -> bool:
    """Whether a term changes what is billed or ends the contract by itself; one that merely renews does neither."""
    term, uplift = entry.term, entry.uplift
    if uplift is not None and uplift.changes:
        return True
    if term is None:
        return False
    return term.uplift.changes or term.commitment is not None or term.after is AfterTerm.END


def _rises(found: Course, catalog: Catalog) -> list[Rise]:
    """Give the renewals that raise prices by a factor which is known."""
    rises = []
    for renewal in found.renewals:
        factor = renewal.uplift.factor(renewal.since, renewal.day, catalog.indexes)
        if factor is not None and factor != 1:
            rises.append(Rise(renewal.day, factor, renewal.uplift.places))
    return rises


def _points(entries: list[Entry], others: Iterable[date]) -> list[date]:
    """Give every day on which something may change, `others` among them."""
    points = {entry.effective for entry in entries}
    if points:
        first = min(points)
        for entry in entries:
            until = entry.override.until if entry.override is not None else None
            points.update(day for day in (entry.trial_until, until) if day is not None and day > first)
        points.update(day for day in others if day > first)
    return sorted(points)


def _add_terms(terms: dict[int, list[Term]], state: _State, period: Period) -> None:
    if state.paused in _NO_TERMS_IN:
        return
    for price_id, quantity in state.in_force():
        run = terms.get(price_id)
        last = run[-1] if run else None
        term = state.term(price_id, quantity, period, last)
        if term is None:
            continue
        if run is None or last is None:
            terms[price_id] = [term]
        elif _continues(last, term):
            run[-1] = replace(last, period=Period(last.period.start, period.end))
        else:
            run.append(term)
    state.starting = False


def _add_commitment(found: list[Committed], state: _State, period: Period, stretches: Sequence[RunningTerm]) -> None:
    """Note the days on which a commitment holds: none while the service pauses or a trial runs."""
    in_trial = state.trial_until is not None and period.start < state.trial_until
    if state.version is None or in_trial or state.paused is not None:
        return
    running = [stretch for stretch in stretches if stretch.since <= period.start]
    commitment, term = _committed(state, running[-1] if running else None, period.start)
    if commitment is None:
        return
    last = found[-1] if found else None
    if last is not None and (last.days.end, last.commitment, last.term) == (period.start, commitment, term):
        found[-1] = replace(last, days=Period(last.days.start, period.end))
    else:
        found.append(Committed(period, commitment, term))


def _committed(state: _State, stretch: RunningTerm | None, day: date) -> tuple[Commitment | None, Period | None]:
    """Give what the contract's own term commits to, else what its plan does."""
    plan = state.version.commitment if state.version is not None else None
    amount = stretch.term.commitment if stretch is not None else None
    if stretch is None or amount is None or (stretch.end is not None and day >= stretch.end):
        return plan, None
    months = stretch.term.commitment_months
    if not amount or (months is None and stretch.end is None):
        return None, None
    own = Commitment(Interval(Unit.MONTH, months or 1), ((state.currency, amount),))
    return own, None if months or stretch.end is None else Period(stretch.since, stretch.end)


def _continues(last: Term, term: Term) -> bool:
    return (
        last.period.end == term.period.start
        and last.quantity == term.quantity
        and last.terms == term.terms
        and last.billing is term.billing
    )


def _keep_last(terms: dict[int, list[Term]], day: date) -> None:
    """Mark the terms that a cancellation without credit ends on `day`."""
    for run in terms.values():
        last = run[-1]
        if last.period.end == day and last.billing is not Billing.FREE:
            run[-1] = replace(last, kept=True)


def check_entries(subscription: Subscription) -> list[Problem]:
    """Say which entries contradict each other; blocking ones must not be saved."""
    entries = in_order(subscription.entries)
    starts = [entry.effective for entry in entries if entry.kind is EntryKind.START]
    if not starts:
        return [Problem("start_missing", Place(field="entries"))]
    problems = []
    for entry in entries:
        spot = Place(field=f"entries.{entry.kind.value}")
        if entry.effective < min(starts):
            details = (("start", min(starts).isoformat()),)
            problems.append(Problem("entry_before_start", spot, entry.effective.isoformat(), details))
        if entry.kind in {EntryKind.START, EntryKind.CHANGE_PLAN} and entry.plan_version_id is None:
            problems.append(Problem("value_missing", Place(field="plan_version_id")))
        negative = [str(quantity) for quantity in entry.quantities.values() if quantity < 0]
        problems += [Problem("too_small", spot, text, (("minimum", "0"),)) for text in negative]
    return problems


def state_on(subscription: Subscription, day: date) -> SubscriptionState:
    """Say how a subscription stands on a day, seen from its entries alone."""
    entries = course(in_order(subscription.entries), day).entries
    state = SubscriptionState.FUTURE
    trial_until: date | None = None
    for entry in entries:
        if entry.effective > day:
            break
        if entry.kind is EntryKind.START:
            state, trial_until = SubscriptionState.ACTIVE, entry.trial_until
        elif entry.kind is EntryKind.CONVERT:
            trial_until = None
        elif entry.kind is EntryKind.PAUSE and state is SubscriptionState.ACTIVE:
            state = SubscriptionState.PAUSED
        elif entry.kind is EntryKind.RESUME and state is SubscriptionState.PAUSED:
            state = SubscriptionState.ACTIVE
        elif entry.kind is EntryKind.CANCEL:
            state = SubscriptionState.ENDED
    if state is not SubscriptionState.ACTIVE:
        return state
    if any(_ends_after(entry, day) for entry in entries):
        return SubscriptionState.ENDING
    return SubscriptionState.TRIAL if trial_until is not None and day < trial_until else state


def _ends_after(entry: Entry, day: date) -> bool:
    """Whether the contract ends later for certain: it was cancelled, or the last day to prevent its end is over."""
    if entry.kind is not EntryKind.CANCEL or entry.effective <= day:
        return False
    return entry.id != DERIVED or entry.notice_given is None or entry.notice_given < day
