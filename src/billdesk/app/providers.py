"""Which queries feed the shell; the services behind them are loaded when the first book is open."""

from __future__ import annotations

from collections.abc import Sequence

from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.ui.shell.providers import EntityFacts, Hit, Providers


def providers() -> Providers:
    """Give the queries the shell may use."""
    return Providers(_search, _count_outbox, _load_entity)


def _search(db: Db, text: str, limit: int) -> Sequence[Hit]:
    from billdesk.app import records

    return records.search_records(db, text, limit)


def _count_outbox(db: Db) -> int:
    from billdesk.app import records

    return records.count_waiting_mails(db)


def _load_entity(db: Db) -> EntityFacts:
    from billdesk.app import records

    return records.load_company(db)


def tidy_up(db: Db) -> Result[int]:
    """Do what days and interruptions left to do, as a book opens; gives how many records changed."""
    from billdesk.app import records

    return records.tidy_up(db)
