from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.ledger import Account
from billdesk.domain.payments import (
    AccountShare,
    AllocationKind,
    Desk,
    DocumentShare,
    Incoming,
    Match,
    PaymentMethod,
    PaymentPast,
    Positions,
    Receivable,
    SettlementKind,
    Step,
    plan_balance,
    plan_offset,
    plan_receipt,
    plan_refund,
    plan_return,
    plan_reversal,
    plan_write_off,
    post_step,
)
from billdesk.domain.payments.positions import local_open, local_rest
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.money import Money

DAY = date(2026, 3, 20)
RATE = Decimal("0.8333")


def _worth(amount: Money, _day: date) -> int:
    return amount.minor if amount.currency == "EUR" else Money.of(amount.major * RATE, "EUR").minor


DESK = Desk(1, "EUR", None, datetime(2026, 4, 1, tzinfo=UTC), date(2026, 4, 1), "Ann", _worth)


def _document(key: int, minor: int, currency: str = "EUR", customer: int = 1) -> Receivable:
    rate = Decimal(1) if currency == "EUR" else Decimal("0.8117")
    return Receivable(key, f"2026-{key}", 1, customer, currency, DAY, minor, rate, minor)


def _incoming(minor: int, currency: str = "EUR", *, line: int | None = 1) -> Incoming:
    kind = SettlementKind.MATCH if line else SettlementKind.MANUAL
    return Incoming(Money(minor, currency), DAY, PaymentMethod.TRANSFER, kind, statement_line_id=line)


def _share(key: int, minor: int, currency: str = "EUR") -> DocumentShare:
    return DocumentShare(key, Money(minor, currency))


