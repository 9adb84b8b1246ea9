"""Making price books and giving them terms from a day on, and what that moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billdesk.domain.catalog import (
    BookKind,
    BookTerms,
    Price,
    PriceBook,
    PriceTerms,
    RunningPolicy,
    Shelf,
    Validity,
)
from billdesk.domain.price_books import check_book, check_entries, conflicts
from billdesk.domain.price_changes import PriceChange, changed_terms
from billdesk.domain.rating import check_terms
from billdesk.domain.standing import standing
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.services import audit
from billdesk.services.book_holds import BookChange, TermsChange, days_of_change, hold_prices, release_prices
from billdesk.services.identifiers import countries, currencies
from billdesk.services.moved_contracts import MovedContract, moved_contracts
from billdesk.services.price_books.reading import load_book
from billdesk.services.result import Result
from billdesk.services.subscriptions import refresh_due_standings
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import price_books as storage
from billdesk.storage import subscriptions as contracts
from billdesk.storage.database import Db

_CHANGED = frozenset({Noun.CATALOG, Noun.SUBSCRIPTIONS})


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change of a book does from a day on: contracts that cost otherwise, and how many it reaches in all.

    `kept` keep what they pay: until they renew, when they cost otherwise then, or for good.
    """

    day: date
    repriced: tuple[MovedContract, ...]
    contracts: int
    kept: int = 0


def create_book(db: Db, record: PriceBook) -> Result[PriceBook]:
    """Add a book (id 0), still without terms; raises RowsRejected."""
    problems = check_book(record) + reach_problems(db, record)
    if any(book.code == record.code for book in storage.load_books(db).values()):
        problems.append(Problem("already_used", Place(field="code"), record.code))
    _refuse(problems)
    made = storage.insert_book(db, record)
    storage.follow_book(db, made, None)
    _record(db, "create_book", made)
    return Result(made, _CHANGED)


def update_book(db: Db, record: PriceBook, *, back_dated: bool = False) -> Result[PriceBook]:
    """Change a book: customers it newly reaches or leaves count from today, validity from its own days.

    Raises RowsRejected, StaleRecord, and RuleBroken `book_begun` when its kind or priority would change although its
    terms are in force.
    """
    before = load_book(db, record.id)
    entries = storage.load_terms(db, {record.id: before})
    if before.rank != record.rank and any(_has_begun(entry, db.today) for entry in entries):
        raise RuleBroken("book_begun", (("book", before.code),))
    problems = check_book(record) + reach_problems(db, record)
    problems += conflicts(record, entries, _shelf(db))
    changed = _first_change(before.valid, record.valid)
    if changed is not None and not back_dated:
        problems += _past_problems(db, before, {entry.price_id for entry in entries}, changed)
    _refuse(problems)
    written = storage.update_book(db, record)
    if before.reach != record.reach or before.kind is not record.kind:
        storage.follow_book(db, written, db.today)
    if changed is not None:
        _look_again(db, written, changed)
    refresh_due_standings(db)
    _record(db, "update_book", written)
    return Result(written, _CHANGED)


def delete_book(db: Db, book_id: int) -> Result[None]:
    """Delete a book whose terms never came into force; raises RuleBroken `book_begun` for others, which are ended."""
    book = load_book(db, book_id)
    entries = storage.load_terms(db, {book_id: book})
    in_force = [entry for entry in entries if _has_begun(entry, db.today)]
    if in_force and book.valid.since is not None and book.valid.since > db.today:
        in_force = []
    if in_force and storage.load_members(db, book_id):
        raise RuleBroken("book_begun", (("book", book.code),))
    _look_again(db, book, db.today)
    release_prices(db, book, entries, _contracts(db, _reached_ids(db, book)))
    storage.delete_books(db, [book_id])
    refresh_due_standings(db)
    _record(db, "delete_book", book)
    return Result(None, _CHANGED)


def change_book_terms(
    db: Db,
    book_id: int,
    changes: Sequence[TermsChange],
    *,
    back_dated: bool = False,
    running: RunningPolicy = RunningPolicy.FROM_DATE,
) -> Result[int]:
    """Give prices other terms in a book, each from its day on; what held until then stays as it was billed.

    `running` says when contracts that run on that day take them: then, when they renew, or never. Raises
    RowsRejected, also when a day lies in a period that is issued and `back_dated` does not ask for it.
    """
    book = load_book(db, book_id)
    wish = BookChange(book, changes, running)
    _refuse(_change_problems(db, book, changes, back_dated=back_dated) + wish.problems())
    known = catalogue.load_catalog(db)
    entries = storage.load_terms(db, {book_id: book})
    for change in changes:
        entries = with_change(entries, book_id, change)
    _refuse([*check_entries(entries), *conflicts(book, entries, _shelf(db))])
    _write(db, book, entries)
    _look_again(db, book, min(change.since or date.min for change in changes))
    details: dict[str, object] = {"book": book.code, "prices": len({change.price_id for change in changes})}
    if running is not RunningPolicy.FROM_DATE:
        people = _contracts(db, _reached_ids(db, book))
        kept = hold_prices(db, wish, people, before=known, after=catalogue.load_catalog(db))
        details |= {"running": running.value, "kept": kept}
    refresh_due_standings(db)
    audit.record(db, command="change_book_terms", noun=Noun.CATALOG, subject=str(book_id), details=details)
    return Result(len(changes), _CHANGED)


