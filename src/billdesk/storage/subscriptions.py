"""Contracts and their timelines between tables and records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Text, func, or_, select, type_coerce

from billdesk.domain.billing.records import SettledState
from billdesk.domain.catalog import PriceTerms
from billdesk.domain.standing import Standing
from billdesk.domain.subscriptions import Entry, Override, Subscription, SubscriptionState
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.kernel.records import quick
from billdesk.storage import bulk, driver
from billdesk.storage.contract_terms import read_term, read_uplift, write_term, write_uplift
from billdesk.storage.database import Db
from billdesk.storage.search import fold
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.subscriptions import subscription, subscription_entry, subscription_revocation

_PLAIN = (
    "number customer_id entity_id currency anchor alignment alignment_day purchase_order name notes version"
).split()
_ENTRY = (
    "kind effective recorded_at user reason plan_version_id trial_until pause_kind credit_unused new_anchor"
    " notice_given fee_waived"
).split()
_READ_ENTRY = tuple(
    subscription_entry.c[name]
    for name in ("subscription_id", "id", "quantities", "override", "term", "uplift", *_ENTRY)
)
_READ = tuple(subscription.c[name] for name in ("id", *_PLAIN))
_STANDING = "state plan_id plan_version_id started ended mrr_minor refresh_on term_end notice_by".split()


@dataclass(frozen=True, slots=True)
class Due:
    """A contract that billing must look at, with how far it was settled."""

    subscription: Subscription
    settled: SettledState | None
    next_due: date | None


@quick
@dataclass(frozen=True, slots=True)
class Settled:
    """What billing writes back about one contract."""

    subscription_id: int
    through: date
    next_due: date | None


def _values(db: Db, record: Subscription) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(record, name) for name in _PLAIN}
    words = fold(record.number, record.name, record.purchase_order)
    return values | {"search_text": words, "changed_at": db.now, "changed_by": db.user}


def insert_many(db: Db, records: Sequence[Subscription]) -> dict[str, int]:
    """Insert contracts with their entries; gives their ids by number. `write_standings` comes after."""
    empty = {name: getattr(Standing(), name) for name in _STANDING}
    more = empty | {"needs_billing": True, "next_due": None, "settled_through": None, "touched_from": None}
    bulk.insert_rows(db, subscription, [_values(db, record) | more for record in records])
    ids = bulk.ids_by(db, subscription.c.number, [record.number for record in records])
    insert_entries(db, [(ids[record.number], entry) for record in records for entry in record.entries])
    return ids


def insert_entries(db: Db, entries: Sequence[tuple[int, Entry]]) -> None:
    """Add entries to the contracts they are given with."""
    rows = [
        {"subscription_id": key, "quantities": _quantities(entry.quantities), "override": _override(entry.override)}
        | {"term": write_term(entry.term), "uplift": write_uplift(entry.uplift)}
        | {name: getattr(entry, name) for name in _ENTRY}
        for key, entry in entries
    ]
    bulk.insert_rows(db, subscription_entry, rows)


def newest_entry_id(db: Db) -> int:
    """Give the highest entry id, 0 when there is none: what is added after it has a higher one."""
    query = select(subscription_entry.c.id).order_by(subscription_entry.c.id.desc()).limit(1)
    return db.connection.scalar(query) or 0


def entries_after(db: Db, entry_id: int) -> list[tuple[int, int]]:
    """Give (entry id, contract id) of entries added after one, in the order they were added."""
    query = select(subscription_entry.c.id, subscription_entry.c.subscription_id)
    rows = db.connection.execute(query.where(subscription_entry.c.id > entry_id).order_by(subscription_entry.c.id))
    return [(row.id, row.subscription_id) for row in rows]


def _quantities(quantities: Mapping[int, Decimal]) -> dict[str, str]:
    return {str(price_id): to_text(quantity) for price_id, quantity in quantities.items()}


def _override(override: Override | None) -> dict[str, object] | None:
    if override is None:
        return None
    terms = override.terms
    return {
        "price_id": override.price_id,
        "currency": terms.currency,
        "parameters": dict(terms.parameters),
        "minimum": None if terms.minimum is None else to_text(terms.minimum),
        "maximum": None if terms.maximum is None else to_text(terms.maximum),
        "reason": override.reason,
        "until": None if override.until is None else override.until.isoformat(),
    }


def _read_override(stored: Mapping[str, Any] | None) -> Override | None:
    if stored is None:
        return None
    minimum, maximum = (None if stored[name] is None else from_text(stored[name]) for name in ("minimum", "maximum"))
    return Override(
        price_id=stored["price_id"],
        terms=PriceTerms(stored["currency"], stored["parameters"], minimum, maximum),
        reason=stored["reason"],
        until=None if stored["until"] is None else date.fromisoformat(stored["until"]),
    )


def revoke(db: Db, entry_ids: Sequence[int], *, reason: str) -> None:
    """Take entries back; they stay in the list without effect."""
    rows = [{"entry_id": key, "revoked_at": db.now, "user": db.user, "reason": reason} for key in entry_ids]
    bulk.insert_rows(db, subscription_revocation, rows)


def write_standings(db: Db, standings: Mapping[int, Standing]) -> None:
    """Write what lists show of contracts, derived from their entries."""
    rows = [{"id": key, **{name: getattr(one, name) for name in _STANDING}} for key, one in standings.items()]
    bulk.update_rows(db, subscription, rows)


def touch(db: Db, since: Mapping[int, date]) -> None:
    """Say from which day contracts changed, so that the next run looks at those days again."""
    query = select(subscription.c.id, subscription.c.touched_from)
    known = {row.id: row.touched_from for row in bulk.rows_in(db, query, subscription.c.id, since)}
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for key in known.keys() & since.keys():
        by_day[min(since[key], known[key] or since[key])].append(key)
    # An import touches ten thousand contracts on few days: a statement per day is three times as fast.
    for day, ids in by_day.items():
        for chunk in bulk.chunks(ids):
            change = subscription.update().where(subscription.c.id.in_(chunk))
            db.connection.execute(change.values(needs_billing=True, touched_from=day))


def settle(db: Db, settled: Sequence[Settled]) -> None:
    """Write that billing is done with contracts until their next due day."""
    rows = [
        (one.through.isoformat(), one.next_due and one.next_due.isoformat(), None, False, one.subscription_id)
        for one in settled
    ]
    columns = ("settled_through", "next_due", "touched_from", "needs_billing")
    driver.update_tuples(db, subscription, columns, rows)


def update(db: Db, record: Subscription) -> None:
    """Write a contract's own fields; raises StaleRecord when it was changed since it was read."""
    values = _values(db, record) | {"version": record.version + 1}
    changed = db.connection.execute(
        subscription.update()
        .where(subscription.c.id == record.id, subscription.c.version == record.version)
        .values(values)
    )
    if changed.rowcount == 0:
        _refuse(db, record)


