"""What pays a document before money does: prepaid wallets, customer balance, open credit notes (billing rules §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from billdesk.domain.invoices import CreditUse, Line
from billdesk.kernel.money import Money

_LAST_DAY: Final = date.max


class MovementKind(StrEnum):
    """What moved the balance of a wallet; REFUND turned an open credit note into credit."""

    GRANT = "grant"
    TOP_UP = "top_up"
    REFUND = "refund"
    USE = "use"
    RETURN = "return"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Wallet:
    """A grant of prepaid credit, in money; `unit_value` is what one unit is worth where it was granted in units.

    Lower `priority` is used first, then the earlier expiry, promotional before paid, then the older grant.
    `product_ids` limits it to lines of these products.
    """

    id: int
    label: str
    balance: Money
    granted_on: date
    priority: int = 50
    expires_on: date | None = None
    is_promotional: bool = False
    product_ids: frozenset[int] = frozenset()
    unit_value: Money | None = None

    @property
    def units(self) -> int | None:
        """Whole units left, where the grant counts units."""
        return None if self.unit_value is None else self.balance.minor // self.unit_value.minor


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """What is left of an issued credit note."""

    document_id: int
    number: str
    left: Money
    issued_on: date


@dataclass(frozen=True, slots=True)
class Purse:
    """All credit of one receiver; `balance_label` names the customer's balance on the document."""

    wallets: tuple[Wallet, ...] = ()
    balances: tuple[Money, ...] = ()
    credits: tuple[OpenCredit, ...] = ()
    balance_label: str = ""


def use_credits(purse: Purse, total: Money, lines: Sequence[Line], day: date) -> tuple[tuple[CreditUse, ...], Purse]:
    """Pay as much of `total` as credit allows: wallets in their order, then balance, then credit notes, oldest first.

    A limited wallet pays at most the tax-inclusive share of its products' lines. Gives the uses and what is left.
    """
    due = max(total.minor, 0)
    uses: list[CreditUse] = []
    wallets, due = _use_wallets(purse.wallets, due, (total, lines, day), uses)
    balances = []
    for balance in purse.balances:
        taken = min(due, balance.minor) if balance.currency == total.currency else 0
        if taken > 0:
            uses.append(CreditUse(purse.balance_label, Money(taken, total.currency)))
            due -= taken
        balances.append(Money(balance.minor - max(taken, 0), balance.currency))
    notes = []
    for note in sorted(purse.credits, key=lambda one: (one.issued_on, one.document_id)):
        taken = min(due, note.left.minor) if note.left.currency == total.currency else 0
        if taken > 0:
            uses.append(CreditUse(note.number, Money(taken, total.currency), credit_document_id=note.document_id))
            due -= taken
        notes.append(replace(note, left=Money(note.left.minor - max(taken, 0), note.left.currency)))
    return tuple(uses), replace(purse, wallets=wallets, balances=tuple(balances), credits=tuple(notes))


def in_use_order(wallets: Sequence[Wallet]) -> list[Wallet]:
    """Give wallets in the order in which they are used."""
    return sorted(
        wallets,
        key=lambda one: (
            one.priority, one.expires_on or _LAST_DAY, not one.is_promotional, one.granted_on, one.id,
        ),
    )  # fmt: skip


def _use_wallets(
    wallets: Sequence[Wallet], due: int, what: tuple[Money, Sequence[Line], date], uses: list[CreditUse]
) -> tuple[tuple[Wallet, ...], int]:
    total, lines, day = what
    paid: dict[int | None, int] = {}
    shares = _gross_by_product(total, lines) if any(wallet.product_ids for wallet in wallets) else {}
    left = []
    for wallet in in_use_order(wallets):
        usable = wallet.balance.currency == total.currency and (wallet.expires_on is None or day < wallet.expires_on)
        taken = min(due, wallet.balance.minor) if usable else 0
        if wallet.product_ids and taken > 0:
            taken = _take_shares(taken, wallet.product_ids, shares, paid)
        if taken > 0:
            uses.append(CreditUse(wallet.label, Money(taken, total.currency), wallet_id=wallet.id))
            due -= taken
        left.append(replace(wallet, balance=Money(wallet.balance.minor - max(taken, 0), wallet.balance.currency)))
    return tuple(left), due


def _gross_by_product(total: Money, lines: Sequence[Line]) -> dict[int | None, int]:
    """Spread the total over products by their nets, the rounding falling to the last one."""
    nets: dict[int | None, int] = {}
    for line in lines:
        nets[line.product_id] = nets.get(line.product_id, 0) + line.net.minor
    whole = sum(nets.values())
    if whole <= 0:
        return {}
    shares, before, run = {}, 0, 0
    for product, net in nets.items():
        run += net
        upto = total.minor * run // whole
        shares[product] = upto - before
        before = upto
    return shares


def _take_shares(
    wanted: int, products: frozenset[int], shares: dict[int | None, int], paid: dict[int | None, int]
) -> int:
    """Take from the shares of some products, remembering what other wallets already paid of them."""
    taken = 0
    for product in sorted(products):
        part = min(wanted - taken, max(0, shares.get(product, 0) - paid.get(product, 0)))
        paid[product] = paid.get(product, 0) + part
        taken += part
    return taken
