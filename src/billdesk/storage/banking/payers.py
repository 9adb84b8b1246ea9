"""Who pays from which account or under which name, learned from matches and forgotten when they are taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, select, tuple_, update

from billdesk.storage.bulk import insert_rows, rows_in
from billdesk.storage.database import Db
from billdesk.storage.search import fold
from billdesk.storage.tables.banking import learned_payer
from billdesk.storage.tables.customers import customer, customer_iban

ACCOUNT: Final = "account"
NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Clue:
    """That a customer paid from an account or under a name."""

    kind: str
    value: str
    customer_id: int


def clues_of(account: str, name: str, customer_id: int) -> list[Clue]:
    """Give what a line teaches about a customer."""
    found = [Clue(ACCOUNT, account, customer_id)] if account else []
    return [*found, Clue(NAME, fold(name), customer_id)] if name else found


def learn(db: Db, clues: Iterable[Clue], day: date) -> None:
    """Remember clues; a clue seen again counts once more."""
    counted = Counter(clues)
    columns = learned_payer.c
    known = {
        (row.kind, row.value, row.customer_id): row.id
        for row in rows_in(db, select(learned_payer), columns.value, [clue.value for clue in counted])
    }
    new = []
    for clue, times in counted.items():
        key = known.get((clue.kind, clue.value, clue.customer_id))
        if key is None:
            new.append(
                {
                    "kind": clue.kind,
                    "value": clue.value,
                    "customer_id": clue.customer_id,
                    "times": times,
                    "last_on": day,
                }
            )
        else:
            changed = update(learned_payer).where(columns.id == key)
            db.connection.execute(changed.values(times=columns.times + times, last_on=day))
    insert_rows(db, learned_payer, new)


def forget(db: Db, clues: Iterable[Clue]) -> None:
    """Take clues back; one that no match supports any more is gone."""
    columns = learned_payer.c
    keys = [(clue.kind, clue.value, clue.customer_id) for clue in clues]
    if keys:
        same = tuple_(columns.kind, columns.value, columns.customer_id).in_(keys)
        db.connection.execute(update(learned_payer).where(same).values(times=columns.times - 1))
        db.connection.execute(delete(learned_payer).where(columns.times <= 0))


def customers_by_account(db: Db, accounts: Iterable[str]) -> dict[str, frozenset[int]]:
    """Give the customers of bank accounts: those on file and those that paid from them before."""
    wanted = {account for account in accounts if account}
    found: dict[str, set[int]] = {}
    for row in rows_in(db, select(customer_iban), customer_iban.c.iban, wanted):
        found.setdefault(row.iban, set()).add(row.customer_id)
    query = select(learned_payer).where(learned_payer.c.kind == ACCOUNT)
    for row in rows_in(db, query, learned_payer.c.value, wanted):
        found.setdefault(row.value, set()).add(row.customer_id)
    return {account: frozenset(ids) for account, ids in found.items()}


def customers_by_name(db: Db, names: Iterable[str]) -> dict[str, frozenset[int]]:
    """Give the customers that paid under a name before, by the name as given."""
    folded = {fold(name): name for name in names if name}
    found: dict[str, set[int]] = {}
    query = select(learned_payer).where(learned_payer.c.kind == NAME)
    for row in rows_in(db, query, learned_payer.c.value, folded):
        found.setdefault(folded[row.value], set()).add(row.customer_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def customer_names(db: Db, ids: Iterable[int]) -> Mapping[int, str]:
    """Give the names of customers."""
    query = select(customer.c.id, customer.c.name)
    return {row.id: row.name for row in rows_in(db, query, customer.c.id, ids)}
