from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billdesk.domain.catalog import Product
from billdesk.domain.customers import CreditPolicy, InvoiceGrouping
from billdesk.domain.invoices import DocumentStatus
from billdesk.domain.ledger import Account
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.wallets import MovementKind
from billdesk.kernel.errors import RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, customers, entities, invoices, rates, wallets
from billdesk.services.catalog import create_product
from billdesk.services.check import check_book
from billdesk.services.ledger import trial_balance
from billdesk.services.result import Result
from billdesk.services.subscriptions import Start, start_subscription
from billdesk.services.wallets import Grant
from billdesk.storage.database import Db
from builders.customers import a_customer
from builders.offers import APRIL, FEBRUARY, JANUARY, LINDE, MARCH, OffersDesk, an_offers_desk, eur, figures

LIABILITY = Account.WALLETS.value


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def liability(desk: OffersDesk) -> int:
    return -desk.book.query(trial_balance, 1).get(LIABILITY, 0)


def test_a_wallet_pays_an_invoice_in_part_and_the_rest_is_due(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("50")
    assert liability(desk) == 5000
    (invoice,) = desk.bill(JANUARY)
    assert (invoice.total.minor, invoice.amount_due.minor) == (12100, 7100)
    assert [(use.label, use.amount.minor) for use in invoice.credits] == [("Prepaid", 5000)]
    assert (desk.balance(wallet), liability(desk)) == (0, 0)


def test_a_wallet_that_covers_all_makes_the_invoice_paid(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("300")
    (invoice,) = desk.bill(JANUARY)
    (row,) = desk.book.query(invoices.list_documents, invoices.DocumentFilter())
    assert (invoice.amount_due.minor, row.status) == (0, DocumentStatus.PAID)
    assert [desk.bill_one(day)[2] for day in (FEBRUARY, MARCH)] == [0, 6300]
    assert desk.balance(wallet) == 0


def test_the_preview_shows_what_the_wallet_will_pay(desk: OffersDesk) -> None:
    desk.start()
    desk.grant("50")
    (shown,) = desk.book.query(billing.preview_documents, JANUARY, LINDE)
    (made,) = desk.bill(JANUARY)
    assert (shown.credits, shown.amount_due) == (made.credits, made.amount_due)


def test_drafts_and_undone_runs_leave_the_wallet_full(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("50")
    outcome = desk.run(JANUARY)
    assert desk.balance(wallet) == 5000
    desk.undo(outcome)
    assert desk.balance(wallet) == 5000


def test_lower_priority_goes_first_then_expiry_then_promotions(desk: OffersDesk) -> None:
    desk.start()
    desk.grant("10", "Late")
    desk.grant("10", "Gift", is_promotional=True)
    desk.grant("10", "Soon", expires_on=APRIL)
    desk.grant("10", "First", priority=10)
    (invoice,) = desk.bill(JANUARY)
    assert [use.label for use in invoice.credits] == ["First", "Soon", "Gift", "Late"]


def test_expired_credit_pays_nothing_and_becomes_income(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("50", day=date(2025, 12, 1), expires_on=JANUARY)
    assert desk.bill_one(JANUARY)[2] == 12100
    assert desk.book.run(wallets.expire_wallets).value == 1
    assert desk.book.query(trial_balance, 1)[Account.FORFEITED_CREDIT.value] == -5000
    assert (desk.balance(wallet), liability(desk)) == (0, 0)


def test_given_credit_is_no_liability_and_lowers_revenue_when_used(desk: OffersDesk) -> None:
    desk.start()
    desk.grant("50", is_promotional=True)
    assert liability(desk) == 0
    desk.bill(JANUARY)
    assert desk.book.query(trial_balance, 1)[Account.PROMOTIONS.value] == 5000


def test_a_wallet_limited_to_another_product_pays_nothing(desk: OffersDesk) -> None:
    desk.start()
    other = desk.book.run(_another_product).value
    desk.grant("50", product_ids=frozenset({other}))
    assert desk.bill_one(JANUARY)[2] == 12100


def _another_product(db: Db) -> Result[int]:
    return Result(create_product(db, Product(0, "DISK", "Disk")).value.id)


def test_a_correction_returns_what_the_wallet_paid(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("50")
    (invoice,) = desk.bill(JANUARY)
    made = desk.book.run(invoices.correct_document, invoice.id, "wrong name", day=JANUARY).value
    credit = desk.book.query(invoices.load_document, made.credit_note_id)
    assert (credit.total.minor, credit.amount_due.minor, desk.balance(wallet)) == (-12100, -7100, 5000)
    desk.book.run(invoices.issue_documents, [made.draft_id], None, progress=Progress())
    again = desk.book.query(invoices.load_document, made.draft_id)
    assert (again.amount_due.minor, desk.balance(wallet)) == (7100, 0)


def test_correcting_an_invoice_that_the_wallet_paid_in_full(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("200")
    (invoice,) = desk.bill(JANUARY)
    desk.book.run(invoices.correct_document, invoice.id, "wrong name", day=JANUARY)
    assert (desk.balance(wallet), liability(desk)) == (20000, 20000)
    kinds = [one.kind for one in desk.book.query(wallets.list_movements, wallet.wallet.id)]
    assert kinds == [MovementKind.GRANT, MovementKind.USE, MovementKind.RETURN]


def test_a_credit_granted_after_the_draft_pays_it_at_issue(desk: OffersDesk) -> None:
    desk.start()
    outcome = desk.run(JANUARY)
    desk.grant("50")
    desk.issue(outcome)
    (row,) = desk.book.query(invoices.list_documents, invoices.DocumentFilter())
    assert row.open.minor == 7100


def test_credit_that_is_gone_by_the_day_of_issue_is_not_used(desk: OffersDesk) -> None:
    desk.start()
    wallet = desk.grant("50")
    outcome = desk.run(JANUARY)
    desk.book.run(wallets.withdraw_wallet, wallet.wallet.id, reason="granted by mistake")
    (invoice,) = desk.issue(outcome)
    assert (invoice.amount_due.minor, invoice.credits, invoice.credits_used) == (12100, (), None)


def test_two_invoices_of_a_day_share_a_wallet(desk: OffersDesk) -> None:
    record = desk.book.query(customers.load_customer, LINDE)
    desk.book.run(customers.update_customer, replace(record, grouping=InvoiceGrouping.SUBSCRIPTION))
    desk.start()
    desk.start()
    desk.grant("150")
    assert [figures(document)[2] for document in desk.bill(JANUARY)] == [0, 9200]


def test_a_wallet_in_another_currency_pays_at_its_own_rate_and_books_the_difference(desk: OffersDesk) -> None:
    desk.book.run(rates.set_rate, "JPY", date(2025, 1, 1), Decimal(160))
    desk.book.run(rates.set_rate, "JPY", MARCH, Decimal(200))
    given = Grant(LINDE, 1, "Yen", Money(16000, "JPY"), day=JANUARY)
    wallet = desk.book.run(wallets.grant_wallet, given).value
    assert liability(desk) == 10000
    contract = _yen_contract(desk)
    desk.bill(MARCH)
    assert contract.currency == "JPY"
    assert (desk.balance(wallet), liability(desk)) == (4384, 2740)
    # 11,616 yen: 72.60 at the rate of the grant, 58.08 at the invoice's.
    assert desk.book.query(trial_balance, 1)[Account.EXCHANGE_GAIN.value] == -1452


def _yen_contract(desk: OffersDesk) -> Subscription:
    record = Subscription(0, "", LINDE, 1, "JPY", MARCH, ())
    return desk.book.run(start_subscription, record, Start(desk.sold.basic, MARCH)).value


def test_units_are_granted_at_what_one_is_worth(desk: OffersDesk) -> None:
    given = Grant(LINDE, 1, "Calls", units=1000, unit_value=eur("0.05"), unit_name="calls")
    wallet = desk.book.run(wallets.grant_wallet, given).value
    assert (wallet.granted.minor, wallet.wallet.units, wallet.unit_name) == (5000, 1000, "calls")


def test_credit_is_used_for_customers_who_want_refunds_too(desk: OffersDesk) -> None:
    record = desk.book.query(customers.load_customer, LINDE)
    desk.book.run(customers.update_customer, replace(record, credit_policy=CreditPolicy.REFUND))
    desk.start()
    desk.grant("50")
    assert desk.bill_one(JANUARY)[2] == 7100


def test_what_is_on_wallets_is_added_up_by_currency(desk: OffersDesk) -> None:
    desk.grant("50")
    desk.grant("20")
    desk.grant("5", day=date(2025, 12, 1), expires_on=FEBRUARY)
    assert desk.book.query(wallets.load_balances, LINDE) == {"EUR": eur("70")}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": None}, "grant_amount_or_units"),
        ({"amount": eur("0")}, "amount_not_positive"),
        ({"amount": Money(100, "")}, "value_missing"),
        ({"amount": Money(100, "EUX")}, "unknown_currency"),
        ({"label": ""}, "value_missing"),
        ({"priority": 101}, "too_large"),
        ({"priority": -1}, "too_small"),
        ({"expires_on": MARCH}, "validity_ends_before_start"),
        ({"product_ids": frozenset({77})}, "scope_unknown"),
    ],
)
def test_wrong_grants_are_refused(desk: OffersDesk, changes: dict[str, Any], code: str) -> None:
    given = replace(Grant(LINDE, 1, "Prepaid", eur("10")), **changes)
    with pytest.raises(RowsRejected) as refused:
        desk.book.run(wallets.grant_wallet, given)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_no_more_is_taken_back_than_is_left(desk: OffersDesk) -> None:
    wallet = desk.grant("50")
    with pytest.raises(RuleBroken, match="wallet_too_small"):
        desk.book.run(wallets.withdraw_wallet, wallet.wallet.id, eur("51"), reason="")
    desk.book.run(wallets.withdraw_wallet, wallet.wallet.id, eur("20"), reason="agreed")
    assert (desk.balance(wallet), liability(desk)) == (3000, 3000)


def test_a_childs_credit_is_refused(desk: OffersDesk) -> None:
    child = desk.book.run(customers.create_customer, a_customer(number="C2", parent_id=LINDE)).value
    with pytest.raises(RuleBroken, match="receiver_is_other"):
        desk.book.run(wallets.grant_wallet, Grant(child.id, 1, "Prepaid", eur("10")))


def test_the_database_itself_refuses_a_wallet_below_zero(desk: OffersDesk) -> None:
    wallet = desk.grant("50")

    def overdraw(db: Db) -> Result[None]:
        db.connection.execute(text("UPDATE wallet SET balance_minor = -1 WHERE id = :id"), {"id": wallet.wallet.id})
        return Result(None)

    with pytest.raises(DBAPIError):
        desk.book.run(overdraw)


def test_the_self_test_finds_a_balance_that_is_not_the_sum_of_its_movements(desk: OffersDesk) -> None:
    wallet = desk.grant("50")
    desk.book.run(_set_balance, wallet.wallet.id, 100)
    codes = [problem.code for problem in desk.book.query(check_book)]
    assert codes == ["wallet_balance_wrong", "wallets_differ"]
    desk.book.run(_set_balance, wallet.wallet.id, 5000)


def _set_balance(db: Db, key: int, minor: int) -> Result[None]:
    db.connection.execute(text("UPDATE wallet SET balance_minor = :minor WHERE id = :id"), {"id": key, "minor": minor})
    return Result(None)


def test_what_a_wallet_leaves_is_rounded_to_the_smallest_coin(desk: OffersDesk) -> None:
    (company,) = desk.book.query(entities.list_entities)
    desk.book.run(entities.change_entity, replace(company, cash_rounding_minor=5))
    desk.start()
    outcome = desk.run(JANUARY)
    desk.grant("0.52")
    (invoice,) = desk.issue(outcome)
    assert (invoice.cash_rounding, invoice.amount_due) == (eur("0.02"), eur("120.50"))
