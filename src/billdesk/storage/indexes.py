"""Price indexes between their tables and their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, func, insert, select, update

from billdesk.domain.contract_terms import PriceIndex
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.indexes import price_index, price_index_value


def list_indexes(db: Db) -> list[PriceIndex]:
    """Give every index with its figures, by code."""
    figures: defaultdict[int, dict[date, Decimal]] = defaultdict(dict)
    query = select(price_index_value).order_by(price_index_value.c.month)
    for row in db.connection.execute(query):
        figures[row.index_id][row.month] = row.value
    rows = db.connection.execute(select(price_index).order_by(price_index.c.code))
    return [PriceIndex(row.id, row.code, row.name, figures[row.id], row.version) for row in rows]


def load_index(db: Db, code: str) -> PriceIndex:
    """Give one index; raises NotFound."""
    found = next((one for one in list_indexes(db) if one.code == code), None)
    if found is None:
        raise NotFound("price_index", code)
    return found


def insert_index(db: Db, record: PriceIndex) -> None:
    """Add an index without figures."""
    stamp = {"changed_at": db.now, "changed_by": db.user}
    db.connection.execute(insert(price_index).values(code=record.code, name=record.name, version=1, **stamp))


def update_index(db: Db, record: PriceIndex) -> None:
    """Write an index's name; raises StaleRecord when it was changed since it was read."""
    values = {"name": record.name, "version": record.version + 1, "changed_at": db.now, "changed_by": db.user}
    table = price_index.c
    changed = db.connection.execute(
        update(price_index).where(table.id == record.id, table.version == record.version).values(values)
    )
    if changed.rowcount == 0:
        now = db.connection.execute(select(table.changed_by, table.changed_at).where(table.id == record.id)).one()
        raise StaleRecord("price_index", record.code, now.changed_by, now.changed_at.isoformat())


def write_figures(db: Db, index_id: int, figures: Mapping[date, Decimal]) -> None:
    """Put figures in the place of those of the same months."""
    table = price_index_value.c
    for part in bulk.chunks(sorted(figures)):
        db.connection.execute(delete(price_index_value).where(table.index_id == index_id, table.month.in_(part)))
    rows = [{"index_id": index_id, "month": month, "value": value} for month, value in figures.items()]
    bulk.insert_rows(db, price_index_value, rows)


def delete_figures(db: Db, index_id: int, months: list[date]) -> None:
    """Take figures out."""
    table = price_index_value.c
    db.connection.execute(delete(price_index_value).where(table.index_id == index_id, table.month.in_(months)))


def delete_index(db: Db, index_id: int) -> None:
    """Take an index out with its figures."""
    db.connection.execute(delete(price_index_value).where(price_index_value.c.index_id == index_id))
    db.connection.execute(delete(price_index).where(price_index.c.id == index_id))


def count_indexes(db: Db) -> int:
    """Give how many indexes there are."""
    return db.connection.scalar(select(func.count()).select_from(price_index)) or 0
