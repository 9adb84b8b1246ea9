"""Books to measure: contracts with five prices each, three of them metered, and usage events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

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
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage import catalog, customers, entities, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.tables.usage import usage_event
from billdesk.storage.types import to_micros
from billdesk.storage.usage.metrics import insert_metric

LONG_AGO: Final = date(2010, 1, 1)
_CHUNK: Final = 100
"""Contracts whose events are held in memory together, so that filling is not what a benchmark's peak measures."""
_TIERS: Final = [{"up_to": "100", "unit_price": "0.05"}, {"up_to": None, "unit_price": "0.03"}]


def fill(book: Book, contracts: int, start: date, usage_days: Sequence[date] = ()) -> None:
    """Put contracts that start on a day into an empty book, with an event of each metric on each of the days."""
    book.run(seed_tax_rates)
    book.run(_sell)
    book.run(_subscribe, contracts, start)
    book.run(_measure, contracts, usage_days)


def days_from(first: date, days: int) -> list[date]:
    """Give days in a row."""
    return [first + timedelta(days=n) for n in range(days)]


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
    catalog.insert_versions(db, [PlanVersion(0, plan, 1, VersionState.LIVE, LONG_AGO, items)])
    return Result(None)


def _price(
    number: int, model: str, parameters: dict[str, object], source: QuantitySource, metric_id: int | None = None
) -> Price:
    terms = (PriceTerms("EUR", parameters),)
    month = Interval(Unit.MONTH)
    return Price(0, f"p{number}", 0, f"Price {number}", model, month, Timing.ARREARS, source, terms, metric_id)


def _subscribe(db: Db, contracts: int, start: date) -> Result[None]:
    address = Address("Stationsplein 3", "", "3000", "Leuven", "", "BE")
    people = [
        Customer(0, f"C{n:05}", f"Customer {n}", 1, "EUR", address=address, tax_id="BE0203430576")
        for n in range(contracts)
    ]
    ids = customers.insert_many(db, people)
    recorded = datetime(start.year, start.month, start.day, tzinfo=UTC)
    begin = Entry(0, EntryKind.START, start, recorded, plan_version_id=1)
    records = [
        Subscription(0, f"S{n:05}", ids[person.number], 1, "EUR", start, (begin,)) for n, person in enumerate(people)
    ]
    subscriptions.insert_many(db, records)
    return Result(None)


def _measure(db: Db, contracts: int, days: Iterable[date]) -> Result[None]:
    names = [column.name for column in usage_event.columns]
    instants = [to_micros(datetime(day.year, day.month, day.day, 8, tzinfo=UTC)) for day in days]
    for first in range(1, contracts + 1, _CHUNK):
        rows = [
            (contract, metric, instant, number, 0, (contract * 7 + number * 3 + metric) % 40, 1, number)
            for contract in range(first, min(first + _CHUNK, contracts + 1))
            for metric in (1, 2, 3)
            for number, instant in enumerate(instants)
        ]
        insert_tuples(db, usage_event, names, rows)
    return Result(None)
