from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import BookKind, Conversion, Ending, PlanItem, PriceBook, PriceTerms, Validity
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.errors import InvalidValue, NotFound, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, imports, invoices, price_books, rates, subscriptions, taxes
from billdesk.services.book import Book
from billdesk.services.book_holds import TermsChange
from billdesk.services.subscriptions import Start
from builders.book import TODAY, a_book
from builders.catalog import Sold, a_catalog, a_live_plan, a_price
from builders.customers import a_customer
from builders.sheets import a_csv

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@dataclass(frozen=True)
class Desk:
    """A book with a customer of the segment `vip` in Belgium, on the plan BASIC since March."""

    book: Book
    sold: Sold
    customer_id: int

    def a_book(self, code: str = "VIP", kind: BookKind = BookKind.SEGMENT, *reach: str, priority: int = 1) -> int:
        record = PriceBook(0, code, f"{code} prices", kind, reach or ("vip",), priority)
        return self.book.run(price_books.create_book, record).value.id

    def price(self, book_id: int, amount: str, since: date | None = TODAY, *, back_dated: bool = False) -> int:
        change = TermsChange(self.sold.base, "EUR", PriceTerms("EUR", {"amount": amount}), since)
        return self.book.run(price_books.change_book_terms, book_id, [change], back_dated=back_dated).value

    def bill(self, day: date = MARCH) -> list[str]:
        drafts = self.book.run(billing.run_billing, day, progress=Progress()).value.preview.rows
        ids = [row.document_id for row in drafts if row.document_id is not None]
        self.book.run(invoices.issue_documents, ids, deliver=False, progress=Progress())
        return [str(row.net) for row in drafts]

    def monthly(self) -> int:
        return sum(row.mrr_minor for row in self.book.query(subscriptions.list_subscriptions))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_book(tmp_path) as book:
        book.run(taxes.seed_tax_rates)
        sold = a_catalog(book)
        customer = book.run(customers.create_customer, a_customer(tags=("vip",))).value
        record = Subscription(0, "", customer.id, 1, "EUR", MARCH, ())
        book.run(subscriptions.start_subscription, record, Start(sold.basic, MARCH))
        yield Desk(book, sold, customer.id)


def test_a_book_prices_the_customers_it_reaches(desk: Desk) -> None:
    desk.price(desk.a_book(), "30", None)
    assert desk.monthly() == 4000
    assert desk.bill() == ["40.00 EUR"]


def test_a_change_from_today_leaves_billed_days_and_is_one_credit_and_one_charge(desk: Desk) -> None:
    assert desk.bill() == ["60.00 EUR"]
    desk.price(desk.a_book(), "30")
    # 50.00 × 15 ÷ 31 + 30.00 × 16 ÷ 31 = 39.68 of the month, of which 50.00 is billed.
    assert desk.bill(TODAY) == ["-10.32 EUR"]
    assert desk.bill(TODAY) == []


def test_a_day_in_an_issued_period_is_refused_unless_it_is_meant(desk: Desk) -> None:
    desk.bill()
    book_id = desk.a_book()
    with pytest.raises(RowsRejected, match="book_reprices_issued"):
        desk.price(book_id, "30", MARCH)
    with pytest.raises(RowsRejected, match="book_reprices_issued"):
        desk.price(book_id, "30", None)
    desk.price(book_id, "30", MARCH, back_dated=True)
    assert desk.bill(TODAY) == ["-20.00 EUR"]


def test_a_later_change_ends_what_held_before_and_can_be_taken_back_until_it_begins(desk: Desk) -> None:
    book_id = desk.a_book()
    desk.price(book_id, "30", None)
    desk.price(book_id, "35", APRIL)
    lines = desk.book.query(price_books.load_book_card, book_id).lines
    assert [(line.entry.terms.parameters["amount"], line.entry.valid) for line in lines] == [
        ("30", Validity(None, APRIL)), ("35", Validity(APRIL)),
    ]  # fmt: skip
    desk.book.run(price_books.revoke_book_terms, book_id, lines[1].entry.id)
    (line,) = desk.book.query(price_books.load_book_card, book_id).lines
    assert line.entry.valid == Validity()
    with pytest.raises(RuleBroken, match="terms_begun"):
        desk.book.run(price_books.revoke_book_terms, book_id, line.entry.id)


