from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.invoices import Line, LineKind, LineTax, TaxCategory
from billdesk.domain.wallets import OpenCredit, Purse, Wallet, in_use_order, use_credits
from billdesk.kernel.money import Money

DAY = date(2026, 6, 1)
VAT = LineTax(TaxCategory.STANDARD, Decimal(21))


def a_wallet(number: int, minor: int = 1000, **changes: object) -> Wallet:
    return replace(Wallet(number, f"W{number}", Money(minor, "EUR"), date(2026, 1, number)), **changes)  # type: ignore[arg-type]


def a_line(product: int, minor: int) -> Line:
    amount, none = Money(minor, "EUR"), Money(0, "EUR")
    return Line(1, LineKind.CHARGE, "x", Decimal(1), "C62", None, amount, none, VAT, product_id=product)


def used(purse: Purse, total: int, *lines: Line) -> list[tuple[str, int]]:
    uses, _left = use_credits(purse, Money(total, "EUR"), lines, DAY)
    return [(use.label, use.amount.minor) for use in uses]


def test_wallets_go_by_priority_expiry_promotion_and_age() -> None:
    wallets = (
        a_wallet(1), a_wallet(2, is_promotional=True), a_wallet(3, expires_on=date(2026, 7, 1)),
        a_wallet(4, priority=1), a_wallet(5),
    )  # fmt: skip
    assert [wallet.id for wallet in in_use_order(wallets)] == [4, 3, 2, 1, 5]


def test_an_expired_wallet_and_another_currency_pay_nothing() -> None:
    wallets = (a_wallet(1, expires_on=DAY), replace(a_wallet(2), balance=Money(1000, "USD")), a_wallet(3))
    assert used(Purse(wallets), 500) == [("W3", 500)]


def test_a_wallet_for_some_products_pays_their_share_with_tax() -> None:
    wallets = (a_wallet(1, product_ids=frozenset({1})), a_wallet(2, product_ids=frozenset({1, 2}), priority=60))
    assert used(Purse(wallets), 242, a_line(1, 100), a_line(2, 100)) == [("W1", 121), ("W2", 121)]
    assert used(Purse(wallets), 242, a_line(3, 200)) == []
    assert used(Purse(wallets), 242, a_line(1, -100), a_line(2, 50)) == []


def test_balance_and_credit_notes_follow_the_oldest_first() -> None:
    notes = (
        OpenCredit(2, "CN-2", Money(300, "EUR"), date(2026, 3, 1)),
        OpenCredit(1, "CN-1", Money(100, "EUR"), date(2026, 2, 1)),
        OpenCredit(3, "CN-3", Money(100, "USD"), date(2026, 1, 1)),
    )
    purse = Purse((), (Money(200, "EUR"), Money(50, "USD")), notes, "Balance")
    assert used(purse, 450) == [("Balance", 200), ("CN-1", 100), ("CN-2", 150)]


def test_what_is_left_is_given_back_and_a_credit_note_uses_nothing() -> None:
    uses, left = use_credits(Purse((a_wallet(1),)), Money(300, "EUR"), (), DAY)
    assert (left.wallets[0].balance.minor, uses[0].wallet_id) == (700, 1)
    assert used(Purse((a_wallet(1),)), -300) == []


def test_a_grant_in_units_counts_whole_units() -> None:
    assert a_wallet(1, unit_value=Money(300, "EUR")).units == 3
    assert a_wallet(1).units is None
