"""What moves a wallet without a document: the movement, its journal entry, and what the receiver's drafts say then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.domain.wallets import MovementKind
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.money import Money
from billdesk.services import audit, ledger
from billdesk.services.rates import rate_on
from billdesk.services.result import Result
from billdesk.storage import billing
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import local_minor
from billdesk.storage.wallets import Movement, WalletRow

CHANGED: Final[Changes] = frozenset({Noun.BILLING, Noun.CUSTOMERS, Noun.LEDGER})
_COUNTERPART: Final = {
    MovementKind.GRANT: Account.CLEARING,
    MovementKind.TOP_UP: Account.CLEARING,
    MovementKind.REFUND: Account.CLEARING,
    MovementKind.WITHDRAW: Account.CLEARING,
    MovementKind.EXPIRE: Account.FORFEITED_CREDIT,
}


def move(db: Db, moved: Sequence[tuple[WalletRow, Movement]]) -> None:
    """Write movements of wallets and what they post; a promotion stands in no account until it is used."""
    storage.move(db, [movement for _row, movement in moved])
    entries = [_entry(db, row, movement) for row, movement in moved if not row.wallet.is_promotional]
    ledger.post(db, [entry for entry in entries if entry.postings])


def _entry(db: Db, row: WalletRow, movement: Movement) -> JournalEntry:
    """Give the entry of a movement without a document: the liability against where its money is or goes.

    The liability keeps the rate of the grant; money that is added later comes in at the rate of its own day.
    """
    before = row.wallet.balance.minor
    minor = row.local_at(before + movement.amount.minor) - row.local_at(before)
    money = _worth(db, row, movement) if movement.kind is MovementKind.TOP_UP else minor
    original, currency = movement.amount.minor, movement.amount.currency
    difference = minor - money
    account = Account.EXCHANGE_LOSS if difference > 0 else Account.EXCHANGE_GAIN
    postings = (
        Posting(Account.WALLETS.value, -minor, -original, currency, row.customer_id),
        Posting(_COUNTERPART[movement.kind].value, money, original, currency, row.customer_id),
        Posting(account.value, difference, 0, currency, row.customer_id),
    )
    return JournalEntry(
        row.entity_id, movement.day, EntrySource.WALLET, row.wallet.id, row.wallet.label, ledger.combine(postings)
    )


def _worth(db: Db, row: WalletRow, movement: Movement) -> int:
    rate = rate_on(db, movement.amount.currency, row.local_currency, movement.day).rate
    return local_minor(Money(movement.amount.minor, movement.amount.currency), rate, row.local_currency)


def done(db: Db, wallet_id: int, command: str, details: dict[str, object]) -> Result[WalletRow]:
    """Have the receiver's drafts worked out again, write the audit event, and give the wallet as it is now."""
    row = storage.load_row(db, wallet_id)
    billing.look_again(db, [row.customer_id])
    audit.record(db, command=command, noun=Noun.BILLING, subject=str(wallet_id), details=details)
    return Result(row, CHANGED)
