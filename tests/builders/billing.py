"""Books with drafts to issue: `a_draft(book, …)` stores one for the customer De Linde."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from billdesk.domain.catalog import Product, Recognition
from billdesk.domain.invoices import Document, DocumentState, Line
from billdesk.kernel.progress import Progress
from billdesk.services.book import Book, Clock
from billdesk.services.entities import create_entity
from billdesk.services.invoices import Issued, issue_documents
from billdesk.services.result import Result
from billdesk.storage import catalog, customers
from billdesk.storage.database import Db
from billdesk.storage.invoices import Surroundings, insert_drafts
from builders import book as books
from builders.customers import LINDE
from builders.invoices import a_line, an_invoice

FEBRUARY_1 = date(2026, 2, 1)
HOSTING = 1
SETUP = 2


def a_book(folder: Path, *, clock: Clock = lambda: books.NOW, lock_date: date | None = None) -> Book:
    """Give a book with De Linde (id 1), a product earned by day (id 1) and one earned at once (id 2)."""
    book = Book.create(folder / "test.billdesk", clock=clock, user="Ann")
    book.run(create_entity, books.an_entity(lock_date=lock_date))
    book.run(_furnish)
    return book


def _furnish(db: Db) -> Result[None]:
    customers.insert_many(db, [LINDE])
    hosting = Product(0, "HOST", "Hosting")
    setup = Product(0, "SETUP", "Setup", recognition=Recognition.AT_ONCE)
    catalog.insert_many(db, [hosting, setup])
    return Result(None)


def a_hosting_line(**changes: Any) -> Line:
    """Give a line of January that is earned by day."""
    return replace(a_line(), product_id=HOSTING, **changes)


def a_draft_record(**changes: Any) -> Document:
    """Give a draft for De Linde of 148.50 plus 21 % VAT."""
    record = an_invoice(lines=changes.pop("lines", (a_hosting_line(),)), kind=changes.pop("kind", an_invoice().kind))
    plain = replace(
        record, id=0, number="", state=DocumentState.DRAFT, customer_id=1,
        issue_date=FEBRUARY_1, due_date=date(2026, 3, 3),
    )  # fmt: skip
    return replace(plain, **changes)


def store(db: Db, *records: Document) -> Result[list[int]]:
    """Put drafts in the book."""
    return Result(insert_drafts(db, records, Surroundings(catalog.load_products(db), {1: "EUR"})))


def a_draft(book: Book, **changes: Any) -> int:
    """Put a draft in the book and give its id."""
    return book.run(store, a_draft_record(**changes)).value[0]


def issue(book: Book, *ids: int, day: date | None = None) -> Issued:
    """Issue drafts."""
    return book.run(issue_documents, ids, day, progress=Progress()).value
