"""Books with meters for tests: contracts that are billed by usage, and usage files for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

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
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.usage import Metric
from billdesk.kernel.period import Interval, Unit
from billdesk.services import taxes, usage
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.sheets import ColumnRule, MappingProfile
from billdesk.storage import catalog, customers, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.usage import metrics
from builders.book import a_book
from builders.customers import a_customer

HEADER = "contract,metric,time,quantity,key"
PROFILE = MappingProfile(
    "",
    "",
    (
        ColumnRule("subscription", "contract"),
        ColumnRule("metric", "metric"),
        ColumnRule("instant", "time"),
        ColumnRule("quantity", "quantity"),
        ColumnRule("key", "key"),
    ),
)
START = date(2026, 1, 1)
_RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


def a_metric(code: str = "calls", **changes: object) -> Metric:
    """Give a metric that adds up, with three decimals."""
    return replace(Metric(0, code, f"{code} name", "unit", decimals=3), **changes)  # type: ignore[arg-type]


def a_usage_price(product_id: int, metric_id: int, code: str) -> Price:
    """Give a monthly price per unit of a metric, in arrears."""
    terms = (PriceTerms("EUR", {"unit_price": "0.01"}),)
    month = Interval(Unit.MONTH)
    return Price(
        0, code, product_id, code, "per_unit", month, Timing.ARREARS, QuantitySource.USAGE, terms, metric_id=metric_id
    )


def a_contract(
    number: str, customer_id: int, version_id: int, start: date = START, end: date | None = None
) -> Subscription:
    """Give a contract that runs from `start` up to, not including, `end`."""
    entries = [Entry(0, EntryKind.START, start, _RECORDED, plan_version_id=version_id)]
    if end is not None:
        entries.append(Entry(0, EntryKind.CANCEL, end, _RECORDED))
    return Subscription(0, number, customer_id, 1, "EUR", start, tuple(entries))


@dataclass
class Meters:
    """A book with a plan that charges by metrics `calls` and `gb`."""

    book: Book
    folder: Path
    version_id: int
    metric_ids: dict[str, int]
    files: int = 0

    def add(self, *numbers: str, customer: str = "C00001", start: date = START, end: date | None = None) -> list[int]:
        """Make contracts of a customer, who is made too when new; gives the contracts' ids."""

        def make(db: Db) -> Result[list[int]]:
            if customer not in customers.load_by_numbers(db, [customer]):
                customers.insert_many(db, [a_customer(number=customer)])
            owner = customers.load_by_numbers(db, [customer])[customer].id
            records = [a_contract(number, owner, self.version_id, start, end) for number in numbers]
            ids = subscriptions.insert_many(db, records)
            return Result([ids[number] for number in numbers])

        return self.book.run(make).value

    def file(self, *rows: str, header: str = HEADER) -> Path:
        """Write a usage file."""
        self.files += 1
        path = self.folder / f"usage-{self.files}.csv"
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return path

    def bring(self, *rows: str, header: str = HEADER, **options: Any) -> usage.UsageOutcome:
        """Import rows as a file."""
        return self.bring_file(self.file(*rows, header=header), **options)

    def bring_file(self, path: Path, **options: Any) -> usage.UsageOutcome:
        """Import a file."""
        chosen = usage.UsageOptions(**options)
        return self.book.run(usage.import_usage, path, PROFILE, options=chosen).value


def a_metered_book(folder: Path) -> Meters:
    """Make a book with the metrics and a plan; the caller closes `book` and adds contracts."""
    book = a_book(folder)
    book.run(taxes.seed_tax_rates)

    def make(db: Db) -> Result[tuple[int, dict[str, int]]]:
        ids = {code: metrics.insert_metric(db, a_metric(code)) for code in ("calls", "gb")}
        product = catalog.insert_many(db, [Product(0, "USE", "Use")])["USE"]
        prices = catalog.insert_many(db, [a_usage_price(product, key, f"P-{code}") for code, key in ids.items()])
        plan = catalog.insert_many(db, [Plan(0, "METERED", "Metered")])["METERED"]
        items = tuple(PlanItem(price) for price in prices.values())
        version = PlanVersion(0, plan, 1, VersionState.LIVE, START, items)
        return Result((catalog.insert_versions(db, [version])[0], ids))

    version_id, metric_ids = book.run(make).value
    return Meters(book, folder, version_id, metric_ids)
