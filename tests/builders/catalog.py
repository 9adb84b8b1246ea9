"""A small catalogue for tests: two plans with a flat fee and seats, in euro and yen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

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
from billdesk.kernel.period import Interval, Unit
from billdesk.services import catalog
from billdesk.services.book import Book

MONTHLY = Interval(Unit.MONTH)


@dataclass(frozen=True)
class Sold:
    """The ids of the test catalogue."""

    product: int
    base: int
    seats: int
    yearly: int
    basic: int
    pro: int


def a_price(product_id: int, code: str = "BASE-M", **terms: str) -> Price:
    """Give a monthly flat price in advance; `terms` are amounts by currency."""
    amounts = terms or {"EUR": "50"}
    return Price(
        0,
        code,
        product_id,
        f"{code} price",
        "flat",
        MONTHLY,
        Timing.ADVANCE,
        QuantitySource.ONE,
        tuple(PriceTerms(currency, {"amount": amount}) for currency, amount in amounts.items()),
    )


def seats(product_id: int, code: str = "SEATS-M", unit_price: str = "10") -> Price:
    """Give a monthly price per seat, in euro and yen."""
    both = (PriceTerms("EUR", {"unit_price": unit_price}), PriceTerms("JPY", {"unit_price": "1600"}))
    return Price(
        0, code, product_id, f"{code} price", "per_unit", MONTHLY, Timing.ADVANCE, QuantitySource.SUBSCRIPTION, both
    )


def a_version(plan_id: int, *items: PlanItem, effective: date = date(2026, 3, 16)) -> PlanVersion:
    """Give a draft of a plan version."""
    return PlanVersion(0, plan_id, 0, VersionState.DRAFT, effective, items)


def a_live_plan(book: Book, code: str, *items: PlanItem) -> int:
    """Make a plan whose first version is live; gives the version's id."""
    plan = book.run(catalog.create_plan, Plan(0, code, f"{code.title()} plan")).value
    draft = book.run(catalog.create_version, a_version(plan.id, *items)).value
    book.run(catalog.approve_version, draft.id)
    return book.run(catalog.publish_version, draft.id).value.id


def a_catalog(book: Book) -> Sold:
    """Put the catalogue into a book: BASIC 50.00 + 10.00 a seat, PRO 1,200.00 a year + 10.00 a seat."""
    product = book.run(catalog.create_product, Product(0, "HOST", "Hosting")).value.id
    base = book.run(catalog.create_price, a_price(product, EUR="50", JPY="8000")).value.id
    seat = book.run(catalog.create_price, seats(product)).value.id
    yearly_price = a_price(product, "BASE-Y", EUR="1200", JPY="190000")
    yearly = book.run(catalog.create_price, _yearly(yearly_price)).value.id
    basic = a_live_plan(book, "BASIC", PlanItem(base), PlanItem(seat, Decimal(1)))
    pro = a_live_plan(book, "PRO", PlanItem(yearly), PlanItem(seat, Decimal(5)))
    return Sold(product, base, seat, yearly, basic, pro)


def _yearly(price: Price) -> Price:
    return replace(price, interval=Interval(Unit.YEAR))
