"""Time travel: a copy of the whole book is billed and issued, run after run, until a day to come.

The copy has a clock of its own and the same use cases work on it; nothing touches the original. Nobody pays in
a simulation, no prices change but those asked for, and usage is what the book knows already unless it is supposed
to repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from billdesk.domain.catalog import PriceTerms, VersionState
from billdesk.domain.price_changes import PriceChange, changed_terms, check_percent
from billdesk.domain.rating import plain_terms
from billdesk.domain.subscriptions import Entry, EntryKind, Override, Subscription
from billdesk.domain.timeline import Term, lay_out
from billdesk.kernel.errors import InvalidValue, Place, Problem, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit, add_months, boundary
from billdesk.kernel.progress import Progress
from billdesk.kernel.working_folder import working_folder
from billdesk.services import catalog, invoices
from billdesk.services.billing import EVERYBODY, Finding, Scope, run_billing
from billdesk.services.book import Book, Clock, system_clock
from billdesk.services.plan_changes import refresh_standings
from billdesk.services.receivables import ReceivablesFilter, sum_ageing
from billdesk.services.result import Result
from billdesk.services.simulation_usage import Repeater, close_repetition, repeat_until
from billdesk.services.subscriptions import Recurring, SubscriptionFilter, monthly_revenue, refresh_due_standings
from billdesk.services.wallets import expire_wallets
from billdesk.storage import bookfile, database, subscriptions
from billdesk.storage import catalog as plan_storage
from billdesk.storage import simulation as storage
from billdesk.storage.database import Db

__all__ = [
    "MONTHLY",
    "DraftedVersion",
    "PriceChange",
    "SimulatedMonth",
    "Simulation",
    "SimulationOptions",
    "book_location",
    "list_drafted_versions",
    "simulate",
]

MONTHLY: Final = Interval(Unit.MONTH)
USER: Final = "simulation"
_NOON: Final = time(12)
_LEAST_GROWTH: Final = Decimal(-100)
_MOST_GROWTH: Final = Decimal(100)
_TOLD: Final = frozenset({"problem", "draft_waiting"})
"""Findings that keep documents out of a run, and so out of the figures."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """How far and how often to bill; `publish` are plan versions (drafts too) that become live on the first day.

    Runs are made today, then on the first of each month (week, …) or every n days, and on the last day. `scope`
    limits whom is billed, and all figures, to customers or a company. With `repeat_usage` the last whole month's
    usage comes again each month, its quantities growing by `growth_percent` a month (metrics that count events or
    distinct values repeat as they are).
    """

    until: date
    every: Interval = MONTHLY
    publish: tuple[int, ...] = ()
    price_change: PriceChange | None = None
    scope: Scope = EVERYBODY
    repeat_usage: bool = False
    growth_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SimulatedMonth:
    """A month in one currency.

    `documents`, `revenue` (net), `tax` and `total` are what the simulation issued in it. `mrr` is that of the
    month's last run. `receivables` is what is open at its end when nobody pays, less credits; `falls_due` the
    part of it whose due day lies in the month.
    """

    month: date
    currency: str
    documents: int
    revenue: Money
    tax: Money
    total: Money
    mrr: Money
    receivables: Money
    falls_due: Money


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the book comes to by `until`; `findings` kept customers out of at least one run.

    `repeated_events` is how much usage was supposed to come.
    """

    since: date
    until: date
    runs: int
    documents: int
    contracts_changed: int
    months: tuple[SimulatedMonth, ...]
    findings: tuple[Finding, ...]
    repeated_events: int = 0

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies there are figures in."""
        return tuple(sorted({month.currency for month in self.months}))


@dataclass
class _Clock:
    """Time that the simulation moves."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, day: date) -> None:
        """Go to noon of a later local day."""
        self.now = max(self.now, datetime.combine(day, _NOON).astimezone(UTC))


