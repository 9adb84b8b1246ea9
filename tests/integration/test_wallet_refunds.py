from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.ledger import Account
from billdesk.kernel.errors import InvalidValue, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import invoices, payments, wallets
from billdesk.services.ledger import trial_balance
from billdesk.services.wallets import Grant, RefundTerms, TopUp
from builders.offers import FEBRUARY, JANUARY, LINDE, OffersDesk, an_offers_desk, eur

MIDDLE = date(2026, 1, 16)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def _credit_note(desk: OffersDesk) -> int:
    """Bill January, end the contract in its middle, and issue the credit note: 16 of 31 days of twice 50.00."""
    contract = desk.start()
    desk.bill(JANUARY)
    desk.cancel(contract.id, MIDDLE)
    return desk.bill(MIDDLE)[0].id


def _accounts(desk: OffersDesk) -> dict[str, int]:
    return desk.book.query(trial_balance, 1)


def test_an_open_credit_note_becomes_credit_and_nothing_is_left_on_the_way(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    made = desk.book.run(wallets.refund_into_wallet, note).value
    assert (made.granted, made.wallet.balance) == (eur("62.46"), eur("62.46"))
    accounts = _accounts(desk)
    assert (accounts[Account.WALLETS.value], accounts.get(Account.CLEARING.value, 0)) == (-6246, 0)


def test_the_credit_names_its_note_and_pays_the_next_invoice(desk: OffersDesk) -> None:
    made = desk.book.run(wallets.refund_into_wallet, _credit_note(desk)).value
    desk.start(FEBRUARY)
    (invoice,) = desk.bill(FEBRUARY)
    assert invoice.amount_due == eur("58.54")
    assert made.wallet.label.startswith("Credit of ")
    assert desk.balance(made) == 0


def test_a_part_can_become_credit_on_terms_of_its_own(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    terms = RefundTerms("Sorry", eur("20"), priority=5, expires_on=date(2027, 1, 1))
    made = desk.book.run(wallets.refund_into_wallet, note, terms).value
    assert (made.wallet.label, made.wallet.priority, made.granted) == ("Sorry", 5, eur("20"))
    rest = desk.book.run(wallets.refund_into_wallet, note).value
    assert rest.granted == eur("42.46")


def test_more_than_is_open_is_refused(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    with pytest.raises(RuleBroken):
        desk.book.run(wallets.refund_into_wallet, note, RefundTerms(amount=eur("62.47")))


def test_a_note_on_which_nothing_is_open_gives_no_credit(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    desk.book.run(wallets.refund_into_wallet, note)
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(wallets.refund_into_wallet, note)
    assert caught.value.rule == "nothing_open_to_refund"


def test_an_invoice_gives_no_credit(desk: OffersDesk) -> None:
    desk.start()
    (invoice,) = desk.bill(JANUARY)
    with pytest.raises(RuleBroken):
        desk.book.run(wallets.refund_into_wallet, invoice.id)


def test_undoing_a_refund_opens_the_note_again(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    made = desk.book.run(wallets.refund_into_wallet, note).value
    desk.book.run(wallets.undo_refund_into_wallet, made.wallet.id)
    (row,) = desk.book.query(invoices.load_rows, [note])
    assert (row.open, desk.balance(made), _accounts(desk).get(Account.WALLETS.value, 0)) == (eur("-62.46"), 0, 0)


def test_a_refund_that_was_used_cannot_be_undone(desk: OffersDesk) -> None:
    made = desk.book.run(wallets.refund_into_wallet, _credit_note(desk)).value
    desk.start(FEBRUARY)
    desk.bill(FEBRUARY)
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(wallets.undo_refund_into_wallet, made.wallet.id)
    assert caught.value.rule == "wallet_used"


def test_a_grant_is_no_refund_to_undo(desk: OffersDesk) -> None:
    wallet = desk.grant("10")
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(wallets.undo_refund_into_wallet, wallet.wallet.id)
    assert caught.value.rule == "wallet_not_refund"


def test_the_step_with_money_cannot_be_taken_back_below_the_credit(desk: OffersDesk) -> None:
    made = desk.book.run(wallets.refund_into_wallet, _credit_note(desk)).value
    (movement,) = desk.book.query(wallets.list_movements, made.wallet.id)
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(payments.take_back, movement.settlement_id or 0)
    assert caught.value.rule == "refund_in_wallet"


def test_a_cancelled_contract_is_refunded_in_one_step(desk: OffersDesk) -> None:
    contract = desk.start()
    desk.bill(JANUARY)
    desk.cancel(contract.id, MIDDLE)
    (made,) = desk.book.run(wallets.refund_contract_into_wallet, contract.id, progress=Progress()).value
    assert made.wallet.balance == eur("62.46")


def test_a_contract_that_gives_nothing_back_is_refused_and_leaves_no_draft(desk: OffersDesk) -> None:
    contract = desk.start()
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(wallets.refund_contract_into_wallet, contract.id, progress=Progress())
    assert caught.value.rule == "contract_gives_nothing_back"
    assert desk.book.query(invoices.list_draft_ids) == []


def test_a_top_up_adds_to_the_same_credit(desk: OffersDesk) -> None:
    wallet = desk.grant("50")
    made = desk.book.run(wallets.top_up_wallet, wallet.wallet.id, TopUp(eur("25"))).value
    assert (made.granted, made.wallet.balance) == (eur("75"), eur("75"))
    assert _accounts(desk)[Account.WALLETS.value] == -7500


def test_a_top_up_counts_units_where_the_grant_does(desk: OffersDesk) -> None:
    given = Grant(LINDE, 1, "Calls", units=100, unit_value=eur("0.05"), unit_name="calls")
    wallet = desk.book.run(wallets.grant_wallet, given).value
    made = desk.book.run(wallets.top_up_wallet, wallet.wallet.id, TopUp(units=20)).value
    assert (made.wallet.units, made.wallet.balance) == (120, eur("6"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (TopUp(), "grant_amount_or_units"),
        (TopUp(units=3), "wallet_without_units"),
        (TopUp(Money(100, "USD")), "wallet_other_currency"),
        (TopUp(Money(0, "EUR")), "amount_not_positive"),
    ],
)
def test_wrong_top_ups_are_refused(desk: OffersDesk, given: TopUp, code: str) -> None:
    wallet = desk.grant("50")
    with pytest.raises(InvalidValue) as caught:
        desk.book.run(wallets.top_up_wallet, wallet.wallet.id, given)
    assert caught.value.problem.code == code


def test_expired_credit_is_not_topped_up(desk: OffersDesk) -> None:
    wallet = desk.grant("50", day=date(2025, 12, 1), expires_on=JANUARY)
    with pytest.raises(RuleBroken) as caught:
        desk.book.run(wallets.top_up_wallet, wallet.wallet.id, TopUp(eur("1")))
    assert caught.value.rule == "wallet_expired"


def test_wrong_terms_of_a_refund_are_refused(desk: OffersDesk) -> None:
    note = _credit_note(desk)
    with pytest.raises(RowsRejected):
        desk.book.run(wallets.refund_into_wallet, note, RefundTerms(priority=101))
