"""Exchange rates by day, and tax rates with their validity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from billdesk.domain.invoices import DocumentState, TaxPart
from billdesk.domain.taxes import TaxRate
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import StaleRecord
from billdesk.storage.database import Db
from billdesk.storage.driver import insert_tuples, reserve_ids
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.invoices import document, document_line
from billdesk.storage.tables.taxes import exchange_rate, tax_rate

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


def load_tax_rates(db: Db, country: str = "") -> list[TaxRate]:
    """Give tax rates by country, class and validity."""
    table = tax_rate.c
    query = select(tax_rate).order_by(table.country, table.region, table.tax_class, table.since)
    if country:
        query = query.where(table.country == country)
    return [_tax_rate(row) for row in db.connection.execute(query)]


def _tax_rate(row: Row[Any]) -> TaxRate:
    return TaxRate(
        id=row.id,
        country=row.country,
        percent=row.percent,
        since=row.since,
        tax_class=row.tax_class,
        category=row.category,
        until=row.until,
        parts=tuple(TaxPart(name, Decimal(percent)) for name, percent in row.parts),
        region=row.region,
        reason_code=row.reason_code,
        reason=row.reason,
        version=row.version,
    )


def insert_tax_rates(db: Db, rates: Sequence[TaxRate]) -> list[int]:
    """Add tax rates and give their ids; the ones they carry are not used."""
    ids = list(reserve_ids(db, tax_rate, len(rates))) if rates else []
    rows = [_tax_values(rate) | {"id": key, "version": 1} for key, rate in zip(ids, rates, strict=True)]
    if rows:
        db.connection.execute(insert(tax_rate), rows)
    return ids


def update_tax_rate(db: Db, rate: TaxRate) -> None:
    """Write a tax rate; raises StaleRecord when it was changed since it was read."""
    matching = (tax_rate.c.id == rate.id) & (tax_rate.c.version == rate.version)
    values = _tax_values(rate) | {"version": rate.version + 1}
    if db.connection.execute(update(tax_rate).where(matching).values(values)).rowcount != 1:
        raise StaleRecord("settings", f"{rate.country} {rate.tax_class}", "?", "?")


def delete_tax_rate(db: Db, rate_id: int) -> None:
    """Delete a tax rate; documents keep what they say."""
    db.connection.execute(delete(tax_rate).where(tax_rate.c.id == rate_id))


def _tax_values(rate: TaxRate) -> dict[str, object]:
    return {
        "country": rate.country,
        "region": rate.region,
        "tax_class": rate.tax_class,
        "category": rate.category,
        "percent": rate.percent,
        "since": rate.since,
        "until": rate.until,
        "reason_code": rate.reason_code,
        "reason": rate.reason,
        "parts": [[part.name, to_text(part.percent)] for part in rate.parts],
    }


@dataclass(frozen=True, slots=True)
class RateReach:
    """What a change of rates meets: customers in their countries, and documents with them dated from a day on."""

    customers: int
    drafts: int
    issued: int


def reach_of_rates(db: Db, rates: Iterable[tuple[str, str, Decimal]], since: date) -> RateReach:
    """Count what is concerned by rates, given as country, class and percent, from a day on."""
    wanted = list(rates)
    line = document_line.c
    concerned = or_(
        *(
            and_(line.tax_country == country, line.tax_class == tax_class, line.tax_percent == percent)
            for country, tax_class, percent in wanted
        )
    )
    documents = (
        select(document.c.state == DocumentState.DRAFT, func.count(document.c.id.distinct()))
        .join(document_line, line.document_id == document.c.id)
        .where(document.c.issue_date >= since, concerned)
        .group_by(document.c.state == DocumentState.DRAFT)
    )
    counts = {bool(is_draft): int(count) for is_draft, count in db.connection.execute(documents)} if wanted else {}
    countries = {country for country, _class, _percent in wanted}
    people = select(func.count()).where(customer.c.country.in_(countries), customer.c.archived.is_(False))
    return RateReach(int(db.connection.execute(people).scalar_one()), counts.get(True, 0), counts.get(False, 0))
