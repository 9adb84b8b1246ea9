"""The book as it will be while a file is checked: what is stored, and what earlier sheets of the file bring."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import count

from billdesk.domain.catalog import Catalog, Plan, PlanVersion, Price, Product
from billdesk.domain.contract_terms import PriceIndex
from billdesk.domain.customers import Customer
from billdesk.domain.entities import Entity
from billdesk.domain.usage import Metric
from billdesk.kernel.errors import RuleBroken
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import entities
from billdesk.storage.database import Db


class Staged:
    """Look-ups by the codes that files use. What is not stored yet has a negative id until it is applied."""

    def __init__(self, db: Db, entity_id: int | None = None) -> None:
        self.db = db
        self.customers: dict[str, Customer] = {}
        self._entity_id = entity_id
        self._looked_up: set[str] = set()
        self._stored: dict[tuple[str, int], int] = {}
        self._temporary = count(-1, -1)

    def temporary_id(self) -> int:
        """Give an id for a record that is not stored yet."""
        return next(self._temporary)

    def stored(self, table: str, temporary: int, real: int) -> None:
        """Say which id a record got."""
        self._stored[table, temporary] = real

    def real_id(self, table: str, known: int) -> int:
        """Give the stored id of a record that may have been staged."""
        return known if known > 0 else self._stored[table, known]

    @cached_property
    def entities(self) -> dict[str, Entity]:
        """Companies by code."""
        return {entity.code: entity for entity in entities.list_entities(self.db)}

    @cached_property
    def entity(self) -> Entity:
        """The company that new customers and contracts belong to when the file does not say.

        Raises RuleBroken `company_missing` when there is none.
        """
        found = [e for e in self.entities.values() if self._entity_id in {None, e.id}]
        if not found:
            raise RuleBroken("company_missing")
        return found[0]

    @cached_property
    def _records(self) -> Catalog:
        return catalogue.load_catalog(self.db)

    @cached_property
    def products(self) -> dict[str, Product]:
        """Products by code."""
        return {product.code: product for product in self._records.products.values()}

    @cached_property
    def prices(self) -> dict[str, Price]:
        """Prices by code."""
        return {price.code: price for price in self._records.prices.values()}

    @cached_property
    def indexes(self) -> dict[str, PriceIndex]:
        """Price indexes by code, with their figures."""
        return dict(self._records.indexes)

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Metrics by code."""
        return {metric.code: metric for metric in self._records.metrics.values()}

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """Plans by code."""
        return {plan.code: plan for plan in self._records.plans.values()}

    @cached_property
    def versions(self) -> dict[tuple[str, int], PlanVersion]:
        """Plan versions by plan code and number."""
        codes = {plan.id: plan.code for plan in self._records.plans.values()}
        return {(codes[v.plan_id], v.number): v for v in self._records.plan_versions.values()}

    def look_up_customers(self, numbers: Iterable[str]) -> None:
        """Read customers that are not known yet."""
        unknown = set(numbers) - self._looked_up
        self._looked_up |= unknown
        for number, record in parties.load_by_numbers(self.db, unknown).items():
            self.customers.setdefault(number, record)

    def catalog(self) -> Catalog:
        """Give all that is sold as it will be, for the engine."""
        return Catalog(
            prices={price.id: price for price in self.prices.values()},
            products={product.id: product for product in self.products.values()},
            plan_versions={version.id: version for version in self.versions.values()},
            metrics={metric.id: metric for metric in self.metrics.values()},
            plans={plan.id: plan for plan in self.plans.values()},
            shelf=self._records.shelf,
            indexes=self.indexes,
        )
