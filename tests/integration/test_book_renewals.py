"""Changes of a price book that running contracts take when they renew, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from billdesk.domain.catalog import BookKind, PriceBook, PriceTerms, RunningPolicy
from billdesk.domain.contract_terms import AfterTerm, ContractTerm
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.kernel.errors import RowsRejected
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, invoices, price_books, subscriptions, taxes
from billdesk.services.book import Book
from billdesk.services.book_holds import TermsChange
from billdesk.services.entities import create_entity
from billdesk.services.price_books import Comparison
from billdesk.services.subscriptions import Start
from builders.book import NOW, an_entity
from builders.catalog import Sold, a_catalog
from builders.commands import as_json, run
from builders.customers import a_customer

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
YEAR = ContractTerm(months=12, after=AfterTerm.RENEW)
AT_RENEWAL, KEEP = RunningPolicy.AT_RENEWAL, RunningPolicy.KEEP


@dataclass
class Desk:
    """A book with a customer of the segment `vip`, a price book for it, and a clock that a test moves."""

    book: Book
    sold: Sold
    customer_id: int
    book_id: int
    now: datetime = NOW

    def start(self, day: date = MARCH, term: ContractTerm | None = None) -> int:
        record = Subscription(0, "", self.customer_id, 1, "EUR", day, ())
        begin = Start(self.sold.basic, day, term=term)
        return self.book.run(subscriptions.start_subscription, record, begin).value.id

    def change(self, amount: str, since: date | None) -> list[TermsChange]:
        return [TermsChange(self.sold.base, "EUR", PriceTerms("EUR", {"amount": amount}), since)]

    def price(self, amount: str, since: date | None, running: RunningPolicy = AT_RENEWAL) -> None:
        self.book.run(price_books.change_book_terms, self.book_id, self.change(amount, since), running=running)

    def compare(self, amount: str, since: date, running: RunningPolicy = AT_RENEWAL) -> Comparison:
        changes = self.change(amount, since)
        return self.book.query(price_books.compare_book_terms, self.book_id, changes, running=running)

    def held(self, key: int) -> list[Entry]:
        entries = self.book.query(subscriptions.load_subscription, key).entries
        return [one for one in entries if one.kind is EntryKind.OVERRIDE_PRICE and not one.revoked]

    def bill(self, day: date) -> list[str]:
        self.now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        drafts = self.book.run(billing.run_billing, day, progress=Progress()).value.preview.rows
        ids = [row.document_id for row in drafts if row.document_id is not None]
        self.book.run(invoices.issue_documents, ids, deliver=False, progress=Progress())
        return [str(row.net) for row in drafts]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desks: list[Desk] = []
    clock: Any = lambda: desks[0].now if desks else NOW  # noqa: E731
    with Book.create(tmp_path / "test.billdesk", clock=clock, user="Ann") as book:
        book.run(create_entity, an_entity())
        book.run(taxes.seed_tax_rates)
        sold = a_catalog(book)
        customer = book.run(customers.create_customer, a_customer(tags=("vip",))).value
        vip = book.run(price_books.create_book, PriceBook(0, "VIP", "Very important", BookKind.SEGMENT, ("vip",))).value
        desks.append(Desk(book, sold, customer.id, vip.id))
        yield desks[0]


def test_a_running_contract_keeps_its_price_until_its_period_ends(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    desk.price("30", APRIL)
    (entry,) = desk.held(key)
    assert entry.override is not None
    assert (entry.effective, entry.override.until, entry.reason) == (APRIL, date(2026, 4, 10), "VIP · Very important")
    assert entry.override.terms == PriceTerms("EUR", {"amount": "50"})
    # 50 and a seat of 10 each month; from the renewal on 30 and the seat.
    assert [desk.bill(day) for day in (date(2026, 3, 10), APRIL, date(2026, 4, 10))] == [
        ["60.00 EUR"], [], ["40.00 EUR"],
    ]  # fmt: skip


def test_a_contract_with_a_term_waits_for_its_end(desk: Desk) -> None:
    key = desk.start(term=YEAR)
    desk.price("30", APRIL)
    assert [one.override.until for one in desk.held(key) if one.override] == [date(2027, 3, 1)]
    assert [desk.bill(day) for day in (MARCH, APRIL, MAY)] == [["60.00 EUR"]] * 3


def test_a_contract_that_renews_on_the_very_day_takes_the_new_price_then(desk: Desk) -> None:
    key = desk.start(MARCH)
    desk.price("30", APRIL)
    assert desk.held(key) == []
    assert [desk.bill(day) for day in (MARCH, APRIL)] == [["60.00 EUR"], ["40.00 EUR"]]


def test_contracts_that_start_later_take_the_new_price_at_once(desk: Desk) -> None:
    desk.price("30", APRIL)
    key = desk.start(date(2026, 4, 5), YEAR)
    assert (desk.held(key), desk.bill(date(2026, 4, 5))) == ([], ["40.00 EUR"])


def test_what_is_kept_for_good_outlives_renewals(desk: Desk) -> None:
    key = desk.start(term=ContractTerm(months=1, after=AfterTerm.RENEW))
    desk.price("30", date(2026, 3, 20), KEEP)
    assert [one.override.until for one in desk.held(key) if one.override] == [None]
    assert [desk.bill(day) for day in (MARCH, APRIL, MAY)] == [["60.00 EUR"]] * 3


def test_a_change_from_its_day_on_keeps_nothing(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    desk.price("30", APRIL, RunningPolicy.FROM_DATE)
    assert desk.held(key) == []


def test_own_prices_and_prices_that_do_not_change_are_left_alone(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    desk.price("50.00", APRIL)
    assert desk.held(key) == []
    desk.price("30", date(2026, 4, 2))
    desk.price("20", date(2026, 4, 5))
    assert [one.effective for one in desk.held(key)] == [date(2026, 4, 2)]
    assert [desk.bill(day) for day in (date(2026, 3, 10), date(2026, 4, 10))] == [["60.00 EUR"], ["30.00 EUR"]]


def test_a_change_with_an_end_is_kept_away_no_longer_than_it_holds(desk: Desk) -> None:
    key = desk.start(term=YEAR)
    (change,) = desk.change("30", APRIL)
    changes = [TermsChange(change.price_id, "EUR", change.terms, APRIL, MAY)]
    desk.book.run(price_books.change_book_terms, desk.book_id, changes, running=AT_RENEWAL)
    assert [one.override.until for one in desk.held(key) if one.override] == [MAY]


def test_terms_that_always_held_cannot_wait_for_a_renewal(desk: Desk) -> None:
    with pytest.raises(RowsRejected, match="value_missing"):
        desk.price("30", None)


def test_planned_terms_that_are_taken_back_take_what_is_kept_with_them(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    desk.price("30", APRIL)
    (line,) = desk.book.query(price_books.load_book_card, desk.book_id).lines
    desk.book.run(price_books.revoke_book_terms, desk.book_id, line.entry.id)
    assert desk.held(key) == []
    assert [desk.bill(day) for day in (date(2026, 3, 10), date(2026, 4, 10))] == [["60.00 EUR"]] * 2


def test_a_book_that_is_deleted_before_it_begins_takes_what_is_kept_with_it(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    desk.price("30", APRIL)
    desk.book.run(price_books.delete_book, desk.book_id)
    assert desk.held(key) == []


def test_the_comparison_shows_each_contract_on_the_day_it_changes_and_keeps_nothing(desk: Desk) -> None:
    first, second = desk.start(date(2026, 3, 10)), desk.start(term=YEAR)
    found = desk.compare("30", APRIL)
    shown = [(one.subscription_id, one.on, str(one.before), str(one.after)) for one in found.repriced]
    assert shown == [
        (first, date(2026, 4, 10), "60.00 EUR", "40.00 EUR"), (second, date(2027, 3, 1), "60.00 EUR", "40.00 EUR"),
    ]  # fmt: skip
    assert (found.kept, found.contracts, desk.held(first)) == (2, 2, [])
    kept = desk.compare("30", APRIL, KEEP)
    assert (kept.kept, kept.repriced) == (2, ())


def test_a_version_for_the_next_renewal_moves_contracts_that_renew_on_its_very_day(desk: Desk) -> None:
    key = desk.start(MARCH)
    plan_id = desk.book.query(catalog.load_version, desk.sold.basic).plan_id
    draft = desk.book.run(catalog.copy_version, plan_id).value
    desk.book.run(catalog.change_version, replace(draft, effective=APRIL, running_policy=AT_RENEWAL))
    desk.book.run(catalog.approve_version, draft.id)
    desk.book.run(catalog.publish_version, draft.id)
    last = desk.book.query(subscriptions.load_subscription, key).entries[-1]
    assert (last.kind, last.effective) == (EntryKind.CHANGE_PLAN, APRIL)


def test_the_command_line_lets_contracts_change_when_they_renew(desk: Desk) -> None:
    key = desk.start(date(2026, 3, 10))
    price = desk.book.query(catalog.load_price, desk.sold.base).code
    path = Path(desk.book.location)
    desk.book.close()
    words = ("catalog", "book", "price", "VIP", price, "30", "--since", "2027-04-01", "--running", "at_renewal")
    shown = as_json(*words, "--preview", book=path)
    assert (shown["kept"], shown["repriced"][0]["on"]) == (1, "2027-04-10")
    assert "keeps its price" in run(*words, book=path).output
    desk.book = Book.open(path)
    assert [one.override.until for one in desk.held(key) if one.override] == [date(2027, 4, 10)]
