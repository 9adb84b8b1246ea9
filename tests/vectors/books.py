"""Cases that only a book answers: a temporary one is made, asked through services, and thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from billdesk.domain.catalog import PlanItem, Product
from billdesk.domain.invoices import Line, LineKind
from billdesk.domain.ledger import Account
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.domain.usage import UsageTotal, UsageWindow
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Period, Unit, add_months
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, invoices, ledger, payments, reports, subscriptions, usage
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.payments import DocumentShare, PaymentInput
from billdesk.services.subscriptions import Change, Start, When
from billdesk.services.taxes import seed_tax_rates
from builders.billing import HOSTING, SETUP, a_draft, issue
from builders.billing import a_book as a_book_with_products
from builders.book import a_book
from builders.catalog import a_live_plan, a_price
from builders.customers import a_customer
from builders.invoices import a_line
from builders.usage import a_metered_book

LONG_AGO = date(2000, 1, 1)


Event = tuple[datetime, Decimal, Mapping[str, str]]
"""Instant, quantity and properties of one event."""


@contextmanager
def a_folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def measured(events: Sequence[Event], **metric: Any) -> UsageTotal:
    """Import events as a file and give what the metric makes of them over all time."""
    names = sorted({name for _at, _quantity, carried in events for name in carried})
    with a_folder() as folder:
        meters = a_metered_book(folder)
        with meters.book as book:
            key = meters.metric_ids["gb"]
            record = book.query(usage.load_metric, key)
            book.run(usage.change_metric, replace(record, **metric))
            meters.add("S1", start=LONG_AGO)
            rows = [
                ",".join(
                    ("S1", "gb", at.isoformat(), f"{quantity:f}", f"k{number}", *(carried.get(n, "") for n in names))
                )
                for number, (at, quantity, carried) in enumerate(events)
            ]
            header = ",".join(("contract,metric,time,quantity,key", *names))
            meters.bring(*rows, header=header, properties=tuple(names))
            whole = Period(date(2020, 1, 1), date(2030, 1, 1))
            window = UsageWindow(1, key, 1, whole, whole.start)
            return book.query(usage.usage_totals, [window])[window]


def billed_to_parent(amounts: Mapping[str, str]) -> tuple[list[tuple[str, Money]], Money, Money]:
    """Bill a contract of each child to the parent.

    Gives the lines by child, what is open while there is only a draft, and what is left when the parent has paid.
    """
    day = date(2026, 1, 1)
    with a_folder() as folder, a_book(folder) as book:
        book.run(seed_tax_rates)
        parent = book.run(customers.create_customer, a_customer()).value.id
        for number, (child, amount) in enumerate(amounts.items(), 2):
            _start(book, child, f"C{number}", amount, parent, day)
        run = book.run(billing.run_billing, day, progress=Progress()).value
        (row,) = run.preview.rows
        drafted = Money(sum(one.open.minor for one in _items(book)), "EUR")
        document = book.query(invoices.load_document, row.document_id or 0)
        lines = [(next(name for name in amounts if name in line.details), line.amount) for line in document.lines]
        issue(book, document.id, day=day)
        share = DocumentShare(document.id, document.total)
        book.run(payments.note_payment, PaymentInput(1, parent, document.total, day, shares=(share,)))
        assert book.query(check_book) == []
        return lines, drafted, Money(sum(one.open.minor for one in _items(book)), "EUR")


def _items(book: Book) -> list[Any]:
    rows = book.query(invoices.list_documents, invoices.DocumentFilter())
    return [row for row in rows if row.number]


def _start(book: Book, name: str, number: str, amount: str, parent: int | None, day: date) -> None:
    customer = book.run(customers.create_customer, a_customer(number=number, name=name, parent_id=parent)).value
    plan = _plan(book, f"P{number}", amount)
    empty = Subscription(0, "", customer.id, 1, "EUR", day, ())
    book.run(subscriptions.start_subscription, empty, Start(plan, day))


def _plan(book: Book, code: str, amount: str, interval: Interval | None = None) -> int:
    product = book.run(catalog.create_product, Product(0, code, code)).value.id
    price = replace(a_price(product, f"{code}-M", EUR=amount), interval=interval or Interval(Unit.MONTH))
    return a_live_plan(book, code, PlanItem(book.run(catalog.create_price, price).value.id))


@dataclass(frozen=True)
class Service:
    """A line to be invoiced: its amount, the days of its service (both inside) or none, and when it is issued."""

    amount: str
    first: date | None
    last: date | None
    issued: date


def recognised(services: Sequence[Service], months: int) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Issue lines, recognise revenue month by month, and give revenue and deferred change by month.

    The months count from the earliest service; what is issued later is recognised when it is known.
    """
    first = min(one.first or one.issued for one in services).replace(day=1)
    ends = [add_months(first, number) for number in range(1, months + 1)]
    with a_folder() as folder, a_book_with_products(folder) as book:
        for day in sorted({one.issued for one in services}):
            lines = tuple(_line(n, one) for n, one in enumerate([s for s in services if s.issued == day], 1))
            issue(book, a_draft(book, lines=lines, issue_date=day, due_date=day))
        for end in ends:
            book.run(ledger.recognise_revenue, end, progress=Progress())
        assert book.query(ledger.tie_out, 1).holds
        books = {end: _month(book, end) for end in ends}
    names = {end: add_months(end, -1).isoformat()[:7] for end in ends}
    revenue = {names[end]: Decimal(-one.get(Account.REVENUE.value, 0)) / 100 for end, one in books.items()}
    deferred = {names[end]: Decimal(-one.get(Account.DEFERRED_REVENUE.value, 0)) / 100 for end, one in books.items()}
    return revenue, deferred


