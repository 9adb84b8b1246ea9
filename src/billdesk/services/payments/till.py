"""The till: open amounts are read, steps are taken one after another, and all is written at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from billdesk.domain.entities import Entity
from billdesk.domain.ledger import JournalEntry
from billdesk.domain.payments import Desk, Positions, Step, post_step
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound
from billdesk.kernel.money import Money
from billdesk.services import ledger
from billdesk.services.rates import rate_on
from billdesk.storage import customers as parties
from billdesk.storage import entities
from billdesk.storage.database import Db
from billdesk.storage.invoices.settling import load_receivables, set_open
from billdesk.storage.invoices.writing import local_minor
from billdesk.storage.payments import reading, writing

CHANGED: Final = frozenset({Noun.PAYMENTS, Noun.INVOICES, Noun.LEDGER, Noun.CUSTOMERS, Noun.AUDIT})
"""What a step with money touches."""


@dataclass(frozen=True, slots=True)
class DocumentOpen:
    """What is open on a document after a step."""

    document_id: int
    number: str
    open: Money


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of one step: the settlement that can take it back, and what is open now."""

    settlement_id: int
    documents: tuple[DocumentOpen, ...]


@dataclass(slots=True)
class Till:
    """Steps being taken for one entity; nothing is written before `close_till`.

    `used` are the earlier payments that a step was about, so that two steps are not about the same one.
    """

    desk: Desk
    positions: Positions
    steps: list[Step] = field(default_factory=list)
    entries: list[JournalEntry] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def take(self, step: Step) -> None:
        """Take a planned step, so that the next one is planned on what it leaves."""
        self.entries.append(post_step(self.positions, step))
        self.steps.append(step)


def open_till(
    db: Db,
    entity_id: int,
    *,
    document_ids: Iterable[int] = (),
    payment_ids: Iterable[int] = (),
    customer_ids: Iterable[int] = (),
) -> Till:
    """Read the documents, payments and unused money of customers (those of the documents too) that steps need.

    Raises NotFound for an entity or customer that is not in the book.
    """
    entity = entities.load_entity(db, entity_id)
    receivables = load_receivables(db, document_ids)
    named = set(customer_ids)
    missing = named - parties.known_ids(db, named)
    if missing:
        raise NotFound("customers", str(min(missing)))
    customers = {*named, *(receivable.customer_id for receivable in receivables)}
    rests = {rest.payment_id: rest for rest in reading.load_open_rests(db, customers) if rest.entity_id == entity_id}
    rests |= {rest.payment_id: rest for rest in reading.load_rests(db, payment_ids)}
    desk = Desk(
        entity_id=entity_id,
        currency=entity.currency,
        lock_date=entity.lock_date,
        now=db.now,
        today=db.today,
        user=db.user,
        to_local=_local_worth(db, entity),
    )
    return Till(desk, Positions(entity.currency, receivables, rests.values()))


def _local_worth(db: Db, entity: Entity) -> Callable[[Money, date], int]:
    rates = {}

    def to_local(amount: Money, day: date) -> int:
        key = (amount.currency, day)
        if key not in rates:
            rates[key] = rate_on(db, amount.currency, entity.currency, day).rate
        return local_minor(amount, rates[key], entity.currency)

    return to_local


def close_till(db: Db, till: Till) -> tuple[Settled, ...]:
    """Write the steps with their rests, open amounts and journal entries; gives one outcome per step."""
    positions = till.positions
    ids = writing.save_steps(db, till.steps)
    writing.save_rests(db, positions.changed_rests(), ids)
    set_open(db, positions.opens, db.today)
    entries = [replace(entry, source_id=ids[entry.source_id]) for entry in till.entries if entry.postings]
    if entries:
        ledger.post(db, entries)
    return tuple(Settled(ids[step.settlement.id], _opens(positions, step)) for step in till.steps)


def _opens(positions: Positions, step: Step) -> tuple[DocumentOpen, ...]:
    touched = dict.fromkeys(row.document_id for row in step.allocations if row.document_id is not None)
    found = [positions.receivable(document_id) for document_id in touched]
    return tuple(DocumentOpen(r.document_id, r.number, Money(r.open_minor, r.currency)) for r in found)
