"""Contracts whose monthly revenue a change of plans or prices moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.money import Money
from billdesk.storage import customers as parties
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class MovedContract:
    """A running contract that changes on a day, with its monthly revenue before and after; usage is not in it."""

    subscription_id: int
    number: str
    customer_name: str
    on: date
    before: Money
    after: Money

    @property
    def difference(self) -> Money:
        """What a month costs more (or less, negative)."""
        return self.after - self.before


def moved_contracts(db: Db, moves: Iterable[tuple[Subscription, date, int, int]]) -> tuple[MovedContract, ...]:
    """Name contracts with the day, and what a month costs before and after in minor units, by day and number."""
    known = list(moves)
    names = parties.load_many(db, {record.customer_id for record, *_rest in known})
    moved = [
        MovedContract(
            record.id,
            record.number,
            names[record.customer_id].name,
            day,
            Money(before, record.currency),
            Money(after, record.currency),
        )
        for record, day, before, after in known
    ]
    return tuple(sorted(moved, key=lambda one: (one.on, one.number)))
