"""Price books as people look at them: the list, a book with its terms, and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billdesk.domain.catalog import BookKind, BookTerms, Price, PriceBook, PriceTerms
from billdesk.kernel.errors import NotFound
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import price_books as storage
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class BookRow:
    """What the list shows of a book: how many customers it reaches and prices it gives today."""

    book: PriceBook
    customers: int
    prices: int
    is_valid: bool

    @property
    def id(self) -> int:
        """The book's own id, by which lists know their rows."""
        return self.book.id


@dataclass(frozen=True, slots=True)
class BookLine:
    """Terms in a book beside what the price itself costs in that currency."""

    entry: BookTerms
    price: Price
    usual: PriceTerms | None


@dataclass(frozen=True, slots=True)
class Reached:
    """A customer that a book reaches, and since when."""

    customer_id: int
    number: str
    name: str
    since: date | None


@dataclass(frozen=True, slots=True)
class BookCard:
    """A book with its terms, by price and day, and the customers it reaches."""

    book: PriceBook
    lines: tuple[BookLine, ...]
    customers: tuple[Reached, ...]


def load_book(db: Db, book_id: int) -> PriceBook:
    """Give one book; raises NotFound."""
    found = storage.load_books(db, [book_id])
    if book_id not in found:
        raise NotFound("catalog", str(book_id))
    return found[book_id]


def list_books(db: Db) -> list[BookRow]:
    """Give all books in the order in which they are asked."""
    books = storage.load_books(db)
    priced: dict[int, set[int]] = {}
    for entry in storage.load_terms(db, books):
        if db.today in entry.valid:
            priced.setdefault(entry.book_id, set()).add(entry.price_id)
    reached: dict[int, set[int]] = {}
    for member in storage.load_members(db):
        if db.today in member.valid:
            reached.setdefault(member.book_id, set()).add(member.customer_id)
    return [
        BookRow(book, len(reached.get(book.id, ())), len(priced.get(book.id, ())), db.today in book.valid)
        for book in sorted(books.values(), key=lambda book: (book.rank, book.code))
    ]


def load_book_card(db: Db, book_id: int) -> BookCard:
    """Give a book with its terms and the customers it reaches today; raises NotFound."""
    book = load_book(db, book_id)
    prices = catalogue.load_prices(db)
    lines = [
        BookLine(entry, prices[entry.price_id], prices[entry.price_id].terms_in(entry.terms.currency))
        for entry in storage.load_terms(db, {book_id: book})
    ]
    lines.sort(key=lambda line: (line.price.code, line.entry.terms.currency, line.entry.valid.since or date.min))
    members = [one for one in storage.load_members(db, book_id) if db.today in one.valid]
    people = parties.load_many(db, [member.customer_id for member in members])
    reached = [
        Reached(one.customer_id, people[one.customer_id].number, people[one.customer_id].name, one.valid.since)
        for one in members
    ]
    return BookCard(book, tuple(lines), tuple(sorted(reached, key=lambda one: one.number)))


def today(db: Db) -> date:
    """Give the day from which new terms hold where nobody says otherwise."""
    return db.today


def next_priority(db: Db, kind: BookKind) -> int:
    """Give the next free priority of a kind of book."""
    return max((book.priority for book in storage.load_books(db).values() if book.kind is kind), default=0) + 1


def book_by_code(db: Db, code: str) -> PriceBook:
    """Give the book with a code; raises NotFound."""
    for book in storage.load_books(db).values():
        if book.code.casefold() == code.casefold():
            return book
    raise NotFound("catalog", code)
