from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from billdesk.domain.customers import InvoiceGrouping
from billdesk.domain.discounts import DiscountFrequency, DiscountScope
from billdesk.kernel.errors import BillDeskError, NotFound, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, customers, discounts, invoices
from billdesk.services.billing.previewing import upcoming_documents
from billdesk.services.offer_words import terms_text
from builders.billing import a_draft_record, store
from builders.customers import a_customer
from builders.offers import (
    APRIL,
    FEBRUARY,
    JANUARY,
    LINDE,
    MARCH,
    MAY,
    OffersDesk,
    a_spring_coupon,
    an_offers_desk,
    eur,
    figures,
)

ONCE, PERIODS = DiscountFrequency.ONCE, DiscountFrequency.PERIODS
FIFTH, TENTH = Decimal(20), Decimal(10)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def three_months(desk: OffersDesk) -> None:
    desk.discount(percent=FIFTH, frequency=PERIODS, periods_left=3)


def test_twenty_percent_for_three_months_then_the_full_price(desk: OffersDesk) -> None:
    desk.start()
    three_months(desk)
    found = [desk.bill_one(day) for day in (JANUARY, FEBRUARY, MARCH, APRIL)]
    assert found == [(8000, 2000, 9680), (8000, 2000, 9680), (8000, 2000, 9680), (10000, 0, 12100)]


def test_catching_up_a_quarter_gives_three_months_their_discount(desk: OffersDesk) -> None:
    desk.start()
    three_months(desk)
    assert desk.bill_one(APRIL) == (34000, 6000, 41140)


def test_an_upgrade_inside_a_discounted_month_is_discounted_and_uses_no_month(desk: OffersDesk) -> None:
    contract = desk.start()
    three_months(desk)
    desk.bill(JANUARY)
    desk.seats(contract.id, date(2026, 1, 17), 9)
    # 15 of 31 days: the 5 seats give back 24.19 less 4.84, the 9 cost 43.54 less 8.71.
    assert desk.bill_one(date(2026, 1, 17)) == (1548, 871, 1873)
    assert [desk.bill_one(day)[1] for day in (FEBRUARY, MARCH, APRIL)] == [2800, 2800, 0]


def test_an_upgrade_in_the_last_discounted_month_is_discounted_too(desk: OffersDesk) -> None:
    contract = desk.start()
    desk.discount(percent=FIFTH, frequency=ONCE)
    desk.bill(JANUARY)
    desk.seats(contract.id, date(2026, 1, 17), 9)
    assert desk.bill_one(date(2026, 1, 17)) == (1548, 871, 1873)
    assert desk.bill_one(FEBRUARY)[1] == 0


