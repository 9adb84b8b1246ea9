from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import PlanItem, PlanVersion, RunningPolicy, VersionState
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.errors import RowsRejected
from billdesk.services import catalog, subscriptions
from billdesk.services.book import Book
from billdesk.services.customers import create_customer
from billdesk.services.plan_preview import preview_publication
from billdesk.services.subscriptions import Start
from builders.book import TODAY, a_book
from builders.catalog import Sold, a_catalog, a_price
from builders.customers import a_customer


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        yield opened


@pytest.fixture
def sold(book: Book) -> Sold:
    found = a_catalog(book)
    book.run(create_customer, a_customer())
    empty = Subscription(0, "", 1, 1, "EUR", TODAY, ())
    book.run(subscriptions.start_subscription, empty, Start(found.basic, TODAY, {found.seats: Decimal(4)}))
    return found


def _dearer(book: Book, sold: Sold, policy: RunningPolicy, effective: date) -> PlanVersion:
    price = book.run(catalog.create_price, a_price(sold.product, "BASE-2", EUR="60", JPY="9000")).value
    plan_id = book.query(catalog.load_version, sold.basic).plan_id
    items = (PlanItem(price.id), PlanItem(sold.seats))
    draft = PlanVersion(0, plan_id, 0, VersionState.DRAFT, effective, items, policy)
    return book.run(catalog.create_version, draft).value


def test_a_preview_tells_who_moves_when_and_what_it_is_worth(book: Book, sold: Sold) -> None:
    version = _dearer(book, sold, RunningPolicy.FROM_DATE, date(2026, 4, 1))
    found = book.query(preview_publication, version.id)
    (moved,) = found.moved
    assert (moved.customer_name, moved.on) == ("Brouwerij De Linde", date(2026, 4, 1))
    assert [str(one) for one in (moved.before, moved.after, moved.difference)] == [
        "90.00 EUR", "100.00 EUR", "10.00 EUR",
    ]  # fmt: skip
    assert found.kept == 0


def test_a_preview_keeps_nothing(book: Book, sold: Sold) -> None:
    version = _dearer(book, sold, RunningPolicy.FROM_DATE, date(2026, 4, 1))
    book.query(preview_publication, version.id)
    assert book.query(catalog.load_version, version.id).state is VersionState.DRAFT
    assert len(book.query(subscriptions.load_subscription, 1).entries) == 1


def test_contracts_that_keep_their_version_are_counted(book: Book, sold: Sold) -> None:
    version = _dearer(book, sold, RunningPolicy.KEEP, TODAY)
    found = book.query(preview_publication, version.id)
    assert (found.moved, found.kept) == ((), 1)


def test_a_version_of_the_past_is_refused_where_it_is_entered(book: Book, sold: Sold) -> None:
    version = _dearer(book, sold, RunningPolicy.KEEP, TODAY)
    with pytest.raises(RowsRejected, match="version_in_past"):
        book.run(catalog.change_version, replace(version, effective=date(2026, 1, 1)))
