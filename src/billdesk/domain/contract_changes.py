"""From a wish about a contract ("upgrade now", "cancel at the end of the period") to the entries that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.domain.billing.grid import grid_of
from billdesk.domain.catalog import Catalog, PlanItem, PlanVersion, PriceTerms, QuantitySource
from billdesk.domain.contract_terms import ContractTerm, Uplift, check_term, check_uplift
from billdesk.domain.renewals import DERIVED, RunningTerm, course, running_on
from billdesk.domain.standing import monthly_minor, plan_version_on
from billdesk.domain.subscriptions import Entry, EntryKind, Override, PauseKind, Subscription, SubscriptionState
from billdesk.domain.timeline import in_order, lay_out, state_on
from billdesk.kernel.errors import Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.period import Interval, add_months


class When(StrEnum):
    """When a change takes effect; UPGRADE_NOW waits for the period's end when the new terms cost less.

    TERM_END is the end of the term that runs, EARLIEST the first day on which notice given now ends the contract.
    """

    UPGRADE_NOW = "upgrade_now"
    NOW = "now"
    PERIOD_END = "period_end"
    TERM_END = "term_end"
    EARLIEST = "earliest"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Phase:
    """Terms of one price for so many months, None for all that follow; terms None are the price's own again."""

    months: int | None
    terms: PriceTerms | None


@dataclass(frozen=True, slots=True)
class Change:
    """A wish about a running contract. Only the fields that its kind uses are set.

    `day` belongs to When.DATE; `resume_on` ends a pause at a day known beforehand; `quantities` of a change of
    plan may be left empty: seats are then carried over. `phases` follow one another from the day of an own price,
    whose `override` names price and reason. `fee_waived` ends a contract early without its fee.
    """

    kind: EntryKind
    when: When = When.NOW
    day: date | None = None
    plan_version_id: int | None = None
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    override: Override | None = None
    pause_kind: PauseKind = PauseKind.SERVICE
    resume_on: date | None = None
    credit_unused: bool = True
    new_anchor: date | None = None
    reason: str = ""
    term: ContractTerm | None = None
    uplift: Uplift | None = None
    fee_waived: bool = False
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who makes a change, and when."""

    today: date
    now: datetime
    user: str


_DAY: Final = timedelta(days=1)
_RUNNING: Final = frozenset({SubscriptionState.ACTIVE, SubscriptionState.TRIAL, SubscriptionState.ENDING})
_ALLOWED: Final[Mapping[EntryKind, frozenset[SubscriptionState]]] = {
    EntryKind.PAUSE: _RUNNING,
    EntryKind.RESUME: frozenset({SubscriptionState.PAUSED}),
    EntryKind.CONVERT: frozenset({SubscriptionState.TRIAL}),
}
_ANY_LIVE: Final = _RUNNING | {SubscriptionState.PAUSED}


def propose(
    subscription: Subscription, catalog: Catalog, change: Change, occasion: Occasion, lock_date: date | None = None
) -> tuple[Entry, ...]:
    """Give the entries (id 0) that carry out a change; raises RuleBroken when the contract does not allow it."""
    day = _effective(subscription, catalog, change, occasion)
    if lock_date is not None and day < lock_date:
        raise RuleBroken("before_lock_date", (("date", lock_date.isoformat()),))
    _require_agreed(subscription, change, day)
    require_state(subscription, change.kind, day)
    entry = Entry(
        0,
        change.kind,
        day,
        occasion.now,
        user=occasion.user,
        reason=change.reason,
        plan_version_id=change.plan_version_id,
        quantities=_quantities(subscription, catalog, change, day),
        override=change.override,
        pause_kind=change.pause_kind,
        credit_unused=change.credit_unused,
        new_anchor=change.new_anchor,
        term=change.term,
        uplift=change.uplift,
        notice_given=min(occasion.today, day) if change.kind is EntryKind.CANCEL else None,
        fee_waived=change.fee_waived,
    )
    if change.phases and change.override is not None:
        return _phased(entry, change.override, change.phases)
    if change.kind is not EntryKind.PAUSE or change.resume_on is None:
        return (entry,)
    if change.resume_on <= day:
        raise RuleBroken("resume_before_pause", (("date", change.resume_on.isoformat()),))
    return (entry, Entry(0, EntryKind.RESUME, change.resume_on, occasion.now, user=occasion.user, reason=change.reason))


def require_state(subscription: Subscription, kind: EntryKind, day: date) -> None:
    """Refuse a change that a contract's state on its day does not allow; raises RuleBroken."""
    state = state_on(subscription, day)
    if kind is EntryKind.RENEW and state is SubscriptionState.ENDED and ends_by_term(subscription, day):
        state = SubscriptionState.ACTIVE
    if state not in _ALLOWED.get(kind, _ANY_LIVE):
        facts = (("number", subscription.number), ("state", state.value), ("date", day.isoformat()))
        raise RuleBroken("contract_state", facts)


