from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from billdesk.app.records import tidy_up
from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.kernel.errors import InvalidValue, RowsRejected, RuleBroken
from billdesk.services import audit, discounts, entities, wallets
from billdesk.services.offer_words import coupon_text
from billdesk.services.wallets import Grant, TopUp
from builders.offers import FEBRUARY, JANUARY, LINDE, MARCH, OffersDesk, a_spring_coupon, an_offers_desk, eur


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def test_a_statement_has_each_movement_with_the_balance_after_it(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("150", day=JANUARY)
    desk.bill(JANUARY)
    desk.book.run(wallets.top_up_wallet, wallet.wallet.id, TopUp(eur("10"), reason="More"))
    found = desk.book.query(wallets.load_statement, wallet.wallet.id)
    shown = [(line.words, line.movement.amount.minor, line.balance.minor) for line in found.lines]
    assert shown == [("Granted", 15000, 15000), ("Paid 2026-00001", -12100, 2900), ("Added", 1000, 3900)]


def test_the_statements_of_a_customer_are_written_as_csv(desk: OffersDesk) -> None:
    desk.grant("150", day=JANUARY)
    desk.grant("20", "Gift", day=FEBRUARY, is_promotional=True)
    found = desk.book.query(wallets.load_statements, LINDE)
    lines = wallets.statement_file(found, ".csv").decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "Gift" in lines[2]


def test_a_statement_is_written_as_a_workbook(desk: OffersDesk) -> None:
    wallet = desk.grant("150")
    found = desk.book.query(wallets.load_statement, wallet.wallet.id)
    assert wallets.statement_file([found], ".xlsx").startswith(b"PK")


def test_another_kind_of_file_is_refused(desk: OffersDesk) -> None:
    desk.grant("150")
    with pytest.raises(InvalidValue):
        wallets.statement_file(desk.book.query(wallets.load_statements, LINDE), ".doc")


def test_opening_a_book_writes_expired_credit_off_once(desk: OffersDesk) -> None:
    wallet = desk.grant("50", day=date(2025, 12, 1), expires_on=JANUARY)
    desk.book.run(tidy_up)
    desk.book.run(tidy_up)
    assert desk.balance(wallet) == 0
    events = [one for one in desk.book.query(audit.list_events, limit=50) if one.command == "expire_wallets"]
    assert len(events) == 1


def test_expired_credit_waits_while_the_books_are_closed(desk: OffersDesk) -> None:
    wallet = desk.grant("50", day=date(2025, 12, 1), expires_on=JANUARY)
    (entity,) = desk.book.query(entities.list_entities)
    desk.book.run(entities.change_entity, replace(entity, lock_date=date(2026, 12, 31)))
    assert desk.book.run(wallets.expire_wallets).value == 0
    assert desk.balance(wallet) == 5000


def test_units_that_are_worth_less_than_a_cent_are_refused(desk: OffersDesk) -> None:
    given = Grant(LINDE, 1, "Calls", units=100, unit_value=eur("0.004"))
    with pytest.raises(RowsRejected) as caught:
        desk.book.run(wallets.grant_wallet, given)
    assert [one.code for one in caught.value.problems] == ["unit_value_too_small"]


def test_the_end_of_a_discount_can_be_taken_back(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(amount=eur("10"))
    desk.book.run(discounts.end_discount, row.granted.discount.id, FEBRUARY)
    desk.book.run(discounts.resume_discount, row.granted.discount.id)
    assert [desk.bill_one(day)[1] for day in (JANUARY, FEBRUARY)] == [1000, 1000]


def test_the_end_of_a_discount_can_be_moved_to_a_later_day(desk: OffersDesk) -> None:
    desk.start()
    row = desk.discount(amount=eur("10"), until=FEBRUARY)
    desk.book.run(discounts.resume_discount, row.granted.discount.id, MARCH)
    assert [desk.bill_one(day)[1] for day in (JANUARY, FEBRUARY, MARCH)] == [1000, 1000, 0]


def test_a_discount_without_an_end_cannot_be_resumed(desk: OffersDesk) -> None:
    row = desk.discount(amount=eur("10"))
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(discounts.resume_discount, row.granted.discount.id)
    assert caught.value.rule == "discount_not_ended"


def test_a_coupon_in_words() -> None:
    terms = Discount(0, "Spring", amount=eur("5"), frequency=DiscountFrequency.PERIODS, periods_left=3)
    one = a_spring_coupon(discount=terms, most_uses=10, most_per_customer=None, first_time_only=True, until=MARCH)
    assert (
        coupon_text(one)
        == "3 periods · new customers only · 10 uses in all · any number per customer · until 1 Mar 2026"
    )
