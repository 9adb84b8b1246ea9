"""What screens and commands read about bank accounts and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billdesk.domain.entities import BankAccount
from billdesk.domain.payments import LineState, Step
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money
from billdesk.storage import entities
from billdesk.storage.banking import lines as storage
from billdesk.storage.banking.lines import BankLine, LineFilter, LineRow, LineSort, LineSums
from billdesk.storage.database import Db
from billdesk.storage.payments import reading


@dataclass(frozen=True, slots=True)
class AccountCard:
    """A bank account as the top of the screen shows it; the balance is absent before the first statement."""

    account: BankAccount
    balance: Money | None
    balance_on: date | None
    to_match: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in full with the step that settled it, None while it is open."""

    line: BankLine
    step: Step | None


def list_accounts(db: Db, entity_id: int | None = None) -> list[AccountCard]:
    """Give the bank accounts with balance and number of lines to match."""
    cards = []
    for account in entities.list_bank_accounts(db, entity_id):
        figures = storage.account_figures(db, account.id)
        minor = figures.balance_minor
        balance = None if minor is None else Money(minor, account.currency)
        cards.append(AccountCard(account, balance, figures.balance_on, figures.to_match))
    return cards


def list_lines(
    db: Db,
    wanted: LineFilter,
    *,
    sort: LineSort = LineSort.BOOKED,
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
) -> list[LineRow]:
    """Give one page of statement lines."""
    return storage.list_lines(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)


def sum_lines(db: Db, wanted: LineFilter) -> dict[str, LineSums]:
    """Count and add up the lines that pass, by currency."""
    return storage.sum_lines(db, wanted)


def count_by_state(db: Db, wanted: LineFilter) -> dict[LineState, int]:
    """Give how many lines are in each state, for the tabs above the list."""
    return storage.count_by_state(db, wanted)


def load_line(db: Db, line_id: int) -> LineView:
    """Give one line with what settled it; raises NotFound."""
    found = storage.load_lines(db, [line_id])
    if not found:
        raise NotFound("banking", str(line_id))
    settlement_id = reading.live_settlement_of_line(db, line_id)
    return LineView(found[0], None if settlement_id is None else reading.load_step(db, settlement_id))
