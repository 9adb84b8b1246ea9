from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.invoices import DocumentKind
from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.errors import InvalidValue, NotFound, RowsRejected
from billdesk.kernel.money import Money
from billdesk.services import customers, reports, subscriptions
from billdesk.services.book import Book
from billdesk.services.reports import HomeFigures, ReportTable
from billdesk.services.subscriptions import Change, Start, When
from builders.billing import a_book, a_draft, a_hosting_line, issue
from builders.book import a_book as an_empty_book
from builders.catalog import a_catalog
from builders.customers import a_customer
from builders.invoices import VAT_6, a_line

JANUARY = {"first": "2026-01-01", "last": "2026-01-31"}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book


def _run(book: Book, key: str, **parameters: str) -> ReportTable:
    return book.query(reports.run_report, key, parameters)


def _home(book: Book) -> HomeFigures:
    return book.query(reports.load_home_figures)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_every_report_says_what_it_is_and_runs_on_an_empty_book(book: Book) -> None:
    infos = reports.list_reports()
    assert {info.key for info in infos} == {"revenue", "open_items", "vat", "mrr", "usage", "distance_sales"}
    assert all(_run(book, info.key).rows == () for info in infos)
    assert all(info.label for info in infos)


def test_revenue_is_added_up_by_month_without_tax_and_drafts(book: Book) -> None:
    issue(book, a_draft(book, issue_date=date(2026, 1, 31)), a_draft(book))
    a_draft(book)
    assert _run(book, "revenue").rows == (
        ("2026-01", 1, eur(14850), eur(14850)),
        ("2026-02", 1, eur(14850), eur(14850)),
    )


def test_revenue_is_added_up_by_product_and_customer(book: Book) -> None:
    lines = (a_hosting_line(), replace(a_line("Setup", position=2, minor=5000), product_id=2))
    issue(book, a_draft(book, lines=lines))
    assert [row[:3] for row in _run(book, "revenue", by="product").rows] == [
        ("Hosting", 1, eur(14850)),
        ("Setup", 1, eur(5000)),
    ]
    assert _run(book, "revenue", by="customer").rows[0][0] == "Brouwerij De Linde NV"


def test_vat_is_added_up_by_rate_less_credit_notes(book: Book) -> None:
    lines = (a_hosting_line(), a_line("Book", position=2, minor=10000, tax=VAT_6))
    credit = a_hosting_line(amount=eur(-4850))
    issue(book, a_draft(book, lines=lines), a_draft(book, kind=DocumentKind.CREDIT_NOTE, lines=(credit,)))
    rows = [(row[2], row[3], row[4], row[5]) for row in _run(book, "vat").rows]
    assert rows == [(Decimal(6), 1, eur(10000), eur(600)), (Decimal(21), 2, eur(10000), eur(2100))]


def test_a_period_leaves_out_what_was_issued_outside_it(book: Book) -> None:
    issue(book, a_draft(book))
    assert _run(book, "vat", **JANUARY).rows == ()


def test_open_items_stand_in_the_column_of_their_age(book: Book) -> None:
    issue(book, a_draft(book))
    (row,) = _run(book, "open_items", as_of="2026-03-16").rows
    assert row == ("Brouwerij De Linde", eur(0), eur(17969), eur(0), eur(0), eur(0), eur(0), eur(17969))


def test_mrr_movements_explain_the_difference(tmp_path: Path) -> None:
    with an_empty_book(tmp_path) as book:
        sold = a_catalog(book)
        linde = book.run(customers.create_customer, a_customer()).value
        okapi = book.run(customers.create_customer, a_customer(number="C2", name="Okapi")).value
        begin = Start(sold.basic, date(2025, 12, 1), {sold.seats: Decimal(4)})
        empty = Subscription(0, "", linde.id, 1, "EUR", date(2025, 12, 1), ())
        record = book.run(subscriptions.start_subscription, empty, begin).value
        more = Change(EntryKind.CHANGE_QUANTITY, When.DATE, date(2026, 2, 1), quantities={sold.seats: Decimal(6)})
        book.run(subscriptions.change_subscription, record.id, more)
        other = replace(empty, customer_id=okapi.id, anchor=date(2026, 2, 1))
        book.run(subscriptions.start_subscription, other, replace(begin, day=date(2026, 2, 1)))
        rows = _run(book, "mrr").rows
    assert rows == (
        ("Brouwerij De Linde", eur(9000), eur(0), eur(2000), eur(0), eur(0), eur(11000)),
        ("Okapi", eur(0), eur(9000), eur(0), eur(0), eur(0), eur(9000)),
    )


def test_wrong_parameters_are_named(book: Book) -> None:
    with pytest.raises(InvalidValue) as refused:
        _run(book, "vat", first="31/02/2026")
    assert (refused.value.problem.code, refused.value.problem.place.field) == ("not_a_date", "first")
    with pytest.raises(InvalidValue):
        _run(book, "vat", first="2026-02-01", last="2026-01-01")
    with pytest.raises(RowsRejected):
        _run(book, "revenue", by="colour")
    with pytest.raises(NotFound):
        _run(book, "horoscope")


def test_home_counts_overdue_by_age_drafts_and_mails(book: Book) -> None:
    issue(book, a_draft(book), a_draft(book, due_date=date(2026, 4, 1)))
    a_draft(book)
    shown = _home(book)
    assert [bucket.count for bucket in shown.overdue] == [1, 0, 0, 0]
    assert shown.overdue[0].amounts == (eur(17969),)
    assert (shown.due_soon.amounts, shown.drafts.count, shown.mails_waiting) == ((eur(17969),), 1, 2)


def test_home_shows_twelve_months_of_paid_open_and_overdue(book: Book) -> None:
    issue(book, a_draft(book), a_draft(book, due_date=date(2026, 4, 1)))
    months = _home(book).months
    february = months[-2]
    assert (len(months), february.month) == (12, date(2026, 2, 1))
    assert (february.paid, february.open, february.overdue) == (eur(0), eur(17969), eur(17969))


def test_home_of_an_empty_book_is_all_zero(tmp_path: Path) -> None:
    with Book.create(tmp_path / "empty.billdesk") as book:
        shown = _home(book)
    assert (shown.months, shown.mrr, shown.subscriptions_to_bill) == ((), (), 0)
