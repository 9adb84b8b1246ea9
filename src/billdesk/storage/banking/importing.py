"""Writing statements: new lines in bulk, lines that come back after an undo, and taking a batch out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from billdesk.domain.banking import Statement, StatementLine, fingerprint
from billdesk.domain.entities import BankAccount
from billdesk.domain.payments import LineState
from billdesk.domain.usage import BatchState
from billdesk.kernel.money import Money
from billdesk.storage.banking.content import encode
from billdesk.storage.bulk import chunks, insert_rows, rows_in
from billdesk.storage.database import Db
from billdesk.storage.search import fold
from billdesk.storage.tables.banking import statement, statement_line, statement_share
from billdesk.storage.tables.imports import import_batch

KIND = "bank_statement"
"""The kind of import batches that hold bank statements."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A stored line as far as recognising it again needs: `name` is its fingerprint."""

    id: int
    statement_id: int
    name: str
    occurrence: int
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A line that came in with a batch; `heir_id` is a statement of another batch that has it too."""

    id: int
    is_settled: bool
    heir_id: int | None


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A statement as stored; balances are minor units, absent where the bank gave none."""

    id: int
    batch_id: int
    bank_account_id: int
    number: str
    currency: str
    first_day: date | None
    last_day: date | None
    opening_minor: int | None
    closing_minor: int | None


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What is written about one import of one file."""

    file_name: str
    sha256: str
    rows_read: int
    rows_added: int
    rows_known: int


def find_known(db: Db, bank_account_id: int, names: Iterable[str]) -> list[KnownLine]:
    """Give the stored lines of an account that have one of the fingerprints."""
    columns = statement_line.c
    query = select(columns.id, columns.statement_id, columns.fingerprint, columns.occurrence, columns.state).where(
        columns.bank_account_id == bank_account_id
    )
    return [
        KnownLine(row.id, row.statement_id, row.fingerprint, row.occurrence, row.state is LineState.WITHDRAWN)
        for row in rows_in(db, query, columns.fingerprint, names)
    ]


def list_statements(db: Db, bank_account_id: int) -> list[StoredStatement]:
    """Give the statements of an account that count, oldest first."""
    columns = statement.c
    wanted = (columns.bank_account_id == bank_account_id) & ~columns.withdrawn
    query = select(*(columns[name] for name in StoredStatement.__slots__)).where(wanted)
    rows = db.connection.execute(query.order_by(columns.last_day, columns.id))
    return [StoredStatement(**row._mapping) for row in rows]


def insert_batch(db: Db, facts: BatchFacts) -> int:
    """Add an import batch for a statement file and give its id."""
    values = {
        "kind": KIND,
        "file_name": facts.file_name,
        "file_sha256": facts.sha256,
        "imported_at": db.now,
        "user": db.user,
        "state": BatchState.APPLIED,
        "rows_read": facts.rows_read,
        "rows_added": facts.rows_added,
        "rows_changed": 0,
        "rows_duplicate": facts.rows_known,
        "rows_rejected": 0,
    }
    return int(db.connection.execute(insert(import_batch).values(values).returning(import_batch.c.id)).scalar_one())


def insert_statement(db: Db, batch_id: int, account: BankAccount, record: Statement, *, is_complete: bool) -> int:
    """Add a statement without its lines and give its id."""
    currency = account.currency
    days = [line.booked_on for line in record.lines]
    values = {
        "bank_account_id": account.id,
        "batch_id": batch_id,
        "number": record.number,
        "format": record.source_format,
        "currency": currency,
        "first_day": record.from_day or min(days, default=None),
        "last_day": record.to_day or max(days, default=None),
        "opening_minor": None if record.opening is None else Money.of(record.opening, currency).minor,
        "closing_minor": None if record.closing is None else Money.of(record.closing, currency).minor,
        "difference_minor": Money.of(record.difference or 0, currency).minor,
        "is_complete": is_complete,
        "withdrawn": False,
    }
    return int(db.connection.execute(insert(statement).values(values).returning(statement.c.id)).scalar_one())


def insert_lines(db: Db, statement_id: int, bank_account_id: int, account: str, lines: Sequence[StatementLine]) -> None:
    """Add lines that are not known yet."""
    rows = []
    for position, line in enumerate(lines, start=1):
        row = {"statement_id": statement_id, "bank_account_id": bank_account_id, "position": position}
        rows.append(row | _line(line, account))
    insert_rows(db, statement_line, rows)


def _line(line: StatementLine, account: str) -> dict[str, Any]:
    amount = format(line.amount.major, "f")
    words = (line.counterparty, line.text, line.counterparty_account, line.structured_reference, amount)
    return {
        "booked_on": line.booked_on,
        "currency": line.amount.currency,
        "amount_minor": line.amount.minor,
        "counterparty": line.counterparty,
        "counterparty_account": line.counterparty_account,
        "text": line.text,
        "structured_reference": line.structured_reference,
        "content": encode(line),
        "fingerprint": fingerprint(line, account),
        "occurrence": line.occurrence,
        "state": LineState.OPEN,
        "search_text": fold(*words, *(detail.counterparty for detail in line.details)),
        "version": 1,
    }


def revive_lines(db: Db, statements_by_line: Mapping[int, int]) -> None:
    """Bring back lines whose import was undone, under the statement that has them now."""
    columns = statement_line.c
    changed = {"statement_id": bindparam("statement"), "state": LineState.OPEN, "version": columns.version + 1}
    rows = [{"line_id": line, "statement": key} for line, key in statements_by_line.items()]
    if rows:
        db.connection.execute(update(statement_line).where(columns.id == bindparam("line_id")).values(changed), rows)


def share_lines(db: Db, statement_id: int, line_ids: Iterable[int]) -> None:
    """Note the lines that a statement has too, though they came in with another."""
    insert_rows(db, statement_share, [{"statement_id": statement_id, "line_id": line} for line in line_ids])


def list_lines_of_batch(db: Db, batch_id: int) -> list[BatchLine]:
    """Give the lines that came in with a batch and count, each with the statement that has it too."""
    owner, heir = statement.alias("owner"), statement.alias("heir")
    others = (
        select(statement_share.c.line_id, func.min(heir.c.id).label("heir_id"))
        .join(heir, heir.c.id == statement_share.c.statement_id)
        .where(~heir.c.withdrawn, heir.c.batch_id != batch_id)
        .group_by(statement_share.c.line_id)
        .subquery()
    )
    columns = statement_line.c
    query = (
        select(columns.id, columns.state, others.c.heir_id)
        .join(owner, owner.c.id == columns.statement_id)
        .outerjoin(others, others.c.line_id == columns.id)
        .where(owner.c.batch_id == batch_id, columns.state != LineState.WITHDRAWN)
    )
    return [BatchLine(row.id, row.state is not LineState.OPEN, row.heir_id) for row in db.connection.execute(query)]


def hand_over(db: Db, heirs: Mapping[int, int]) -> None:
    """Give lines to other statements that have them; a statement that now holds all of its lines is complete."""
    if not heirs:
        return
    rows = [{"line": line, "heir": heir} for line, heir in heirs.items()]
    columns = statement_line.c
    moved = update(statement_line).where(columns.id == bindparam("line")).values(statement_id=bindparam("heir"))
    db.connection.execute(moved, rows)
    shares = statement_share.c
    own = (shares.line_id == bindparam("line")) & (shares.statement_id == bindparam("heir"))
    db.connection.execute(delete(statement_share).where(own), rows)
    held = select(func.coalesce(func.sum(columns.amount_minor), 0)).where(
        columns.statement_id == statement.c.id, columns.state != LineState.WITHDRAWN
    )
    moves = statement.c.closing_minor - statement.c.opening_minor - statement.c.difference_minor
    lacks = exists().where(shares.statement_id == statement.c.id)
    for chunk in chunks(set(heirs.values())):
        whole = statement.c.id.in_(chunk) & ~lacks & (held.scalar_subquery() == moves)
        db.connection.execute(update(statement).where(whole).values(is_complete=True))


def withdraw_batch(db: Db, batch_id: int) -> int:
    """Take the statements of a batch and their lines out; gives how many lines."""
    ids = list(db.connection.scalars(select(statement.c.id).where(statement.c.batch_id == batch_id)))
    lines = 0
    for chunk in chunks(ids):
        columns = statement_line.c
        changed = update(statement_line).where(columns.statement_id.in_(chunk), columns.state == LineState.OPEN)
        lines += db.connection.execute(changed.values(state=LineState.WITHDRAWN, version=columns.version + 1)).rowcount
        db.connection.execute(update(statement).where(statement.c.id.in_(chunk)).values(withdrawn=True))
    undone = update(import_batch).where(import_batch.c.id == batch_id).values(state=BatchState.UNDONE)
    db.connection.execute(undone)
    return lines


def batch_state(db: Db, batch_id: int) -> BatchState | None:
    """Give whether a statement batch counts, None when there is no such batch."""
    wanted = (import_batch.c.id == batch_id) & (import_batch.c.kind == KIND)
    return db.connection.execute(select(import_batch.c.state).where(wanted)).scalar()
