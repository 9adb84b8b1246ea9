"""A billing run of 10,000 contracts with five prices each, against a bare bulk insert of the rows that it stores.

The run reads contracts, prices and stored usage, settles, rates, taxes, checks and explains, and stores drafts. The
raw limit writes the same rows (documents, contents, lines with traces, taxes) by the driver's `executemany` into an
empty book with the same tables, indexes and triggers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from benchmarks.measure import Ratio, paired, peak_mib, seconds
from benchmarks.metered_book import days_from, fill
from billdesk.kernel.progress import Progress
from billdesk.services.billing import run_billing, undo_run
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.storage import billing
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.invoices.search import index_new
from billdesk.storage.tables.invoices import document, document_content, document_line, document_tax

CONTRACTS: Final = 10_000
EVENTS: Final = 30
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
_TABLES: Final = (document, document_content, document_line, document_tax)


def run() -> list[Ratio]:
    """Measure the run and its raw limit in turn, both rolled back, then a second run, and the memory of all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with Book.create(path / "run.billdesk") as book, Book.create(path / "raw.billdesk") as raw_book:
            fill(book, CONTRACTS, JANUARY, days_from(JANUARY, EVENTS))
            fill(raw_book, CONTRACTS, JANUARY)
            first = seconds(lambda: book.run(run_billing, FEBRUARY, progress=Progress()))
            memory = peak_mib()
            again = seconds(lambda: book.run(run_billing, FEBRUARY, progress=Progress()))
            rows = book.query(_stored)
            book.run(undo_run, 1)
            ours, raw = paired(
                lambda: book.query(run_billing, FEBRUARY, progress=Progress()),
                lambda: raw_book.query(_insert, rows),
                rounds=5,
            )
    return [
        Ratio("10,000 contracts × 5 prices, usage to drafts", ours, raw, 8.0, raw_is="bulk insert of the same rows"),
        Ratio("the same run again, nothing to do", again, first, 0.1, raw_is="the first run"),
        Ratio("memory", memory, 500.0, 1.0, "MiB", "500 MiB"),
    ]


def _stored(db: Db) -> list[tuple[Any, list[str], list[tuple[Any, ...]]]]:
    result = []
    for table in _TABLES:
        statement = str(select(table).compile(db.connection.engine))
        cursor = db.connection.exec_driver_sql(statement)
        result.append((table, list(cursor.keys()), [tuple(row) for row in cursor]))
    return result


def _insert(db: Db, tables: Sequence[tuple[Any, list[str], list[tuple[Any, ...]]]]) -> Result[None]:
    billing.insert_run(db, FEBRUARY, {})
    for table, names, rows in tables:
        insert_tuples(db, table, names, rows)
    documents = tables[0][2]
    index_new(db, range(documents[0][0], documents[-1][0] + 1))
    return Result(None)