def _phased(entry: Entry, override: Override, phases: tuple[Phase, ...]) -> tuple[Entry, ...]:
    """Give an own price for each phase; the last one without a length goes on without end."""
    found = []
    months = 0
    for phase in phases:
        day = add_months(entry.effective, months)
        months += phase.months or 0
        until = None if phase.months is None else add_months(entry.effective, months)
        if phase.terms is not None:
            own = replace(override, terms=phase.terms, until=until)
            found.append(replace(entry, effective=day, override=own))
        if phase.months is None:
            break
    return tuple(found)


def _require_agreed(subscription: Subscription, change: Change, day: date) -> None:
    """Refuse a term that cannot be, a renewal without a term, phases without end inside, a fee waived for no reason."""
    problems = [] if change.term is None else check_term(change.term, day)
    if change.uplift is not None:
        problems += check_uplift(change.uplift)
    problems += _check_phases(change.phases)
    if problems:
        raise RowsRejected(tuple(problems))
    if change.fee_waived and not change.reason.strip():
        raise RuleBroken("waiver_without_reason")
    facts = (("number", subscription.number),)
    if change.kind is EntryKind.SET_TERM and change.term is None:
        raise RuleBroken("renewal_without_term", facts)
    if change.kind is EntryKind.RENEW and change.term is None and term_on(subscription, day - _DAY) is None:
        raise RuleBroken("renewal_without_term", facts)


def _check_phases(phases: tuple[Phase, ...]) -> list[Problem]:
    problems = []
    for position, phase in enumerate(phases, start=1):
        spot = Place(field=f"phases[{position}].months")
        if phase.months is None and position < len(phases):
            problems.append(Problem("value_missing", spot))
        elif phase.months is not None and phase.months < 1:
            problems.append(Problem("too_small", spot, str(phase.months), (("minimum", "1"),)))
    return problems


def ends_by_term(subscription: Subscription, day: date) -> bool:
    """Whether it is its term alone that ends a contract on a day."""
    ends = [one for one in course(in_order(subscription.entries), day).entries if one.kind is EntryKind.CANCEL]
    return bool(ends) and ends[-1].id == DERIVED and ends[-1].effective == day


def term_on(subscription: Subscription, day: date) -> RunningTerm | None:
    """Give the term that runs on a day."""
    return running_on(in_order(subscription.entries), day)


def earliest_end(subscription: Subscription, given: date) -> date:
    """Give the first day on which a contract may end when notice is given on a day."""
    running = term_on(subscription, given)
    return given if running is None else running.earliest_end(given)


def with_entries(subscription: Subscription, entries: tuple[Entry, ...]) -> Subscription:
    """Give the contract as it would be with more entries, for a preview."""
    known = max((entry.id for entry in subscription.entries), default=0)
    numbered = tuple(replace(entry, id=known + n) for n, entry in enumerate(entries, start=1))
    return replace(subscription, entries=(*subscription.entries, *numbered))


def _effective(subscription: Subscription, catalog: Catalog, change: Change, occasion: Occasion) -> date:
    if change.when is When.DATE:
        if change.day is None:
            raise RuleBroken("change_without_date")
        return change.day
    if change.when is When.EARLIEST:
        return earliest_end(subscription, occasion.today)
    if change.when is When.TERM_END:
        running = term_on(subscription, occasion.today)
        if running is None or running.end is None:
            raise RuleBroken("renewal_without_term", (("number", subscription.number),))
        return running.end
    if change.when is When.NOW or (
        change.when is When.UPGRADE_NOW and _costs_more(subscription, catalog, change, occasion)
    ):
        return occasion.today
    return period_end(subscription, catalog, occasion.today)