@dataclass
class _Tally:
    """Adds up by month and currency what the runs make."""

    issued: dict[tuple[date, str], storage.IssuedSums] = field(default_factory=dict)
    mrr: dict[tuple[date, str], int] = field(default_factory=dict)
    findings: dict[tuple[str, int, str], Finding] = field(default_factory=dict)

    def add(self, day: date, sums: Iterable[storage.IssuedSums]) -> None:
        month = day.replace(day=1)
        for new in sums:
            old = self.issued.get((month, new.currency), storage.IssuedSums(new.currency, 0, 0, 0, 0))
            self.issued[month, new.currency] = storage.IssuedSums(
                new.currency,
                old.documents + new.documents,
                old.net_minor + new.net_minor,
                old.tax_minor + new.tax_minor,
                old.total_minor + new.total_minor,
            )

    def month(self, month: date, currency: str, receivables: Money, falls_due: Money) -> SimulatedMonth:
        sums = self.issued.get((month, currency), storage.IssuedSums(currency, 0, 0, 0, 0))
        # A month without a run has the revenue of the last run before it.
        runs = [one for one, code in self.mrr if code == currency and one <= month]
        return SimulatedMonth(
            month=month,
            currency=currency,
            documents=sums.documents,
            revenue=Money(sums.net_minor, currency),
            tax=Money(sums.tax_minor, currency),
            total=Money(sums.total_minor, currency),
            mrr=Money(self.mrr[max(runs), currency] if runs else 0, currency),
            receivables=receivables,
            falls_due=falls_due,
        )

    def note(self, findings: Iterable[Finding]) -> None:
        for one in findings:
            if one.code in _TOLD:
                self.findings.setdefault((one.code, one.customer_id, one.value), one)


@dataclass(frozen=True, slots=True)
class DraftedVersion:
    """A version of a plan that is not sold yet and can be tried, by its name."""

    id: int
    name: str


def list_drafted_versions(db: Db) -> list[DraftedVersion]:
    """Give the versions of plans that are drafts or approved."""
    plans = plan_storage.load_plans(db)
    tried = {VersionState.DRAFT, VersionState.APPROVED}
    found = (one for one in plan_storage.load_versions(db).values() if one.state in tried)
    return [DraftedVersion(one.id, f"{plans[one.plan_id].name} v{one.number}") for one in found]


def book_location(db: Db) -> str:
    """Give where the open book is, for `simulate`: its file, or its server without the password."""
    return database.location_of(db)


def simulate(
    location: str | Path,
    options: SimulationOptions,
    *,
    clock: Clock = system_clock,
    keep: Path | None = None,
    progress: Progress,
) -> Simulation:
    """Bill a copy of the book until a day to come; with `keep` the copy stays as a book of that name.

    The book may be open meanwhile and is only read. The same book, day and options give the same figures.
    Raises NotABook, InvalidValue, and RuleBroken as billing, issuing and publishing would.
    """
    if database.is_server(str(location)):
        raise RuleBroken("simulation_needs_file")
    source = Path(location).absolute()
    moving = _Clock(clock())
    since = moving.now.astimezone().date()
    if options.until < since:
        raise InvalidValue(Problem("period_ends_before_start", Place(field="until"), options.until.isoformat()))
    if keep is not None and keep.exists():
        raise InvalidValue(Problem("file_exists", Place(file=str(keep))))
    if not _LEAST_GROWTH <= options.growth_percent <= _MOST_GROWTH:
        raise InvalidValue(Problem("growth_out_of_range", Place(field="growth"), f"{options.growth_percent:f}"))
    for problem in check_percent(options.price_change.percent) if options.price_change else ():
        raise InvalidValue(problem)
    bookfile.require_book(source)
    with working_folder("simulation") as folder:
        copy = Path(folder) / "simulation.billdesk"
        bookfile.copy_verified(source, copy, progress)
        with Book.open(copy, clock=moving, user=USER) as book:
            result = _travel(book, moving, options, progress)
        if keep is not None:
            bookfile.copy_verified(copy, keep, progress)
    return result


def _travel(book: Book, clock: _Clock, options: SimulationOptions, progress: Progress) -> Simulation:
    days = list(_days(clock.now.astimezone().date(), options.until, options.every))
    changed = book.run(_prepare, options).value
    tally = _Tally()
    usage = Repeater(days[0], options.growth_percent) if options.repeat_usage else None
    for number, day in enumerate(days):
        progress.step(number, len(days), day.isoformat())
        if usage is not None:
            book.run(repeat_until, usage, day)
        clock.move(day)
        _bill(book, day, tally, options.scope, progress)
    if usage is not None:
        book.run(close_repetition, usage)
    months = book.query(_months, tally, days[0], options, progress)
    progress.step(len(days), len(days))
    return Simulation(
        since=days[0],
        until=options.until,
        runs=len(days),
        documents=sum(sums.documents for sums in tally.issued.values()),
        contracts_changed=changed,
        months=months,
        findings=tuple(tally.findings.values()),
        repeated_events=usage.written if usage is not None else 0,
    )


