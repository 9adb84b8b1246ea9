"""What a book's schema is beyond its tables: insert-only triggers and the version mark."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete, insert, text

from billdesk.storage.tables.settings import schema_version

HEAD: Final = "0001"
"""The migration that this program's tables correspond to."""

KNOWN: Final = ("0001",)
"""Every version this program can open or migrate, oldest first."""

INSERT_ONLY: Final = ("audit_event",)
"""Tables whose rows never change once written."""


def create_triggers(connection: Connection) -> None:
    """Make the database itself refuse UPDATE and DELETE on insert-only tables."""
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


def stamp(connection: Connection) -> None:
    """Mark the database as having this program's schema."""
    connection.execute(delete(schema_version))
    connection.execute(insert(schema_version).values(version_num=HEAD))
