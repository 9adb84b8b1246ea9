"""Entities, their registrations, bank accounts and number series."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Row, delete, insert, select, update

from billdesk.domain.entities import Address, BankAccount, Entity, NumberSeries, TaxRegistration
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.storage.database import Db
from billdesk.storage.tables.entities import bank_account, entity, number_series, tax_registration

_PLAIN = tuple(column.name for column in entity.c if column.name not in {"id", "address", "version"})


def insert_entity(db: Db, record: Entity) -> int:
    """Add an entity with its registrations and give its id; the record's own id is not used."""
    values = {name: getattr(record, name) for name in _PLAIN}
    values |= {"address": asdict(record.address), "version": 1}
    entity_id = int(db.connection.execute(insert(entity).values(values).returning(entity.c.id)).scalar_one())
    _write_registrations(db, entity_id, record.registrations)
    return entity_id


def update_entity(db: Db, record: Entity) -> None:
    """Replace an entity's values; raises StaleRecord when its version is no longer the book's."""
    values = {name: getattr(record, name) for name in _PLAIN}
    values |= {"address": asdict(record.address), "version": record.version + 1}
    matching = (entity.c.id == record.id) & (entity.c.version == record.version)
    if db.connection.execute(update(entity).where(matching).values(values)).rowcount != 1:
        raise StaleRecord("entities", record.code, "?", "?")
    db.connection.execute(delete(tax_registration).where(tax_registration.c.entity_id == record.id))
    _write_registrations(db, record.id, record.registrations)


def _write_registrations(db: Db, entity_id: int, registrations: tuple[TaxRegistration, ...]) -> None:
    rows = [{"entity_id": entity_id, **asdict(registration)} for registration in registrations]
    if rows:
        db.connection.execute(insert(tax_registration), rows)


def list_entities(db: Db) -> list[Entity]:
    """Give all entities in the order of their codes."""
    registrations: dict[int, list[TaxRegistration]] = {}
    for row in db.connection.execute(select(tax_registration).order_by(tax_registration.c.id)):
        record = TaxRegistration(row.country, row.tax_id, row.scheme, row.since, row.until)
        registrations.setdefault(row.entity_id, []).append(record)
    rows = db.connection.execute(select(entity).order_by(entity.c.code)).all()
    return [_entity(row, tuple(registrations.get(row.id, ()))) for row in rows]


def load_entity(db: Db, entity_id: int) -> Entity:
    """Give one entity; raises NotFound."""
    for record in list_entities(db):
        if record.id == entity_id:
            return record
    raise NotFound("entities", str(entity_id))


def _entity(row: Row[tuple[object, ...]], registrations: tuple[TaxRegistration, ...]) -> Entity:
    values = dict(row._mapping)
    values["address"] = Address(**values["address"])
    return Entity(registrations=registrations, **values)


def insert_bank_account(db: Db, record: BankAccount) -> int:
    """Add an account and give its id; a default account takes that place from the one before."""
    values = asdict(record)
    del values["id"]
    if record.is_default:
        same = (bank_account.c.entity_id == record.entity_id) & (bank_account.c.currency == record.currency)
        db.connection.execute(update(bank_account).where(same).values(is_default=False))
    return int(db.connection.execute(insert(bank_account).values(values).returning(bank_account.c.id)).scalar_one())


def update_bank_account(db: Db, record: BankAccount) -> None:
    """Replace an account's values; a default account takes that place from the one before. Raises NotFound."""
    values = asdict(record)
    del values["id"]
    if record.is_default:
        same = (bank_account.c.entity_id == record.entity_id) & (bank_account.c.currency == record.currency)
        db.connection.execute(update(bank_account).where(same).values(is_default=False))
    matching = bank_account.c.id == record.id
    if not db.connection.execute(update(bank_account).where(matching).values(values)).rowcount:
        raise NotFound("entities", str(record.id))


def list_bank_accounts(db: Db, entity_id: int | None = None) -> list[BankAccount]:
    """Give the accounts of one or all entities."""
    query = select(bank_account).order_by(bank_account.c.entity_id, bank_account.c.name)
    if entity_id is not None:
        query = query.where(bank_account.c.entity_id == entity_id)
    return [BankAccount(**row._mapping) for row in db.connection.execute(query)]


def load_series(db: Db, entity_id: int, kind: str, year: int) -> NumberSeries | None:
    """Give a number series, or None when no document of that kind was issued in that year."""
    table = number_series
    key = (table.c.entity_id == entity_id) & (table.c.kind == kind) & (table.c.year == year)
    row = db.connection.execute(select(table).where(key)).one_or_none()
    return _series(row) if row else None


def list_series(db: Db) -> list[NumberSeries]:
    """Give all number series."""
    rows = db.connection.execute(select(number_series).order_by(number_series.c.year, number_series.c.kind))
    return [_series(row) for row in rows]


def _series(row: Row[tuple[object, ...]]) -> NumberSeries:
    values = dict(row._mapping)
    del values["id"]
    return NumberSeries(**values)


def save_series(db: Db, series: NumberSeries) -> None:
    """Write a series as it now stands, adding it when it is new."""
    table = number_series
    key = (table.c.entity_id == series.entity_id) & (table.c.kind == series.kind) & (table.c.year == series.year)
    values = {"pattern": series.pattern, "next_number": series.next_number}
    if db.connection.execute(update(table).where(key).values(values)).rowcount == 0:
        db.connection.execute(insert(table).values(asdict(series)))
