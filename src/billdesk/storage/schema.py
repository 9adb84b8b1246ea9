"""What a book's schema is beyond its tables: insert-only triggers and the version mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, text

from billdesk.storage.tables.discounts import discount
from billdesk.storage.tables.invoices import MUTABLE, document
from billdesk.storage.tables.settings import schema_version
from billdesk.storage.tables.wallets import wallet

HEAD: Final = "0002"
"""The migration that this program's tables correspond to."""

KNOWN: Final = ("0001", "0002")
"""Every version this program can open or migrate, oldest first."""

INSERT_ONLY: Final = (
    "audit_event",
    "journal_entry",
    "posting",
    "settlement",
    "payment",
    "allocation",
    "line_booking",
    "discount_use",
    "wallet_movement",
    "distance_sale",
)
"""Tables whose rows never change once written."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses an action on the rows of a table for which `condition` (plain SQL over OLD and NEW) holds."""

    table: str
    action: str
    condition: str
    message: str


_LIVE: Final = (
    "EXISTS (SELECT 1 FROM plan_version v WHERE v.id = {row}.plan_version_id AND v.state IN ('live', 'retired'))"
)
_SOLD: Final = (
    "EXISTS (SELECT 1 FROM plan_item i JOIN plan_version v ON v.id = i.plan_version_id"
    " WHERE i.price_id = OLD.price_id AND v.state IN ('live', 'retired'))"
)
_VERSION_CHANGED: Final = (
    "OLD.state IN ('live', 'retired') AND (NEW.plan_id <> OLD.plan_id OR NEW.number <> OLD.number"
    " OR NEW.effective <> OLD.effective OR NEW.trial_days <> OLD.trial_days OR NEW.commitment <> OLD.commitment"
    " OR (NEW.state NOT IN ('live', 'retired')"
    " AND EXISTS (SELECT 1 FROM subscription_entry e WHERE e.plan_version_id = OLD.id)))"
)

