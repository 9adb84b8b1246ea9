"""Prices that running contracts keep when a price book changes: until they renew, or for good.

Each is an own price of the contract, so it stands in the contract's list of changes and can be taken back there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from billdesk.domain.catalog import BookTerms, Catalog, PriceBook, PriceTerms, RunningPolicy
from billdesk.domain.contract_changes import next_renewal
from billdesk.domain.rating import charge_models, plain_terms
from billdesk.domain.subscriptions import Entry, EntryKind, Override, Subscription, SubscriptionState
from billdesk.domain.timeline import Term, lay_out, state_on
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.fields import canonical
from billdesk.services.plan_changes import refresh_standings
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db

_NOT_RUNNING = (SubscriptionState.ENDED, SubscriptionState.FUTURE)


@dataclass(frozen=True, slots=True)
class TermsChange:
    """From a day on a book gives a price these terms, or (None) says nothing more about it; None is always."""

    price_id: int
    currency: str
    terms: PriceTerms | None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class BookChange:
    """Changes of a book, and when running contracts take them."""

    book: PriceBook
    changes: Sequence[TermsChange]
    running: RunningPolicy

    def problems(self) -> list[Problem]:
        """Refuse to let running contracts keep what has always been otherwise."""
        if self.running is RunningPolicy.FROM_DATE or all(change.since is not None for change in self.changes):
            return []
        return [Problem("value_missing", Place(field="since"))]

    def until(self, record: Subscription, catalog: Catalog, change: TermsChange, day: date) -> date | None:
        """Give the day up to which a contract keeps what a change on a day would take away, None for good."""
        if self.running is RunningPolicy.KEEP:
            return change.until
        renews = next_renewal(record, catalog, day)
        return renews if change.until is None else min(renews, change.until)


def hold_prices(db: Db, wish: BookChange, records: Sequence[Subscription], *, before: Catalog, after: Catalog) -> int:
    """Let contracts that run on the day of a change keep what they pay; gives how many do.

    A contract whose price is its own already, or does not change, is left alone; one that renews on the day itself
    takes the new price then.
    """
    reason = f"{_mark(wish.book)}{wish.book.name}"
    entries: list[tuple[int, Entry]] = []
    for record in records:
        old, new = lay_out(record, before).terms, lay_out(record, after).terms
        for change, day, held in _changed(record, wish.changes, old, new):
            until = wish.until(record, after, change, day)
            if until is None or until > day:
                terms = plain_terms(before, held.price, held.terms, day)
                kept = PriceTerms(terms.currency, terms.parameters, terms.minimum, terms.maximum)
                own = Override(change.price_id, kept, reason, until)
                entry = Entry(0, EntryKind.OVERRIDE_PRICE, day, db.now, user=db.user, reason=reason, override=own)
                entries.append((record.id, entry))
    storage.insert_entries(db, entries)
    days = {key: min(entry.effective for one, entry in entries if one == key) for key, _entry in entries}
    storage.touch(db, days)
    refresh_standings(db, storage.load_many(db, days).values(), after)
    return len(days)


def _changed(
    record: Subscription,
    changes: Sequence[TermsChange],
    old: Mapping[int, Sequence[Term]],
    new: Mapping[int, Sequence[Term]],
) -> Iterator[tuple[TermsChange, date, Term]]:
    """Give the changes that move what a running contract pays, with their day and what it paid before."""
    for change in changes:
        day = change.since
        if day is None or change.currency != record.currency or state_on(record, day) in _NOT_RUNNING:
            continue
        before, after = _term_on(old, change.price_id, day), _term_on(new, change.price_id, day)
        if before is not None and after is not None and _facts(before) != _facts(after):
            yield change, day, before


def _facts(term: Term) -> object:
    """Give what is equal for terms that charge the same: a default that is written out changes nothing."""
    terms, fields = term.terms, charge_models().get(term.price.model).fields
    return (canonical(fields, terms.parameters), terms.minimum, terms.maximum, terms.conversion)


def _term_on(terms: Mapping[int, Sequence[Term]], price_id: int, day: date) -> Term | None:
    return next((term for term in terms.get(price_id, ()) if day in term.period), None)


def _mark(book: PriceBook) -> str:
    """Give how the reason of all begins that contracts keep because of a book."""
    return f"{book.code} · "


def release_prices(db: Db, book: PriceBook, gone: Iterable[BookTerms], records: Iterable[Subscription]) -> None:
    """Take back what contracts would keep because of terms of a book that are taken back themselves."""
    begins = {(one.price_id, one.valid.since) for one in gone if one.valid.since is not None}
    found = {
        entry.id: record.id
        for record in records
        for entry in record.entries
        if not entry.revoked
        and entry.override is not None
        and (entry.override.price_id, entry.effective) in begins
        and entry.override.reason.startswith(_mark(book))
    }
    storage.revoke(db, sorted(found), reason=book.name)
    owners = dict.fromkeys(found.values(), min((day for _price, day in begins), default=db.today))
    storage.touch(db, owners)
    refresh_standings(db, storage.load_many(db, owners).values())


def days_of_change(records: Iterable[Subscription], catalog: Catalog, wish: BookChange, today: date) -> dict[int, date]:
    """Give the day on which each contract shows what a change makes of it: when all of it holds, or it renews."""
    starts = [change.since for change in wish.changes if change.since is not None]
    renewing = wish.running is RunningPolicy.AT_RENEWAL
    return {
        record.id: max([today, *(_day_of(record, catalog, day) if renewing else day for day in starts)])
        for record in records
    }


def _day_of(record: Subscription, catalog: Catalog, day: date) -> date:
    return day if state_on(record, day) in _NOT_RUNNING else next_renewal(record, catalog, day)
