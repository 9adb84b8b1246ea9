"""A million usage rows from a CSV file into the book, beside the bare parse and the bare insert of the same rows."""

from __future__ import annotations

import csv
import gc
import random
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Ratio, paired, peak_mib
from billdesk.domain.catalog import (
    Plan,
    PlanItem,
    PlanVersion,
    Price,
    PriceTerms,
    Product,
    QuantitySource,
    Timing,
    VersionState,
)
from billdesk.domain.customers import Customer
from billdesk.domain.entities import Entity
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.usage import Metric
from billdesk.kernel.period import Interval, Unit
from billdesk.services import usage
from billdesk.services.book import Book
from billdesk.services.entities import create_entity
from billdesk.services.result import Result
from billdesk.sheets import ColumnRule, MappingProfile
from billdesk.storage import catalog, customers, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.usage import metrics

ROWS = 1_000_000
CONTRACTS = 10_000
_ROUNDS = 5
METRICS = ("api_calls", "gb")
START = date(2026, 1, 1)
NAMES = {"subscription": "contract", "metric": "metric", "instant": "time", "quantity": "quantity", "key": "key"}
PROFILE = MappingProfile("", "", tuple(ColumnRule(column, header) for column, header in NAMES.items()))


def write_file(path: Path, rows: int, codes: tuple[str, ...] = METRICS) -> Path:
    """Write a month of events in the order in which they happened, with random 128-bit keys."""
    numbers, begin = random.Random(1), datetime(2026, 3, 1, tzinfo=UTC)  # noqa: S311 - test data
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES.values())
        for i in range(rows):
            moment = begin + timedelta(seconds=i * 2_592_000 // rows)
            quantity = f"{numbers.randrange(1, 1_000_000) / 1000:.3f}"
            contract = f"S{numbers.randrange(CONTRACTS):05}"
            key = f"{numbers.getrandbits(128):032x}"
            writer.writerow((contract, codes[i % len(codes)], moment.strftime("%Y-%m-%dT%H:%M:%SZ"), quantity, key))
    return path


def fill(db: Db) -> Result[int]:
    """Make ten thousand contracts on a plan that charges two metrics."""
    ids = [metrics.insert_metric(db, Metric(0, code, code, decimals=3)) for code in METRICS]
    product = catalog.insert_many(db, [Product(0, "USE", "Use")])["USE"]
    terms, month = (PriceTerms("EUR", {"unit_price": "0.01"}),), Interval(Unit.MONTH)
    shape = (month, Timing.ARREARS, QuantitySource.USAGE, terms)
    prices = [Price(0, f"P{key}", product, f"P{key}", "per_unit", *shape, metric_id=key) for key in ids]
    items = tuple(PlanItem(key) for key in catalog.insert_many(db, prices).values())
    plan = catalog.insert_many(db, [Plan(0, "METERED", "Metered")])["METERED"]
    version = catalog.insert_versions(db, [PlanVersion(0, plan, 1, VersionState.LIVE, START, items)])[0]
    owner = customers.insert_many(db, [Customer(0, "C1", "Customer", 1, "EUR")])["C1"]
    begin = (Entry(0, EntryKind.START, START, datetime(2026, 1, 1, tzinfo=UTC), plan_version_id=version),)
    records = [Subscription(0, f"S{i:05}", owner, 1, "EUR", START, begin) for i in range(CONTRACTS)]
    subscriptions.insert_many(db, records)
    return Result(len(records))


def make_book(path: Path) -> Book:
    """Make a book with those contracts."""
    book = Book.create(path, user="bench")
    book.run(create_entity, Entity(0, "B", "Bench", "EUR"))
    book.run(fill)
    return book


def bring_in(folder: Path, file: Path, name: str = "ours") -> Book:
    """Import the file into a new book."""
    with make_book(folder / f"{name}.billdesk") as book:
        outcome = book.run(usage.import_usage, file, PROFILE).value
        assert outcome.added == outcome.rows_read
    return book


class Bare:
    """The same rows parsed by `csv.reader`, and inserted by one `executemany`, sorted and converted beforehand."""

    def __init__(self, folder: Path, file: Path, filled: Path) -> None:
        self.file, self.path = file, folder / "bare.db"
        with sqlite3.connect(filled) as source:
            tables = "type = 'table' AND name = 'usage_event' OR name = 'uq_usage_event_key'"
            self.schema = [row[0] for row in source.execute(f"SELECT sql FROM sqlite_master WHERE {tables}")]
            self.rows = source.execute("SELECT * FROM usage_event").fetchall()
        gc.freeze()

    def run(self) -> None:
        """Parse, insert, commit."""
        with self.file.open(newline="", encoding="utf-8") as file:
            for _row in csv.reader(file):
                pass
        for path in self.path.parent.glob("bare.db*"):
            path.unlink()
        target = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536", "temp_store=MEMORY"):
            target.execute(f"PRAGMA {pragma}")
        for statement in self.schema:
            target.execute(statement)
        target.execute("BEGIN IMMEDIATE")
        target.executemany("INSERT INTO usage_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.rows)
        target.execute("COMMIT")
        target.close()


def memory(rows: int) -> float:
    """Give the peak memory in MiB of a process that makes a book and imports a file of so many rows."""
    command = [sys.executable, "-m", "benchmarks.usage_import", str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very module
    return float(done.stdout.split()[-1])


def run() -> list[Ratio]:
    """Compare import with the bare limit, and memory with what is promised."""
    # Memory first: a child of a large process counts its parent's size as its own.
    small, large = memory(ROWS), memory(3 * ROWS)
    with tempfile.TemporaryDirectory(prefix="billdesk-bench-") as name:
        folder = Path(name)
        file = write_file(folder / "usage.csv", ROWS)
        bring_in(folder, file, "first")
        bare = Bare(folder, file, folder / "first.billdesk")
        made = [make_book(folder / f"ours-{number}.billdesk") for number in range(_ROUNDS)]

        def ours() -> None:
            with made.pop() as book:
                assert book.run(usage.import_usage, file, PROFILE).value.added == ROWS

        spent, raw = paired(ours, bare.run, _ROUNDS)
    return [
        Ratio("usage import of 1,000,000 CSV rows", spent, raw, 1.5, raw_is="csv.reader + executemany, same table"),
        Ratio("  peak memory", small, 300, 1, "MiB", "300 MiB"),
        Ratio("  peak memory at 3,000,000 rows", large, small, 1.15, "MiB", "at 1,000,000 rows"),
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="billdesk-bench-") as place:
        bring_in(Path(place), write_file(Path(place) / "usage.csv", int(sys.argv[1])))
        print(peak_mib())
