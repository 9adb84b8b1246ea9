"""Late usage that is not billed by itself, between its table and its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update

from billdesk.domain.billing.records import Accepted, LateAmount, LateState
from billdesk.domain.catalog import LateUsage
from billdesk.domain.invoices import DocumentState, LineKind
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.billing import late_usage
from billdesk.storage.tables.catalog import price
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.subscriptions import subscription


@dataclass(frozen=True, slots=True)
class LateUsageRow:
    """Late usage as lists show it: `lacks` is not billed of what the period `comes_to`."""

    id: int
    subscription_id: int
    contract: str
    customer_id: int
    customer_name: str
    price_name: str
    policy: LateUsage
    period: Period
    lacks: Money
    comes_to: Money
    state: LateState
    decided_by: str


def note(db: Db, found: Mapping[int, Sequence[LateAmount]]) -> None:
    """Write what runs found of contracts: what has changed is open again, what lacks nothing any more goes."""
    rows = bulk.rows_in(db, select(late_usage), late_usage.c.subscription_id, found)
    known = {(row.subscription_id, row.price_id, row.period_start): row for row in rows}
    gone: list[int] = []
    new: list[dict[str, Any]] = []
    for key, amounts in found.items():
        for one in amounts:
            row = known.get((key, one.price_id, one.period.start))
            if row is not None and (row.lacks_minor, row.comes_to_minor) == (one.lacks, one.comes_to):
                continue
            gone += [row.id] if row is not None else []
            new += [_values(db, key, one)] if one.lacks else []
    bulk.delete_rows(db, late_usage.c.id, gone)
    if new:
        db.connection.execute(insert(late_usage), new)


def _values(db: Db, subscription_id: int, one: LateAmount) -> dict[str, Any]:
    return {
        "subscription_id": subscription_id,
        "price_id": one.price_id,
        "period_start": one.period.start,
        "period_end": one.period.end,
        "lacks_minor": one.lacks,
        "comes_to_minor": one.comes_to,
        "noted_at": db.now,
        "state": LateState.OPEN,
        "decided_by": "",
    }


def accepted(db: Db, subscription_ids: Iterable[int]) -> dict[int, Accepted]:
    """Give by contract the late usage that a person wants billed."""
    table = late_usage.c
    query = select(table.subscription_id, table.price_id, table.period_start, table.comes_to_minor)
    wanted = query.where(table.state == LateState.BILL)
    found: dict[int, set[tuple[int, date, int]]] = {}
    for row in bulk.rows_in(db, wanted, table.subscription_id, subscription_ids):
        found.setdefault(row.subscription_id, set()).add((row.price_id, row.period_start, row.comes_to_minor))
    return {key: frozenset(group) for key, group in found.items()}


def list_rows(db: Db, *, offset: int = 0, limit: int = 100) -> list[LateUsageRow]:
    """Give late usage that no issued document charges, oldest period first."""
    table = late_usage.c
    query = _wide().where(~_is_billed()).order_by(table.period_start, customer.c.name, table.id)
    return [_row(row) for row in db.connection.execute(query.offset(offset).limit(limit))]


def count_waiting(db: Db) -> int:
    """Count late usage that waits for a person to decide."""
    query = select(func.count()).select_from(late_usage.join(price, price.c.id == late_usage.c.price_id))
    waiting = and_(late_usage.c.state == LateState.OPEN, price.c.late_usage == LateUsage.ASK)
    return int(db.connection.execute(query.where(waiting)).scalar_one())


def load_rows(db: Db, ids: Iterable[int]) -> list[LateUsageRow]:
    """Give late usage by id; what is gone or billed meanwhile is left out."""
    return [_row(row) for row in bulk.rows_in(db, _wide().where(~_is_billed()), late_usage.c.id, ids)]


def decide(db: Db, ids: Iterable[int], state: LateState) -> None:
    """Write what becomes of late usage."""
    values = {"state": state, "decided_at": db.now, "decided_by": db.user}
    for part in bulk.chunks(ids):
        db.connection.execute(update(late_usage).where(late_usage.c.id.in_(part)).values(values))


def _is_billed() -> ColumnElement[bool]:
    """Whether issued documents charge all of what the period comes to, so that nothing is late any more."""
    line, table, charge = document_line.c, late_usage.c, document_line.alias("charge")
    joined = document_line.join(document, document.c.id == line.document_id).outerjoin(
        charge, charge.c.id == line.corrects_line_id
    )
    billed = (
        select(func.coalesce(func.sum(line.amount_minor), 0))
        .select_from(joined)
        .where(
            line.subscription_id == table.subscription_id,
            line.price_id == table.price_id,
            line.period_start == table.period_start,
            or_(line.kind == LineKind.USAGE, charge.c.kind == LineKind.USAGE),
            document.c.state != DocumentState.DRAFT,
        )
        .scalar_subquery()
    )
    return billed == table.comes_to_minor


def _wide() -> Select[Any]:
    joined = (
        late_usage.join(subscription, subscription.c.id == late_usage.c.subscription_id)
        .join(customer, customer.c.id == subscription.c.customer_id)
        .join(price, price.c.id == late_usage.c.price_id)
    )
    columns = (
        subscription.c.number.label("contract"),
        subscription.c.currency,
        customer.c.id.label("customer_id"),
        customer.c.name.label("customer_name"),
        price.c.name.label("price_name"),
        price.c.late_usage.label("policy"),
    )
    return select(late_usage, *columns).select_from(joined)


def _row(row: Any) -> LateUsageRow:  # noqa: ANN401 - a row of `_wide`
    return LateUsageRow(
        id=row.id,
        subscription_id=row.subscription_id,
        contract=row.contract,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        price_name=row.price_name,
        policy=row.policy,
        period=Period(row.period_start, row.period_end),
        lacks=Money(row.lacks_minor, row.currency),
        comes_to=Money(row.comes_to_minor, row.currency),
        state=row.state,
        decided_by=row.decided_by,
    )
