"""Customers between their tables and their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, true

from billdesk.domain.customers import Contact, Customer, CustomerKind
from billdesk.domain.entities import Address
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.storage import bulk, price_books
from billdesk.storage.database import Db
from billdesk.storage.search import contains, fold
from billdesk.storage.tables.customers import contact, customer, customer_iban, customer_tag
from billdesk.storage.tables.subscriptions import subscription

_CHILDREN = (contact, customer_iban, customer_tag)
_ADDRESS = ("street", "street2", "postcode", "city", "region", "country")
_PLAIN = (
    "number name entity_id currency legal_name kind tax_id company_number tax_exempt_reason language"
    " payment_terms_days grouping credit_policy channel parent_id purchase_order notes archived version"
).split()

_READ = tuple(customer.c[name] for name in ("id", "delivery_address", *_ADDRESS, *_PLAIN))
_FROM_PLAIN = len(_READ) - len(_PLAIN)


class CustomerSort(StrEnum):
    """What the list of customers can be sorted by."""

    NAME = "name"
    NUMBER = "number"
    CITY = "city"
    COUNTRY = "country"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers a list shows; empty parts do not filter. `search` is words a person typed."""

    search: str = ""
    archived: bool | None = False
    country: str = ""
    currency: str = ""
    tag: str = ""
    kind: CustomerKind | None = None
    entity_id: int | None = None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """What the list shows of a customer. `mrr_minor` is by currency; `subscriptions` counts those not ended."""

    id: int
    number: str
    name: str
    city: str
    country: str
    currency: str
    language: str
    tax_id: str
    email: str
    tags: tuple[str, ...]
    archived: bool
    subscriptions: int = 0
    mrr_minor: tuple[tuple[str, int], ...] = ()


def _values(db: Db, record: Customer) -> dict[str, object]:
    emails = " ".join(c.email for c in record.contacts)
    values: dict[str, object] = {name: getattr(record, name) for name in _PLAIN}
    values |= {name: getattr(record.address, name) for name in _ADDRESS}
    other = record.delivery_address
    values["delivery_address"] = None if other is None else {name: getattr(other, name) for name in _ADDRESS}
    values["search_text"] = fold(
        record.number, record.name, record.legal_name, record.tax_id, emails, record.address.city, *record.tags
    )
    values["sort_name"] = fold(record.name)
    return values | {"changed_at": db.now, "changed_by": db.user}


def insert_many(db: Db, records: Sequence[Customer]) -> dict[str, int]:
    """Insert new customers with their contacts, accounts and tags; gives their ids by number."""
    bulk.insert_rows(db, customer, [_values(db, record) for record in records])
    ids = bulk.ids_by(db, customer.c.number, [record.number for record in records])
    _insert_children(db, [replace(record, id=ids[record.number]) for record in records])
    price_books.follow_customers(db, ids.values(), are_new=True)
    return ids


def update_many(db: Db, records: Sequence[Customer]) -> None:
    """Write customers over what is stored, each with the next version, whoever changed it last."""
    bulk.update_rows(db, customer, [{"id": r.id, **_values(db, replace(r, version=r.version + 1))} for r in records])
    _delete_children(db, [record.id for record in records])
    _insert_children(db, records)
    price_books.follow_customers(db, [record.id for record in records])


def update(db: Db, record: Customer) -> Customer:
    """Write one customer; raises StaleRecord when it was changed since it was read."""
    written = replace(record, version=record.version + 1)
    changed = db.connection.execute(
        customer.update()
        .where(customer.c.id == record.id, customer.c.version == record.version)
        .values(_values(db, written))
    )
    if changed.rowcount == 0:
        _refuse(db, record)
    _delete_children(db, [record.id])
    _insert_children(db, [written])
    price_books.follow_customers(db, [record.id])
    return written


def _refuse(db: Db, record: Customer) -> None:
    query = select(customer.c.changed_by, customer.c.changed_at).where(customer.c.id == record.id)
    found = db.connection.execute(query).one_or_none()
    if found is None:
        raise NotFound("customers", record.number)
    raise StaleRecord("customers", record.number, found.changed_by, found.changed_at.isoformat())


