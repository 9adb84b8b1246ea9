"""Lists of statement lines and accounts, one line in full, and the change of a line's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, bindparam, case, func, select, update

from billdesk.domain.banking import StatementLine
from billdesk.domain.payments import LineState
from billdesk.kernel.money import Money
from billdesk.storage.banking.content import decode
from billdesk.storage.bulk import rows_in
from billdesk.storage.database import Db
from billdesk.storage.search import contains
from billdesk.storage.tables.banking import statement, statement_line
from billdesk.storage.tables.entities import bank_account


class LineSort(StrEnum):
    """What a list of statement lines can be sorted by."""

    BOOKED = "booked"
    AMOUNT = "amount"
    COUNTERPARTY = "counterparty"


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which statement lines to show; an empty field does not filter. Day bounds are both inside."""

    bank_account_id: int | None = None
    entity_id: int | None = None
    states: frozenset[LineState] = field(default_factory=frozenset)
    text: str = ""
    booked_from: date | None = None
    booked_until: date | None = None
    incoming: bool | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A statement line as a list shows it."""

    id: int
    bank_account_id: int
    booked_on: date
    amount: Money
    counterparty: str
    counterparty_account: str
    text: str
    structured_reference: str
    state: LineState
    version: int


@dataclass(frozen=True, slots=True)
class BankLine:
    """A statement line in full, with where it belongs."""

    id: int
    bank_account_id: int
    entity_id: int
    state: LineState
    version: int
    line: StatementLine


@dataclass(frozen=True, slots=True)
class LineSums:
    """Lines of one currency added up; `outgoing` is negative."""

    count: int
    incoming: Money
    outgoing: Money


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """How an account stands: the balance the bank last gave and what was booked after it, and lines to match."""

    balance_minor: int | None
    balance_on: date | None
    to_match: int


_SORTS: Final[Mapping[LineSort, tuple[Column[Any], ...]]] = {
    LineSort.BOOKED: (statement_line.c.booked_on, statement_line.c.id),
    LineSort.AMOUNT: (statement_line.c.amount_minor, statement_line.c.id),
    LineSort.COUNTERPARTY: (statement_line.c.counterparty, statement_line.c.id),
}
_ROW: Final = tuple(
    statement_line.c[name]
    for name in (
        "id bank_account_id booked_on currency amount_minor counterparty counterparty_account text"
        " structured_reference state version"
    ).split()
)


def list_lines(
    db: Db,
    wanted: LineFilter,
    *,
    sort: LineSort = LineSort.BOOKED,
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
) -> list[LineRow]:
    """Give one page of lines."""
    keys = [column.desc() if descending else column for column in _SORTS[sort]]
    page = _where(select(statement_line.c.id), wanted).order_by(*keys).offset(offset).limit(limit)
    query = select(*_ROW).where(statement_line.c.id.in_(page.scalar_subquery())).order_by(*keys)
    return [_row(row) for row in db.connection.execute(query)]


def list_line_ids(db: Db, wanted: LineFilter) -> list[int]:
    """Give the ids of all lines that pass, oldest first."""
    query = _where(select(statement_line.c.id), wanted)
    return list(db.connection.scalars(query.order_by(statement_line.c.booked_on, statement_line.c.id)))


def sum_lines(db: Db, wanted: LineFilter) -> dict[str, LineSums]:
    """Count and add up the lines that pass, by currency."""
    columns = statement_line.c
    incoming = func.sum(case((columns.amount_minor > 0, columns.amount_minor), else_=0)).label("incoming")
    outgoing = func.sum(case((columns.amount_minor < 0, columns.amount_minor), else_=0)).label("outgoing")
    query = _where(select(columns.currency, func.count().label("n"), incoming, outgoing), wanted)
    rows = db.connection.execute(query.group_by(columns.currency))
    return {
        row.currency: LineSums(row.n, Money(int(row.incoming), row.currency), Money(int(row.outgoing), row.currency))
        for row in rows
    }


def count_by_state(db: Db, wanted: LineFilter) -> dict[LineState, int]:
    """Give how many lines there are in each state; the filter's own states do not count."""
    free = LineFilter(wanted.bank_account_id, wanted.entity_id, frozenset(LineState), wanted.text)
    query = _where(select(statement_line.c.state, func.count().label("n")), free).group_by(statement_line.c.state)
    return {row.state: row.n for row in db.connection.execute(query)}


