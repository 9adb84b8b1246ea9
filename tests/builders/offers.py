"""A book with De Linde (id 1), a catalogue, and a clerk who gives discounts and credit and bills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from billdesk.domain.discounts import Coupon, Discount, DiscountFrequency
from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, customers, discounts, invoices, subscriptions, wallets
from billdesk.services.billing import RunOutcome
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.discounts import DiscountRow
from billdesk.services.entities import create_entity
from billdesk.services.subscriptions import Change, Start, When
from billdesk.services.taxes import seed_tax_rates
from billdesk.services.wallets import Grant, WalletRow
from builders.book import NOW, an_entity
from builders.catalog import Sold, a_catalog
from builders.customers import a_customer

LINDE = 1
JANUARY, FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in range(1, 6))


def eur(text: str) -> Money:
    """Give an amount in euro."""
    return Money.of(Decimal(text), "EUR")


@dataclass
class Clock:
    """Time that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class OffersDesk:
    """The book and its clerk; documents are looked at as (net, discount, total) in cents."""

    book: Book
    sold: Sold
    clock: Clock

    def start(self, day: date = JANUARY, *, seats: int = 5, plan: int = 0, customer_id: int = LINDE) -> Subscription:
        """Start a contract on BASIC: 50.00 and 10.00 a seat per month, in advance."""
        empty = Subscription(0, "", customer_id, 1, "EUR", day, ())
        begin = Start(plan or self.sold.basic, day, {self.sold.seats: Decimal(seats)})
        return self.book.run(subscriptions.start_subscription, empty, begin).value

    def seats(self, contract: int, day: date, quantity: int) -> None:
        """Change the number of seats."""
        change = Change(EntryKind.CHANGE_QUANTITY, When.DATE, day, quantities={self.sold.seats: Decimal(quantity)})
        self.book.run(subscriptions.change_subscription, contract, change)

    def cancel(self, contract: int, day: date) -> None:
        """End a contract; unused days are credited."""
        self.book.run(subscriptions.change_subscription, contract, Change(EntryKind.CANCEL, When.DATE, day))

    def discount(self, customer_id: int | None = LINDE, **terms: Any) -> DiscountRow:
        """Give a discount."""
        record = Discount(0, terms.pop("label", "Welcome"), **terms)
        return self.book.run(discounts.create_discount, record, customer_id=customer_id).value

    def grant(self, amount: str, label: str = "Prepaid", **more: Any) -> WalletRow:
        """Grant credit in euro."""
        return self.book.run(wallets.grant_wallet, Grant(LINDE, 1, label, eur(amount), **more)).value

    def balance(self, wallet: WalletRow) -> int:
        """Give what is on a wallet, in cents."""
        return self.book.query(wallets.load_wallet, wallet.wallet.id).wallet.balance.minor

    def run(self, day: date) -> RunOutcome:
        """Make drafts of what is due."""
        return self.book.run(billing.run_billing, day, progress=Progress()).value

    def issue(self, outcome: RunOutcome) -> list[Document]:
        """Issue the drafts of a run; gives the documents."""
        assert outcome.run_id is not None
        issued = self.book.run(invoices.issue_run, outcome.run_id, None, progress=Progress()).value
        return self.book.query(invoices.load_documents, issued.ids)

    def undo(self, outcome: RunOutcome) -> None:
        """Delete the drafts of a run."""
        assert outcome.run_id is not None
        self.book.run(billing.undo_run, outcome.run_id)

    def bill(self, day: date) -> list[Document]:
        """Run and issue; gives the documents."""
        return self.issue(self.run(day))

    def bill_one(self, day: date) -> tuple[int, int, int]:
        """Run and issue one document; gives its net, discount and amount due."""
        (document,) = self.bill(day)
        return figures(document)


def figures(document: Document) -> tuple[int, int, int]:
    """Give net, discounts shown and amount due of a document."""
    return document.net.minor, sum(one.amount.minor for one in document.discounts), document.amount_due.minor


def a_spring_coupon(**changes: Any) -> Coupon:
    """Give a coupon SPRING26 for a fifth, once."""
    terms = Discount(0, "Spring", percent=Decimal(20), frequency=DiscountFrequency.ONCE)
    return replace(Coupon(0, "spring 26", terms), **changes)


def an_open_desk(folder: Path) -> OffersDesk:
    """Make the book; the caller closes it."""
    clock = Clock()
    book = Book.create(folder / "offers.billdesk", clock=clock, user="Ann")
    book.run(create_entity, an_entity())
    book.run(seed_tax_rates)
    book.run(customers.create_customer, a_customer())
    return OffersDesk(book, a_catalog(book), clock)


@contextmanager
def an_offers_desk(folder: Path) -> Iterator[OffersDesk]:
    """Open the book; it must be sound when the test is done."""
    desk = an_open_desk(folder)
    with desk.book:
        yield desk
        assert desk.book.query(check_book) == []