def delete_many(db: Db, ids: Sequence[int]) -> None:
    """Delete customers that nothing points to."""
    _delete_children(db, ids)
    price_books.delete_members(db, ids)
    for chunk in bulk.chunks(ids):
        db.connection.execute(customer.update().where(customer.c.id.in_(chunk)).values(parent_id=None))
    bulk.delete_rows(db, customer.c.id, ids)


def _delete_children(db: Db, ids: Sequence[int]) -> None:
    for table in _CHILDREN:
        bulk.delete_rows(db, table.c.customer_id, ids)


def _insert_children(db: Db, records: Sequence[Customer]) -> None:
    contacts = [
        {
            "customer_id": record.id,
            "position": position,
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "role": person.role,
            "receives_invoices": person.receives_invoices,
        }
        for record in records
        for position, person in enumerate(record.contacts)
    ]
    ibans = [
        {"customer_id": record.id, "iban": iban, "position": position}
        for record in records
        for position, iban in enumerate(dict.fromkeys(record.ibans))
    ]
    tags = [{"customer_id": record.id, "tag": tag} for record in records for tag in dict.fromkeys(record.tags)]
    bulk.insert_rows(db, contact, contacts)
    bulk.insert_rows(db, customer_iban, ibans)
    bulk.insert_rows(db, customer_tag, tags)


def load_many(db: Db, ids: Iterable[int]) -> dict[int, Customer]:
    """Give customers by id in four queries per ten thousand; ids that do not exist are left out."""
    wanted = list(dict.fromkeys(ids))
    return _records(db, wanted, bulk.rows_in(db, select(*_READ), customer.c.id, wanted))


def load_by_numbers(db: Db, numbers: Iterable[str]) -> dict[str, Customer]:
    """Give customers by number."""
    rows = list(bulk.rows_in(db, select(*_READ), customer.c.number, numbers))
    return {record.number: record for record in _records(db, [row.id for row in rows], rows).values()}


def load_all(db: Db) -> list[Customer]:
    """Give every customer, by number."""
    rows = db.connection.execute(select(*_READ).order_by(customer.c.number)).all()
    return list(_records(db, [row.id for row in rows], rows).values())


def known_ids(db: Db, ids: Iterable[int]) -> set[int]:
    """Give those of the ids that customers have."""
    return {row.id for row in bulk.rows_in(db, select(customer.c.id), customer.c.id, ids)}


def load(db: Db, customer_id: int) -> Customer:
    """Give one customer; raises NotFound."""
    found = load_many(db, [customer_id])
    if customer_id not in found:
        raise NotFound("customers", str(customer_id))
    return found[customer_id]


def _records(db: Db, ids: Sequence[int], rows: Iterable[Sequence[Any]]) -> dict[int, Customer]:
    contacts: dict[int, list[Contact]] = defaultdict(list)
    query = select(contact).order_by(contact.c.customer_id, contact.c.position)
    for row in bulk.rows_in(db, query, contact.c.customer_id, ids):
        contacts[row.customer_id].append(Contact(row.name, row.email, row.phone, row.role, row.receives_invoices))
    ibans: dict[int, list[str]] = defaultdict(list)
    in_order = select(customer_iban).order_by(customer_iban.c.customer_id, customer_iban.c.position)
    for row in bulk.rows_in(db, in_order, customer_iban.c.customer_id, ids):
        ibans[row.customer_id].append(row.iban)
    tags = _tags(db, ids)
    return {
        key: Customer(
            id=key,
            address=Address(*row[2:_FROM_PLAIN]),
            delivery_address=Address(**elsewhere) if elsewhere else None,
            contacts=tuple(contacts.get(key, ())),
            ibans=tuple(ibans.get(key, ())),
            tags=tags.get(key, ()),
            **dict(zip(_PLAIN, row[_FROM_PLAIN:], strict=True)),
        )
        for row in rows
        for key, elsewhere in (row[:2],)
    }


