"""Reading and changing the settings of a book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billdesk.domain.settings import SETTINGS
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import RowsRejected
from billdesk.kernel.fields import check
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import settings as storage
from billdesk.storage.database import Db


def load_settings(db: Db) -> dict[str, Any]:
    """Give every setting, changed or default, by name."""
    saved = storage.load_settings(db)
    return {field.name: saved.get(field.name, field.default) for field in SETTINGS}


def change_settings(db: Db, values: Mapping[str, object]) -> Result[None]:
    """Change some settings; raises RowsRejected with one problem per wrong value."""
    before = load_settings(db)
    problems = check(SETTINGS, {**before, **values})
    if problems:
        raise RowsRejected(tuple(problems))
    changed = {name: value for name, value in values.items() if before[name] != value}
    for name, value in changed.items():
        storage.save_setting(db, name, value)
    details = {name: [before[name], value] for name, value in changed.items()}
    audit.record(db, command="change_settings", noun=Noun.SETTINGS, details=details)
    return Result(None, frozenset({Noun.SETTINGS}))
