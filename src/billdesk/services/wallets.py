"""Wallets: grant prepaid credit, see what is on it, take it back, let it expire (billing rules §7.4).

What was paid for stands in the ledger as a liability until invoices use it; its money is booked on the clearing
account when it comes in. What was given away stands nowhere until it is used, and then lowers revenue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.domain.wallets import MovementKind, Wallet
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import audit, ledger
from billdesk.services.discounts import require_receiver
from billdesk.services.identifiers import currencies
from billdesk.services.rates import rate_on
from billdesk.services.result import Result
from billdesk.storage import billing, catalog, entities
from billdesk.storage import ledger as journal
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.wallets import Movement, WalletRow

__all__ = ["Movement", "WalletRow"]

HIGHEST_PRIORITY: Final = 0
LOWEST_PRIORITY: Final = 100
USUAL_PRIORITY: Final = 50
_CHANGED: Final[Changes] = frozenset({Noun.BILLING, Noun.CUSTOMERS, Noun.LEDGER})


@dataclass(frozen=True, slots=True)
class Grant:
    """Credit to be granted: `amount` in money, or `units` of `unit_value` each.

    A lower priority is used first. `expires_on` is the first day on which it pays nothing more; `product_ids` limits
    it to lines of these products.
    """

    customer_id: int
    entity_id: int
    label: str
    amount: Money | None = None
    units: int | None = None
    unit_value: Money | None = None
    unit_name: str = ""
    priority: int = USUAL_PRIORITY
    expires_on: date | None = None
    is_promotional: bool = False
    product_ids: frozenset[int] = frozenset()
    day: date | None = None
    reason: str = ""

    @property
    def worth(self) -> Money | None:
        """What is granted in money, None while it is not known."""
        if self.amount is not None:
            return self.amount
        if self.units is None or self.unit_value is None:
            return None
        return Money(self.units * self.unit_value.minor, self.unit_value.currency)


def check_grant(given: Grant, today: date) -> list[Problem]:
    """Say what is wrong with a grant, without looking into the book."""
    worth, day = given.worth, given.day or today
    problems = [Problem("value_missing", Place(field="label"))] if not given.label.strip() else []
    if worth is None or (given.amount is not None and given.units is not None):
        problems.append(Problem("grant_amount_or_units", Place(field="amount")))
    elif worth.minor <= 0 or (given.unit_value is not None and given.unit_value.minor <= 0):
        problems.append(Problem("amount_not_positive", Place(field="amount"), str(worth)))
    if worth is not None and worth.currency not in currencies():
        code = "unknown_currency" if worth.currency else "value_missing"
        problems.append(Problem(code, Place(field="currency"), worth.currency))
    if given.expires_on is not None and given.expires_on <= day:
        problems.append(Problem("validity_ends_before_start", Place(field="expires_on"), given.expires_on.isoformat()))
    return problems + _check_priority(given.priority)


def _check_priority(priority: int) -> list[Problem]:
    place = Place(field="priority")
    if priority < HIGHEST_PRIORITY:
        return [Problem("too_small", place, str(priority), (("minimum", str(HIGHEST_PRIORITY)),))]
    if priority > LOWEST_PRIORITY:
        return [Problem("too_large", place, str(priority), (("maximum", str(LOWEST_PRIORITY)),))]
    return []


def grant_wallet(db: Db, given: Grant) -> Result[WalletRow]:
    """Grant credit to the receiver of documents, which pays its invoices from now on.

    Raises RowsRejected when the grant is wrong, RuleBroken in a closed period or when another customer receives
    the documents.
    """
    problems = check_grant(given, db.today)
    unknown = sorted(given.product_ids - set(catalog.load_products(db, given.product_ids)))
    problems += [Problem("scope_unknown", Place(field="product_ids"), str(key)) for key in unknown]
    worth = given.worth
    if problems or worth is None:
        raise RowsRejected(tuple(problems))
    customer = require_receiver(db, given.customer_id)
    entity = entities.load_entity(db, given.entity_id)
    day = given.day or db.today
    ledger.require_open(entity.lock_date, day)
    row = WalletRow(
        wallet=Wallet(
            id=0,
            label=given.label.strip(),
            balance=Money.zero(worth.currency),
            granted_on=day,
            priority=given.priority,
            expires_on=given.expires_on,
            is_promotional=given.is_promotional,
            product_ids=given.product_ids,
            unit_value=given.unit_value,
        ),
        customer_id=customer.id,
        customer_name=customer.name,
        entity_id=entity.id,
        granted=worth,
        unit_name=given.unit_name,
        rate=rate_on(db, worth.currency, entity.currency, day).rate,
        local_currency=entity.currency,
        created_at=db.now,
        created_by=db.user,
    )
    made = storage.load_row(db, storage.insert_wallet(db, row))
    _move(db, [(made, Movement(made.wallet.id, MovementKind.GRANT, worth, day, reason=given.reason))])
    return _done(db, made.wallet.id, "grant_wallet", {"amount": str(worth), "customer": customer.id})


def withdraw_wallet(db: Db, wallet_id: int, amount: Money | None = None, *, reason: str) -> Result[WalletRow]:
    """Take back what is left of a grant, or a part of it; raises RuleBroken when that is more than is left."""
    row = storage.load_row(db, wallet_id)
    taken = amount or row.wallet.balance
    if taken.currency != row.granted.currency or not 0 < taken.minor <= row.wallet.balance.minor:
        raise RuleBroken("wallet_too_small", (("label", row.wallet.label), ("left", str(row.wallet.balance))))
    _move(db, [(row, Movement(wallet_id, MovementKind.WITHDRAW, -taken, db.today, reason=reason))])
    return _done(db, wallet_id, "withdraw_wallet", {"amount": str(taken), "reason": reason})


def expire_wallets(db: Db, day: date | None = None) -> Result[int]:
    """Write off what is left of the grants that expired by a day (today), and give how many there were.

    Expired credit pays nothing anyway; this moves what was paid for it from the liability to income.
    """
    day = day or db.today
    rows = storage.expired_rows(db, day)
    _move(db, [(row, Movement(row.wallet.id, MovementKind.EXPIRE, -row.wallet.balance, day)) for row in rows])
    if rows:
        details = {"day": day.isoformat(), "wallets": [row.wallet.id for row in rows]}
        audit.record(db, command="expire_wallets", noun=Noun.BILLING, details=details)
    return Result(len(rows), _CHANGED)


def _move(db: Db, moved: Sequence[tuple[WalletRow, Movement]]) -> None:
    storage.move(db, [movement for _row, movement in moved])
    entries = [_entry(row, movement) for row, movement in moved if not row.wallet.is_promotional]
    ledger.post(db, [entry for entry in entries if entry.postings])


_COUNTERPART: Final = {
    MovementKind.GRANT: Account.CLEARING,
    MovementKind.WITHDRAW: Account.CLEARING,
    MovementKind.EXPIRE: Account.FORFEITED_CREDIT,
}


def _entry(row: WalletRow, movement: Movement) -> JournalEntry:
    """Give the entry of a movement without a document: the liability against where its money is or goes."""
    before = row.wallet.balance.minor
    minor = row.local_at(before + movement.amount.minor) - row.local_at(before)
    original, currency = movement.amount.minor, movement.amount.currency
    postings = (
        Posting(Account.WALLETS.value, -minor, -original, currency, row.customer_id),
        Posting(_COUNTERPART[movement.kind].value, minor, original, currency, row.customer_id),
    )
    return JournalEntry(
        row.entity_id, movement.day, EntrySource.WALLET, row.wallet.id, row.wallet.label, ledger.combine(postings)
    )


def _done(db: Db, wallet_id: int, command: str, details: dict[str, object]) -> Result[WalletRow]:
    row = storage.load_row(db, wallet_id)
    billing.look_again(db, [row.customer_id])
    audit.record(db, command=command, noun=Noun.BILLING, subject=str(wallet_id), details=details)
    return Result(row, _CHANGED)


def list_wallets(
    db: Db, *, customer_id: int | None = None, spent: bool = False, offset: int = 0, limit: int = 100
) -> list[WalletRow]:
    """Give grants, oldest first: of one customer or all, with `spent` those too on which nothing is left."""
    return storage.list_rows(db, customer_id=customer_id, spent=spent, offset=offset, limit=limit)


def load_wallet(db: Db, wallet_id: int) -> WalletRow:
    """Give one grant; raises NotFound."""
    return storage.load_row(db, wallet_id)


def list_movements(db: Db, wallet_id: int) -> list[Movement]:
    """Give what moved a grant's balance, oldest first."""
    return storage.list_movements(db, wallet_id)


def load_balances(db: Db, customer_id: int) -> dict[str, Money]:
    """Give what a customer has on wallets that are usable today, by currency."""
    found: dict[str, Money] = {}
    for row in storage.open_wallets(db, [customer_id]):
        if row.wallet.expires_on is None or db.today < row.wallet.expires_on:
            balance = row.wallet.balance
            found[balance.currency] = found.get(balance.currency, Money.zero(balance.currency)) + balance
    return found


def check_wallets(db: Db) -> list[Problem]:
    """Give every wallet whose balance is wrong, and each company whose liability differs from its wallets."""
    problems = [Problem("wallet_balance_wrong", value=str(key)) for key in storage.wrong_balances(db)]
    for record in entities.list_entities(db):
        posted = -journal.balances(db, record.id).get(Account.WALLETS.value, 0)
        held = sum(row.local_at(row.wallet.balance.minor) for row in storage.paid_rows(db, record.id))
        if posted != held:
            details = (("ledger", str(posted)), ("documents", str(held)))
            problems.append(Problem("wallets_differ", value=record.code, details=details))
    return problems
