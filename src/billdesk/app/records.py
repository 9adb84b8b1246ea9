"""What the shell shows of a book: records for the palette, mails that wait, the company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.kernel.i18n import current
from billdesk.services.customers import find_customers
from billdesk.services.delivery import recover_outbox
from billdesk.services.delivery.queueing import count_deliveries
from billdesk.services.entities import list_entities
from billdesk.services.invoices.queries import list_documents
from billdesk.services.result import Result
from billdesk.services.subscriptions import refresh_due_standings
from billdesk.services.wallets import expire_wallets
from billdesk.storage.customers import CustomerRow
from billdesk.storage.database import Db
from billdesk.storage.invoices.listing import DocumentFilter, DocumentRow
from billdesk.storage.invoices.outbox import DeliveryState
from billdesk.ui.shell.providers import EntityFacts

_WAITING: Final = (DeliveryState.QUEUED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that answers to what was typed in the palette."""

    title: str
    detail: str
    screen: str
    key: str


def search_records(db: Db, text: str, limit: int) -> list[FoundRecord]:
    """Find customers and documents; half of the places go to each, and what one leaves the other takes."""
    customers = [_customer(row) for row in find_customers(db, text, limit=limit)]
    documents = [_document(row) for row in list_documents(db, DocumentFilter(text=text), limit=limit)]
    places = max(limit // 2, limit - len(documents))
    shown = customers[:places]
    return [*shown, *documents[: limit - len(shown)]]


def count_waiting_mails(db: Db) -> int:
    """Count the mails that wait to be sent or failed."""
    counts = count_deliveries(db)
    return sum(counts.get(state, 0) for state in _WAITING)


def load_company(db: Db) -> EntityFacts:
    """Give the first company of the book with its currency, and how many others there are."""
    entities = list_entities(db)
    if not entities:
        return EntityFacts("")
    others = f" · +{len(entities) - 1}" if len(entities) > 1 else ""
    return EntityFacts(entities[0].name, f"{entities[0].currency}{others}")


def _customer(row: CustomerRow) -> FoundRecord:
    return FoundRecord(row.name, " · ".join(filter(None, (row.number, row.city))), "customers", str(row.id))


def _document(row: DocumentRow) -> FoundRecord:
    detail = f"{current().money(row.total)} · {row.customer_name}"
    return FoundRecord(row.number or current().day(row.issue_date), detail, "invoices", str(row.id))


def tidy_up(db: Db) -> Result[int]:
    """Bring contracts up to today, write off credit that expired, and mark mails whose sending was cut off."""
    done = refresh_due_standings(db), expire_wallets(db), recover_outbox(db)
    return Result(sum(one.value for one in done), frozenset().union(*(one.changes for one in done)))