def test_terms_without_an_end_hold_until_those_that_are_planned_begin(desk: Desk) -> None:
    book_id = desk.a_book()
    desk.price(book_id, "35", APRIL)
    desk.price(book_id, "30")
    found = [line.entry for line in desk.book.query(price_books.load_book_card, book_id).lines]
    assert [(one.terms.parameters["amount"], one.valid) for one in found] == [
        ("30", Validity(TODAY, APRIL)), ("35", Validity(APRIL)),
    ]  # fmt: skip


def test_a_customer_who_gets_a_tag_has_the_books_prices_from_that_day_on(desk: Desk) -> None:
    gold = desk.a_book("GOLD", BookKind.SEGMENT, "gold")
    desk.price(gold, "20", None)
    desk.bill()
    record = desk.book.query(customers.load_customer, desk.customer_id)
    desk.book.run(customers.update_customer, replace(record, tags=("gold",)))
    # 50.00 × 15 ÷ 31 + 20.00 × 16 ÷ 31 = 34.52 of the month, of which 50.00 is billed.
    assert desk.bill(TODAY) == ["-15.48 EUR"]


def test_two_books_of_one_rank_for_the_same_price_are_refused(desk: Desk) -> None:
    desk.price(desk.a_book(), "30", None)
    other = desk.a_book("GOLD", BookKind.SEGMENT, "gold")
    with pytest.raises(RowsRejected, match="book_conflict"):
        desk.price(other, "20", None)
    second = desk.a_book("SILVER", BookKind.SEGMENT, "silver", priority=2)
    desk.price(second, "20", None)
    record = desk.book.query(price_books.load_book, second)
    with pytest.raises(RuleBroken, match="book_begun"):
        desk.book.run(price_books.update_book, replace(record, priority=1))


def test_a_comparison_shows_what_moves_and_keeps_nothing(desk: Desk) -> None:
    book_id = desk.a_book()
    change = TermsChange(desk.sold.base, "EUR", PriceTerms("EUR", {"amount": "30"}), TODAY)
    found = desk.book.query(price_books.compare_book_terms, book_id, [change])
    assert [(one.before, one.after) for one in found.repriced] == [(Money(6000, "EUR"), Money(4000, "EUR"))]
    assert (found.contracts, desk.book.query(price_books.load_book_card, book_id).lines) == (1, ())


def test_a_book_is_filled_with_the_prices_own_amounts_less_ten_percent(desk: Desk) -> None:
    changes = desk.book.query(price_books.fill_book, desk.a_book(), Decimal(-10))
    seats = [change.terms for change in changes if change.price_id == desk.sold.seats]
    assert [terms.parameters for terms in seats if terms] == [{"unit_price": "9"}, {"unit_price": "1440"}]


def test_a_book_reaches_customers_that_are_named(desk: Desk) -> None:
    number = desk.book.query(customers.load_customer, desk.customer_id).number
    book_id = desk.a_book("OWN", BookKind.CUSTOMER, number)
    assert [one.number for one in desk.book.query(price_books.load_book_card, book_id).customers] == [number]
    with pytest.raises(RowsRejected, match="unknown_customer"):
        desk.a_book("NONE", BookKind.CUSTOMER, "C-404")
    with pytest.raises(RowsRejected, match="unknown_country"):
        desk.a_book("NOWHERE", BookKind.REGION, "Belgium")