def _refuse(db: Db, record: Subscription) -> None:
    query = select(subscription.c.changed_by, subscription.c.changed_at).where(subscription.c.id == record.id)
    found = db.connection.execute(query).one_or_none()
    if found is None:
        raise NotFound("subscriptions", record.number)
    raise StaleRecord("subscriptions", record.number, found.changed_by, found.changed_at.isoformat())


def delete_many(db: Db, ids: Sequence[int]) -> None:
    """Delete contracts that nothing but their own entries point to."""
    query = select(subscription_entry.c.id)
    entries = [row.id for row in bulk.rows_in(db, query, subscription_entry.c.subscription_id, ids)]
    delete_entries(db, entries)
    bulk.delete_rows(db, subscription.c.id, ids)


def delete_entries(db: Db, entry_ids: Sequence[int]) -> None:
    """Delete entries, as only the undo of the import that brought them may."""
    bulk.delete_rows(db, subscription_revocation.c.entry_id, entry_ids)
    bulk.delete_rows(db, subscription_entry.c.id, entry_ids)


def _entries(db: Db, ids: Sequence[int]) -> dict[int, list[Entry]]:
    revocation = subscription_revocation.c.entry_id.label("revocation")
    query = (
        select(*_READ_ENTRY, revocation)
        .outerjoin(subscription_revocation, subscription_revocation.c.entry_id == subscription_entry.c.id)
        .order_by(
            subscription_entry.c.subscription_id,
            subscription_entry.c.effective,
            subscription_entry.c.recorded_at,
            subscription_entry.c.id,
        )
    )
    found: dict[int, list[Entry]] = defaultdict(list)
    for row in bulk.rows_in(db, query, subscription_entry.c.subscription_id, ids):
        owner, key, quantities, override, term, uplift, *plain, revoked = row
        found[owner].append(
            Entry(
                id=key,
                quantities={int(price): from_text(text) for price, text in quantities.items()},
                override=_read_override(override),
                term=read_term(term),
                uplift=read_uplift(uplift),
                revoked=revoked is not None,
                **dict(zip(_ENTRY, plain, strict=True)),
            )
        )
    return found


def _records(db: Db, rows: Sequence[Row[Any]]) -> dict[int, Subscription]:
    entries = _entries(db, [row[0] for row in rows])
    return {
        row[0]: Subscription(
            id=row[0], entries=tuple(entries.get(row[0], ())), **dict(zip(_PLAIN, row[1:], strict=True))
        )
        for row in rows
    }


def load_many(db: Db, ids: Iterable[int]) -> dict[int, Subscription]:
    """Give contracts with their entries by id."""
    return _records(db, list(bulk.rows_in(db, select(*_READ), subscription.c.id, ids)))


def load(db: Db, subscription_id: int) -> Subscription:
    """Give one contract; raises NotFound."""
    found = load_many(db, [subscription_id])
    if subscription_id not in found:
        raise NotFound("subscriptions", str(subscription_id))
    return found[subscription_id]


