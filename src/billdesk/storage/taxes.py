"""Exchange rates by day, and tax rates with their validity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select, update

from billdesk.kernel.decimals import to_text
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples
from billdesk.storage.tables.taxes import exchange_rate

_COLUMNS: Final = ("currency", "day", "rate", "source")


@dataclass(frozen=True, slots=True)
class QuotedRate:
    """What one euro was worth in another currency on a day, and who said so."""

    currency: str
    day: date
    per_euro: Decimal
    source: str


def rate_on(db: Db, currency: str, day: date) -> QuotedRate | None:
    """Give the last rate on or before a day, None when there is none."""
    table = exchange_rate
    query = select(table).where(table.c.currency == currency, table.c.day <= day)
    row = db.connection.execute(query.order_by(table.c.day.desc()).limit(1)).one_or_none()
    return None if row is None else QuotedRate(row.currency, row.day, row.rate, row.source)


def list_rates(db: Db, currency: str = "", *, offset: int = 0, limit: int = 100) -> list[QuotedRate]:
    """Give rates, newest first, of one or all currencies."""
    table = exchange_rate
    query = select(table).order_by(table.c.day.desc(), table.c.currency).offset(offset).limit(limit)
    if currency:
        query = query.where(table.c.currency == currency)
    return [QuotedRate(row.currency, row.day, row.rate, row.source) for row in db.connection.execute(query)]


def save_rates(db: Db, rates: Iterable[QuotedRate]) -> tuple[int, int]:
    """Store rates, replacing others of the same currency and day; gives how many were new and how many changed."""
    wanted = {(rate.currency, rate.day): rate for rate in rates}
    if not wanted:
        return 0, 0
    table = exchange_rate
    days = [day for _currency, day in wanted]
    query = select(table).where(table.c.day.between(min(days), max(days)))
    known = {(row.currency, row.day): row.rate for row in db.connection.execute(query)}
    new = [rate for key, rate in wanted.items() if key not in known]
    insert_tuples(db, table, _COLUMNS, [_tuple(rate) for rate in new])
    changed = [rate for key, rate in wanted.items() if key in known and known[key] != rate.per_euro]
    _update(db, changed)
    return len(new), len(changed)


def _tuple(rate: QuotedRate) -> tuple[str, ...]:
    return rate.currency, rate.day.isoformat(), to_text(rate.per_euro), rate.source


def _update(db: Db, rates: Sequence[QuotedRate]) -> None:
    table = exchange_rate
    for rate in rates:
        key = (table.c.currency == rate.currency) & (table.c.day == rate.day)
        db.connection.execute(update(table).where(key).values(rate=rate.per_euro, source=rate.source))
