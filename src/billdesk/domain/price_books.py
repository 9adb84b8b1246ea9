"""Which terms apply: a contract's own, those of a price book, the price's, or its base terms converted (§2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from billdesk.domain.catalog import BookKind, BookTerms, Catalog, Price, PriceBook, PriceTerms, Shelf
from billdesk.domain.conversion import terms_to_convert
from billdesk.kernel.errors import Place, Problem


def terms_on(catalog: Catalog, customer_id: int, price: Price, currency: str, day: date) -> PriceTerms | None:
    """Give the terms of a price for a customer on a day, without those of the contract itself.

    The customer's own book goes before one of a segment, that before one of a region, that before the price's own
    terms; converted terms come last. None when the price is not sold in the currency.
    """
    found = book_terms_on(catalog.shelf, customer_id, price.id, currency, day)
    if found is not None:
        return found.terms
    return price.terms_in(currency) or _to_convert(catalog, price, currency)


def _to_convert(catalog: Catalog, price: Price, currency: str) -> PriceTerms | None:
    if price.conversion is None:
        return None
    key = ("convert", price.id, currency)
    found = catalog.compiled.get(key)
    if not isinstance(found, PriceTerms):
        found = catalog.compiled[key] = terms_to_convert(price, currency)
    return found if isinstance(found, PriceTerms) else None


def book_terms_on(shelf: Shelf, customer_id: int, price_id: int, currency: str, day: date) -> BookTerms | None:
    """Give what the first book that reaches a customer on a day says about a price, None when none does."""
    found: list[tuple[tuple[int, int], BookTerms]] = []
    for member in shelf.reached.get(customer_id, ()):
        book = shelf.books[member.book_id]
        if day in member.valid and day in book.valid:
            entries = shelf.terms.get((book.id, price_id, currency), ())
            found += [(book.rank, entry) for entry in entries if day in entry.valid]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def change_days(catalog: Catalog, customer_id: int) -> set[date]:
    """Give the days on which books begin or cease to say something to a customer."""
    members = catalog.shelf.reached.get(customer_id, ())
    if not members:
        return set()
    days = {day for member in members for day in (member.valid.since, member.valid.until) if day is not None}
    return days.union(*(_days_of(catalog, key) for key in {member.book_id for member in members}))


def _days_of(catalog: Catalog, book_id: int) -> frozenset[date]:
    key = ("book_days", book_id)
    found = catalog.compiled.get(key)
    if not isinstance(found, frozenset):
        shelf = catalog.shelf
        entries = [entry.valid for (owner, _price, _currency), group in shelf.terms.items() for entry in group
                   if owner == book_id]  # fmt: skip
        periods = [shelf.books[book_id].valid, *entries]
        days = (day for valid in periods for day in (valid.since, valid.until) if day is not None)
        found = catalog.compiled[key] = frozenset(days)
    return found


def is_reached(book: PriceBook, number: str, country: str, tags: Iterable[str]) -> bool:
    """Whether a book is for a customer as the customer is now."""
    if book.kind is BookKind.CUSTOMER:
        return number in book.reach
    if book.kind is BookKind.REGION:
        return country in book.reach
    return not set(book.reach).isdisjoint(tags)


def check_book(book: PriceBook) -> list[Problem]:
    """Say what is wrong with a book by itself."""
    problems = [Problem("value_missing", Place(field=name)) for name in ("code", "name") if not getattr(book, name)]
    if not book.reach:
        problems.append(Problem("value_missing", Place(field="reach")))
    if book.priority < 1:
        problems.append(Problem("too_small", Place(field="priority"), str(book.priority), (("minimum", "1"),)))
    since, until = book.valid.since, book.valid.until
    if since is not None and until is not None and until <= since:
        facts = (("start", since.isoformat()),)
        problems.append(Problem("until_before_since", Place(field="until"), until.isoformat(), facts))
    return problems


def check_entries(entries: Iterable[BookTerms]) -> list[Problem]:
    """Refuse entries of one book that give a price two amounts on a day."""
    problems: list[Problem] = []
    seen: dict[tuple[int, str], list[BookTerms]] = {}
    for entry in entries:
        others = seen.setdefault((entry.price_id, entry.terms.currency), [])
        if any(other.valid.overlaps(entry.valid) for other in others):
            problems.append(Problem("book_terms_twice", Place(field="terms"), entry.terms.currency))
        others.append(entry)
    return problems


def conflicts(book: PriceBook, entries: Iterable[BookTerms], shelf: Shelf) -> list[Problem]:
    """Refuse a book of the rank of another one that gives the same price other terms on the same days.

    Books of regions or customers conflict where they share one; those of segments always, as a customer may come to
    carry both tags.
    """
    rivals = [one for one in shelf.books.values() if one.id != book.id and one.rank == book.rank]
    rivals = [one for one in rivals if one.valid.overlaps(book.valid) and _may_share(one, book)]
    mine = list(entries)
    return [
        Problem("book_conflict", Place(field="priority"), rival.code, (("priority", str(book.priority)),))
        for rival in rivals
        if any(_collides(entry, shelf, rival) for entry in mine)
    ]


def _may_share(one: PriceBook, other: PriceBook) -> bool:
    return one.kind is BookKind.SEGMENT or not set(one.reach).isdisjoint(other.reach)


def _collides(entry: BookTerms, shelf: Shelf, rival: PriceBook) -> bool:
    others = shelf.terms.get((rival.id, entry.price_id, entry.terms.currency), ())
    return any(other.valid.overlaps(entry.valid) for other in others)
