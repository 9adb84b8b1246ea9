"""Customers with what stands around them: what they owe, their last invoices, their history, the next invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.audit import AuditEvent
from billdesk.domain.entities import Entity
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import Problem, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import audit, entities, invoices, payments
from billdesk.services.billing import DraftRow, Scope, preview_billing, unbilled_now, upcoming_documents
from billdesk.services.customers import (
    CustomerCard,
    CustomerFilter,
    CustomerRow,
    CustomerSort,
    list_customers,
    list_tags,
    load_customer_card,
    suggest_customer_number,
)
from billdesk.services.receivables import AgedItem, ReceivablesFilter, list_open_items
from billdesk.storage import subscriptions
from billdesk.storage.database import Db
from billdesk.storage.open_balances import sum_open
from billdesk.storage.subscription_lists import SubscriptionFilter, SubscriptionSort, list_rows

_INVOICES_SHOWN: Final = 5
_ITEMS_SHOWN: Final = 8
_EVENTS_SHOWN: Final = 8
_CONTRACTS_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A row of the list with what is open, one amount per currency."""

    row: CustomerRow
    open: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class CustomerOverview:
    """All that the panel shows of a customer; `unused` is money they paid that settles nothing yet."""

    card: CustomerCard
    open: tuple[Money, ...]
    unused: tuple[Money, ...]
    open_items: tuple[AgedItem, ...]
    last_invoices: tuple[invoices.DocumentRow, ...]
    history: tuple[AuditEvent, ...]
    today: date


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the form offers: companies, the next free number, tags in use."""

    entities: tuple[Entity, ...]
    number: str
    tags: tuple[str, ...]
    today: date


@dataclass(frozen=True, slots=True)
class NextInvoice:
    """What billing will make for a customer, and when; `problems` keep it from being made.

    `unbilled` is, before tax and by currency, what no issued document says today, running usage included.
    """

    on: date | None
    documents: tuple[DraftRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    unbilled: tuple[Money, ...] = ()


def list_customer_lines(
    db: Db,
    wanted: CustomerFilter,
    *,
    sort: CustomerSort = CustomerSort.NAME,
    descending: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> list[CustomerLine]:
    """Give one page of customers with what they owe."""
    rows = list_customers(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)
    owed = sum_open(db, [row.id for row in rows])
    return [CustomerLine(row, owed.get(row.id, ())) for row in rows]


def load_customer_overview(db: Db, customer_id: int) -> CustomerOverview:
    """Give all that the panel shows of a customer; raises NotFound."""
    theirs = ReceivablesFilter(db.today, customer_id=customer_id)
    return CustomerOverview(
        card=load_customer_card(db, customer_id),
        open=sum_open(db, [customer_id]).get(customer_id, ()),
        unused=payments.load_balances(db, [customer_id]).get(customer_id, ()),
        open_items=tuple(list_open_items(db, theirs, limit=_ITEMS_SHOWN)),
        last_invoices=tuple(
            invoices.list_documents(db, invoices.DocumentFilter(customer_id=customer_id), limit=_INVOICES_SHOWN)
        ),
        history=tuple(audit.list_events(db, noun=Noun.CUSTOMERS.value, subject=str(customer_id), limit=_EVENTS_SHOWN)),
        today=db.today,
    )


def load_form_facts(db: Db) -> FormFacts:
    """Give what the form of a customer offers."""
    return FormFacts(tuple(entities.list_entities(db)), suggest_customer_number(db), tuple(list_tags(db)), db.today)


def preview_next_invoice(db: Db, customer_id: int) -> NextInvoice:
    """Give what the next billing run makes for one customer, with the figures that it will have."""
    theirs = SubscriptionFilter(customer_id=customer_id)
    rows = list_rows(db, theirs, sort=SubscriptionSort.NEXT_DUE, descending=False, offset=0, limit=500)
    # Until its first run a contract has no due day yet; its own start is the earliest.
    firsts = [row.next_due or row.started for row in rows if row.next_due is not None or row.needs_billing]
    days = [day for day in firsts if day is not None]
    if not days:
        return NextInvoice(None)
    on = max(min(days), db.today)
    scope = Scope(customer_ids=frozenset({customer_id}))
    found = preview_billing(db, on, scope, progress=Progress())
    problems = (Problem(one.value, details=one.details) for one in found.findings if one.code == "problem")
    return NextInvoice(on, found.rows, tuple(problems), _unbilled(db, customer_id))


@dataclass(frozen=True, slots=True)
class UpcomingDocument:
    """A document of the coming months: the contract it is for, its day, and its amounts."""

    contract: str
    on: date
    net: Money
    total: Money


def upcoming_of_customer(db: Db, customer_id: int, *, months: int = 12) -> tuple[UpcomingDocument, ...]:
    """Give the documents of the coming months for each contract a customer pays for, in order of their days.

    Usage is what is known now. A contract that cannot be billed as it is has none.
    """
    found: list[UpcomingDocument] = []
    for key in subscriptions.ids_paid_by(db, customer_id)[:_CONTRACTS_LOOKED_AT]:
        record = subscriptions.load(db, key)
        try:
            documents = upcoming_documents(db, key, months=months)
        except RuleBroken:
            continue
        found += [UpcomingDocument(record.number, one.issue_date, one.net, one.total) for one in documents]
    return tuple(sorted(found, key=lambda one: (one.on, one.contract)))


def _unbilled(db: Db, customer_id: int) -> tuple[Money, ...]:
    try:
        return unbilled_now(db, customer_id).net
    except RuleBroken:
        # What is in the way stands among the problems of the next invoice.
        return ()
