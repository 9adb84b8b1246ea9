"""The list of a million invoices: first page, sorting, filters and search, each within 150 ms."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import Ratio, peak_mib, seconds
from billdesk.domain.customers import Customer
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus
from billdesk.services.book import Book
from billdesk.services.invoices import DocumentFilter, DocumentSort, count_documents, list_documents, sum_by_status
from billdesk.services.result import Result
from billdesk.storage import customers, entities
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples, reserve_ids
from billdesk.storage.invoices.search import index_new, search_text
from billdesk.storage.tables.invoices import document

DOCUMENTS: Final = 1_000_000
CUSTOMERS: Final = 20_000
LIMIT_MS: Final = 150.0
LIMIT_MIB: Final = 300.0
_CHUNK: Final = 50_000
_FIRST: Final = date(2016, 1, 1)
_WORDS: Final = (
    "Linde Bakker Okapi Zürich Peeters Acacia Novum Delta Atlas Meyer Dubois Janssens Sørensen Łódź Maas Scheldt"
    " Brouwerij Studio Werk Hotel Garage Apotheek Bouw Design Logistics Foods Media Energy Systems Labs Partners Trade"
).split()
_NEW: Final = (DocumentStatus.DRAFT, DocumentStatus.OPEN, DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)
_NAMES: Final = (
    "kind state status entity_id customer_id currency language number series_year sequence issue_date due_date"
    " customer_name customer_sort search_text structured_reference purchase_order net_minor tax_minor total_minor"
    " due_minor total_local_minor open_minor rate rate_day rate_source delivery_state hold memo version"
).split()


def run() -> list[Ratio]:
    """Measure each way in which people look at the list, against 150 ms."""
    with tempfile.TemporaryDirectory() as folder, Book.create(Path(folder) / "million.billdesk") as book:
        _fill(book)
        rows = [_timed(book, name, work) for name, work in _looks()]
        # Counts and sums of all tabs follow the page in a query of their own.
        tabs = _timed(book, "status tabs with sums", lambda book: book.query(sum_by_status, DocumentFilter()))
        rows.append(replace(tabs, limit=2.0))
        return [*rows, Ratio("memory", peak_mib(), LIMIT_MIB, 1.0, "MiB", "300 MiB")]


def _timed(book: Book, name: str, work: Callable[[Book], object]) -> Ratio:
    work(book)
    took = statistics.median(seconds(lambda: work(book)) for _round in range(3)) * 1000
    return Ratio(name, took, LIMIT_MS, 1.0, "ms", "150 ms")


def _looks() -> Iterator[tuple[str, Callable[[Book], object]]]:
    def page(
        wanted: DocumentFilter,
        *,
        sort: DocumentSort = DocumentSort.ISSUE_DATE,
        descending: bool = True,
        offset: int = 0,
    ) -> Callable[[Book], object]:
        return lambda book: book.query(list_documents, wanted, sort=sort, descending=descending, offset=offset)

    everything = DocumentFilter()
    yield "first page", page(everything)
    yield "count of all", lambda book: book.query(count_documents, everything)
    for sort in DocumentSort:
        yield f"sort by {sort}", page(everything, sort=sort, descending=False)
        yield f"overdue, sort by {sort}", page(_only(DocumentStatus.OVERDUE), sort=sort)
    for status in (DocumentStatus.PAID, DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID, DocumentStatus.DRAFT):
        yield f"only {status}", page(_only(status))
    for typed in ("2021-0", "b", "bakker", "zurich", "bakker media 2024", "118,99", "scheldt lab"):
        yield f"search “{typed}”", page(DocumentFilter(text=typed))
        yield f"search “{typed}” by customer", page(DocumentFilter(text=typed), sort=DocumentSort.CUSTOMER)
    yield "search “bakker” overdue", page(DocumentFilter(frozenset({DocumentStatus.OVERDUE}), text="bakker"))
    yield "one customer", page(DocumentFilter(customer_id=77))
    yield "one month", page(DocumentFilter(issued_from=date(2021, 5, 1), issued_until=date(2021, 5, 31)))
    yield "row 999,000", page(everything, offset=999_000)


def _only(status: DocumentStatus) -> DocumentFilter:
    return DocumentFilter(frozenset({status}))


def _fill(book: Book) -> None:
    book.run(_parties)
    chance = random.Random(4)  # noqa: S311 - the same figures each time
    names = [" ".join(chance.sample(_WORDS, 3)) for _ in range(CUSTOMERS)]
    for start in range(0, DOCUMENTS, _CHUNK):
        book.run(_insert, [_row(number, names, chance) for number in range(start, start + _CHUNK)])


def _parties(db: Db) -> Result[None]:
    entities.insert_entity(db, Entity(0, "A", "Acacia", "EUR"))
    customers.insert_many(db, [Customer(0, f"C{n}", f"Customer {n}", 1, "EUR") for n in range(CUSTOMERS)])
    return Result(None)


def _insert(db: Db, rows: list[tuple[Any, ...]]) -> Result[None]:
    ids = reserve_ids(db, document, len(rows))
    insert_tuples(db, document, _NAMES, rows)
    index_new(db, ids)
    return Result(None)


def _row(number: int, names: list[str], chance: random.Random) -> tuple[Any, ...]:
    day = _FIRST + timedelta(days=number * 3880 // DOCUMENTS)
    due = day + timedelta(days=30)
    customer = chance.randrange(CUSTOMERS)
    name, text = names[customer], f"{day.year}-{number:07}"
    net = chance.randrange(500, 900_000)
    total = net + net * 21 // 100
    status = _status(chance, is_new=number > DOCUMENTS * 97 // 100)
    opened = {DocumentStatus.OPEN: total, DocumentStatus.PARTLY_PAID: total // 2}.get(status, 0)
    is_draft = status is DocumentStatus.DRAFT
    state = DocumentState.DRAFT if is_draft else DocumentState.ISSUED
    return (
        DocumentKind.INVOICE.value, state.value, status.value, 1, customer + 1, "EUR", "nl", "" if is_draft else text,
        None if is_draft else day.year, None if is_draft else number, day.isoformat(), due.isoformat(), name,
        search_text(name).strip(), search_text(text, str(number), name), "", "", net, total - net, total, total, total,
        opened, "1", day.isoformat(), "", "", False, "", 1,
    )  # fmt: skip


def _status(chance: random.Random, *, is_new: bool) -> DocumentStatus:
    if is_new:
        return chance.choice(
            (DocumentStatus.DRAFT, DocumentStatus.OPEN, DocumentStatus.OPEN, DocumentStatus.PARTLY_PAID)
        )
    return DocumentStatus.OPEN if chance.random() < 0.04 else DocumentStatus.PAID