def load_by_numbers(db: Db, numbers: Iterable[str]) -> dict[str, Subscription]:
    """Give contracts with their entries by number."""
    rows = list(bulk.rows_in(db, select(*_READ), subscription.c.number, numbers))
    return {record.number: record for record in _records(db, rows).values()}


def load_all(db: Db) -> list[Subscription]:
    """Give every contract with its entries, by number."""
    rows = db.connection.execute(select(*_READ).order_by(subscription.c.number)).all()
    return list(_records(db, rows).values())


def load_owners(db: Db, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Give the customer of each contract and who pays for it: the customer or its parent."""
    payer = func.coalesce(customer.c.parent_id, customer.c.id).label("payer")
    query = select(subscription.c.id, customer.c.id.label("customer_id"), payer)
    query = query.join(customer, customer.c.id == subscription.c.customer_id)
    return {row.id: (row.customer_id, row.payer) for row in bulk.rows_in(db, query, subscription.c.id, ids)}


def ids_paid_by(db: Db, payer_id: int) -> list[int]:
    """Give the contracts of a customer and of the customers it pays for."""
    query = select(subscription.c.id).join(customer, customer.c.id == subscription.c.customer_id)
    theirs = or_(customer.c.id == payer_id, customer.c.parent_id == payer_id)
    return list(db.connection.execute(query.where(theirs).order_by(subscription.c.id)).scalars())


def load_due(db: Db, as_of: date, after_id: int = 0, limit: int = 1_000) -> list[Due]:
    """Give the next contracts (by id) that changed or have something due by `as_of`, in three queries."""
    due = subscription.c.needs_billing | (subscription.c.next_due <= as_of)
    columns = subscription.c
    query = select(columns.id, columns.settled_through, columns.touched_from, columns.next_due)
    query = query.where(due, columns.id > after_id).order_by(columns.id).limit(limit)
    rows = db.connection.execute(query).all()
    records = load_many(db, [row.id for row in rows])
    return [
        Due(
            records[row.id],
            None if row.settled_through is None else SettledState(row.settled_through, row.touched_from),
            row.next_due,
        )
        for row in rows
    ]


def load_to_refresh(db: Db, limit: int = 1_000) -> list[Subscription]:
    """Give contracts whose standing changes by itself today or earlier, such as a start that has come."""
    query = select(*_READ).where(subscription.c.refresh_on <= db.today).order_by(subscription.c.id).limit(limit)
    return list(_records(db, db.connection.execute(query).all()).values())


def load_on_versions(db: Db, version_ids: Sequence[int]) -> list[Subscription]:
    """Give contracts that have an entry with one of these plan versions."""
    entry = subscription_entry.c
    found = bulk.rows_in(db, select(entry.subscription_id).distinct(), entry.plan_version_id, version_ids)
    return list(load_many(db, [row.subscription_id for row in found]).values())


def load_of_customers(db: Db, customer_ids: Iterable[int]) -> list[Subscription]:
    """Give the contracts of some customers that have not ended."""
    running = select(*_READ).where(subscription.c.state != SubscriptionState.ENDED).order_by(subscription.c.id)
    return list(_records(db, list(bulk.rows_in(db, running, subscription.c.customer_id, customer_ids))).values())


def load_with_index(db: Db, code: str) -> list[Subscription]:
    """Give contracts whose terms or renewals rise with an index."""
    entry = subscription_entry.c
    part = f'"index":{json.dumps(code, ensure_ascii=False)}'
    told = [type_coerce(column, Text).contains(part, autoescape=True) for column in (entry.term, entry.uplift)]
    found = db.connection.scalars(select(entry.subscription_id).distinct().where(or_(*told)))
    return list(load_many(db, found.all()).values())


def all_numbers(db: Db) -> list[str]:
    """Give every contract number in use."""
    return list(db.connection.scalars(select(subscription.c.number)))


def load_next_due(db: Db, subscription_id: int) -> date | None:
    """Give the day on which billing says a contract falls due next."""
    return db.connection.scalar(select(subscription.c.next_due).where(subscription.c.id == subscription_id))


def delete_revocations(db: Db, entry_ids: Sequence[int]) -> None:
    """Let entries count again, as only the undo of the import that revoked them may."""
    bulk.delete_rows(db, subscription_revocation.c.entry_id, entry_ids)


def owners_of(db: Db, entry_ids: Iterable[int]) -> dict[int, int]:
    """Give the contract of each entry."""
    query = select(subscription_entry.c.id, subscription_entry.c.subscription_id)
    return {row.id: row.subscription_id for row in bulk.rows_in(db, query, subscription_entry.c.id, entry_ids)}


def not_revoked(db: Db, entry_ids: Sequence[int]) -> list[int]:
    """Give those entries that still count."""
    query = select(subscription_revocation.c.entry_id)
    revoked = {row.entry_id for row in bulk.rows_in(db, query, subscription_revocation.c.entry_id, entry_ids)}
    return [entry_id for entry_id in entry_ids if entry_id not in revoked]
