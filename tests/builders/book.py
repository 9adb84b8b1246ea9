"""Books for tests: a new file with one Belgian company, on a fixed day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from billdesk.domain.entities import Address, Entity
from billdesk.services.book import Book
from billdesk.services.entities import create_entity

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
TODAY = date(2026, 3, 16)


def an_entity(*, lock_date: date | None = None, code: str = "ACA") -> Entity:
    """Give a Belgian company that invoices in euro."""
    return Entity(
        0,
        code,
        "Acacia Cloud BV",
        "EUR",
        address=Address("Scheldestraat 11", "", "2000", "Antwerpen", "", "BE"),
        language="nl",
        lock_date=lock_date,
    )


def a_book(folder: Path, *, now: datetime = NOW, lock_date: date | None = None) -> Book:
    """Make a book with one company (id 1); the caller closes it."""
    book = Book.create(folder / "test.billdesk", clock=lambda: now, user="Ann")
    book.run(create_entity, an_entity(lock_date=lock_date))
    return book
