"""What people do with customers: enter, change, archive, find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from billdesk.domain.customers import Customer
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.i18n import LANGUAGES
from billdesk.services import audit
from billdesk.services.identifiers import (
    countries,
    currencies,
    is_email,
    next_number,
    normal_iban,
    normal_tax_id,
)
from billdesk.services.result import Result
from billdesk.storage import customers as storage
from billdesk.storage.customers import CustomerFilter, CustomerRow, CustomerSort
from billdesk.storage.database import Db
from billdesk.storage.subscription_lists import SubscriptionFilter, SubscriptionRow, SubscriptionSort, list_rows

__all__ = ["CustomerCard", "CustomerFilter", "CustomerRow", "CustomerSort"]

FIRST_NUMBER: Final = "C00001"
EVERYONE: Final = CustomerFilter()
_LONGEST_TERMS: Final = 365


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer with what stands around them: who pays for them, whom they pay for, their contracts."""

    customer: Customer
    parent: Customer | None
    children: tuple[CustomerRow, ...]
    subscriptions: tuple[SubscriptionRow, ...]


def normalised(record: Customer) -> Customer:
    """Give a customer with tax id and IBANs in their normal form; wrong ones stay as they are."""
    tax_id = normal_tax_id(record.tax_id, record.address.country) if record.tax_id else ""
    ibans = tuple(normal_iban(iban) or iban for iban in record.ibans)
    return replace(record, tax_id=record.tax_id if tax_id is None else tax_id, ibans=ibans)


def check_customer(record: Customer) -> list[Problem]:
    """Say what is wrong with a customer's own fields, whatever else is in the book."""
    return list(_problems(record))


def _problems(record: Customer) -> Iterator[Problem]:
    for name in ("number", "name"):
        if not getattr(record, name).strip():
            yield _wrong("value_missing", name)
    if record.currency not in currencies():
        yield _wrong("unknown_currency", "currency", record.currency)
    if record.language not in LANGUAGES:
        yield _wrong("not_a_choice", "language", record.language, choices=", ".join(LANGUAGES))
    if record.address.country and record.address.country not in countries():
        yield _wrong("unknown_country", "country", record.address.country)
    if record.payment_terms_days is not None:
        yield from _term_problems(record.payment_terms_days)
    if record.tax_id and normal_tax_id(record.tax_id, record.address.country) is None:
        yield _wrong("tax_id_wrong", "tax_id", record.tax_id)
    yield from (_wrong("iban_wrong", "iban", iban) for iban in record.ibans if normal_iban(iban) is None)
    emails = (contact.email for contact in record.contacts if contact.email)
    yield from (_wrong("email_wrong", "email", email) for email in emails if not is_email(email))


def _term_problems(days: int) -> Iterator[Problem]:
    if days < 0:
        yield _wrong("too_small", "payment_terms_days", days, minimum=0)
    if days > _LONGEST_TERMS:
        yield _wrong("too_large", "payment_terms_days", days, maximum=_LONGEST_TERMS)


def _wrong(code: str, field: str, value: object = "", **details: object) -> Problem:
    return Problem(code, Place(field=field), str(value), tuple((k, str(v)) for k, v in details.items()))


def create_customer(db: Db, record: Customer) -> Result[Customer]:
    """Enter a customer (id 0); an empty number takes the next one. Raises RowsRejected."""
    record = normalised(replace(record, number=record.number or suggest_customer_number(db), id=0, version=1))
    _require(db, record)
    ids = storage.insert_many(db, [record])
    made = replace(record, id=ids[record.number])
    _record(db, "create_customer", made)
    return Result(made, frozenset({Noun.CUSTOMERS}))


def update_customer(db: Db, record: Customer) -> Result[Customer]:
    """Change a customer; raises RowsRejected, and StaleRecord when it was changed since it was read."""
    record = normalised(record)
    _require(db, record)
    written = storage.update(db, record)
    _record(db, "update_customer", written)
    return Result(written, frozenset({Noun.CUSTOMERS}))


def archive_customer(db: Db, customer_id: int, *, archived: bool = True) -> Result[Customer]:
    """Hide a customer from lists, or show them again; refused while a contract of theirs runs."""
    if archived and storage.count_running(db, customer_id):
        raise RuleBroken("customer_has_contracts")
    written = storage.update(db, replace(storage.load(db, customer_id), archived=archived))
    _record(db, "archive_customer" if archived else "restore_customer", written)
    return Result(written, frozenset({Noun.CUSTOMERS}))


def _record(db: Db, command: str, record: Customer) -> None:
    details = {"number": record.number, "name": record.name}
    audit.record(db, command=command, noun=Noun.CUSTOMERS, subject=str(record.id), details=details)


def _require(db: Db, record: Customer) -> None:
    problems = check_customer(record)
    others = storage.load_by_numbers(db, [record.number])
    if record.number in others and others[record.number].id != record.id:
        problems.append(_wrong("already_used", "number", record.number))
    if record.parent_id is not None and record.id in _line_of_payers(db, record.parent_id):
        problems.append(_wrong("parent_circle", "parent_id", record.number))
    if problems:
        raise RowsRejected(tuple(problems))


def _line_of_payers(db: Db, first: int) -> set[int]:
    """Follow who pays for whom upwards from one customer."""
    seen: set[int] = set()
    current: int | None = first
    while current is not None and current not in seen:
        seen.add(current)
        current = storage.load(db, current).parent_id
    return seen


def suggest_customer_number(db: Db) -> str:
    """Give the next free customer number in the form that is used most."""
    return next_number(storage.all_numbers(db), FIRST_NUMBER)


def load_customer(db: Db, customer_id: int) -> Customer:
    """Give one customer; raises NotFound."""
    return storage.load(db, customer_id)


def load_customers(db: Db, customer_ids: Iterable[int]) -> dict[int, Customer]:
    """Give customers by id; ids that do not exist are left out."""
    return storage.load_many(db, customer_ids)


def load_customer_card(db: Db, customer_id: int) -> CustomerCard:
    """Give one customer with parent, children and contracts."""
    record = storage.load(db, customer_id)
    children = CustomerFilter(parent_id=customer_id, archived=None)
    theirs = SubscriptionFilter(customer_id=customer_id)
    return CustomerCard(
        record,
        None if record.parent_id is None else storage.load(db, record.parent_id),
        tuple(list_customers(db, children, limit=500)),
        tuple(list_rows(db, theirs, sort=SubscriptionSort.NUMBER, descending=False, offset=0, limit=500)),
    )


def list_customers(
    db: Db,
    wanted: CustomerFilter = EVERYONE,
    *,
    sort: CustomerSort = CustomerSort.NAME,
    descending: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> list[CustomerRow]:
    """Give one page of customers."""
    return storage.list_rows(db, wanted, sort=sort, descending=descending, offset=offset, limit=limit)


def count_customers(db: Db, wanted: CustomerFilter = EVERYONE) -> int:
    """Give how many customers a filter leaves."""
    return storage.count(db, wanted)


def find_customers(db: Db, words: str, *, limit: int = 20) -> list[CustomerRow]:
    """Find customers by number, name, tax id, mail address, city or tag, however it is typed."""
    return list_customers(db, CustomerFilter(search=words), limit=limit)


def list_tags(db: Db) -> list[str]:
    """Give every tag in use."""
    return storage.list_tags(db)