def _days(since: date, until: date, every: Interval) -> Iterator[date]:
    yield since
    anchor = since.replace(day=1) if every.months else since
    number, day = 1, boundary(anchor, every, 1)
    while day < until:
        yield day
        number += 1
        day = boundary(anchor, every, number)
    if until > since:
        yield until


def _bill(book: Book, day: date, tally: _Tally, scope: Scope, progress: Progress) -> None:
    """Bill a day and issue every draft of the scope, those that waited in the book as well."""
    book.run(refresh_due_standings)
    book.run(expire_wallets)
    outcome = book.run(run_billing, day, scope, progress=progress.silent()).value
    tally.note(outcome.preview.findings)
    drafts = book.query(storage.drafts_inside, scope)
    if drafts:
        issued = book.run(invoices.issue_documents, drafts, day, deliver=False, progress=progress.silent()).value
        tally.add(day, book.query(storage.sum_documents, issued.ids))
    month = day.replace(day=1)
    tally.mrr.update({(month, one.currency): one.mrr_minor for one in book.query(_recurring, scope)})


def _recurring(db: Db, scope: Scope) -> list[Recurring]:
    """Give the revenue per month of the scope's contracts, by currency."""
    found: dict[str, Recurring] = {}
    for customer in _each(scope):
        for one in monthly_revenue(db, SubscriptionFilter(customer_id=customer, entity_id=scope.entity_id)):
            known = found.get(one.currency)
            minor = one.mrr_minor + (known.mrr_minor if known else 0)
            found[one.currency] = replace(one, mrr_minor=minor)
    return list(found.values())


def _each(scope: Scope) -> Sequence[int | None]:
    """Give the customers of a scope, None for everybody."""
    return sorted(scope.customer_ids) if scope.customer_ids else (None,)


def _owed(db: Db, day: date, scope: Scope) -> dict[str, Money]:
    """Give what the scope's customers owe at the end of a day, less their credits, by currency."""
    owed: dict[str, Money] = {}
    for customer in _each(scope):
        wanted = ReceivablesFilter(day, entity_id=scope.entity_id, customer_id=customer)
        for currency, sums in sum_ageing(db, wanted).items():
            owed[currency] = owed.get(currency, Money.zero(currency)) + sums.total
    return owed


def _months(
    db: Db, tally: _Tally, since: date, options: SimulationOptions, progress: Progress
) -> tuple[SimulatedMonth, ...]:
    until = options.until
    due = storage.sum_due_by_month(db, since, until, options.scope)
    month, found = since.replace(day=1), []
    known = {currency for _month, currency in (*tally.issued, *tally.mrr)}
    while month <= until:
        progress.step(0, label=month.isoformat())
        end = min(until, add_months(month, 1) - timedelta(days=1))
        owed = _owed(db, end, options.scope)
        for currency in sorted(known | owed.keys()):
            zero = Money.zero(currency)
            falls_due = Money(due.get((month.isoformat()[:7], currency), 0), currency)
            found.append(tally.month(month, currency, owed.get(currency, zero), falls_due))
        month = add_months(month, 1)
    return tuple(found)


def _prepare(db: Db, options: SimulationOptions) -> Result[int]:
    """Make the changes that the simulation is asked to try; gives how many contracts got other prices."""
    storage.cancel_deliveries(db)
    for version_id in options.publish:
        if catalog.load_version(db, version_id).state is VersionState.DRAFT:
            catalog.approve_version(db, version_id)
        catalog.publish_version(db, version_id)
    return Result(_change_prices(db, options.price_change) if options.price_change else 0)


def _change_prices(db: Db, change: PriceChange) -> int:
    """Override the terms of each running contract from the day on, what it was promised until then included."""
    known = catalog.load_catalog(db)
    entries = [
        (record.id, _override(db, term, plain_terms(known, term.price, term.terms, change.since), change))
        for record in subscriptions.load_all(db)
        for run in lay_out(record, known).terms.values()
        for term in run
        if change.since in term.period and change.concerns(term.price)
    ]
    subscriptions.insert_entries(db, entries)
    touched = {key: change.since for key, _entry in entries}
    subscriptions.touch(db, touched)
    changed: Mapping[int, Subscription] = subscriptions.load_many(db, touched)
    refresh_standings(db, changed.values(), known)
    return len(changed)


def _override(db: Db, term: Term, terms: PriceTerms, change: PriceChange) -> Entry:
    reason = f"{change.percent:+f} %"
    override = Override(term.price.id, changed_terms(terms, Decimal(change.percent)), reason)
    return Entry(0, EntryKind.OVERRIDE_PRICE, change.since, db.now, user=db.user, reason=reason, override=override)
