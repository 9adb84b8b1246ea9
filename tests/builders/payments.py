"""A small book with issued documents, for tests about money: `a_book(folder)`, `book.run(issue, …)`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert

from billdesk.domain.customers import Customer
from billdesk.domain.entities import BankAccount, Entity
from billdesk.domain.invoices import DocumentKind, DocumentState, DocumentStatus
from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.kernel.money import Money
from billdesk.services import ledger
from billdesk.services.book import Book
from billdesk.services.payments import load_balances
from billdesk.services.result import Result
from billdesk.storage import customers, entities
from billdesk.storage.database import Db
from billdesk.storage.invoices import load_receivables, local_minor
from billdesk.storage.ledger import balances
from billdesk.storage.tables.invoices import document
from billdesk.storage.taxes import QuotedRate, save_rates

ENTITY = 1
BANK = 1
DOLLAR_BANK = 2
LINDE, BAKKER, OKAPI = 1, 2, 3
IBAN = "BE68539007547034"
LINDE_IBAN = "BE71096123456769"
_DAY = date(2026, 3, 1)


def clock() -> datetime:
    return datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def eur(text: str) -> Money:
    return Money.of(Decimal(text), "EUR")


def usd(text: str) -> Money:
    return Money.of(Decimal(text), "USD")


def a_book(folder: Path) -> Book:
    """Give a book of one Belgian company with a euro and a dollar account and three customers."""
    path = folder / "money.billdesk"
    path.write_bytes(_furnished_book())
    return Book.open(path, clock=clock, user="Ann")


@cache
def _furnished_book() -> bytes:
    # Making a schema takes longer than most tests; a copy of a closed book is as good as a new one.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.billdesk"
        with Book.create(path, clock=clock, user="Ann") as book:
            book.run(_furnish)
        return path.read_bytes()


def _furnish(db: Db) -> Result[None]:
    entities.insert_entity(db, Entity(0, "ACA", "Acacia Cloud BV", "EUR"))
    entities.insert_bank_account(db, BankAccount(0, ENTITY, "Main", "EUR", IBAN, is_default=True))
    entities.insert_bank_account(db, BankAccount(0, ENTITY, "Dollars", "USD", "BE43068999999501"))
    people = (
        Customer(0, "C001", "Brouwerij De Linde NV", ENTITY, "EUR", ibans=(LINDE_IBAN,)),
        Customer(0, "C002", "Bakker & Zoon", ENTITY, "EUR"),
        Customer(0, "C003", "Okapi Inc", ENTITY, "USD"),
    )
    customers.insert_many(db, people)
    rates = (("2026-03-01", "1.25"), ("2026-03-20", "1.20"))
    save_rates(db, [QuotedRate("USD", date.fromisoformat(day), Decimal(rate), "ECB") for day, rate in rates])
    return Result(None)


def issue(
    db: Db,
    number: str,
    total: Money,
    customer_id: int = LINDE,
    *,
    due: date = date(2026, 3, 31),
    issued: date = _DAY,
    reference: str = "",
) -> Result[int]:
    """Put an issued document in the book (a negative total is a credit note) with its journal entry; gives its id."""
    rate = Decimal(1) if total.currency == "EUR" else Decimal("0.8")
    local = local_minor(total, rate, "EUR")
    name = customers.load(db, customer_id).name
    values = {
        "kind": DocumentKind.INVOICE if total.minor > 0 else DocumentKind.CREDIT_NOTE,
        "state": DocumentState.ISSUED, "status": DocumentStatus.OPEN, "entity_id": ENTITY, "customer_id": customer_id,
        "currency": total.currency, "language": "en", "number": number, "issue_date": issued, "due_date": due,
        "customer_name": name, "customer_sort": name.lower(), "search_text": "", "structured_reference": reference,
        "purchase_order": "", "net_minor": total.minor, "tax_minor": 0, "total_minor": total.minor,
        "due_minor": total.minor, "total_local_minor": local, "open_minor": total.minor, "rate": rate,
        "rate_day": issued, "rate_source": "ECB", "issued_at": db.now, "delivery_state": "", "memo": "", "version": 1,
        "hold": False,
    }  # fmt: skip
    known = {name: value for name, value in values.items() if name in document.c}
    document_id = int(db.connection.execute(insert(document).values(known).returning(document.c.id)).scalar_one())
    lines = (
        Posting(Account.RECEIVABLES, local, total.minor, total.currency, customer_id),
        Posting(Account.REVENUE, -local, -total.minor, total.currency, customer_id),
    )
    ledger.post(db, [JournalEntry(ENTITY, issued, EntrySource.DOCUMENT, document_id, number, lines)])
    return Result(document_id)


def opens(book: Book, *document_ids: int) -> list[str]:
    """Give what is open on documents, as text."""
    found = {record.document_id: record for record in book.query(load_receivables, document_ids)}
    return [str(Money(found[key].open_minor, found[key].currency)) for key in document_ids]


def accounts(book: Book) -> dict[str, int]:
    """Give the balances of all ledger accounts that have one."""
    return {key: minor for key, minor in book.query(balances, ENTITY).items() if minor}


def balance(book: Book, customer_id: int = LINDE) -> list[str]:
    """Give the customer's unused money, as text."""
    return [str(amount) for amount in book.query(load_balances, [customer_id]).get(customer_id, ())]
