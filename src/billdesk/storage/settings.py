"""Settings of the book: JSON values by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from billdesk.storage.database import Db
from billdesk.storage.tables.settings import setting


def load_settings(db: Db) -> dict[str, Any]:
    """Give every setting that was changed from its default."""
    return {row.key: row.value for row in db.connection.execute(select(setting.c.key, setting.c.value))}


def save_setting(db: Db, key: str, value: object) -> None:
    """Write one setting."""
    changed = update(setting).where(setting.c.key == key).values(value=value, version=setting.c.version + 1)
    if db.connection.execute(changed).rowcount == 0:
        db.connection.execute(insert(setting).values(key=key, value=value, version=1))
