"""The catalogue between its tables and its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, Table, select

from billdesk.domain.catalog import (
    Catalog,
    Commitment,
    Conversion,
    Ending,
    Plan,
    PlanItem,
    PlanVersion,
    Price,
    PriceTerms,
    Product,
    VersionState,
)
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import NotFound, StaleRecord
from billdesk.kernel.period import Interval, Unit
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.indexes import list_indexes
from billdesk.storage.price_books import load_shelf
from billdesk.storage.search import fold
from billdesk.storage.tables.catalog import plan, plan_item, plan_version, price, price_terms, product
from billdesk.storage.usage.metrics import list_metrics

Sellable = Product | Price | Plan

_PRODUCT = "code name names description tax_class unit_code revenue_account recognition archived version".split()
_PRICE = (
    "code product_id name names model timing quantity_source metric_id proration proration_days tax_inclusive"
    " skip_zero bill_in_trial grace_days late_usage days_before tiers_restart version"
).split()
_PLAN = "code name names description archived version".split()
_VERSION = "plan_id number state effective running_policy trial_days owner approver note".split()


def _stamp(db: Db, *words: str) -> dict[str, object]:
    return {"search_text": fold(*words), "changed_at": db.now, "changed_by": db.user}


def _product_values(db: Db, record: Product) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _PRODUCT}
    return values | {"names": dict(record.names)} | _stamp(db, record.code, record.name, record.description)


def _price_values(db: Db, record: Price) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _PRICE}
    interval = record.interval
    rhythm = {
        "interval_unit": interval.unit if interval else None,
        "interval_count": interval.count if interval else None,
        "convert_from": record.conversion.base if record.conversion else None,
        "ending": record.conversion.ending if record.conversion else None,
    }
    return values | rhythm | {"names": dict(record.names)} | _stamp(db, record.code, record.name)


def _plan_values(db: Db, record: Plan) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _PLAN}
    return values | {"names": dict(record.names)} | _stamp(db, record.code, record.name, record.description)


def _values(db: Db, record: Sellable) -> tuple[Table, dict[str, object]]:
    if isinstance(record, Product):
        return product, _product_values(db, record)
    if isinstance(record, Price):
        return price, _price_values(db, record)
    return plan, _plan_values(db, record)


def insert_many(db: Db, records: Sequence[Sellable]) -> dict[str, int]:
    """Insert products, prices (with their terms) or plans, all of one kind; gives their ids by code."""
    if not records:
        return {}
    table = _values(db, records[0])[0]
    bulk.insert_rows(db, table, [_values(db, record)[1] for record in records])
    ids = bulk.ids_by(db, table.c.code, [record.code for record in records])
    insert_terms(db, [(ids[record.code], terms) for record in records for terms in _terms_of(record)])
    return ids


def _terms_of(record: Sellable) -> tuple[PriceTerms, ...]:
    return record.terms if isinstance(record, Price) else ()


def insert_terms(db: Db, terms: Sequence[tuple[int, PriceTerms]]) -> None:
    """Insert terms with the price each belongs to."""
    rows = [
        {
            "price_id": price_id,
            "currency": one.currency,
            "parameters": dict(one.parameters),
            "minimum": one.minimum,
            "maximum": one.maximum,
        }
        for price_id, one in terms
    ]
    bulk.insert_rows(db, price_terms, rows)


def update(db: Db, record: Sellable) -> None:
    """Write a product, price or plan; raises StaleRecord when it was changed since it was read.

    Of a price, only currencies whose terms differ are rewritten: the database refuses those of a live plan.
    """
    table, values = _values(db, replace(record, version=record.version + 1))
    changed = db.connection.execute(
        table.update().where(table.c.id == record.id, table.c.version == record.version).values(values)
    )
    if changed.rowcount == 0:
        _refuse(db, table, record)
    if isinstance(record, Price):
        _rewrite_terms(db, record)


def _refuse(db: Db, table: Table, record: Sellable) -> None:
    found = db.connection.execute(
        select(table.c.changed_by, table.c.changed_at).where(table.c.id == record.id)
    ).one_or_none()
    if found is None:
        raise NotFound("catalog", record.code)
    raise StaleRecord("catalog", record.code, found.changed_by, found.changed_at.isoformat())


def _rewrite_terms(db: Db, record: Price) -> None:
    stored = {terms.currency: terms for terms in load_prices(db, [record.id])[record.id].terms}
    wanted = {terms.currency: terms for terms in record.terms}
    changed = [currency for currency, terms in stored.items() if wanted.get(currency) != terms]
    for currency in changed:
        db.connection.execute(
            price_terms.delete().where(price_terms.c.price_id == record.id, price_terms.c.currency == currency)
        )
    new = [terms for currency, terms in wanted.items() if stored.get(currency) != terms]
    insert_terms(db, [(record.id, terms) for terms in new])


def _version_values(record: PlanVersion) -> dict[str, object]:
    values = {name: getattr(record, name) for name in _VERSION}
    committed = record.commitment
    if committed is None:
        return values | {"commitment": None}
    interval, amounts = committed.interval, {code: to_text(amount) for code, amount in committed.amounts}
    return values | {"commitment": {"unit": interval.unit.value, "count": interval.count, "amounts": amounts}}


def _commitment(stored: Mapping[str, Any] | None) -> Commitment | None:
    if stored is None:
        return None
    amounts = tuple((code, from_text(amount)) for code, amount in stored["amounts"].items())
    return Commitment(Interval(Unit(stored["unit"]), stored["count"]), amounts)


def insert_versions(db: Db, records: Sequence[PlanVersion]) -> list[int]:
    """Insert plan versions with their items; gives their ids in order."""
    rows = [_version_values(record) for record in records]
    # Items may only be written while a version is a draft.
    bulk.insert_rows(db, plan_version, [row | {"state": VersionState.DRAFT} for row in rows])
    query = select(plan_version.c.id, plan_version.c.plan_id, plan_version.c.number)
    found = bulk.rows_in(db, query, plan_version.c.plan_id, {record.plan_id for record in records})
    ids = {(row.plan_id, row.number): row.id for row in found}
    ordered = [ids[record.plan_id, record.number] for record in records]
    _insert_items(db, [(key, record.items) for key, record in zip(ordered, records, strict=True)])
    states = [{"id": key, "state": record.state} for key, record in zip(ordered, records, strict=True)]
    bulk.update_rows(db, plan_version, states)
    return ordered


def _insert_items(db: Db, versions: Iterable[tuple[int, tuple[PlanItem, ...]]]) -> None:
    rows = [
        {"plan_version_id": key, "price_id": item.price_id, "position": position, "quantity": item.quantity}
        for key, items in versions
        for position, item in enumerate(items)
    ]
    bulk.insert_rows(db, plan_item, rows)


def update_version(db: Db, record: PlanVersion, *, items: bool) -> None:
    """Write a plan version, with its items when asked (the database refuses that once it is live)."""
    values = _version_values(record)
    db.connection.execute(plan_version.update().where(plan_version.c.id == record.id).values(values))
    if items:
        bulk.delete_rows(db, plan_item.c.plan_version_id, [record.id])
        _insert_items(db, [(record.id, record.items)])


def delete_versions(db: Db, ids: Sequence[int]) -> None:
    """Delete plan versions that no contract entry names; the database refuses others."""
    bulk.update_rows(db, plan_version, [{"id": key, "state": VersionState.DRAFT} for key in ids])
    bulk.delete_rows(db, plan_item.c.plan_version_id, ids)
    bulk.delete_rows(db, plan_version.c.id, ids)


def delete_many(db: Db, table_name: str, ids: Sequence[int]) -> None:
    """Delete products, prices or plans (by table name) that nothing points to."""
    table = {"product": product, "price": price, "plan": plan}[table_name]
    if table is price:
        bulk.delete_rows(db, price_terms.c.price_id, ids)
    bulk.delete_rows(db, table.c.id, ids)


def _by_id(db: Db, query: Select[Any], table: Table, ids: Iterable[int] | None) -> list[Any]:
    if ids is not None:
        return list(bulk.rows_in(db, query, table.c.id, ids))
    return list(db.connection.execute(query))


def load_products(db: Db, ids: Iterable[int] | None = None) -> dict[int, Product]:
    """Give products by id, all without `ids`."""
    rows = _by_id(db, select(product).order_by(product.c.code), product, ids)
    return {row.id: Product(id=row.id, **{name: getattr(row, name) for name in _PRODUCT}) for row in rows}


def load_prices(db: Db, ids: Iterable[int] | None = None) -> dict[int, Price]:
    """Give prices with their terms by id, all without `ids`."""
    rows = _by_id(db, select(price).order_by(price.c.code), price, ids)
    terms = _terms(db, None if ids is None else [row.id for row in rows])
    return {
        row.id: Price(
            id=row.id,
            interval=Interval(row.interval_unit, row.interval_count) if row.interval_unit else None,
            terms=tuple(terms.get(row.id, ())),
            conversion=Conversion(row.convert_from, row.ending or Ending.WHOLE) if row.convert_from else None,
            **{name: getattr(row, name) for name in _PRICE},
        )
        for row in rows
    }


def _terms(db: Db, price_ids: Sequence[int] | None) -> dict[int, list[PriceTerms]]:
    query = select(price_terms).order_by(price_terms.c.price_id, price_terms.c.id)
    found: dict[int, list[PriceTerms]] = defaultdict(list)
    rows: Iterable[Any]
    if price_ids is None:
        rows = db.connection.execute(query)
    else:
        rows = bulk.rows_in(db, query, price_terms.c.price_id, price_ids)
    for row in rows:
        found[row.price_id].append(PriceTerms(row.currency, row.parameters, row.minimum, row.maximum))
    return found


def load_plans(db: Db, ids: Iterable[int] | None = None) -> dict[int, Plan]:
    """Give plans by id, all without `ids`."""
    rows = _by_id(db, select(plan).order_by(plan.c.code), plan, ids)
    return {row.id: Plan(id=row.id, **{name: getattr(row, name) for name in _PLAN}) for row in rows}


def load_versions(db: Db, ids: Iterable[int] | None = None, *, plan_id: int | None = None) -> dict[int, PlanVersion]:
    """Give plan versions with their items by id, all without `ids`, or those of one plan."""
    query = select(plan_version).order_by(plan_version.c.plan_id, plan_version.c.number)
    if plan_id is not None:
        query = query.where(plan_version.c.plan_id == plan_id)
    rows = _by_id(db, query, plan_version, ids)
    in_order = select(plan_item).order_by(plan_item.c.plan_version_id, plan_item.c.position)
    items: dict[int, list[PlanItem]] = defaultdict(list)
    for row in bulk.rows_in(db, in_order, plan_item.c.plan_version_id, [row.id for row in rows]):
        items[row.plan_version_id].append(PlanItem(row.price_id, row.quantity))
    return {
        row.id: PlanVersion(
            id=row.id,
            items=tuple(items.get(row.id, ())),
            commitment=_commitment(row.commitment),
            **{name: getattr(row, name) for name in _VERSION},
        )
        for row in rows
    }


def load_catalog(db: Db) -> Catalog:
    """Give all that is sold as the engine's look-up, in twelve queries; share one per run."""
    prices = load_prices(db)
    return Catalog(
        prices=prices,
        products=load_products(db),
        plan_versions=load_versions(db),
        metrics={metric.id: metric for metric in list_metrics(db)},
        plans=load_plans(db),
        shelf=load_shelf(db, prices),
        indexes={index.code: index for index in list_indexes(db)},
    )