def _tags(db: Db, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(customer_tag).order_by(customer_tag.c.customer_id, customer_tag.c.tag)
    for row in bulk.rows_in(db, query, customer_tag.c.customer_id, ids):
        found[row.customer_id].append(row.tag)
    return {key: tuple(tags) for key, tags in found.items()}


def _filtered(query: Select[Any], wanted: CustomerFilter) -> Select[Any]:
    tag = exists().where(customer_tag.c.customer_id == customer.c.id, customer_tag.c.tag == wanted.tag)
    conditions = [
        contains(customer.c.search_text, wanted.search),
        customer.c.archived == wanted.archived if wanted.archived is not None else true(),
        customer.c.country == wanted.country if wanted.country else true(),
        customer.c.currency == wanted.currency if wanted.currency else true(),
        customer.c.kind == wanted.kind if wanted.kind is not None else true(),
        customer.c.entity_id == wanted.entity_id if wanted.entity_id is not None else true(),
        customer.c.parent_id == wanted.parent_id if wanted.parent_id is not None else true(),
        tag if wanted.tag else true(),
    ]
    return query.where(and_(*conditions))


def count(db: Db, wanted: CustomerFilter) -> int:
    """Give how many customers a filter leaves."""
    return db.connection.scalar(_filtered(select(func.count()).select_from(customer), wanted)) or 0


def list_rows(
    db: Db, wanted: CustomerFilter, *, sort: CustomerSort, descending: bool, offset: int, limit: int
) -> list[CustomerRow]:
    """Give one page of customers; mails, tags and contracts are read for the page only."""
    column = customer.c.sort_name if sort is CustomerSort.NAME else customer.c[sort.value]
    order = (column.desc(), customer.c.id.desc()) if descending else (column, customer.c.id)
    rows = db.connection.execute(_filtered(select(customer), wanted).order_by(*order).offset(offset).limit(limit)).all()
    ids = [row.id for row in rows]
    emails, tags, running = _emails(db, ids), _tags(db, ids), _running(db, ids)
    return [
        CustomerRow(
            id=row.id,
            email=emails.get(row.id, ""),
            tags=tags.get(row.id, ()),
            subscriptions=sum(n for _currency, n, _mrr in running.get(row.id, ())),
            mrr_minor=tuple((currency, mrr) for currency, _n, mrr in running.get(row.id, ()) if mrr),
            **{n: getattr(row, n) for n in "number name city country currency language tax_id archived".split()},
        )
        for row in rows
    ]


def _emails(db: Db, ids: Sequence[int]) -> dict[int, str]:
    query = (
        select(contact.c.customer_id, contact.c.email)
        .where(contact.c.email != "")
        .order_by(contact.c.receives_invoices, contact.c.position.desc())
    )
    return {row.customer_id: row.email for row in bulk.rows_in(db, query, contact.c.customer_id, ids)}


def _running(db: Db, ids: Sequence[int]) -> dict[int, list[tuple[str, int, int]]]:
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    query = (
        select(
            subscription.c.customer_id,
            subscription.c.currency,
            func.count(),
            func.sum(subscription.c.mrr_minor),
        )
        .where(subscription.c.ended.is_(None) | (subscription.c.ended > db.today))
        .group_by(subscription.c.customer_id, subscription.c.currency)
        .order_by(subscription.c.customer_id, subscription.c.currency)
    )
    for customer_id, currency, contracts, mrr in bulk.rows_in(db, query, subscription.c.customer_id, ids):
        found[customer_id].append((currency, contracts, int(mrr)))
    return found


def list_tags(db: Db) -> list[str]:
    """Give every tag in use."""
    return list(db.connection.scalars(select(customer_tag.c.tag).distinct().order_by(customer_tag.c.tag)))


def all_numbers(db: Db) -> list[str]:
    """Give every customer number in use."""
    return list(db.connection.scalars(select(customer.c.number)))


def count_running(db: Db, customer_id: int) -> int:
    """Give how many contracts of a customer have not ended."""
    return sum(count_ for _currency, count_, _mrr in _running(db, [customer_id]).get(customer_id, ()))


def set_parents(db: Db, parents: Mapping[int, int | None]) -> None:
    """Say who pays for whom, by customer id."""
    bulk.update_rows(db, customer, [{"id": key, "parent_id": parent} for key, parent in parents.items()])
