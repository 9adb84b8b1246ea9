"""Distance sales: what a seller in the Union sells to consumers in its other countries (2006/112/EC art. 59c).

Up to 10,000 EUR in a calendar year the seller's own rate applies. From the sale that passes the threshold on, and in
the whole year after, the rate of the consumer's country does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from billdesk.domain.entities import Address, Entity, TaxScheme
from billdesk.domain.invoices import Document, LineTax, TaxCategory
from billdesk.domain.taxes import in_eu
from billdesk.kernel.money import Money

THRESHOLD: Final = Money(1_000_000, "EUR")
_RATED: Final = frozenset({TaxCategory.STANDARD, TaxCategory.ZERO})


@dataclass(frozen=True, slots=True)
class DistanceSales:
    """What was sold in each year: so far, and the most that it was at any moment, in cents of a euro."""

    sold: Mapping[int, int] = field(default_factory=dict)
    highest: Mapping[int, int] = field(default_factory=dict)

    def is_passed(self, day: date, minor: int = 0) -> bool:
        """Whether a further sale of so much on a day is taxed where the consumer is."""
        year = day.year
        with_it = self.sold.get(year, 0) + minor
        return max(self.highest.get(year - 1, 0), self.highest.get(year, 0), with_it) > THRESHOLD.minor

    def after(self, day: date, minor: int) -> DistanceSales:
        """Give what is sold with a further sale, or less with one that is credited."""
        sold = self.sold.get(day.year, 0) + minor
        highest = max(self.highest.get(day.year, 0), sold)
        return DistanceSales({**self.sold, day.year: sold}, {**self.highest, day.year: highest})


def is_from_first_sale(seller: Entity, day: date) -> bool:
    """Whether a seller chose the rates of the consumers' countries from the first sale on."""
    return any(
        one.scheme is TaxScheme.OSS
        and (one.since is None or one.since <= day)
        and (one.until is None or day < one.until)
        for one in seller.registrations
    )


def is_elsewhere_in_union(seller: Entity, buyer: Address, day: date) -> bool:
    """Whether sales to a buyer there may be distance sales: another country of the Union, without a registration."""
    home, country = seller.address.country, buyer.country
    if not country or country == home or not (in_eu(home, day) and in_eu(country, day)):
        return False
    registration = seller.registration(country, day)
    return registration is None or registration.scheme in {TaxScheme.OSS, TaxScheme.OSS_ABOVE}


def counts(tax: LineTax, seller: Entity) -> bool:
    """Whether a line for a buyer elsewhere in the Union counts: the seller or the consumer's country taxes it.

    What a small business sells without tax at home counts too; reverse charge and exempt supplies do not.
    """
    if tax.category in _RATED:
        return True
    return tax.category is TaxCategory.EXEMPT and tax.country == seller.address.country


@dataclass(frozen=True, slots=True)
class DistanceCounter:
    """Distance sales of one seller while documents are worked out in the order of their dates.

    `to_euro` gives what an amount is worth in euro on a day.
    """

    seller: Entity
    sales: DistanceSales
    to_euro: Callable[[Money, date], Money]

    def minor(self, document: Document) -> int:
        """Give what a document adds, in cents of a euro; nothing when it is no distance sale."""
        day = document.issue_date
        if not is_elsewhere_in_union(self.seller, document.buyer.address, day):
            return 0
        nets = [line.net.minor for line in document.lines if counts(line.tax, self.seller)]
        return self.to_euro(Money(sum(nets), document.currency), day).minor if any(nets) else 0

    def is_passed_by(self, document: Document) -> bool:
        """Whether a document is taxed where the consumer is, because the threshold is passed with it or was before."""
        minor = self.minor(document)
        return bool(minor) and self.sales.is_passed(document.issue_date, minor)

    def after(self, documents: Iterable[Document]) -> DistanceCounter:
        """Give the counter when these documents are issued."""
        sales = self.sales
        for document in documents:
            minor = self.minor(document)
            if minor:
                sales = sales.after(document.issue_date, minor)
        return self if sales is self.sales else replace(self, sales=sales)