def revoke_book_terms(db: Db, book_id: int, entry_id: int) -> Result[None]:
    """Take back terms that are yet to begin, and what contracts would have kept; what held before goes on.

    Raises RuleBroken `terms_begun`.
    """
    book = load_book(db, book_id)
    entries = {entry.id: entry for entry in storage.load_terms(db, {book_id: book})}
    if entry_id not in entries:
        raise NotFound("catalog", str(entry_id))
    gone = entries.pop(entry_id)
    since = gone.valid.since
    if since is None or since <= db.today:
        raise RuleBroken("terms_begun", (("date", "" if since is None else since.isoformat()),))
    key = (gone.price_id, gone.terms.currency)
    kept = [
        replace(entry, valid=replace(entry.valid, until=gone.valid.until))
        if (entry.price_id, entry.terms.currency) == key and entry.valid.until == since
        else entry
        for entry in entries.values()
    ]
    _write(db, book, kept)
    _look_again(db, book, since)
    release_prices(db, book, [gone], _contracts(db, _reached_ids(db, book)))
    _record(db, "revoke_book_terms", book)
    return Result(None, _CHANGED)


def fill_book(
    db: Db, book_id: int, percent: Decimal, since: date | None = None, *, price_ids: frozenset[int] = frozenset()
) -> list[TermsChange]:
    """Propose the prices' own amounts, so many percent higher or lower, as terms of a book; writes nothing.

    Raises InvalidValue.
    """
    load_book(db, book_id)
    change = PriceChange(percent, since or db.today, price_ids)
    return [
        TermsChange(price.id, terms.currency, changed_terms(terms, percent), since)
        for price in catalogue.load_prices(db).values()
        if change.concerns(price)
        for terms in price.terms
    ]


def compare_book_terms(
    db: Db,
    book_id: int,
    changes: Sequence[TermsChange],
    *,
    back_dated: bool = False,
    running: RunningPolicy = RunningPolicy.FROM_DATE,
) -> Comparison:
    """Give what `change_book_terms` would move; call it as a query, so that nothing is kept. Raises as it would."""
    day = max([db.today, *(change.since for change in changes if change.since is not None)])
    book = load_book(db, book_id)
    before = _contracts(db, _reached_ids(db, book))
    known = catalogue.load_catalog(db)
    days = days_of_change(before, known, BookChange(book, changes, running), db.today)
    earlier = {record.id: standing(record, known, days[record.id]).mrr_minor for record in before}
    change_book_terms(db, book_id, changes, back_dated=back_dated, running=running)
    entries = {record.id: len(record.entries) for record in before}
    after = _contracts(db, _reached_ids(db, book))
    kept = sum(len(record.entries) > entries[record.id] for record in after)
    return replace(_compared(db, after, earlier, days), day=day, kept=kept)


def compare_book(db: Db, record: PriceBook, *, back_dated: bool = False) -> Comparison:
    """Give what `update_book` would move; call it as a query, so that nothing is kept. Raises as it would."""
    before = load_book(db, record.id)
    day = max([db.today, *([changed] if (changed := _first_change(before.valid, record.valid)) else [])])
    touched = {*_reached_ids(db, before), *storage.reached_customers(db, record)}
    people = _contracts(db, touched)
    known = catalogue.load_catalog(db)
    earlier = {one.id: standing(one, known, day).mrr_minor for one in people}
    update_book(db, record, back_dated=back_dated)
    return replace(_compared(db, people, earlier, dict.fromkeys(earlier, day)), day=day)


def _compared(
    db: Db, records: Sequence[Subscription], earlier: Mapping[int, int], days: Mapping[int, date]
) -> Comparison:
    known = catalogue.load_catalog(db)
    moves = (
        (record, days[record.id], earlier[record.id], standing(record, known, days[record.id]).mrr_minor)
        for record in records
    )
    moved = moved_contracts(db, (move for move in moves if move[2] != move[3]))
    return Comparison(db.today, moved, len(records))


def check_new_terms(price: Price, terms: PriceTerms) -> list[Problem]:
    """Say what is wrong with terms that a book gives a price."""
    problems = check_terms(price.model, terms.parameters)
    if terms.currency not in currencies():
        problems.append(Problem("unknown_currency", Place(field="currency"), terms.currency))
    if terms.minimum is not None and terms.maximum is not None and terms.maximum < terms.minimum:
        facts = (("minimum", f"{terms.minimum:f}"),)
        problems.append(Problem("maximum_below_minimum", Place(field="maximum"), f"{terms.maximum:f}", facts))
    return problems


