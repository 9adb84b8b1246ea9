"""Lists of products, prices and plans: filtered, sorted and paged in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, select, true

from billdesk.domain.catalog import QuantitySource, VersionState
from billdesk.domain.subscriptions import SubscriptionState
from billdesk.kernel.period import Interval
from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.search import contains
from billdesk.storage.tables.catalog import plan, plan_item, plan_version, price, price_terms, product
from billdesk.storage.tables.subscriptions import subscription


class CatalogSort(StrEnum):
    """What lists of the catalogue can be sorted by."""

    CODE = "code"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class CatalogFilter:
    """Which products, prices or plans a list shows; `archived` None shows both. `search` is words a person typed."""

    search: str = ""
    archived: bool | None = False


@dataclass(frozen=True, slots=True)
class Page:
    """The order of a list and the part of it that is shown."""

    sort: CatalogSort = CatalogSort.CODE
    descending: bool = False
    offset: int = 0
    limit: int = 100


FIRST_PAGE = Page()


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What the list shows of a product."""

    id: int
    code: str
    name: str
    tax_class: str
    unit_code: str
    revenue_account: str
    archived: bool
    prices: int


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What the list shows of a price."""

    id: int
    code: str
    name: str
    product_code: str
    product_name: str
    model: str
    interval: Interval | None
    quantity_source: QuantitySource
    currencies: tuple[str, ...]
    plans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What the list shows of a plan: its newest live version (or newest at all) and who is on it.

    `subscriptions` counts contracts that have not ended; `mrr_minor` is their monthly revenue by currency.
    """

    id: int
    code: str
    name: str
    archived: bool
    versions: int
    number: int | None
    state: VersionState | None
    effective: date | None
    subscriptions: int
    mrr_minor: tuple[tuple[str, int], ...]


def _page(db: Db, table: Table, wanted: CatalogFilter, page: Page) -> Sequence[Any]:
    column = table.c[page.sort.value]
    order = (column.desc(), table.c.id.desc()) if page.descending else (column, table.c.id)
    query = select(table).where(_conditions(table, wanted)).order_by(*order).offset(page.offset).limit(page.limit)
    return db.connection.execute(query).all()


def _conditions(table: Table, wanted: CatalogFilter) -> ColumnElement[bool]:
    kept: ColumnElement[bool] = true()
    if "archived" in table.c and wanted.archived is not None:
        kept = table.c.archived == wanted.archived
    return and_(contains(table.c.search_text, wanted.search), kept)


def _count(db: Db, table: Table, wanted: CatalogFilter) -> int:
    return db.connection.scalar(select(func.count()).select_from(table).where(_conditions(table, wanted))) or 0


def count_products(db: Db, wanted: CatalogFilter) -> int:
    """Give how many products a filter leaves."""
    return _count(db, product, wanted)


def count_prices(db: Db, wanted: CatalogFilter) -> int:
    """Give how many prices a filter leaves."""
    return _count(db, price, wanted)


def count_plans(db: Db, wanted: CatalogFilter) -> int:
    """Give how many plans a filter leaves."""
    return _count(db, plan, wanted)


def list_products(db: Db, wanted: CatalogFilter, page: Page) -> list[ProductRow]:
    """Give one page of products."""
    rows = _page(db, product, wanted, page)
    query = select(price.c.product_id, func.count().label("prices")).group_by(price.c.product_id)
    counts = {row.product_id: row.prices for row in bulk.rows_in(db, query, price.c.product_id, [r.id for r in rows])}
    names = "id code name tax_class unit_code revenue_account archived".split()
    return [ProductRow(**{n: getattr(row, n) for n in names}, prices=counts.get(row.id, 0)) for row in rows]


def list_prices(db: Db, wanted: CatalogFilter, page: Page) -> list[PriceRow]:
    """Give one page of prices."""
    rows = _page(db, price, wanted, page)
    ids = [row.id for row in rows]
    products = bulk.rows_in(db, select(product), product.c.id, [row.product_id for row in rows])
    by_id = {row.id: row for row in products}
    currencies, plans = _currencies(db, ids), _plans(db, ids)
    return [
        PriceRow(
            id=row.id,
            code=row.code,
            name=row.name,
            product_code=by_id[row.product_id].code,
            product_name=by_id[row.product_id].name,
            model=row.model,
            interval=Interval(row.interval_unit, row.interval_count) if row.interval_unit else None,
            quantity_source=row.quantity_source,
            currencies=tuple(currencies.get(row.id, ())),
            plans=tuple(plans.get(row.id, ())),
        )
        for row in rows
    ]


def _currencies(db: Db, price_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(price_terms.c.price_id, price_terms.c.currency).order_by(price_terms.c.id)
    for row in bulk.rows_in(db, query, price_terms.c.price_id, price_ids):
        found[row.price_id].append(row.currency)
    return found


def _plans(db: Db, price_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(plan_item.c.price_id, plan.c.code)
        .distinct()
        .join(plan_version, plan_version.c.id == plan_item.c.plan_version_id)
        .join(plan, plan.c.id == plan_version.c.plan_id)
        .order_by(plan_item.c.price_id, plan.c.code)
    )
    for row in bulk.rows_in(db, query, plan_item.c.price_id, price_ids):
        found[row.price_id].append(row.code)
    return found


def list_plans(db: Db, wanted: CatalogFilter, page: Page) -> list[PlanRow]:
    """Give one page of plans."""
    rows = _page(db, plan, wanted, page)
    ids = [row.id for row in rows]
    versions: dict[int, list[Any]] = defaultdict(list)
    query = select(plan_version).order_by(plan_version.c.plan_id, plan_version.c.number)
    for row in bulk.rows_in(db, query, plan_version.c.plan_id, ids):
        versions[row.plan_id].append(row)
    on_plan = _on_plan(db, ids)
    return [_plan_row(row, versions.get(row.id, []), on_plan.get(row.id, [])) for row in rows]


def _plan_row(row: Any, versions: list[Any], on_plan: list[tuple[str, int, int]]) -> PlanRow:  # noqa: ANN401 - rows
    live = [version for version in versions if version.state is VersionState.LIVE]
    newest = (live or versions or [None])[-1]
    return PlanRow(
        id=row.id,
        code=row.code,
        name=row.name,
        archived=row.archived,
        versions=len(versions),
        number=newest.number if newest else None,
        state=newest.state if newest else None,
        effective=newest.effective if newest else None,
        subscriptions=sum(n for _currency, n, _mrr in on_plan),
        mrr_minor=tuple((currency, mrr) for currency, _n, mrr in on_plan if mrr),
    )


def _on_plan(db: Db, ids: list[int]) -> dict[int, list[tuple[str, int, int]]]:
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    columns = subscription.c
    query = (
        select(columns.plan_id, columns.currency, func.count(), func.sum(columns.mrr_minor))
        .where(columns.state != SubscriptionState.ENDED)
        .group_by(columns.plan_id, columns.currency)
        .order_by(columns.plan_id, columns.currency)
    )
    for plan_id, currency, contracts, mrr in bulk.rows_in(db, query, columns.plan_id, ids):
        found[plan_id].append((currency, contracts, int(mrr)))
    return found
