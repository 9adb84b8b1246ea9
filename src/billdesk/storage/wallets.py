"""Wallets between their tables and their records: grants, balances and movements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from billdesk.domain.wallets import MovementKind, Wallet
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.invoices.writing import local_minor
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.invoices import document
from billdesk.storage.tables.wallets import wallet, wallet_movement


@dataclass(frozen=True, slots=True)
class WalletRow:
    """A grant with its balance; `granted` includes what was added later.

    `rate` is what one unit of its currency was worth in the entity's when it was granted.
    """

    wallet: Wallet
    customer_id: int
    customer_name: str
    entity_id: int
    granted: Money
    unit_name: str
    rate: Decimal
    local_currency: str
    created_at: datetime
    created_by: str

    def local_at(self, balance_minor: int) -> int:
        """Give what a balance stands for in the ledger, in minor units of the entity's currency."""
        return local_minor(Money(balance_minor, self.granted.currency), self.rate, self.local_currency)


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of a wallet's balance: positive adds.

    `settlement_id` names the step with money that closed a credit note whose amount became this credit.
    """

    wallet_id: int
    kind: MovementKind
    amount: Money
    day: date
    document_id: int | None = None
    settlement_id: int | None = None
    reason: str = ""
    made_at: datetime | None = None
    made_by: str = ""
    document_number: str = ""


def has_wallets(db: Db) -> bool:
    """Whether the book has any wallet at all."""
    return db.connection.execute(select(wallet.c.id).limit(1)).first() is not None


def insert_wallet(db: Db, row: WalletRow) -> int:
    """Write a grant with nothing on it yet and give its id; its first movement fills it."""
    record = row.wallet
    values = {
        "customer_id": row.customer_id,
        "entity_id": row.entity_id,
        "label": record.label,
        "currency": row.granted.currency,
        "amount_minor": row.granted.minor,
        "unit_minor": None if record.unit_value is None else record.unit_value.minor,
        "unit_name": row.unit_name,
        "priority": record.priority,
        "granted_on": record.granted_on,
        "expires_on": record.expires_on,
        "is_promotional": record.is_promotional,
        "product_ids": sorted(record.product_ids),
        "rate": row.rate,
        "balance_minor": 0,
        "created_at": db.now,
        "created_by": db.user,
    }
    return int(db.connection.execute(insert(wallet).values(values).returning(wallet.c.id)).scalar_one())


def move(db: Db, movements: Sequence[Movement]) -> None:
    """Write movements and the balances after them; the database refuses a balance below zero."""
    rows = [
        {
            "wallet_id": one.wallet_id,
            "kind": one.kind,
            "amount_minor": one.amount.minor,
            "moved_on": one.day,
            "document_id": one.document_id,
            "settlement_id": one.settlement_id,
            "reason": one.reason,
            "made_at": db.now,
            "made_by": db.user,
        }
        for one in movements
    ]
    if not rows:
        return
    bulk.insert_rows(db, wallet_movement, rows)
    change = update(wallet).where(wallet.c.id == bindparam("key"))
    moved = wallet.c.balance_minor + bindparam("moved", type_=wallet.c.balance_minor.type)
    steps = [{"key": one.wallet_id, "moved": one.amount.minor} for one in movements]
    db.connection.execute(change.values(balance_minor=moved), steps)
    for one in movements:
        if one.kind is MovementKind.TOP_UP:
            added = wallet.c.topped_up_minor + one.amount.minor
            db.connection.execute(update(wallet).where(wallet.c.id == one.wallet_id).values(topped_up_minor=added))


_WIDE = (
    select(wallet, customer.c.name.label("customer_name"), entity.c.currency.label("local_currency"))
    .join(customer, customer.c.id == wallet.c.customer_id)
    .join(entity, entity.c.id == wallet.c.entity_id)
    .order_by(wallet.c.id)
)


def open_wallets(db: Db, customer_ids: Iterable[int]) -> list[WalletRow]:
    """Give the wallets of these customers that have something on them."""
    query = _WIDE.where(wallet.c.balance_minor > 0)
    return [_row(row) for row in bulk.rows_in(db, query, wallet.c.customer_id, customer_ids)]


def load_rows(db: Db, ids: Iterable[int]) -> dict[int, WalletRow]:
    """Give wallets by id."""
    return {row.id: _row(row) for row in bulk.rows_in(db, _WIDE, wallet.c.id, ids)}


def load_row(db: Db, wallet_id: int) -> WalletRow:
    """Give one wallet; raises NotFound."""
    found = load_rows(db, [wallet_id])
    if not found:
        raise NotFound("wallets", str(wallet_id))
    return found[wallet_id]


def list_rows(
    db: Db, *, customer_id: int | None = None, spent: bool = False, offset: int = 0, limit: int = 100
) -> list[WalletRow]:
    """Give wallets, oldest first: of one customer or all, with `spent` the empty ones too."""
    query = _WIDE.offset(offset).limit(limit)
    if customer_id is not None:
        query = query.where(wallet.c.customer_id == customer_id)
    if not spent:
        query = query.where(wallet.c.balance_minor > 0)
    return [_row(row) for row in db.connection.execute(query)]


def expired_rows(db: Db, day: date) -> list[WalletRow]:
    """Give the wallets that have something left and expired by a day."""
    query = _WIDE.where(wallet.c.balance_minor > 0, wallet.c.expires_on <= day)
    return [_row(row) for row in db.connection.execute(query)]


def list_movements(db: Db, wallet_id: int) -> list[Movement]:
    """Give what moved a wallet's balance, oldest first."""
    table = wallet_movement.c
    query = (
        select(wallet_movement, wallet.c.currency, document.c.number)
        .join(wallet, wallet.c.id == table.wallet_id)
        .outerjoin(document, document.c.id == table.document_id)
        .where(table.wallet_id == wallet_id)
        .order_by(table.id)
    )
    return [_movement(row) for row in db.connection.execute(query)]


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        wallet_id=row.wallet_id,
        kind=row.kind,
        amount=Money(row.amount_minor, row.currency),
        day=row.moved_on,
        document_id=row.document_id,
        settlement_id=row.settlement_id,
        reason=row.reason,
        made_at=row.made_at,
        made_by=row.made_by,
        document_number=row.number or "",
    )