def _change_problems(db: Db, book: PriceBook, changes: Sequence[TermsChange], *, back_dated: bool) -> list[Problem]:
    prices = catalogue.load_prices(db, {change.price_id for change in changes})
    problems: list[Problem] = [] if changes else [Problem("value_missing", Place(field="terms"))]
    for change in changes:
        price = prices.get(change.price_id)
        if price is None:
            problems.append(Problem("unknown_price", Place(field="price"), str(change.price_id)))
            continue
        if change.terms is not None:
            problems += check_new_terms(price, change.terms)
        if change.until is not None and change.until <= (change.since or date.min):
            facts = (("start", (change.since or date.min).isoformat()),)
            problems.append(Problem("until_before_since", Place(field="until"), change.until.isoformat(), facts))
    return problems if back_dated else problems + past_problems(db, book, changes)


def past_problems(db: Db, book: PriceBook, changes: Iterable[TermsChange]) -> list[Problem]:
    """Refuse changes from a day before today that lies in what is issued: a book never reprices that by itself."""
    by_day: dict[date, set[int]] = {}
    for change in changes:
        by_day.setdefault(change.since or date.min, set()).add(change.price_id)
    return [problem for day, ids in sorted(by_day.items()) for problem in _past_problems(db, book, ids, day)]


def _past_problems(db: Db, book: PriceBook, price_ids: Iterable[int], day: date) -> list[Problem]:
    if day >= db.today:
        return []
    billed = storage.billed_until(db, price_ids, _reached_ids(db, book)).values()
    until = max(billed, default=date.min)
    if day >= until:
        return []
    shown = "" if day == date.min else day.isoformat()
    return [Problem("book_reprices_issued", Place(field="since"), shown, (("until", until.isoformat()),))]


def with_change(entries: list[BookTerms], book_id: int, change: TermsChange) -> list[BookTerms]:
    """Put a change into a book's terms: it takes the place of what else the book said on its days.

    Without an end it holds until terms that are planned for later begin.
    """
    key, start = (change.price_id, change.currency), change.since or date.min
    same = [entry for entry in entries if (entry.price_id, entry.terms.currency) == key]
    planned = [one.valid.since for one in same if one.valid.since is not None and one.valid.since > start]
    mine = Validity(change.since, change.until or min(planned, default=None))
    result: list[BookTerms] = []
    for entry in entries:
        result += _without(entry, mine) if entry in same and entry.valid.overlaps(mine) else [entry]
    if change.terms is not None:
        result.append(BookTerms(0, book_id, change.price_id, change.terms, mine))
    return result


def _without(entry: BookTerms, gone: Validity) -> list[BookTerms]:
    left = []
    since, until = entry.valid.since, entry.valid.until
    if gone.since is not None and (since is None or since < gone.since):
        left.append(replace(entry, valid=Validity(since, gone.since)))
    if gone.until is not None and (until is None or gone.until < until):
        left.append(replace(entry, id=0 if left else entry.id, valid=Validity(gone.until, until)))
    return left


def _write(db: Db, book: PriceBook, entries: list[BookTerms]) -> None:
    """Store a book's terms as they are now."""
    stored = {entry.id: entry for entry in storage.load_terms(db, {book.id: book})}
    kept = {entry.id: entry for entry in entries if entry.id and stored[entry.id] == entry}
    storage.delete_terms(db, [key for key in stored if key not in kept])
    storage.insert_terms(db, [entry for entry in entries if entry.id not in kept])


def _has_begun(entry: BookTerms, today: date) -> bool:
    return entry.valid.since is None or entry.valid.since <= today


def _first_change(before: Validity, after: Validity) -> date | None:
    """Give the first day on which only one of two validities holds, None when they are the same."""
    days = []
    if before.since != after.since:
        days.append(min(before.since or date.min, after.since or date.min))
    if before.until != after.until:
        days.append(min(before.until or date.max, after.until or date.max))
    return min(days, default=None)


def reach_problems(db: Db, book: PriceBook, staged: frozenset[str] = frozenset()) -> list[Problem]:
    """Refuse countries that are none and customers that are neither in the book nor `staged` by an import."""
    place = Place(field="reach")
    if book.kind is BookKind.REGION:
        unknown = [code for code in book.reach if code not in countries()]
        return [Problem("unknown_country", place, code) for code in unknown]
    if book.kind is BookKind.CUSTOMER:
        known = {*parties.load_by_numbers(db, book.reach), *staged}
        return [Problem("unknown_customer", place, number) for number in book.reach if number not in known]
    return []


def _shelf(db: Db) -> Shelf:
    return catalogue.load_catalog(db).shelf


def _reached_ids(db: Db, book: PriceBook) -> set[int]:
    return {member.customer_id for member in storage.load_members(db, book.id)} if book.id else set()


def _look_again(db: Db, book: PriceBook, day: date) -> None:
    storage.look_again(db, _reached_ids(db, book), day)


def _contracts(db: Db, customer_ids: Iterable[int]) -> list[Subscription]:
    return contracts.load_of_customers(db, customer_ids)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RowsRejected(tuple(problems))


def _record(db: Db, command: str, book: PriceBook) -> None:
    audit.record(db, command=command, noun=Noun.CATALOG, subject=str(book.id), details={"book": book.code})
