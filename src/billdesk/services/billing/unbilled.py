"""What customers owe that no invoice says yet: all that is due, and usage of periods that still run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billdesk.domain.billing import BilledLine
from billdesk.domain.invoices import Document
from billdesk.kernel.money import Money
from billdesk.services.billing.computing import (
    Batch,
    Desk,
    cases_of,
    documents_of,
    look_back,
    settle_cases,
    settled_states,
)
from billdesk.services.billing.running_usage import usage_prices
from billdesk.storage import billing as storage
from billdesk.storage import subscriptions
from billdesk.storage.billing import EVERYBODY
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class Unbilled:
    """What a customer would be invoiced if all of it were billed today; `net` and `total` by currency."""

    customer_id: int
    as_of: date
    net: tuple[Money, ...]
    total: tuple[Money, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """Contracts settled as of now with their running usage, and what issued documents say about them."""

    batch: Batch
    billed: Mapping[int, Sequence[BilledLine]]


def unbilled_now(db: Db, customer_id: int) -> Unbilled:
    """Give what no issued document charges a customer yet, contracts it pays for and running usage included.

    Drafts count as unbilled. Contracts on drafts that people made are left out, as in a run. Raises RuleBroken for
    what would keep the invoice from being made.
    """
    desk = open_running(db)
    documents = documents_due(desk, settle_running(desk, subscriptions.ids_paid_by(db, customer_id)), customer_id)
    return Unbilled(
        customer_id,
        db.today,
        _sums(document.net for document in documents),
        _sums(document.total for document in documents),
        tuple(documents),
    )


def open_running(db: Db) -> Desk:
    """Open a desk that looks at running usage as well."""
    desk = Desk.open(db, db.today, EVERYBODY)
    return replace(desk, progressive=usage_prices(desk.catalog))


def settle_running(desk: Desk, ids: Iterable[int]) -> Running:
    """Settle contracts as of now, with all queries for all of them together."""
    wanted = sorted(set(ids) - set(desk.waiting))
    payers = {payer for _customer, payer in subscriptions.load_owners(desk.db, wanted).values()}
    drafts = [key for payer in payers for key in desk.pending.get(payer, ())]
    drafted = storage.draft_subscriptions(desk.db, drafts)
    records = subscriptions.load_many(desk.db, wanted)
    states = settled_states(desk.db, wanted, {key: day for key, day in drafted.items() if key in records})
    cases = cases_of(desk, records, states)
    billed = storage.load_billed(desk.db, look_back(cases))
    return Running(settle_cases(desk, cases, billed), billed)


def documents_due(desk: Desk, running: Running, payer: int) -> list[Document]:
    """Assemble what one payer would receive; raises RuleBroken."""
    keys = [key for key, owner in running.batch.payer_of.items() if owner == payer]
    return documents_of(desk, running.batch, payer, keys)


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, Money.zero(amount.currency)) + amount
    return tuple(sums[currency] for currency in sorted(sums))
