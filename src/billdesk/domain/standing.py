"""How a contract stands on a day: state, plan and monthly recurring revenue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.catalog import Catalog, QuantitySource
from billdesk.domain.price_books import change_days
from billdesk.domain.rating import compiled
from billdesk.domain.renewals import RunningTerm, course, running_on
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription, SubscriptionState
from billdesk.domain.timeline import Term, in_order, lay_out, state_on
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import exponent
from billdesk.kernel.period import Interval, Unit, add_months

# A month is a twelfth of a year of 52 weeks or 365 days, as SaaS metrics count it.
_PER_MONTH: Final = {Unit.WEEK: Fraction(52, 12), Unit.DAY: Fraction(365, 12)}
_AHEAD: Final = 24
"""Months in which a change that comes by itself is looked for; it is derived again long before they are over."""
_EARNING: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.ENDING})


@dataclass(frozen=True, slots=True)
class Standing:
    """What lists show of a contract. `refresh_on` is the day on which it changes by itself, None if never.

    `term_end` is the first day after the term that runs; `notice_by` the last day from now on on which notice ends
    the contract with a term, None when it was ended or nothing renews.
    """

    state: SubscriptionState = SubscriptionState.FUTURE
    plan_id: int | None = None
    plan_version_id: int | None = None
    started: date | None = None
    ended: date | None = None
    mrr_minor: int = 0
    refresh_on: date | None = None
    term_end: date | None = None
    notice_by: date | None = None


def standing(subscription: Subscription, catalog: Catalog, day: date) -> Standing:
    """Tell how a contract stands on a day; its MRR is exact and rounded once."""
    recorded = in_order(subscription.entries)
    known = course(recorded, add_months(day, _AHEAD))
    entries, term = known.entries, running_on(recorded, day)
    state = state_on(subscription, day)
    notice_by = _notice_by(term, recorded, day)
    version = catalog.plan_versions.get(plan_version_on(entries, day) or 0)
    return Standing(
        state=state,
        plan_id=version.plan_id if version else None,
        plan_version_id=version.id if version else None,
        started=next((entry.effective for entry in entries if entry.kind is EntryKind.START), None),
        ended=_end(entries, day),
        mrr_minor=monthly_minor(subscription, catalog, day) if state in _EARNING else 0,
        refresh_on=_next_change(entries, day, (
            *change_days(catalog, subscription.customer_id),
            *(renewal.day for renewal in known.renewals),
            *((notice_by + timedelta(days=1),) if notice_by else ()),
            *((term.end,) if term and term.end else ()),
        )),
        term_end=term.end if term else None,
        notice_by=notice_by,
    )  # fmt: skip


def _notice_by(term: RunningTerm | None, entries: list[Entry], day: date) -> date | None:
    """Give the next day by which notice must be given, of the term that runs or, once that is past, the one after."""
    if term is None or any(entry.kind is EntryKind.CANCEL and entry.effective > day for entry in entries):
        return None
    for one in (term, term.renewed()):
        last = one.notice_by if one else None
        if last is not None and last >= day:
            return last
    return None


def plan_version_on(entries: list[Entry], day: date) -> int | None:
    """Give the plan version in force on a day, or the first one that will be."""
    versions = [(e.effective, e.plan_version_id) for e in entries if e.plan_version_id is not None]
    past = [version for effective, version in versions if effective <= day]
    return past[-1] if past else versions[0][1] if versions else None


def _end(entries: list[Entry], day: date) -> date | None:
    """Give the day a contract ended or will end; a later start makes an earlier end void."""
    end = None
    for entry in entries:
        if entry.kind is EntryKind.CANCEL:
            end = entry.effective
        elif entry.kind is EntryKind.START and entry.effective <= day:
            end = None
    return end


def _next_change(entries: list[Entry], day: date, others: Iterable[date]) -> date | None:
    moments = [*others, *(entry.effective for entry in entries)]
    moments += [entry.trial_until for entry in entries if entry.trial_until is not None]
    moments += [e.override.until for e in entries if e.override is not None and e.override.until is not None]
    return min((moment for moment in moments if moment > day), default=None)


def monthly_minor(subscription: Subscription, catalog: Catalog, day: date) -> int:
    """Give the monthly recurring revenue in minor units: usage and one-off prices do not count."""
    runs = lay_out(subscription, catalog, day).terms.values()
    running = [term for run in runs for term in run if day in term.period]
    return round_exact(sum((_monthly(catalog, term, day) for term in running), Fraction(0)))


def _monthly(catalog: Catalog, term: Term, day: date) -> Fraction:
    price, terms = term.price, term.terms
    if price.interval is None or price.quantity_source is QuantitySource.USAGE:
        return Fraction(0)
    if term.quantity == 0 and price.skip_zero:
        return Fraction(0)
    try:
        known = compiled(catalog, price, terms, day)
    except RuleBroken:
        # Without a rate there is nothing to convert yet; billing names the customer.
        return Fraction(0)
    full, terms = known.full(term.quantity), known.terms
    amount = Fraction(full.numerator, full.denominator)
    if terms.minimum is not None:
        amount = max(amount, _minor(terms.minimum, terms.currency))
    if terms.maximum is not None:
        amount = min(amount, _minor(terms.maximum, terms.currency))
    return amount * _months(price.interval)


def _minor(major: Decimal, currency: str) -> Fraction:
    return Fraction(major.scaleb(exponent(currency)))


def _months(interval: Interval) -> Fraction:
    if interval.months:
        return Fraction(1, interval.months)
    return _PER_MONTH[interval.unit] / interval.count
