"""Distance sales against their threshold: the counter of a seller, and where it stands, explained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billdesk.domain.customers import Customer, CustomerKind
from billdesk.domain.distance_sales import THRESHOLD, DistanceCounter, is_elsewhere_in_union, is_from_first_sale
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import Document
from billdesk.domain.taxes import in_eu
from billdesk.kernel.money import Money
from billdesk.services.rates import EURO, rate_on
from billdesk.storage import distance_sales as storage
from billdesk.storage import entities
from billdesk.storage.database import Db
from billdesk.storage.distance_sales import DistanceRow

__all__ = [
    "Counters",
    "DistanceRow",
    "DistanceStanding",
    "Taxed",
    "count_sales",
    "counter_for",
    "list_distance_sales",
    "list_standings",
    "load_counter",
]


Counters = dict[int, DistanceCounter]
"""The counters of sellers while documents are worked out one after another."""


class Taxed(StrEnum):
    """Where distance sales are taxed now, and why."""

    BY_CHOICE = "by_choice"  # where consumers are, from the first sale on
    BELOW = "below"  # at home
    PASSED = "passed"  # where consumers are, since this year's threshold was passed
    PASSED_LAST_YEAR = "passed_last_year"  # where consumers are, because last year's was


@dataclass(frozen=True, slots=True)
class DistanceStanding:
    """What a company sold at a distance this year and last, and what follows; `passed` is the sale that did it."""

    entity: Entity
    year: int
    sold: Money
    sold_last_year: Money
    taxed: Taxed
    passed: DistanceRow | None = None

    @property
    def threshold(self) -> Money:
        """What may be sold in a year before the rates of the consumers' countries apply."""
        return THRESHOLD

    @property
    def percent(self) -> int:
        """How much of the threshold is used, in whole percent."""
        return max(0, 100 * self.sold.minor // THRESHOLD.minor)


def load_counter(db: Db, seller: Entity, day: date) -> DistanceCounter:
    """Give the counter of a seller as issued documents leave it, for sales on a day and later."""
    worth: dict[tuple[str, date], Decimal] = {}

    def to_euro(amount: Money, on: date) -> Money:
        if amount.currency == EURO:
            return amount
        key = (amount.currency, on)
        if key not in worth:
            worth[key] = rate_on(db, amount.currency, EURO, on).rate
        return Money.of(amount.major * worth[key], EURO)

    return DistanceCounter(seller, storage.load_distance_sales(db, seller.id, day.year), to_euro)


def counter_for(db: Db, counters: Counters, seller: Entity, customer: Customer, day: date) -> DistanceCounter | None:
    """Give the counter that decides where sales to a customer are taxed; None where nothing depends on one.

    It is read once for each seller and kept in `counters`.
    """
    has_tax_id = customer.kind is CustomerKind.BUSINESS and bool(customer.tax_id)
    if has_tax_id or not is_elsewhere_in_union(seller, customer.address, day) or is_from_first_sale(seller, day):
        return None
    if seller.id not in counters:
        counters[seller.id] = load_counter(db, seller, day)
    return counters[seller.id]


def count_sales(counters: Counters, documents: Iterable[Document]) -> list[Document]:
    """Count documents that a run makes, so that the next ones are taxed as if these were issued.

    Gives those with which the threshold is passed.
    """
    passing = []
    for document in documents:
        before = counters.get(document.entity_id)
        if before is not None:
            after = counters[document.entity_id] = before.after([document])
            day = document.issue_date
            passing += [document] if after.sales.is_passed(day) and not before.sales.is_passed(day) else []
    return passing


def list_standings(db: Db, day: date | None = None) -> list[DistanceStanding]:
    """Give where the companies in the Union stand on a day (today)."""
    day = day or db.today
    return [_standing(db, one, day) for one in entities.list_entities(db) if in_eu(one.address.country, day)]


def _standing(db: Db, seller: Entity, day: date) -> DistanceStanding:
    sales = storage.load_distance_sales(db, seller.id, day.year)
    passed = None
    if is_from_first_sale(seller, day):
        taxed = Taxed.BY_CHOICE
    elif sales.highest.get(day.year - 1, 0) > THRESHOLD.minor:
        taxed, passed = Taxed.PASSED_LAST_YEAR, storage.passing_sale(db, seller.id, day.year - 1, THRESHOLD.minor)
    elif sales.highest.get(day.year, 0) > THRESHOLD.minor:
        taxed, passed = Taxed.PASSED, storage.passing_sale(db, seller.id, day.year, THRESHOLD.minor)
    else:
        taxed = Taxed.BELOW
    this_year, last_year = (Money(sales.sold.get(year, 0), EURO) for year in (day.year, day.year - 1))
    return DistanceStanding(seller, day.year, this_year, last_year, taxed, passed)


def list_distance_sales(db: Db, entity_id: int, year: int, *, offset: int = 0, limit: int = 1_000) -> list[DistanceRow]:
    """Give the distance sales of a year in order, each with what was sold up to it."""
    return storage.list_distance_sales(db, entity_id, year, offset=offset, limit=limit)
