"""Contracts reduced to what matching usage needs, for ten thousand names in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, select

from billdesk.domain.metering import Contract, ContractEntry
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.catalog import plan_item, price
from billdesk.storage.tables.customers import customer
from billdesk.storage.tables.entities import entity
from billdesk.storage.tables.subscriptions import subscription, subscription_entry, subscription_revocation


def by_number(db: Db, numbers: Iterable[str]) -> dict[str, Contract]:
    """Give contracts by their number."""
    return {contract.number: contract for contract in _load(db, subscription.c.number, numbers)}


def by_customer(db: Db, numbers: Iterable[str]) -> dict[str, list[Contract]]:
    """Give the contracts of customers by the customer's number; a customer without contracts has an empty list."""
    wanted = list(numbers)
    found: dict[str, list[Contract]] = {
        row.number: [] for row in bulk.rows_in(db, select(customer.c.number), customer.c.number, wanted)
    }
    for contract in _load(db, customer.c.number, wanted):
        found[contract.customer].append(contract)
    return found


def _load(db: Db, column: Column[Any], values: Iterable[str]) -> list[Contract]:
    query = select(
        subscription.c.id, subscription.c.number, customer.c.number.label("customer"), entity.c.time_zone
    ).select_from(
        subscription.join(customer, customer.c.id == subscription.c.customer_id).join(
            entity, entity.c.id == subscription.c.entity_id
        )
    )
    rows = list(bulk.rows_in(db, query, column, values))
    entries = _entries(db, [row.id for row in rows])
    zones = {row.time_zone: ZoneInfo(row.time_zone) for row in rows}
    return [Contract(row.id, row.number, row.customer, zones[row.time_zone], tuple(entries[row.id])) for row in rows]


def _entries(db: Db, ids: Sequence[int]) -> defaultdict[int, list[ContractEntry]]:
    versions, prices = _metrics_of_versions(db), _metrics_of_prices(db)
    c = subscription_entry.c
    query = (
        select(c.subscription_id, c.kind, c.effective, c.plan_version_id, c.quantities)
        .outerjoin(subscription_revocation, subscription_revocation.c.entry_id == c.id)
        .where(subscription_revocation.c.entry_id.is_(None))
        .order_by(c.subscription_id, c.effective, c.recorded_at, c.id)
    )
    found: defaultdict[int, list[ContractEntry]] = defaultdict(list)
    for subscription_id, kind, effective, version_id, quantities in bulk.rows_in(db, query, c.subscription_id, ids):
        metrics = versions[version_id]
        if quantities:
            # Prices that an entry names by quantity may be add-ons beside the plan.
            metrics |= {prices[key] for key in map(int, quantities) if key in prices}
        found[subscription_id].append(ContractEntry(kind, effective, metrics))
    return found


def _metrics_of_prices(db: Db) -> dict[int, int]:
    query = select(price.c.id, price.c.metric_id).where(price.c.metric_id.is_not(None))
    return {row.id: row.metric_id for row in db.connection.execute(query)}


def _metrics_of_versions(db: Db) -> defaultdict[int | None, frozenset[int]]:
    query = (
        select(plan_item.c.plan_version_id, price.c.metric_id)
        .join(price, price.c.id == plan_item.c.price_id)
        .where(price.c.metric_id.is_not(None))
    )
    found: defaultdict[int | None, frozenset[int]] = defaultdict(frozenset)
    for row in db.connection.execute(query):
        found[row.plan_version_id] |= {row.metric_id}
    return found