def _where(query: Select[Any], wanted: LineFilter) -> Select[Any]:
    columns = statement_line.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.bank_account_id is not None:
        conditions.append(columns.bank_account_id == wanted.bank_account_id)
    if wanted.entity_id is not None:
        own = select(bank_account.c.id).where(bank_account.c.entity_id == wanted.entity_id)
        conditions.append(columns.bank_account_id.in_(own))
    shown = wanted.states or {state for state in LineState if state is not LineState.WITHDRAWN}
    conditions.append(columns.state.in_(sorted(shown)))
    if wanted.text:
        conditions.append(contains(columns.search_text, wanted.text))
    if wanted.booked_from is not None:
        conditions.append(columns.booked_on >= wanted.booked_from)
    if wanted.booked_until is not None:
        conditions.append(columns.booked_on <= wanted.booked_until)
    if wanted.incoming is not None:
        conditions.append(columns.amount_minor > 0 if wanted.incoming else columns.amount_minor < 0)
    return query.where(*conditions)


def _row(row: Row[Any]) -> LineRow:
    values = dict(row._mapping)
    amount = Money(values.pop("amount_minor"), values.pop("currency"))
    return LineRow(amount=amount, **values)


def load_lines(db: Db, ids: Iterable[int]) -> list[BankLine]:
    """Give lines in full, in the order of their days; an id that does not exist is left out."""
    columns = statement_line.c
    query = select(statement_line, bank_account.c.entity_id).join(
        bank_account, bank_account.c.id == columns.bank_account_id
    )
    lines = [_bank_line(row) for row in rows_in(db, query, columns.id, ids)]
    return sorted(lines, key=lambda found: (found.line.booked_on, found.id))


def _bank_line(row: Row[Any]) -> BankLine:
    line = decode(row.content, Money(row.amount_minor, row.currency), row.booked_on, row.occurrence)
    return BankLine(row.id, row.bank_account_id, row.entity_id, row.state, row.version, line)


def set_states(db: Db, states: Mapping[int, LineState]) -> None:
    """Write what became of lines."""
    columns = statement_line.c
    changed = {"state": bindparam("after", type_=columns.state.type), "version": columns.version + 1}
    rows = [{"line_id": key, "after": state} for key, state in states.items()]
    if rows:
        db.connection.execute(update(statement_line).where(columns.id == bindparam("line_id")).values(changed), rows)


def account_figures(db: Db, bank_account_id: int) -> AccountFigures:
    """Give how an account stands."""
    columns, lines = statement.c, statement_line.c
    counts = (columns.bank_account_id == bank_account_id) & ~columns.withdrawn
    newest = select(columns.closing_minor, columns.last_day).where(counts, columns.closing_minor.is_not(None))
    last = db.connection.execute(newest.order_by(columns.last_day.desc(), columns.id.desc()).limit(1)).one_or_none()
    booked = (lines.bank_account_id == bank_account_id) & (lines.state != LineState.WITHDRAWN)
    # Lines from files without balances come on top when they are newer than the last balance.
    unbalanced = select(columns.id).where(counts, columns.closing_minor.is_(None))
    later = lines.statement_id.in_(unbalanced)
    if last is not None and last.last_day is not None:
        later &= lines.booked_on > last.last_day
    moved = db.connection.execute(
        select(func.sum(lines.amount_minor), func.max(lines.booked_on)).where(booked, later)
    ).one()
    open_lines = select(func.count()).where(lines.bank_account_id == bank_account_id, lines.state == LineState.OPEN)
    to_match = int(db.connection.execute(open_lines).scalar_one())
    if last is None and moved[0] is None:
        return AccountFigures(None, None, to_match)
    day = moved[1] or (None if last is None else last.last_day)
    return AccountFigures((0 if last is None else last.closing_minor) + int(moved[0] or 0), day, to_match)


def similar_lines(db: Db, bank_account_id: int, facts: Iterable[tuple[date, int]]) -> set[tuple[date, int]]:
    """Give which (day, amount) pairs an account has already, whatever file they came from."""
    columns = statement_line.c
    pairs = set(facts)
    query = select(columns.booked_on, columns.amount_minor).where(
        columns.bank_account_id == bank_account_id, columns.state != LineState.WITHDRAWN
    )
    found = rows_in(db, query, columns.booked_on, {day for day, _ in pairs})
    return {(row.booked_on, row.amount_minor) for row in found} & pairs
