"""What is on wallets: lists, movements, balances, and whether the ledger says the same."""

from __future__ import annotations

from billdesk.domain.ledger import Account
from billdesk.kernel.errors import Problem
from billdesk.kernel.money import Money
from billdesk.storage import entities
from billdesk.storage import ledger as journal
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.wallets import Movement, WalletRow


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