def test_a_book_is_deleted_before_its_terms_begin_and_ended_after(desk: Desk) -> None:
    book_id = desk.a_book()
    desk.price(book_id, "30", APRIL)
    desk.book.run(price_books.delete_book, book_id)
    with pytest.raises(NotFound):
        desk.book.query(price_books.load_book, book_id)
    begun = desk.a_book()
    desk.price(begun, "30")
    with pytest.raises(RuleBroken, match="book_begun"):
        desk.book.run(price_books.delete_book, begun)
    record = desk.book.query(price_books.load_book, begun)
    desk.book.run(price_books.update_book, replace(record, valid=Validity(None, APRIL)))
    # March 39.68 + 10.00 for the seat, April 50.00 + 10.00.
    assert desk.bill(APRIL) == ["109.68 EUR"]


def a_converted_contract(desk: Desk) -> None:
    price = replace(a_price(desk.sold.product, "GB", EUR="49"), conversion=Conversion("EUR", Ending.NINETY))
    made = desk.book.run(catalog.create_price, price).value
    version = a_live_plan(desk.book, "GBP", PlanItem(made.id))
    customer = desk.book.run(customers.create_customer, a_customer(number="GB1", currency="GBP")).value
    record = Subscription(0, "", customer.id, 1, "GBP", MARCH, ())
    desk.book.run(subscriptions.start_subscription, record, Start(version, MARCH))


def test_a_customer_without_a_rate_is_named_and_left_out_until_there_is_one(desk: Desk) -> None:
    a_converted_contract(desk)
    rows = desk.book.run(billing.run_billing, MARCH, progress=Progress()).value.preview
    assert [finding.value for finding in rows.findings if finding.code == "problem"] == ["conversion_rate_missing"]
    assert [row.net for row in rows.rows] == [Money(6000, "EUR")]
    desk.book.run(rates.set_rate, "GBP", date(2026, 2, 27), Decimal("0.8532"))
    assert "41.90 GBP" in desk.bill()


def test_a_contract_shows_the_converted_amount_from_which_an_own_price_begins(desk: Desk) -> None:
    a_converted_contract(desk)
    desk.book.run(rates.set_rate, "GBP", date(2026, 2, 27), Decimal("0.8532"))
    key = next(row.id for row in desk.book.query(subscriptions.list_subscriptions) if row.currency == "GBP")
    (term,) = desk.book.query(subscriptions.load_subscription_card, key).terms
    assert term.terms == PriceTerms("GBP", {"amount": "41.9"})


def test_a_conversion_that_contracts_use_is_not_replaced_by_amounts_of_the_price(desk: Desk) -> None:
    a_converted_contract(desk)
    price = next(one for one in desk.book.query(catalog.load_catalog).prices.values() if one.code == "GB")
    pounds = replace(price, terms=(*price.terms, PriceTerms("GBP", {"amount": "40"})))
    with pytest.raises(RowsRejected, match="currency_converted"):
        desk.book.run(catalog.update_price, pounds)
    with pytest.raises(RuleBroken, match="price_sold"):
        desk.book.run(catalog.update_price, replace(price, conversion=None))


def test_an_import_of_customers_dates_their_tags_and_its_undo_takes_new_ones_away(desk: Desk, tmp_path: Path) -> None:
    gold = desk.a_book("GOLD", BookKind.SEGMENT, "gold")
    number = desk.book.query(customers.load_customer, desk.customer_id).number
    rows = (("Customer number", "Name", "Country", "Currency", "Tags"),
            (number, "De Linde", "BE", "EUR", "gold"), ("NEW", "New Ltd", "GB", "GBP", "gold"))  # fmt: skip
    path = a_csv(tmp_path / "c.csv", rows)
    done = desk.book.run(imports.apply_import, path, progress=Progress()).value
    reached = desk.book.query(price_books.load_book_card, gold).customers
    assert [(one.number, one.since) for one in reached] == [(number, TODAY), ("NEW", None)]
    assert done.batch_id is not None
    desk.book.run(imports.undo_import, done.batch_id)
    assert desk.book.query(price_books.load_book_card, gold).customers == ()


@pytest.mark.parametrize("percent", ["-120", "1001"])
def test_a_book_is_not_filled_with_less_than_nothing(desk: Desk, percent: str) -> None:
    with pytest.raises(InvalidValue, match="percent"):
        desk.book.query(price_books.fill_book, desk.a_book(), Decimal(percent))
