"""The book's self-test: what must always be true, read from the data itself."""

from __future__ import annotations

from billdesk.kernel.errors import Problem
from billdesk.services import audit, ledger, payments
from billdesk.storage.database import Db


def check_book(db: Db) -> list[Problem]:
    """Give every broken promise of the book, empty when it is sound; `value` names the rows."""
    problems: list[Problem] = []
    broken = audit.first_broken_event(db)
    if broken is not None:
        problems.append(Problem("audit_chain_broken", value=str(broken.id)))
    problems += ledger.check_ledger(db)
    problems += payments.check_money(db)
    return problems