def test_the_rest_of_a_fixed_amount_stays_for_the_next_invoices(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(amount=eur("250"), frequency=ONCE)
    assert [desk.bill_one(day) for day in (JANUARY, FEBRUARY, MARCH, APRIL)] == [
        (0, 10000, 0), (0, 10000, 0), (5000, 5000, 6050), (10000, 0, 12100),
    ]  # fmt: skip
    used = desk.book.query(discounts.load_discount, row.granted.discount.id).granted.uses
    assert sum(use.minor for use in used) == 25000


def test_an_upgrade_keeps_the_amount_that_the_replaced_line_had(desk: OffersDesk) -> None:
    contract = desk.start()
    desk.discount(amount=eur("100"), frequency=ONCE)
    assert desk.bill_one(JANUARY) == (0, 10000, 0)
    desk.seats(contract.id, date(2026, 1, 17), 9)
    # The 24.19 that the credit returns pay for the new line of 43.54.
    assert desk.bill_one(date(2026, 1, 17)) == (1935, 2419, 2341)
    assert desk.bill_one(FEBRUARY)[1] == 0


def test_correcting_an_invoice_with_an_amount_gives_all_of_it_back(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(amount=eur("60"), frequency=ONCE)
    (invoice,) = desk.bill(JANUARY)
    made = desk.book.run(invoices.correct_document, invoice.id, "again", day=JANUARY).value
    uses = desk.book.query(discounts.load_discount, row.granted.discount.id).granted.uses
    assert sum(use.minor for use in uses) == 0
    desk.book.run(invoices.issue_documents, [made.draft_id], None, progress=Progress())
    assert figures(desk.book.query(invoices.load_document, made.draft_id)) == (4000, 6000, 4840)


def test_a_fixed_amount_per_month_for_two_months(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(amount=eur("15"), frequency=PERIODS, periods_left=2)
    assert [desk.bill_one(day)[1] for day in (JANUARY, FEBRUARY, MARCH)] == [1500, 1500, 0]


@pytest.mark.parametrize("terms", [{}, {"frequency": PERIODS, "periods_left": 2}])
def test_an_upgrade_inside_a_month_does_not_give_the_monthly_amount_again(
    desk: OffersDesk, terms: dict[str, Any]
) -> None:
    contract = desk.start()
    desk.discount(amount=eur("10"), **terms)
    assert desk.bill_one(JANUARY) == (9000, 1000, 10890)
    desk.seats(contract.id, date(2026, 1, 17), 9)
    # 15 of 31 days: the 5 seats give back 24.19 with 2.42 of their 5.00, the 9 cost 43.54 less those 2.42.
    assert desk.bill_one(date(2026, 1, 17)) == (1935, 242, 2341)
    assert desk.bill_one(FEBRUARY) == (13000, 1000, 15730)


def test_catching_up_over_a_change_of_seats_uses_no_period_up_early(desk: OffersDesk) -> None:
    contract = desk.start()
    three_months(desk)
    desk.seats(contract.id, date(2026, 1, 17), 9)
    # 120.00 and 19.35 more in January, 140.00 in each later month: a fifth off the first three.
    (document,) = desk.bill(APRIL)
    assert sum(one.amount.minor for one in document.discounts) == 2387 + 2800 + 2800
    assert desk.bill_one(MAY)[1] == 0


def test_discounts_follow_each_other_each_on_what_is_left(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(percent=FIFTH, label="Partner")
    desk.discount(percent=TENTH, label="Loyal")
    (document,) = desk.bill(JANUARY)
    assert [(one.label, one.amount.minor) for one in document.discounts] == [("Partner", 2000), ("Loyal", 800)]


def test_a_credit_of_a_discounted_line_returns_its_discount(desk: OffersDesk) -> None:
    contract = desk.start()
    desk.discount(percent=FIFTH)
    desk.bill(JANUARY)
    desk.cancel(contract.id, date(2026, 1, 17))
    (credit,) = desk.bill(date(2026, 1, 17))
    # 15 of 31 days of 50.00 and 50.00, with a fifth of that given back.
    assert [(line.amount.minor, line.discount.minor) for line in credit.lines] == [(-2419, -484), (-2419, -484)]


def test_a_contracts_discount_leaves_the_other_contract_alone(desk: OffersDesk) -> None:
    one, _other = desk.start(), desk.start()
    desk.discount(None, percent=FIFTH, subscription_id=one.id)
    assert desk.bill_one(JANUARY) == (18000, 2000, 21780)


def test_a_discount_of_a_price_takes_from_its_lines_only(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(percent=FIFTH, scope=DiscountScope.PRICES, scope_ids=frozenset({desk.sold.seats}))
    assert desk.bill_one(JANUARY) == (9000, 1000, 10890)


def test_one_invoice_per_contract_shares_a_fixed_amount(desk: OffersDesk) -> None:
    record = desk.book.query(customers.load_customer, LINDE)
    changed = a_customer(id=record.id, version=record.version, grouping=InvoiceGrouping.SUBSCRIPTION)
    desk.book.run(customers.update_customer, changed)
    desk.start()
    desk.start()
    desk.discount(amount=eur("130"), frequency=ONCE)
    assert [figures(document)[1] for document in desk.bill(JANUARY)] == [10000, 3000]


def test_a_second_run_makes_nothing_new(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(amount=eur("250"), frequency=ONCE)
    desk.grant("10")
    desk.run(JANUARY)
    again = desk.run(JANUARY)
    assert (again.created, again.run_id) == (0, None)


def test_undoing_a_run_uses_no_coupon_up(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(percent=FIFTH, frequency=ONCE)
    outcome = desk.run(JANUARY)
    desk.undo(outcome)
    assert desk.book.query(discounts.load_discount, row.granted.discount.id).granted.uses == ()
    assert desk.bill_one(JANUARY) == (8000, 2000, 9680)


def test_a_discount_given_after_the_run_changes_the_draft(desk: OffersDesk) -> None:
    desk.start()
    desk.run(JANUARY)
    desk.discount(percent=FIFTH)
    outcome = desk.run(JANUARY)
    assert (outcome.created, outcome.replaced) == (1, 1)
    assert outcome.preview.rows[0].net.minor == 8000


def test_an_ended_discount_is_given_no_more(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(percent=FIFTH)
    desk.bill(JANUARY)
    desk.book.run(discounts.end_discount, row.granted.discount.id, FEBRUARY)
    assert desk.bill_one(FEBRUARY)[1] == 0
    with pytest.raises(RuleBroken, match="discount_ended"):
        desk.book.run(discounts.end_discount, row.granted.discount.id, MARCH)


def test_a_correction_gives_the_discount_back_and_takes_it_again(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(percent=FIFTH, frequency=ONCE)
    (invoice,) = desk.bill(JANUARY)
    made = desk.book.run(invoices.correct_document, invoice.id, "wrong order number", day=JANUARY).value
    given_back = desk.book.query(discounts.load_discount, row.granted.discount.id).granted.uses
    assert sum(use.times for use in given_back) == 0
    desk.book.run(invoices.issue_documents, [made.draft_id], None, progress=Progress())
    assert figures(desk.book.query(invoices.load_document, made.draft_id)) == (8000, 2000, 9680)
    assert desk.bill_one(FEBRUARY)[1] == 0


def test_a_draft_is_not_issued_with_a_discount_that_is_gone(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(amount=eur("60"), frequency=ONCE)
    (invoice,) = desk.bill(JANUARY)
    late = a_draft_record(customer_id=LINDE, issue_date=JANUARY, discounts=invoice.discounts)
    (key,) = desk.book.run(store, late).value
    with pytest.raises(RuleBroken, match="discount_outdated"):
        desk.book.run(invoices.issue_documents, [key], None, progress=Progress())


def test_the_coming_months_know_when_a_discount_ends(desk: OffersDesk) -> None:
    contract = desk.start(date(2026, 3, 16))
    three_months(desk)
    coming = desk.book.query(upcoming_documents, contract.id, months=4)
    assert [document.net.minor for document in coming] == [8000, 8000, 8000, 10000, 10000]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"percent": Decimal(101)}, "percent_out_of_range"),
        ({"percent": Decimal(-5)}, "percent_out_of_range"),
        ({}, "discount_percent_or_amount"),
        ({"amount": Money(500, "")}, "value_missing"),
        ({"amount": Money(500, "EUX")}, "unknown_currency"),
        ({"amount": Money(0, "EUR")}, "amount_not_positive"),
        ({"percent": FIFTH, "frequency": PERIODS}, "value_missing"),
        ({"percent": FIFTH, "scope": DiscountScope.PLANS}, "value_missing"),
        ({"percent": FIFTH, "scope": DiscountScope.PLANS, "scope_ids": frozenset({99})}, "scope_unknown"),
        ({"percent": FIFTH, "since": MAY, "until": APRIL}, "validity_ends_before_start"),
        ({"percent": FIFTH, "label": " "}, "value_missing"),
    ],
)
def test_wrong_terms_are_refused_where_they_are_entered(desk: OffersDesk, terms: dict[str, Any], code: str) -> None:
    with pytest.raises(RowsRejected) as refused:
        desk.discount(**terms)
    assert code in {problem.code for problem in refused.value.problems}


def test_an_amount_in_a_currency_nobody_is_billed_in_is_refused(desk: OffersDesk) -> None:
    with pytest.raises(BillDeskError, match="discount_other_currency"):
        desk.discount(amount=Money(500, "JPY"))


def test_a_customer_whose_parent_pays_has_no_discount_of_its_own(desk: OffersDesk) -> None:
    child = desk.book.run(customers.create_customer, a_customer(number="C2", parent_id=LINDE)).value
    with pytest.raises(RuleBroken, match="receiver_is_other"):
        desk.discount(child.id, percent=FIFTH)


def test_the_parent_of_a_contract_receives_the_contracts_discount(desk: OffersDesk) -> None:
    child = desk.book.run(customers.create_customer, a_customer(number="C2", parent_id=LINDE)).value
    contract = desk.start(customer_id=child.id)
    desk.discount(None, percent=FIFTH, subscription_id=contract.id)
    assert desk.bill_one(JANUARY) == (8000, 2000, 9680)


# Coupons


def a_coupon(desk: OffersDesk, **changes: Any) -> None:
    desk.book.run(discounts.create_coupon, a_spring_coupon(**changes))


def test_a_coupon_is_used_with_its_code_however_it_is_typed(desk: OffersDesk) -> None:
    desk.start()
    a_coupon(desk)
    row = desk.book.run(discounts.redeem_coupon, " Spring26", customer_id=LINDE).value
    assert row.granted.discount.coupon_code == "SPRING26"
    assert desk.bill_one(JANUARY) == (8000, 2000, 9680)
    assert desk.book.query(discounts.find_coupon, "spring26").uses == 1


def test_a_coupon_is_used_once_per_customer(desk: OffersDesk) -> None:
    a_coupon(desk)
    desk.book.run(discounts.redeem_coupon, "SPRING26", customer_id=LINDE)
    with pytest.raises(RowsRejected) as refused:
        desk.book.run(discounts.redeem_coupon, "SPRING26", customer_id=LINDE)
    assert [problem.code for problem in refused.value.problems] == ["coupon_used_by_customer"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": MARCH}, "coupon_expired"),
        ({"since": APRIL}, "coupon_not_yet"),
        ({"first_time_only": True}, "coupon_first_time_only"),
    ],
)
def test_a_coupon_outside_its_conditions_is_refused(desk: OffersDesk, changes: dict[str, Any], code: str) -> None:
    contract = desk.start()
    desk.bill(JANUARY)
    a_coupon(desk, **changes)
    with pytest.raises(RowsRejected) as refused:
        desk.book.run(discounts.redeem_coupon, "SPRING26", subscription_id=contract.id)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_closed_coupon_is_refused_and_listed_apart(desk: OffersDesk) -> None:
    a_coupon(desk)
    desk.book.run(discounts.archive_coupon, "spring26")
    assert desk.book.query(discounts.list_coupons) == []
    with pytest.raises(RowsRejected):
        desk.book.run(discounts.redeem_coupon, "SPRING26", customer_id=LINDE)


def test_a_code_that_exists_is_refused(desk: OffersDesk) -> None:
    a_coupon(desk)
    with pytest.raises(RowsRejected) as refused:
        a_coupon(desk, most_uses=0)
    assert {problem.code for problem in refused.value.problems} == {"already_used", "too_small"}
    with pytest.raises(NotFound):
        desk.book.query(discounts.find_coupon, "OTHER")


def test_discounts_are_listed_with_the_contract_they_are_for(desk: OffersDesk) -> None:
    contract = desk.start()
    desk.discount(percent=FIFTH, label="All")
    desk.discount(None, percent=TENTH, label="One", subscription_id=contract.id)
    found = desk.book.query(discounts.list_discounts, customer_id=LINDE)
    assert [(row.granted.discount.label, row.subscription_number) for row in found] == [
        ("All", ""), ("One", contract.number),
    ]  # fmt: skip
    assert len(desk.book.query(discounts.list_discounts, subscription_id=contract.id)) == 2


def _statements(desk: OffersDesk, day: date) -> int:
    counted: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        desk.book.query(billing.preview_billing, day, progress=Progress())
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(counted)


def test_the_number_of_queries_does_not_grow_with_customers_who_have_discounts_and_credit(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(percent=FIFTH, frequency=ONCE)
    desk.grant("10")
    one = _statements(desk, JANUARY)
    for number in range(10):
        other = desk.book.run(customers.create_customer, a_customer(number=f"X{number}")).value
        desk.start(customer_id=other.id)
        desk.discount(other.id, percent=FIFTH, frequency=ONCE)
    assert _statements(desk, JANUARY) == one


def test_a_draft_made_by_hand_holds_the_discount_that_it_shows(desk: OffersDesk) -> None:
    desk.start()
    desk.discount(percent=FIFTH, frequency=ONCE)
    (invoice,) = desk.bill(JANUARY)
    desk.book.run(invoices.correct_document, invoice.id, "again", day=JANUARY)
    desk.start(FEBRUARY)
    (row,) = desk.run(FEBRUARY).preview.rows
    assert row.net.minor == 10000


def test_a_discount_is_for_one_customer_or_one_contract(desk: OffersDesk) -> None:
    contract = desk.start()
    with pytest.raises(BillDeskError, match="discount_for_one"):
        desk.discount(LINDE, percent=FIFTH, subscription_id=contract.id)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"percent": FIFTH}, "every time"),
        ({"percent": FIFTH, "frequency": ONCE}, "once"),
        ({"amount": eur("10"), "frequency": ONCE}, "once, €10.00 left"),
        ({"percent": FIFTH, "frequency": PERIODS, "periods_left": 3}, "3 periods, 3 left"),
        ({"percent": FIFTH, "since": APRIL, "until": MAY}, "every time · from 1 Apr 2026 until 1 May 2026"),
        ({"percent": FIFTH, "since": APRIL}, "every time · from 1 Apr 2026"),
        ({"percent": FIFTH, "until": MAY}, "every time · until 1 May 2026"),
        (
            {"percent": FIFTH, "scope": DiscountScope.PRODUCTS, "scope_ids": frozenset({1})},
            "every time · some products only",
        ),
    ],
)
def test_a_discount_in_words(desk: OffersDesk, terms: dict[str, Any], text: str) -> None:
    assert terms_text(desk.discount(**terms).granted) == text


def test_used_up_discounts_say_so(desk: OffersDesk) -> None:
    desk.start()
    given = [
        desk.discount(percent=TENTH, frequency=ONCE),
        desk.discount(amount=eur("1"), frequency=ONCE),
        desk.discount(percent=TENTH, frequency=PERIODS, periods_left=1),
    ]
    desk.bill(JANUARY)
    rows = [desk.book.query(discounts.load_discount, row.granted.discount.id) for row in given]
    assert [terms_text(row.granted) for row in rows] == ["used", "used up", "1 period, used up"]