def _accounts(*steps: tuple[Positions, Step]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for positions, step in steps:
        entry = post_step(positions, step)
        assert entry.is_balanced
        for posting in entry.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.minor
    return {account: minor for account, minor in sums.items() if minor}


def test_a_step_in_a_closed_period_counts_from_the_first_open_day() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    locked = replace(DESK, lock_date=date(2026, 3, 31))
    step = plan_receipt(locked, positions, _incoming(100), Match((_share(1, 100),)))
    assert step.settlement.settled_on == date(2026, 4, 1)
    assert step.payments[0].received_on == DAY


def test_one_line_can_pay_for_two_customers() -> None:
    positions = Positions("EUR", [_document(1, 100), _document(2, 50, customer=2)])
    step = plan_receipt(DESK, positions, _incoming(150), Match((_share(1, 100), _share(2, 50))))
    assert [(payment.customer_id, payment.amount.minor) for payment in step.payments] == [(1, 100), (2, 50)]


def test_shares_that_cancel_out_need_no_payment() -> None:
    positions = Positions("EUR", [_document(1, 100), _document(2, -100)])
    step = plan_receipt(DESK, positions, _incoming(0), Match((_share(1, 100), _share(2, -100))))
    assert step.payments == ()
    assert _accounts((positions, step)) == {}


@pytest.mark.parametrize(
    ("share", "rule"),
    [
        (_share(1, 101), "more_than_open"),
        (_share(1, -1), "more_than_open"),
        (_share(1, 0), "more_than_open"),
        (_share(1, 50, "USD"), "share_wrong_currency"),
        (_share(2, 50, "USD"), "share_needs_paid"),
        (_share(3, 50), "document_not_issued"),
        (DocumentShare(1, Money(50, "EUR"), AllocationKind.CREDIT_NOTE), "share_is_credit_note"),
        (_share(4, 50), "other_entity"),
    ],
)
def test_a_share_that_cannot_be_is_refused(share: DocumentShare, rule: str) -> None:
    draft, other = replace(_document(3, 100), is_issued=False), replace(_document(4, 100), entity_id=2)
    positions = Positions("EUR", [_document(1, 100), _document(2, 100, "USD"), draft, other])
    with pytest.raises(RuleBroken, match=rule):
        plan_receipt(DESK, positions, _incoming(50), Match((share,), rest_to_customer_id=1))


def test_two_shares_of_one_document_count_together() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    shares = (_share(1, 60), _share(1, 60))
    with pytest.raises(RuleBroken, match="more_than_open"):
        plan_receipt(DESK, positions, _incoming(120), Match(shares))


def test_what_is_not_on_the_desk_is_not_found() -> None:
    with pytest.raises(NotFound):
        Positions("EUR").receivable(1)
    with pytest.raises(NotFound):
        Positions("EUR").rest(1)


def test_a_dollar_invoice_paid_in_three_parts_leaves_no_cent_of_receivables() -> None:
    positions = Positions("EUR", [_document(1, 1000, "USD")])
    sums: dict[str, int] = {}
    for minor in (333, 333, 334):
        step = plan_receipt(DESK, positions, _incoming(minor, "USD"), Match((_share(1, minor, "USD"),)))
        for account, amount in _accounts((positions, step)).items():
            sums[account] = sums.get(account, 0) + amount
    assert sums[Account.RECEIVABLES] == -812  # 10.00 USD × 0.8117
    assert sums[Account.BANK] == 277 + 277 + 278


def test_an_exchange_difference_without_money_is_a_loss_on_an_invoice_and_a_gain_on_a_credit_note() -> None:
    positions = Positions("EUR", [_document(1, 100), _document(2, -100)])
    loss = plan_write_off(DESK, positions, DocumentShare(1, Money(40, "EUR"), AllocationKind.EXCHANGE), DAY)
    assert _accounts((positions, loss)) == {Account.RECEIVABLES: -40, Account.EXCHANGE_LOSS: 40}
    gain = plan_write_off(DESK, positions, DocumentShare(2, Money(-40, "EUR"), AllocationKind.EXCHANGE), DAY)
    assert _accounts((positions, gain)) == {Account.RECEIVABLES: 40, Account.EXCHANGE_GAIN: -40}


def test_a_write_off_is_not_a_payment() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    with pytest.raises(RuleBroken, match="write_off_kind"):
        plan_write_off(DESK, positions, _share(1, 40), DAY)


def test_documents_of_two_customers_are_not_offset() -> None:
    positions = Positions("EUR", [_document(1, 100), _document(2, -100, customer=2)])
    with pytest.raises(RuleBroken, match="offset_not_same"):
        plan_offset(DESK, positions, 1, 2, Money(50, "EUR"))


def test_a_balance_pays_oldest_money_first_and_no_more_than_there_is() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    for minor, line in ((30, 1), (40, 2), (10, 3)):
        post_step(positions, plan_receipt(DESK, positions, _incoming(minor, line=line), Match(rest_to_customer_id=1)))
    step = plan_balance(DESK, positions, 1, Money(50, "EUR"), DAY)
    assert [row.payment_minor for row in step.allocations] == [30, 20]
    with pytest.raises(RuleBroken) as refused:
        plan_balance(DESK, positions, 1, Money(90, "EUR"), DAY)
    assert dict(refused.value.details) == {"missing": "0.10 EUR"}


def _paid(positions: Positions, *shares: DocumentShare, minor: int) -> tuple[Step, PaymentPast]:
    step = plan_receipt(DESK, positions, _incoming(minor), Match(shares, rest_to_customer_id=1))
    post_step(positions, step)
    return step, PaymentPast(step.allocations)


@pytest.mark.parametrize(("minor", "opens"), [(130, (30, 100)), (60, (0, 60))])
def test_a_part_that_comes_back_reopens_what_was_settled_last(minor: int, opens: tuple[int, int]) -> None:
    positions = Positions("EUR", [_document(1, 100), _document(2, 100)])
    paid, past = _paid(positions, _share(1, 100), _share(2, 100), minor=200)
    match = Match(returns_id=paid.payments[0].id)
    post_step(positions, plan_return(DESK, positions, _incoming(-minor, line=2), match, past))
    assert (positions.receivable(1).open_minor, positions.receivable(2).open_minor) == opens


def test_what_comes_back_first_takes_what_was_not_used() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    paid, past = _paid(positions, _share(1, 100), minor=150)
    match = Match(returns_id=paid.payments[0].id)
    post_step(positions, plan_return(DESK, positions, _incoming(-50, line=2), match, past))
    assert positions.receivable(1).open_minor == 0
    assert positions.rests_of(1, "EUR") == []


@pytest.mark.parametrize("minor", [-151, 10, 0])
def test_a_return_is_at_most_the_payment_and_the_other_way(minor: int) -> None:
    positions = Positions("EUR", [_document(1, 100)])
    paid, past = _paid(positions, _share(1, 100), minor=150)
    with pytest.raises(RuleBroken, match="return_not_payment"):
        plan_return(DESK, positions, _incoming(minor, line=2), Match(returns_id=paid.payments[0].id), past)


def test_a_refund_takes_oldest_money_first_and_leaves_the_rest() -> None:
    positions = Positions("EUR")
    for minor in (30, 40, 10):
        post_step(positions, plan_receipt(DESK, positions, _incoming(minor), Match(rest_to_customer_id=1)))
    step = plan_refund(DESK, positions, _incoming(-50, line=None), Match(), 1)
    assert [row.payment_minor for row in step.allocations] == [30, 20]


def test_what_came_back_already_does_not_come_back_again() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    paid, past = _paid(positions, _share(1, 100), minor=100)
    again = replace(past, returned_minor=-60)
    with pytest.raises(RuleBroken, match="return_not_payment"):
        plan_return(DESK, positions, _incoming(-50, line=2), Match(returns_id=paid.payments[0].id), again)


def test_a_step_is_not_taken_back_over_what_was_settled_since() -> None:
    positions = Positions("EUR", [_document(1, 100)])
    paid, past = _paid(positions, _share(1, 100), minor=100)
    back = plan_return(DESK, positions, _incoming(-100, line=2), Match(returns_id=paid.payments[0].id), past)
    post_step(positions, back)
    _paid(positions, _share(1, 100), minor=100)
    with pytest.raises(RuleBroken) as refused:
        plan_reversal(DESK, positions, back)
    assert dict(refused.value.details) == {"number": "2026-1", "open": "0.00 EUR"}


def test_a_noted_payment_of_another_currency_is_not_the_line() -> None:
    positions = Positions("EUR")
    noted = plan_receipt(DESK, positions, _incoming(100, "USD", line=None), Match(rest_to_customer_id=1))
    post_step(positions, noted)
    with pytest.raises(RuleBroken, match="noted_wrong_currency"):
        plan_receipt(DESK, positions, _incoming(100), Match(noted_payment_ids=(noted.payments[0].id,)))


def test_a_part_for_an_account_needs_a_bank_line() -> None:
    accounts = (AccountShare("656000", Money(5, "EUR")),)
    with pytest.raises(ValueError, match="bank line"):
        plan_receipt(DESK, Positions("EUR"), _incoming(5, line=None), Match(accounts=accounts))


def test_debts_left_by_taking_a_payment_back_are_met_by_other_money_oldest_first() -> None:
    positions = Positions("EUR")
    first = plan_receipt(DESK, positions, _incoming(100), Match(rest_to_customer_id=1))
    post_step(positions, first)
    refunds = []
    for minor in (60, 30):
        refunds.append(plan_refund(DESK, positions, _incoming(-minor, line=None), Match(), 1))
        post_step(positions, refunds[-1])
    for minor in (10, 100):
        post_step(positions, plan_receipt(DESK, positions, _incoming(minor), Match(rest_to_customer_id=1)))
    later = [row for refund in refunds for row in refund.allocations]
    assert post_step(positions, plan_reversal(DESK, positions, first, later=later)).is_balanced
    assert [rest.rest_minor for rest in positions.all_rests_of(1, "EUR") if rest.rest_minor] == [20]


_PARTS = st.lists(st.integers(1, 400), min_size=1, max_size=6)


@given(_PARTS, st.integers(1, 3000), st.sampled_from(["EUR", "USD"]), st.randoms(use_true_random=False))
def test_taking_everything_back_in_any_order_leaves_nothing(
    parts: list[int], total: int, currency: str, order: object
) -> None:
    positions = Positions("EUR", [_document(1, total, currency)])
    steps, entries = [], []
    for line, minor in enumerate(parts, start=1):
        part = min(minor, positions.receivable(1).open_minor)
        shares = (_share(1, part, currency),) if part else ()
        step = plan_receipt(
            DESK, positions, _incoming(minor, currency, line=line), Match(shares, rest_to_customer_id=1)
        )
        entries.append(post_step(positions, step))
        steps.append(step)
        receivables = sum(p.minor for entry in entries for p in entry.postings if p.account == Account.RECEIVABLES)
        assert (
            local_open(positions.receivable(1), "EUR") == local_open(_document(1, total, currency), "EUR") + receivables
        )
    order.shuffle(steps)  # type: ignore[attr-defined]
    entries += [post_step(positions, plan_reversal(DESK, positions, step)) for step in steps]
    assert all(entry.is_balanced for entry in entries)
    assert positions.receivable(1).open_minor == total
    for account in (Account.RECEIVABLES, Account.BANK, Account.CUSTOMER_BALANCE):
        assert sum(p.minor for entry in entries for p in entry.postings if p.account == account) == 0


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.integers(1, 10_000))
def test_refunds_and_balances_never_create_money(came: int, refunded: int, invoice: int) -> None:
    positions = Positions("EUR", [_document(1, invoice)])
    post_step(positions, plan_receipt(DESK, positions, _incoming(came, "USD"), Match(rest_to_customer_id=1)))
    refund = _incoming(-refunded, "USD", line=None)
    if refunded > came:
        with pytest.raises(RuleBroken, match="refund_more_than_balance"):
            plan_refund(DESK, positions, refund, Match(), 1)
        return
    entry = post_step(positions, plan_refund(DESK, positions, refund, Match(), 1))
    left = sum(rest.rest_minor for rest in positions.rests_of(1, "USD"))
    assert (entry.is_balanced, left) == (True, came - refunded)
    assert sum(local_rest(rest) for rest in positions.changed_rests()) == _worth(Money(came, "USD"), DAY) - sum(
        p.minor for p in entry.postings if p.account == Account.CUSTOMER_BALANCE
    )
