"""What must hold before a contract is written, and what follows once it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from billdesk.domain.catalog import Catalog
from billdesk.domain.customers import Customer
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.timeline import lay_out
from billdesk.kernel.errors import Place, Problem, RowsRejected, RuleBroken
from billdesk.services.identifiers import next_number
from billdesk.services.plan_changes import refresh_standings
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import entities
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db

FIRST_NUMBER: Final = "S00001"


def suggest_subscription_number(db: Db) -> str:
    """Give the next free contract number in the form that is used most."""
    return next_number(storage.all_numbers(db), FIRST_NUMBER)


def check_subscription(record: Subscription, catalog: Catalog, customers: Mapping[int, Customer]) -> list[Problem]:
    """Say what is wrong with a contract: its customer, negative quantities, prices without its currency."""
    problems = []
    customer = customers.get(record.customer_id)
    if customer is None:
        problems.append(Problem("unknown_customer", Place(field="customer"), str(record.customer_id)))
    elif customer.archived:
        problems.append(Problem("customer_archived", Place(field="customer"), customer.number))
    problems += [
        Problem("too_small", Place(field="quantity"), f"{quantity:f}", (("minimum", "0"),))
        for entry in record.entries
        for quantity in entry.quantities.values()
        if quantity < 0
    ]
    return problems + list(lay_out(record, catalog).problems)


def require_open(db: Db, entity_id: int, day: date) -> None:
    """Refuse a day on which the books are closed; raises RuleBroken."""
    lock_date = entities.load_entity(db, entity_id).lock_date
    if lock_date is not None and day < lock_date:
        raise RuleBroken("before_lock_date", (("date", lock_date.isoformat()),))


def require_priced(db: Db, record: Subscription) -> None:
    """Refuse a contract with prices that are not sold in its currency; raises RowsRejected."""
    problems = check_subscription(record, catalogue.load_catalog(db), parties.load_many(db, [record.customer_id]))
    problems = [problem for problem in problems if problem.code != "customer_archived"]
    if problems:
        raise RowsRejected(tuple(problems))


def saved(db: Db, subscription_id: int, since: date) -> Subscription:
    """Have billing look at a contract from a day on, derive what lists show of it, and give it as it is now.

    The fee of an earlier end depends on what would have come after it, so that its day is looked at too.
    """
    made = storage.load(db, subscription_id)
    ends = [one.effective for one in made.entries if one.kind is EntryKind.CANCEL and one.effective <= since]
    storage.touch(db, {subscription_id: min([since, *ends])})
    refresh_standings(db, [made])
    return made


def without(record: Subscription, entry: Entry) -> Subscription:
    """Give a contract as if an entry had never been made."""
    return replace(record, entries=tuple(one for one in record.entries if one.id != entry.id))