def _month(book: Book, end: date) -> dict[str, int]:
    last = Period(add_months(end, -1), end)
    return book.query(ledger.trial_balance, 1, first=last.start, until=last.last_day)


def _line(position: int, one: Service) -> Line:
    minor = Money.of(Decimal(one.amount), "EUR").minor
    if one.first is None or one.last is None:
        return replace(a_line("Setup", position=position, minor=minor, kind=LineKind.ONE_OFF, period=None),
                       product_id=SETUP)  # fmt: skip
    days = Period(one.first, date.fromordinal(one.last.toordinal() + 1))
    return replace(a_line("Service", position=position, minor=minor, period=days), product_id=HOSTING)


@dataclass
class Sales:
    """A book with one customer whose contracts come and go, and the MRR that the report sees between two days."""

    book: Book
    customer: int
    contracts: int = 0

    def start(self, day: date, amount: str, interval: Interval) -> int:
        self.contracts += 1
        plan = _plan(self.book, f"PLAN{self.contracts}", amount, interval)
        empty = Subscription(0, "", self.customer, 1, "EUR", day, ())
        return self.book.run(subscriptions.start_subscription, empty, Start(plan, day)).value.id

    def another(self) -> None:
        """Let what is sold from now on be another customer's."""
        record = a_customer(number=f"C{self.customer + 1}", name="Okapi")
        self.customer = self.book.run(customers.create_customer, record).value.id

    def cancel(self, contract: int, day: date) -> None:
        self.book.run(subscriptions.change_subscription, contract, Change(EntryKind.CANCEL, When.DATE, day))

    def moved(self, first: date, last: date) -> dict[str, Decimal]:
        """Give the movements by name of the column, in major units, all customers together."""
        asked = {"first": first.isoformat(), "last": last.isoformat()}
        table = self.book.query(reports.run_report, "mrr", asked)
        found: dict[str, Decimal] = {}
        for row in table.rows:
            for column, cell in zip(table.columns, row, strict=True):
                if isinstance(cell, Money):
                    found[column.name] = found.get(column.name, Decimal(0)) + cell.major
        return found


@contextmanager
def a_sales_book() -> Iterator[Sales]:
    with a_folder() as folder, a_book(folder) as book:
        yield Sales(book, book.run(customers.create_customer, a_customer()).value.id)