def _costs_more(subscription: Subscription, catalog: Catalog, change: Change, occasion: Occasion) -> bool:
    """Compare monthly revenue before and after; equal terms may change at once."""
    entry = Entry(
        0,
        change.kind,
        occasion.today,
        occasion.now,
        plan_version_id=change.plan_version_id,
        quantities=_quantities(subscription, catalog, change, occasion.today),
    )
    after = with_entries(subscription, (entry,))
    return monthly_minor(after, catalog, occasion.today) >= monthly_minor(subscription, catalog, occasion.today)


def period_end(subscription: Subscription, catalog: Catalog, day: date) -> date:
    """Give the end of the running period of the contract's longest recurring price; `day` when nothing recurs."""
    timeline = lay_out(subscription, catalog, day)
    running = [term.price.interval for run in timeline.terms.values() for term in run if day in term.period]
    intervals = [interval for interval in running if interval is not None]
    if not intervals:
        return day
    anchor = [anchor for since, anchor in timeline.anchors if since <= day][-1]
    longest = max(intervals, key=_length)
    return grid_of(anchor, longest, subscription.alignment, subscription.alignment_day).period_at(day).end


def renewal_day(subscription: Subscription, catalog: Catalog, day: date) -> date:
    """Give the end of the term that runs on a day, or of the running period where no term has an end."""
    running = term_on(subscription, day)
    return running.end if running is not None and running.end is not None else period_end(subscription, catalog, day)


def next_renewal(subscription: Subscription, catalog: Catalog, day: date) -> date:
    """Give the first day, from a day on, on which a contract renews: its term, or its period where no term has an end.

    A contract that renews on the day itself does so then, not a period later.
    """
    is_today = day > date.min and renewal_day(subscription, catalog, day - timedelta(days=1)) == day
    return day if is_today else renewal_day(subscription, catalog, day)


def _length(interval: Interval) -> tuple[int, int]:
    return interval.months, interval.count * (7 if interval.unit.value == "week" else 1)


def _quantities(subscription: Subscription, catalog: Catalog, change: Change, day: date) -> Mapping[int, Decimal]:
    version = catalog.plan_versions.get(change.plan_version_id or 0)
    if change.kind is not EntryKind.CHANGE_PLAN or version is None:
        return dict(change.quantities)
    return {**carried_quantities(subscription, catalog, version, day), **change.quantities}


def carried_quantities(
    subscription: Subscription, catalog: Catalog, version: PlanVersion, day: date
) -> Mapping[int, Decimal]:
    """Give the quantities a contract takes along to another plan version.

    A seat price that is in both keeps its quantity; other seat prices of the new plan take the highest quantity
    of the old one's seats, or what the plan starts with when it had none.
    """
    held = seats_on(subscription, catalog, day)
    common = max(held.values(), default=None)
    return {
        item.price_id: held.get(item.price_id, item.quantity if common is None else common)
        for item in _seats(version, catalog)
    }


def seats_on(subscription: Subscription, catalog: Catalog, day: date) -> dict[int, Decimal]:
    """Give the quantities of a contract's seat prices on a day, by price id."""
    entries = [entry for entry in in_order(subscription.entries) if entry.effective <= day]
    version = catalog.plan_versions.get(plan_version_on(entries, day) or 0)
    if version is None:
        return {}
    seats = {item.price_id: item.quantity for item in _seats(version, catalog)}
    for entry in entries:
        seats |= {key: quantity for key, quantity in entry.quantities.items() if key in seats}
    return seats


def _seats(version: PlanVersion, catalog: Catalog) -> list[PlanItem]:
    return [item for item in version.items if _is_seat(catalog, item)]


def _is_seat(catalog: Catalog, item: PlanItem) -> bool:
    price = catalog.prices.get(item.price_id)
    return price is not None and price.quantity_source is QuantitySource.SUBSCRIPTION
