"""Price books between their tables and their records, and which customers each reached on which days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from billdesk.domain.catalog import (
    BookKind,
    BookTerms,
    Price,
    PriceBook,
    PriceTerms,
    Quotes,
    Reach,
    Shelf,
    Validity,
)
from billdesk.domain.invoices import DocumentState
from billdesk.domain.price_books import is_reached
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.search import fold
from billdesk.storage.tables.customers import customer, customer_tag
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.price_books import price_book, price_book_member, price_book_terms
from billdesk.storage.tables.subscriptions import subscription
from billdesk.storage.tables.taxes import exchange_rate

_BOOK = "code name kind priority note version".split()


def _values(db: Db, book: PriceBook) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(book, name) for name in _BOOK}
    # Customers are kept as members, by id: their numbers may change.
    values["reach"] = [] if book.kind is BookKind.CUSTOMER else list(book.reach)
    values |= {"since": book.valid.since, "until": book.valid.until}
    return values | {"search_text": fold(book.code, book.name), "changed_at": db.now, "changed_by": db.user}


def insert_book(db: Db, book: PriceBook) -> PriceBook:
    """Insert a book, still without terms and customers."""
    db.connection.execute(price_book.insert().values(_values(db, book)))
    return replace(book, id=bulk.ids_by(db, price_book.c.code, [book.code])[book.code])


def update_book(db: Db, book: PriceBook) -> PriceBook:
    """Write a book; raises StaleRecord when it was changed since it was read."""
    written = replace(book, version=book.version + 1)
    changed = db.connection.execute(
        price_book.update()
        .where(price_book.c.id == book.id, price_book.c.version == book.version)
        .values(_values(db, written))
    )
    if changed.rowcount == 0:
        query = select(price_book.c.changed_by, price_book.c.changed_at).where(price_book.c.id == book.id)
        found = db.connection.execute(query).one_or_none()
        if found is None:
            raise NotFound("catalog", book.code)
        raise StaleRecord("catalog", book.code, found.changed_by, found.changed_at.isoformat())
    return written


def delete_books(db: Db, ids: Sequence[int]) -> None:
    """Delete books with their terms and members."""
    bulk.delete_rows(db, price_book_terms.c.book_id, ids)
    bulk.delete_rows(db, price_book_member.c.book_id, ids)
    bulk.delete_rows(db, price_book.c.id, ids)


def load_books(db: Db, ids: Iterable[int] | None = None) -> dict[int, PriceBook]:
    """Give books by id, all without `ids`; those of customers with the numbers they reach now."""
    query = select(price_book).order_by(price_book.c.code)
    rows: Iterable[Any]
    rows = db.connection.execute(query).all() if ids is None else list(bulk.rows_in(db, query, price_book.c.id, ids))
    numbers = _numbers(db, [row.id for row in rows if row.kind is BookKind.CUSTOMER])
    return {
        row.id: PriceBook(
            id=row.id,
            reach=tuple(numbers.get(row.id, ())) if row.kind is BookKind.CUSTOMER else tuple(row.reach),
            valid=Validity(row.since, row.until),
            **{name: getattr(row, name) for name in _BOOK},
        )
        for row in rows
    }


def _numbers(db: Db, book_ids: Sequence[int]) -> dict[int, list[str]]:
    member = price_book_member.c
    query = select(member.book_id, customer.c.number).join(customer, customer.c.id == member.customer_id)
    query = query.where(or_(member.until.is_(None), member.until > db.today)).order_by(customer.c.number)
    found: dict[int, list[str]] = defaultdict(list)
    for row in bulk.rows_in(db, query, member.book_id, book_ids):
        if row.number not in found[row.book_id]:
            found[row.book_id].append(row.number)
    return found


def insert_terms(db: Db, entries: Sequence[BookTerms]) -> None:
    """Insert terms of books."""
    rows = [
        {
            "book_id": entry.book_id,
            "price_id": entry.price_id,
            "currency": entry.terms.currency,
            "since": entry.valid.since,
            "until": entry.valid.until,
            "parameters": dict(entry.terms.parameters),
            "minimum": entry.terms.minimum,
            "maximum": entry.terms.maximum,
        }
        for entry in entries
    ]
    bulk.insert_rows(db, price_book_terms, rows)


def end_terms(db: Db, ends: Mapping[int, date | None]) -> None:
    """Write until which day terms hold, by their id."""
    bulk.update_rows(db, price_book_terms, [{"id": key, "until": until} for key, until in ends.items()])


def delete_terms(db: Db, ids: Sequence[int]) -> None:
    """Delete terms that never came into force."""
    bulk.delete_rows(db, price_book_terms.c.id, ids)


def load_terms(db: Db, books: Mapping[int, PriceBook]) -> list[BookTerms]:
    """Give the terms of some books, each saying in traces which book it is from; by price, currency and day."""
    order = (price_book_terms.c.price_id, price_book_terms.c.currency, price_book_terms.c.since, price_book_terms.c.id)
    rows = bulk.rows_in(db, select(price_book_terms).order_by(*order), price_book_terms.c.book_id, books)
    origins = {key: (("source", "book"), ("book", book.name)) for key, book in books.items()}
    return [
        BookTerms(
            row.id,
            row.book_id,
            row.price_id,
            PriceTerms(row.currency, row.parameters, row.minimum, row.maximum, origin=origins[row.book_id]),
            Validity(row.since, row.until),
        )
        for row in rows
    ]


def load_shelf(db: Db, prices: Mapping[int, Price]) -> Shelf:
    """Give all books as the engine looks them up, and the rates that prices are converted by."""
    books = load_books(db)
    terms: defaultdict[tuple[int, int, str], list[BookTerms]] = defaultdict(list)
    for entry in load_terms(db, books):
        terms[entry.book_id, entry.price_id, entry.terms.currency].append(entry)
    return Shelf(
        books,
        {key: tuple(found) for key, found in terms.items()},
        _reached(db) if books else {},
        _rates(db, {price.conversion.base for price in prices.values() if price.conversion is not None}),
    )


def _reached(db: Db) -> dict[int, tuple[Reach, ...]]:
    """Give what reaches each customer; equal answers are one object, for a segment may hold everybody."""
    table = price_book_member.c
    query = select(table.customer_id, table.book_id, table.since, table.until).order_by(table.id)
    shared: dict[tuple[Any, ...], tuple[Reach, ...]] = {}
    found: dict[int, tuple[Reach, ...]] = {}
    for customer_id, *facts in db.connection.execute(query):
        key = (found.get(customer_id, ()), *facts)
        if key not in shared:
            book_id, since, until = facts
            shared[key] = (*key[0], Reach(book_id, Validity(since, until)))
        found[customer_id] = shared[key]
    return found


def _rates(db: Db, bases: set[str]) -> dict[str, Quotes]:
    if not bases:
        return {}
    return load_rates(db, bases | set(db.connection.scalars(select(subscription.c.currency).distinct())))


def load_rates(db: Db, currencies: Iterable[str]) -> dict[str, Quotes]:
    """Give what one euro was worth in some currencies, by day."""
    query = select(exchange_rate.c.currency, exchange_rate.c.day, exchange_rate.c.rate).order_by(exchange_rate.c.day)
    found: defaultdict[str, list[tuple[date, Any]]] = defaultdict(list)
    for row in bulk.rows_in(db, query, exchange_rate.c.currency, currencies):
        found[row.currency].append((row.day, row.rate))
    return {currency: tuple(quotes) for currency, quotes in found.items()}


@dataclass(frozen=True, slots=True)
class Member:
    """A customer whom a book reaches on some days."""

    book_id: int
    customer_id: int
    valid: Validity


def load_members(db: Db, book_id: int | None = None) -> list[Member]:
    """Give which customers books reached on which days, of all books or one."""
    table = price_book_member
    query = select(table).order_by(table.c.id)
    query = query if book_id is None else query.where(table.c.book_id == book_id)
    return [
        Member(row.book_id, row.customer_id, Validity(row.since, row.until)) for row in db.connection.execute(query)
    ]


def follow_customers(db: Db, customer_ids: Iterable[int], *, are_new: bool = False) -> None:
    """Let books of segments and regions reach customers as they are now: new ones for ever, others from today on."""
    books = [book for book in load_books(db).values() if book.kind is not BookKind.CUSTOMER]
    if not books:
        return
    people = _people(db, list(customer_ids))
    wanted = {
        (book.id, key)
        for key, (country, tags) in people.items()
        for book in books
        if is_reached(book, "", country, tags)
    }
    query = select(price_book_member).where(price_book_member.c.book_id.in_([book.id for book in books]))
    present = list(bulk.rows_in(db, query, price_book_member.c.customer_id, people))
    _reach(db, present, wanted, None if are_new else db.today)


def follow_book(db: Db, book: PriceBook, since: date | None) -> None:
    """Let a book reach the customers it names, from a day on (None: for ever)."""
    query = select(price_book_member).where(price_book_member.c.book_id == book.id)
    present = db.connection.execute(query).all()
    _reach(db, present, {(book.id, key) for key in reached_customers(db, book)}, since)


def reached_customers(db: Db, book: PriceBook) -> list[int]:
    """Give the ids of the customers that a book is for, as they are now."""
    columns = {BookKind.CUSTOMER: customer.c.number, BookKind.REGION: customer.c.country}
    column = columns.get(book.kind)
    if column is not None:
        return sorted(row.id for row in bulk.rows_in(db, select(customer.c.id), column, book.reach))
    tags = bulk.rows_in(db, select(customer_tag.c.customer_id), customer_tag.c.tag, book.reach)
    return sorted({row.customer_id for row in tags})


def _people(db: Db, ids: list[int]) -> dict[int, tuple[str, list[str]]]:
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for row in bulk.rows_in(db, select(customer_tag), customer_tag.c.customer_id, ids):
        tags[row.customer_id].append(row.tag)
    rows = bulk.rows_in(db, select(customer.c.id, customer.c.country), customer.c.id, ids)
    return {row.id: (row.country, tags[row.id]) for row in rows}


def _reach(db: Db, present: Iterable[Any], wanted: set[tuple[int, int]], since: date | None) -> None:
    """Open and close memberships so that from a day on the wanted ones hold; contracts are looked at again."""
    day = since or date.min
    table = price_book_member
    running = {(row.book_id, row.customer_id): row for row in present if row.until is None or row.until > day}
    gone = [row for key, row in running.items() if key not in wanted]
    back = [row for key, row in running.items() if key in wanted and row.until is not None]
    new = sorted(wanted - running.keys())
    bulk.delete_rows(db, table.c.id, [row.id for row in gone if row.since is not None and row.since >= day])
    ended = [row for row in gone if row.since is None or row.since < day]
    bulk.update_rows(db, table, [{"id": row.id, "until": day} for row in ended])
    bulk.update_rows(db, table, [{"id": row.id, "until": None} for row in back])
    rows = [{"book_id": book, "customer_id": key, "since": since, "until": None} for book, key in new]
    bulk.insert_rows(db, table, rows)
    look_again(db, {row.customer_id for row in (*gone, *back)} | {key for _book, key in new}, day)


def look_again(db: Db, customer_ids: Iterable[int], day: date) -> None:
    """Let the next run look at the contracts of customers from a day on, and lists derive their amounts again."""
    columns = subscription.c
    earlier = or_(columns.touched_from.is_(None), columns.touched_from > day)
    for chunk in bulk.chunks(customer_ids):
        theirs = subscription.update().where(columns.customer_id.in_(chunk))
        db.connection.execute(theirs.where(earlier).values(touched_from=day))
        db.connection.execute(theirs.values(needs_billing=True, refresh_on=db.today))


def delete_members(db: Db, customer_ids: Sequence[int]) -> None:
    """Forget that books reached customers who are deleted."""
    bulk.delete_rows(db, price_book_member.c.customer_id, customer_ids)


def billed_until(db: Db, price_ids: Iterable[int], customer_ids: Iterable[int]) -> dict[int, date]:
    """Give up to which day issued documents bill prices to customers, by price."""
    theirs = set(customer_ids)
    line = document_line.c
    query = (
        select(line.price_id, subscription.c.customer_id, func.max(line.period_end).label("until"))
        .join(document, document.c.id == line.document_id)
        .join(subscription, subscription.c.id == line.subscription_id)
        .where(document.c.state != DocumentState.DRAFT, line.period_end.is_not(None))
        .group_by(line.price_id, subscription.c.customer_id)
    )
    found: dict[int, date] = {}
    for row in bulk.rows_in(db, query, line.price_id, price_ids):
        if row.customer_id in theirs:
            found[row.price_id] = max(row.until, found.get(row.price_id, date.min))
    return found
