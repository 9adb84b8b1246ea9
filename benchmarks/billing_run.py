"""A billing run of 10,000 contracts with five prices each, against a bare bulk insert of the rows that it stores.

The run reads contracts, prices and stored usage, settles, rates, taxes, checks and explains, and stores drafts. The
raw limit writes the same rows (documents, contents, lines with traces, taxes) by the driver's `executemany` into an
empty book with the same tables, indexes and triggers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from benchmarks.measure import Ratio, peak_mib, seconds
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
from billdesk.domain.entities import Address, Entity
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.usage import Metric
from billdesk.kernel.period import Interval, Unit
from billdesk.kernel.progress import Progress
from billdesk.services.billing import run_billing
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage import billing, catalog, customers, entities, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.tables.invoices import document, document_content, document_line, document_tax
from billdesk.storage.tables.usage import usage_event
from billdesk.storage.types import to_micros
from billdesk.storage.usage.metrics import insert_metric

CONTRACTS: Final = 10_000
EVENTS: Final = 30
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
_TABLES: Final = (document, document_content, document_line, document_tax)
_TIERS: Final = [{"up_to": "100", "unit_price": "0.05"}, {"up_to": None, "unit_price": "0.03"}]


def run() -> list[Ratio]:
    """Measure the first run, a second one with nothing to do, and the memory of all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with Book.create(path / "run.billdesk") as book:
            _fill(book)
            ours = seconds(lambda: book.run(run_billing, FEBRUARY, progress=Progress()))
            memory = peak_mib()
            again = seconds(lambda: book.run(run_billing, FEBRUARY, progress=Progress()))
            rows = book.query(_stored)
        with Book.create(path / "raw.billdesk") as raw_book:
            _fill(raw_book, with_usage=False)
            raw = seconds(lambda: raw_book.run(_insert, rows))
    return [
        Ratio("10,000 contracts × 5 prices, usage to drafts", ours, raw, 15.0, raw_is="bulk insert of the same rows"),
        Ratio("the same run again, nothing to do", again, ours, 0.1, raw_is="the first run"),
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
    return Result(None)


def _fill(book: Book, *, with_usage: bool = True) -> None:
    book.run(seed_tax_rates)
    book.run(_sell)
    book.run(_subscribe)
    if with_usage:
        book.run(_measure)


def _sell(db: Db) -> Result[None]:
    address = Address("Scheldestraat 11", "", "2000", "Antwerpen", "", "BE")
    entities.insert_entity(db, Entity(0, "ACA", "Acacia Cloud BV", "EUR", address=address))
    for number in (1, 2, 3):
        insert_metric(db, Metric(0, f"metric{number}", f"Metric {number}"))
    products = [Product(0, f"P{number}", f"Product {number}") for number in range(1, 6)]
    ids = catalog.insert_many(db, products)
    prices = [
        _price(1, "flat", {"amount": "49.00"}, QuantitySource.ONE),
        _price(2, "per_unit", {"unit_price": "9.50"}, QuantitySource.SUBSCRIPTION),
        _price(3, "per_unit", {"unit_price": "0.0125"}, QuantitySource.USAGE, 1),
        _price(4, "graduated", {"tiers": _TIERS}, QuantitySource.USAGE, 2),
        _price(5, "package", {"size": "100", "price": "1.20"}, QuantitySource.USAGE, 3),
    ]
    known = catalog.insert_many(db, [replace(price, product_id=ids[f"P{n}"]) for n, price in enumerate(prices, 1)])
    plan = catalog.insert_many(db, [Plan(0, "PLAN", "Plan")])["PLAN"]
    items = tuple(PlanItem(known[price.code], Decimal(5 if price.code == "p2" else 1)) for price in prices)
    catalog.insert_versions(db, [PlanVersion(0, plan, 1, VersionState.LIVE, JANUARY, items)])
    return Result(None)


def _price(
    number: int, model: str, parameters: dict[str, object], source: QuantitySource, metric_id: int | None = None
) -> Price:
    terms = (PriceTerms("EUR", parameters),)
    month = Interval(Unit.MONTH)
    return Price(0, f"p{number}", 0, f"Price {number}", model, month, Timing.ARREARS, source, terms, metric_id)


def _subscribe(db: Db) -> Result[None]:
    address = Address("Stationsplein 3", "", "3000", "Leuven", "", "BE")
    people = [
        Customer(0, f"C{n:05}", f"Customer {n}", 1, "EUR", address=address, tax_id="BE0203430576")
        for n in range(CONTRACTS)
    ]
    ids = customers.insert_many(db, people)
    start = Entry(0, EntryKind.START, JANUARY, datetime(2026, 1, 1, tzinfo=UTC), plan_version_id=1)
    contracts = [
        Subscription(0, f"S{n:05}", ids[person.number], 1, "EUR", JANUARY, (start,)) for n, person in enumerate(people)
    ]
    subscriptions.insert_many(db, contracts)
    return Result(None)


def _measure(db: Db) -> Result[None]:
    names = [column.name for column in usage_event.columns]
    first = datetime(2026, 1, 1, 8, tzinfo=UTC)
    instants = [to_micros(first + timedelta(days=day)) for day in range(EVENTS)]
    rows = [
        (contract, metric, instant, number, 0, (contract * 7 + number * 3 + metric) % 40, 1, number)
        for contract in range(1, CONTRACTS + 1)
        for metric in (1, 2, 3)
        for number, instant in enumerate(instants)
    ]
    insert_tuples(db, usage_event, names, rows)
    return Result(None)
