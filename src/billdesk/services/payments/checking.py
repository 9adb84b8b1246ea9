"""The self-test of everything about money, for `book check`: rows against rows, and rows against the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from billdesk.domain.payments.positions import local_rest
from billdesk.kernel.errors import Problem
from billdesk.storage.database import Db
from billdesk.storage.payments import checking as storage
from billdesk.storage.payments import reading
from billdesk.storage.payments.checking import Contradiction


def check_money(db: Db) -> list[Problem]:
    """Give every way in which documents, payments, bank lines and ledger disagree; empty when the book is sound."""
    return [
        *_problems("money_open_wrong", storage.wrong_open_amounts(db)),
        *_problems("money_settled_beyond", storage.settled_beyond(db)),
        *_problems("money_rest_wrong", storage.wrong_rests(db)),
        *_problems("money_line_wrong", storage.lines_not_used_fully(db)),
        *_problems("money_statement_wrong", storage.broken_statements(db)),
        *_problems("money_balance_wrong", _balances(db)),
        *_orphans(db),
    ]


def _problems(code: str, found: Sequence[Contradiction]) -> list[Problem]:
    return [
        Problem(code, value=one.name, details=(("found", str(one.found)), ("expected", str(one.expected))))
        for one in found
    ]


def _balances(db: Db) -> list[Contradiction]:
    """Compare the ledger's account of customers' money with what is left of payments, both in local currency."""
    unused: Counter[tuple[int, int]] = Counter()
    for rest in reading.load_all_open_rests(db):
        unused[rest.entity_id, rest.customer_id] += local_rest(rest)
    posted = Counter({(entity, person): -minor for entity, person, minor in storage.balances_against_ledger(db)})
    keys = sorted(key for key in {*unused, *posted} if unused[key] != posted[key])
    return [Contradiction(str(key[1]), posted[key], unused[key]) for key in keys]


def _orphans(db: Db) -> list[Problem]:
    count = storage.settlements_without_entry(db)
    return [Problem("money_entry_orphan", value=str(count))] if count else []