_FROZEN: Final = " OR ".join(
    f"NEW.{column.name} IS DISTINCT FROM OLD.{column.name}" for column in document.c if column.name not in MUTABLE
)
_AGREED: Final = " OR ".join(
    f"NEW.{column.name} IS DISTINCT FROM OLD.{column.name}"
    for column in discount.c
    if column.name not in {"until", "version"}
)
_GRANTED: Final = " OR ".join(
    f"NEW.{column.name} IS DISTINCT FROM OLD.{column.name}"
    for column in wallet.c
    if column.name not in {"balance_minor", "topped_up_minor"}
)
_ISSUED: Final = "(SELECT d.state FROM document d WHERE d.id = {row}.document_id) <> 'draft'"
DAY_CHARGED_TWICE: Final = "a day is charged twice"
_CHARGED: Final = (
    "EXISTS (SELECT 1 FROM billed_slice s WHERE s.subscription_id = NEW.subscription_id"
    " AND s.price_id = NEW.price_id AND s.start_day < NEW.end_day"
    " AND s.end_day > NEW.start_day AND s.id <> NEW.id)"
)
_PARTS: Final = ("document_content", "document_line", "document_tax", "document_discount", "document_correction")
_DOCUMENT_GUARDS: Final = (
    Guard(
        "document",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({_FROZEN} OR NEW.state NOT IN ('issued', 'uncollectible'))",
        "an issued document never changes",
    ),
    Guard("document", "DELETE", "OLD.state <> 'draft'", "an issued document is never deleted"),
    *(
        Guard(part, action, _ISSUED.format(row=row), "an issued document never changes")
        for part in _PARTS
        for action, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
    Guard("billed_slice", "INSERT", _CHARGED, DAY_CHARGED_TWICE),
    Guard("billed_slice", "UPDATE", _CHARGED, DAY_CHARGED_TWICE),
)

GUARDS: Final = (
    *_DOCUMENT_GUARDS,
    Guard("discount", "UPDATE", _AGREED, "a discount that was given never changes, it ends"),
    Guard("wallet", "UPDATE", _GRANTED, "a grant never changes, its balance does"),
    Guard("subscription_entry", "UPDATE", "1 = 1", "a contract entry never changes"),
    Guard("plan_version", "UPDATE", _VERSION_CHANGED, "a live plan version never changes"),
    Guard("plan_item", "INSERT", _LIVE.format(row="NEW"), "a live plan version never changes"),
    Guard("plan_item", "UPDATE", _LIVE.format(row="OLD"), "a live plan version never changes"),
    Guard("plan_item", "DELETE", _LIVE.format(row="OLD"), "a live plan version never changes"),
    Guard("price_terms", "UPDATE", _SOLD, "a price in a live plan version never changes"),
    Guard("price_terms", "DELETE", _SOLD, "a price in a live plan version never changes"),
)
"""What the database refuses whatever the program says (billing rules §2 and §5)."""


_SEARCH: Final = (
    (
        "CREATE VIRTUAL TABLE document_search USING fts5(search_text, content='document', content_rowid='id',"
        " detail=none, columnsize=0, prefix='2 3', tokenize='unicode61 remove_diacritics 2')"
    ),
    (
        "CREATE TRIGGER document_search_update AFTER UPDATE OF search_text ON document BEGIN"
        " INSERT INTO document_search(document_search, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);"
        " INSERT INTO document_search(rowid, search_text) VALUES (NEW.id, NEW.search_text); END"
    ),
    (
        "CREATE TRIGGER document_search_delete AFTER DELETE ON document"
        " BEGIN INSERT INTO document_search(document_search, rowid, search_text)"
        " VALUES ('delete', OLD.id, OLD.search_text); END"
    ),
)


def _create_search(connection: Connection) -> None:
    """Make the word index over documents where the engine has one; elsewhere a folded LIKE finds them."""
    if connection.dialect.name == "sqlite":
        for statement in _SEARCH:
            connection.exec_driver_sql(statement)


def create_triggers(connection: Connection) -> None:
    """Make the database itself refuse UPDATE and DELETE on insert-only tables, and what the guards name."""
    _create_search(connection)
    _create_guards(connection)


def renew_guards(connection: Connection) -> None:
    """Make the guards of an upgraded SQLite book anew: they name columns, and a remade table lost its own."""
    names = connection.execute(
        text("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
    )
    for name in names.scalars().all():
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    _create_guards(connection)


def _create_guards(connection: Connection) -> None:
    for guard in GUARDS:
        for statement in _guard(connection.dialect.name, guard):
            connection.execute(text(statement))
    for table in INSERT_ONLY:
        for action in ("UPDATE", "DELETE"):
            for statement in _refuse(connection.dialect.name, table, action):
                connection.execute(text(statement))


def _refuse(dialect: str, table: str, action: str) -> tuple[str, ...]:
    name = f"{table}_no_{action.lower()}"
    if dialect == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        return (f"CREATE TRIGGER {name} BEFORE {action} ON {table} {body}",)
    body = f"$$ BEGIN RAISE EXCEPTION '{table} is insert-only'; END $$"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}",
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def _guard(dialect: str, guard: Guard) -> tuple[str, ...]:
    name = f"{guard.table}_guard_{guard.action.lower()}"
    if dialect == "sqlite":
        body = f"WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
        return (f"CREATE TRIGGER {name} BEFORE {guard.action} ON {guard.table} {body}",)
    row = "OLD" if guard.action == "DELETE" else "NEW"
    body = f"$$ BEGIN IF {guard.condition} THEN RAISE EXCEPTION '{guard.message}'; END IF; RETURN {row}; END $$"
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {body}",
        f"CREATE TRIGGER {name} BEFORE {guard.action} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def stamp(connection: Connection) -> None:
    """Mark the database as having this program's schema."""
    connection.execute(delete(schema_version))
    connection.execute(insert(schema_version).values(version_num=HEAD))
