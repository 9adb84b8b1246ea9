"""The statement of prepaid credit: each movement with what was on the wallet after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from billdesk.domain.wallets import MovementKind
from billdesk.kernel.i18n import N_, _
from billdesk.kernel.money import Money
from billdesk.services.table_files import Cell, Column, Table, table_file
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.wallets import Movement, WalletRow

KIND_WORDS: Final = {
    MovementKind.GRANT: N_("Granted"),
    MovementKind.TOP_UP: N_("Added"),
    MovementKind.REFUND: N_("From credit note"),
    MovementKind.USE: N_("Paid"),
    MovementKind.RETURN: N_("Given back by a correction"),
    MovementKind.EXPIRE: N_("Expired"),
    MovementKind.WITHDRAW: N_("Taken back"),
}
"""What moved a balance, as English msgids."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement, and what was on the wallet after it."""

    movement: Movement
    balance: Money

    @property
    def words(self) -> str:
        """What happened, with the document that it was for."""
        return " ".join(filter(None, (_(KIND_WORDS[self.movement.kind]), self.movement.document_number)))


@dataclass(frozen=True, slots=True)
class WalletStatement:
    """A wallet with all its movements, oldest first."""

    row: WalletRow
    lines: tuple[StatementLine, ...]

    @property
    def can_undo_refund(self) -> bool:
        """Whether the credit came from a credit note and nothing of it was used or added since."""
        first = self.lines[0].movement
        return first.kind is MovementKind.REFUND and len(self.lines) == 1


def load_statement(db: Db, wallet_id: int) -> WalletStatement:
    """Give the movements of a wallet with the running balance; raises NotFound."""
    row = storage.load_row(db, wallet_id)
    return WalletStatement(row, tuple(_lines(row, storage.list_movements(db, wallet_id))))


def load_statements(db: Db, customer_id: int) -> tuple[WalletStatement, ...]:
    """Give the statements of all wallets of a customer, used up ones too, oldest first."""
    rows = storage.list_rows(db, customer_id=customer_id, spent=True, limit=10_000)
    return tuple(load_statement(db, row.wallet.id) for row in rows)


def _lines(row: WalletRow, movements: Iterable[Movement]) -> Iterator[StatementLine]:
    balance = Money.zero(row.granted.currency)
    for movement in movements:
        balance = balance + movement.amount
        yield StatementLine(movement, balance)


def statement_file(statements: Iterable[WalletStatement], extension: str) -> bytes:
    """Give statements as one table, a workbook (.xlsx) or .csv; raises InvalidValue for another ending."""
    titles = (_("Credit"), _("Date"), _("What"), _("Document"), _("Amount"), _("Balance"), _("Reason"), _("By"))
    rows = (_row(one, line) for one in statements for line in one.lines)
    return table_file([Table(_("Credit"), tuple(Column(title) for title in titles), rows)], extension)


def _row(statement: WalletStatement, line: StatementLine) -> tuple[Cell, ...]:
    moved = line.movement
    return (
        statement.row.wallet.label,
        moved.day,
        _(KIND_WORDS[moved.kind]),
        moved.document_number,
        moved.amount,
        line.balance,
        moved.reason,
        moved.made_by,
    )