def _row(row: Row[Any]) -> WalletRow:
    currency = row.currency
    record = Wallet(
        id=row.id,
        label=row.label,
        balance=Money(row.balance_minor, currency),
        granted_on=row.granted_on,
        priority=row.priority,
        expires_on=row.expires_on,
        is_promotional=row.is_promotional,
        product_ids=frozenset(row.product_ids),
        unit_value=None if row.unit_minor is None else Money(row.unit_minor, currency),
    )
    return WalletRow(
        wallet=record,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        entity_id=row.entity_id,
        granted=Money(row.amount_minor + row.topped_up_minor, currency),
        unit_name=row.unit_name,
        rate=row.rate,
        local_currency=row.local_currency,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def wrong_balances(db: Db) -> list[int]:
    """Give the wallets whose balance is not the sum of their movements, or is below zero or above the grant."""
    total = func.coalesce(func.sum(wallet_movement.c.amount_minor), 0)
    query = (
        select(wallet.c.id)
        .outerjoin(wallet_movement, wallet_movement.c.wallet_id == wallet.c.id)
        .group_by(wallet.c.id, wallet.c.balance_minor, wallet.c.amount_minor, wallet.c.topped_up_minor)
        .having(
            (wallet.c.balance_minor != total)
            | (wallet.c.balance_minor < 0)
            | (wallet.c.balance_minor > wallet.c.amount_minor + wallet.c.topped_up_minor)
        )
    )
    return list(db.connection.execute(query.order_by(wallet.c.id)).scalars())


def paid_rows(db: Db, entity_id: int) -> list[WalletRow]:
    """Give the wallets of an entity that were paid for and have something on them."""
    query = _WIDE.where(wallet.c.entity_id == entity_id, wallet.c.is_promotional.is_(False), wallet.c.balance_minor > 0)
    return [_row(row) for row in db.connection.execute(query)]


def refunded(db: Db, settlement_id: int) -> bool:
    """Whether a step with money made credit of a credit note that was not taken back since."""
    table = wallet_movement.c
    query = select(func.coalesce(func.sum(table.amount_minor), 0)).where(table.settlement_id == settlement_id)
    return bool(db.connection.execute(query).scalar_one())
