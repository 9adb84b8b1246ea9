"""What happens at a desk, told as it would be told there, through the whole book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.catalog import Plan, PlanItem, RunningPolicy
from billdesk.domain.entities import Address, Entity
from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, entities, invoices, ledger
from billdesk.services.book import Book
from billdesk.services.payments import DocumentShare, PaymentInput, note_payment
from billdesk.services.subscriptions import Start, start_subscription
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage.ledger import EntryFilter
from builders.book import NOW
from builders.catalog import a_catalog, a_price, a_version, seats
from builders.customers import a_customer
from builders.offers import APRIL, FEBRUARY, JANUARY, LINDE, MARCH, OffersDesk, an_offers_desk, figures
from builders.usage import a_metered_book


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def issued(book: Book, day: date) -> list[Document]:
    outcome = book.run(billing.run_billing, day, progress=Progress()).value
    if outcome.run_id is None:
        return []
    done = book.run(invoices.issue_run, outcome.run_id, None, progress=Progress()).value
    return book.query(invoices.load_documents, done.ids)


def lock(book: Book, day: date) -> None:
    (company,) = book.query(entities.list_entities)
    book.run(entities.change_entity, replace(company, lock_date=day))


def test_late_usage_behind_the_lock_date_is_billed_and_posted_in_the_open_month_and_names_its_own(
    tmp_path: Path,
) -> None:
    meters = a_metered_book(tmp_path)
    with meters.book as book:
        meters.add("S1")
        meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a")
        issued(book, FEBRUARY)
        lock(book, date(2026, 2, 28))
        meters.bring("S1,calls,2026-01-06T10:00:00Z,500,late")
        (invoice,) = issued(book, MARCH)
        assert [(line.amount.minor, line.period and line.period.start) for line in invoice.lines] == [(500, JANUARY)]
        (entry,) = book.query(ledger.list_entries, EntryFilter(source_id=invoice.id))
        assert entry.entry.posted_on == MARCH


def _dearer_seats(desk: OffersDesk, policy: RunningPolicy, effective: date) -> int:
    """Publish a second version of BASIC with seats of 12.00 instead of 10.00."""
    dear = desk.book.run(catalog.create_price, seats(desk.sold.product, "SEATS-12", "12")).value.id
    plan = desk.book.query(catalog.load_catalog).plan_versions[desk.sold.basic].plan_id
    draft = replace(
        a_version(plan, PlanItem(desk.sold.base), PlanItem(dear, Decimal(5)), effective=effective),
        running_policy=policy,
    )
    made = desk.book.run(catalog.create_version, draft).value
    desk.book.run(catalog.approve_version, made.id)
    return desk.book.run(catalog.publish_version, made.id).value.id


def test_a_price_change_in_mid_month_leaves_grandfathered_customers_their_old_price(desk: OffersDesk) -> None:
    desk.start(MARCH)
    desk.bill(MARCH)
    newer = _dearer_seats(desk, RunningPolicy.KEEP, date(2026, 3, 17))
    desk.book.run(start_subscription, Subscription(0, "", LINDE, 1, "EUR", APRIL, ()), Start(newer, APRIL, {}))
    (document,) = desk.bill(APRIL)
    # The old contract: 50.00 and 5 seats of 10.00; the new one: 50.00 and 5 seats of 12.00.
    assert sorted(line.amount.minor for line in document.lines) == [5000, 5000, 5000, 6000]


def test_a_price_change_in_mid_month_is_prorated_for_customers_who_move_with_it(desk: OffersDesk) -> None:
    desk.start(MARCH)
    desk.bill(MARCH)
    _dearer_seats(desk, RunningPolicy.FROM_DATE, date(2026, 3, 17))
    (document,) = desk.bill(date(2026, 3, 17))
    # 15 of 31 days: 5 seats of 10.00 give back 24.19, 5 of 12.00 cost 29.03.
    assert sorted(line.amount.minor for line in document.lines) == [-2419, 2903]


def test_a_quarter_with_the_laptop_closed_bills_what_three_months_would_have(desk: OffersDesk, tmp_path: Path) -> None:
    desk.start(date(2026, 1, 31))
    (late,) = desk.bill(date(2026, 4, 30))
    (tmp_path / "other").mkdir()
    with an_offers_desk(tmp_path / "other") as other:
        other.start(date(2026, 1, 31))
        days = (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
        monthly = [other.bill_one(day) for day in days]
    assert figures(late)[0] == sum(net for net, _discount, _due in monthly) == 40000
    starts = sorted({line.period.start for line in late.lines if line.period})
    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_child_invoices_are_received_and_paid_by_the_parent(desk: OffersDesk) -> None:
    child = desk.book.run(customers.create_customer, a_customer(number="C2", name="Gent", parent_id=LINDE)).value
    desk.start()
    desk.start(customer_id=child.id)
    (invoice,) = desk.bill(JANUARY)
    assert (invoice.customer_id, invoice.net.minor, invoice.amount_due.minor) == (LINDE, 20000, 24200)
    assert sum("Gent" in line.details for line in invoice.lines) == 2
    share = DocumentShare(invoice.id, invoice.amount_due)
    desk.book.run(note_payment, PaymentInput(1, LINDE, invoice.amount_due, JANUARY, shares=(share,)))
    assert desk.book.query(invoices.load_view, invoice.id).row.open.minor == 0


def a_swiss_book(folder: Path) -> Book:
    book = Book.create(folder / "swiss.billdesk", clock=lambda: NOW, user="Ann")
    address = Address("Bahnhofstrasse 1", "", "8001", "Zürich", "", "CH")
    company = Entity(0, "ZH", "Zürich AG", "CHF", address=address, language="de", cash_rounding_minor=5)
    book.run(entities.create_entity, company)
    book.run(seed_tax_rates)
    return book


def test_an_invoice_in_francs_is_due_in_five_rappen_steps(tmp_path: Path) -> None:
    with a_swiss_book(tmp_path) as book:
        sold = a_catalog(book)
        address = Address("Rue du Rhône 1", "", "1204", "Genève", "", "CH")
        buyer = book.run(customers.create_customer, a_customer(address=address, currency="CHF", tax_id="")).value
        fee = book.run(catalog.create_price, a_price(sold.product, "FEE-CHF", CHF="99.97")).value.id
        plan = book.run(catalog.create_plan, Plan(0, "SWISS", "Swiss")).value
        draft = book.run(catalog.create_version, a_version(plan.id, PlanItem(fee))).value
        book.run(catalog.approve_version, draft.id)
        live = book.run(catalog.publish_version, draft.id).value.id
        contract = Subscription(0, "", buyer.id, 1, "CHF", date(2026, 3, 16), ())
        book.run(start_subscription, contract, Start(live, date(2026, 3, 16), {}))
        (invoice,) = issued(book, date(2026, 3, 16))
        # 8.1 % of 99.97 is 8.10: 108.07 to pay becomes 108.05.
        assert (invoice.total.minor, invoice.cash_rounding, invoice.amount_due.minor) == (
            10807,
            Money(-2, "CHF"),
            10805,
        )


def test_a_corrected_usage_file_after_issue_bills_or_credits_the_difference(tmp_path: Path) -> None:
    meters = a_metered_book(tmp_path)
    with meters.book as book:
        meters.add("S1")
        meters.bring("S1,calls,2026-01-05T10:00:00Z,1000,a", "S1,calls,2026-01-06T10:00:00Z,400,b")
        (invoice,) = issued(book, FEBRUARY)
        january = Period(JANUARY, FEBRUARY)
        meters.bring("S1,calls,2026-01-05T10:00:00Z,900,a", "S1,calls,2026-01-06T10:00:00Z,400,b", replace=january)
        (note,) = issued(book, date(2026, 2, 10))
        assert (note.net.minor, note.corrects_numbers) == (-100, (invoice.number,))
