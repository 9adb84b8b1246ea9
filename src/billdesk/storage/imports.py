"""Import batches, what they changed, and saved mappings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Column, Table, func, literal, select, true

from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.errors import NotFound
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables import metadata
from billdesk.storage.tables.imports import import_batch, import_change, mapping_profile

_BATCH = [field.name for field in fields(ImportBatch)]


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record that a row of a file made (`before` None) or changed, as JSON values."""

    row: int
    record: str
    record_id: int
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping kept under a name, as the JSON of a sheets mapping profile."""

    id: int
    kind: str
    name: str
    signature: str
    mapping: Mapping[str, Any]


def insert_batch(db: Db, batch: ImportBatch) -> int:
    """Write a batch (its id is given by the database)."""
    values = {name: getattr(batch, name) for name in _BATCH if name != "id"}
    made = db.connection.execute(import_batch.insert().values(values).returning(import_batch.c.id))
    return int(made.scalar_one())


def set_state(db: Db, batch_id: int, state: BatchState) -> None:
    """Say whether a batch counts."""
    db.connection.execute(import_batch.update().where(import_batch.c.id == batch_id).values(state=state))


def insert_changes(db: Db, batch_id: int, changes: Sequence[RecordChange]) -> None:
    """Write what a batch made and changed."""
    rows = [
        {
            "batch_id": batch_id,
            "row": change.row,
            "record": change.record,
            "record_id": change.record_id,
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    bulk.insert_rows(db, import_change, rows)


def load_changes(db: Db, batch_id: int) -> list[RecordChange]:
    """Give what a batch made and changed, in order."""
    query = select(import_change).where(import_change.c.batch_id == batch_id).order_by(import_change.c.id)
    return [
        RecordChange(row.row, row.record, row.record_id, row.before, row.after) for row in db.connection.execute(query)
    ]


def _batch(row: Any) -> ImportBatch:  # noqa: ANN401 - a row
    return ImportBatch(**{name: getattr(row, name) for name in _BATCH})


def load_batch(db: Db, batch_id: int) -> ImportBatch:
    """Give one batch; raises NotFound."""
    row = db.connection.execute(select(import_batch).where(import_batch.c.id == batch_id)).one_or_none()
    if row is None:
        raise NotFound("migration", str(batch_id))
    return _batch(row)


def find_same_file(db: Db, sha256: str) -> ImportBatch | None:
    """Give the newest batch that still counts and came from the very same file."""
    query = (
        select(import_batch)
        .where(import_batch.c.file_sha256 == sha256, import_batch.c.state == BatchState.APPLIED)
        .order_by(import_batch.c.id.desc())
        .limit(1)
    )
    row = db.connection.execute(query).one_or_none()
    return None if row is None else _batch(row)


def list_batches(db: Db, *, kind: str = "", offset: int = 0, limit: int = 100) -> list[ImportBatch]:
    """Give batches, newest first."""
    wanted = import_batch.c.kind == kind if kind else true()
    query = select(import_batch).where(wanted).order_by(import_batch.c.id.desc()).offset(offset).limit(limit)
    return [_batch(row) for row in db.connection.execute(query)]


def count_batches(db: Db, *, kind: str = "") -> int:
    """Give how many batches there are."""
    wanted = import_batch.c.kind == kind if kind else true()
    return db.connection.scalar(select(func.count()).select_from(import_batch).where(wanted)) or 0


def save_mapping(db: Db, saved: SavedMapping) -> None:
    """Keep a mapping under its kind and name, in place of the one that had it."""
    table = mapping_profile
    db.connection.execute(table.delete().where(table.c.kind == saved.kind, table.c.name == saved.name))
    values = {
        "kind": saved.kind,
        "name": saved.name,
        "signature": saved.signature,
        "mapping": dict(saved.mapping),
        "options": {},
        "saved_at": db.now,
        "user": db.user,
    }
    db.connection.execute(table.insert().values(values))


def list_mappings(db: Db, kind: str = "") -> list[SavedMapping]:
    """Give saved mappings, newest first."""
    table = mapping_profile
    query = select(table).where(table.c.kind == kind if kind else true()).order_by(table.c.saved_at.desc(), table.c.id)
    rows = db.connection.execute(query)
    return [SavedMapping(row.id, row.kind, row.name, row.signature, row.mapping) for row in rows]


def delete_mapping(db: Db, mapping_id: int) -> None:
    """Forget a saved mapping."""
    db.connection.execute(mapping_profile.delete().where(mapping_profile.c.id == mapping_id))


_PARTS: Final = {
    "plan_item": ("plan_version", "plan_version_id"),
    "price_terms": ("price", "price_id"),
    "subscription_entry": ("subscription", "subscription_id"),
    "contact": ("customer", "customer_id"),
}
"""Tables whose rows go with their owner, and the column that names it."""

_ABOVE: Final = {
    "plan_version": ("plan", "plan_id"),
    "billed_slice": ("document_line", "line_id"),
    "document_line": ("document", "document_id"),
}
"""Tables whose rows people know by the number or code of what they belong to."""

_TELLING: Final = ("subscription", "subscription_entry", "price", "plan_item", "document", "document_line")
"""Of several tables that name a record, people are told of the first of these."""

_KEYS: Final = {"customer": "number", "subscription": "number", "document": "number", "price": "code", "plan": "code"}


@dataclass(frozen=True, slots=True)
class Holder:
    """What names a record, so that the record must stay: its table, and its number or code where it has one."""

    table: str
    key: str = ""


def held_back(
    db: Db, table_name: str, ids: Iterable[int], gone: Mapping[str, set[int]], own: Sequence[str]
) -> dict[int, Holder]:
    """Give those records that others name which stay: others are neither `own` parts nor among those `gone`."""
    table, wanted = metadata.tables[table_name], list(ids)
    found: dict[int, tuple[str, int]] = {}
    if not wanted:
        return {}
    for other in sorted(metadata.tables.values(), key=_how_telling):
        if other.name in own:
            continue
        for column in other.c:
            if column.name == f"{table_name}_id" or any(key.column.table is table for key in column.foreign_keys):
                for target, holder in _naming(db, other, column, wanted, gone):
                    found.setdefault(target, holder)
    return _named(db, found)


def _how_telling(table: Table) -> int:
    return _TELLING.index(table.name) if table.name in _TELLING else len(_TELLING)


def _naming(
    db: Db, other: Table, column: Column[Any], wanted: list[int], gone: Mapping[str, set[int]]
) -> Iterable[tuple[int, tuple[str, int]]]:
    owner, owner_column = _PARTS.get(other.name, (other.name, "id"))
    leaving = gone.get(owner, set())
    named = other.c[owner_column] if owner_column in other.c else literal(0)
    if leaving:
        query = select(named.label("owner"), column.label("target")).distinct().order_by(named)
    else:
        query = select(func.min(named).label("owner"), column.label("target")).group_by(column)
    for row in bulk.rows_in(db, query, column, wanted):
        if row.owner not in leaving:
            yield row.target, (owner, row.owner)


def _named(db: Db, found: Mapping[int, tuple[str, int]]) -> dict[int, Holder]:
    """Look up the numbers and codes of what names records."""
    asked: dict[str, set[int]] = {}
    for name, owner_id in found.values():
        asked.setdefault(name, set()).add(owner_id)
    told = {(name, owner_id): holder for name in asked for owner_id, holder in _holders(db, name, asked[name]).items()}
    return {record_id: told.get(holder, Holder(holder[0])) for record_id, holder in found.items()}


def _holders(db: Db, name: str, ids: Iterable[int]) -> dict[int, Holder]:
    if name in _ABOVE:
        above, column = _ABOVE[name]
        parents = _column(db, name, column, ids)
        holders = _holders(db, above, parents.values())
        return {key: holders[parent] for key, parent in parents.items() if parent in holders}
    if name in _KEYS:
        return {key: Holder(name, text or "") for key, text in _column(db, name, _KEYS[name], ids).items()}
    return {}


def _column(db: Db, name: str, column: str, ids: Iterable[int]) -> dict[int, Any]:
    table = metadata.tables[name]
    query = select(table.c.id, table.c[column].label("value"))
    return {row.id: row.value for row in bulk.rows_in(db, query, table.c.id, ids)}
