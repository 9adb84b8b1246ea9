"""State of the catalog screen: the tab, the filter, the record beside the list, and what forms offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from billdesk.domain.catalog import Catalog, Plan, PlanVersion, Price, PriceTerms, Product
from billdesk.domain.conversion import terms_to_convert
from billdesk.domain.rating import plain_terms
from billdesk.domain.usage import Metric
from billdesk.kernel.errors import BillDeskError
from billdesk.services import catalog, entities, taxes, usage
from billdesk.services.catalog import CatalogFilter, PlanCard
from billdesk.services.plan_preview import Publication, preview_publication
from billdesk.ui.core.tasks import OwnedTasks
from billdesk.ui.screens.catalog.catalog_lists import counts_of

Then = Callable[[], object]
Failed = Callable[[BillDeskError], object]
Record = Product | Price | Plan | Metric


@dataclass(frozen=True, slots=True)
class Facts:
    """What panels and forms know besides their record: all that is sold, and what can be chosen."""

    prices: Mapping[int, Price] = field(default_factory=dict)
    products: Mapping[int, Product] = field(default_factory=dict)
    metrics: Mapping[int, Metric] = field(default_factory=dict)
    sold: frozenset[int] = frozenset()
    tax_classes: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    converted: Mapping[int, tuple[PriceTerms, ...]] = field(default_factory=dict)
    today: date = date.min


def load_facts(db: Any) -> Facts:  # noqa: ANN401 - the lane's Db
    """Read the whole catalogue, which is small beside everything else."""
    found = catalog.load_catalog(db)
    sold = {terms.currency: None for price in found.prices.values() for terms in price.terms}
    own = {entity.currency: None for entity in entities.list_entities(db)}
    return Facts(
        prices=found.prices,
        products=found.products,
        metrics=found.metrics,
        sold=frozenset(catalog.sold_prices(found)),
        tax_classes=tuple(sorted({rate.tax_class for rate in taxes.list_tax_rates(db)})),
        currencies=tuple({**own, **sold}),
        converted={price.id: converted_today(found, price, db.today) for price in found.prices.values()},
        today=db.today,
    )


def converted_today(catalog: Catalog, price: Price, today: date) -> tuple[PriceTerms, ...]:
    """Give what a price comes to today in the currencies of contracts that it has no amounts in."""
    if price.conversion is None:
        return ()
    wanted = sorted(code for code in catalog.shelf.rates if price.terms_in(code) is None)
    marked = [terms for code in wanted if (terms := terms_to_convert(price, code)) is not None]
    known = (plain_terms(catalog, price, terms, today) for terms in marked)
    return tuple(terms for terms in known if terms.conversion is None)


_CREATE: Mapping[type, Callable[..., Any]] = {
    Product: catalog.create_product,
    Price: catalog.create_price,
    Plan: catalog.create_plan,
    Metric: usage.create_metric,
}
_CHANGE: Mapping[type, Callable[..., Any]] = {
    Product: catalog.update_product,
    Price: catalog.update_price,
    Plan: catalog.update_plan,
    Metric: usage.change_metric,
}


class CatalogPresenter:
    """Reads facts and plans, and gives the commands of the screen."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self.tab = "plans"
        self.filter = CatalogFilter()
        self.counts: dict[str, int] = {}
        self.facts = Facts()
        self.plan: PlanCard | None = None

    def search(self, words: str) -> None:
        """Show records in which these words are found."""
        self.filter = replace(self.filter, search=words)

    def show_archived(self, *, archived: bool) -> None:
        """Show archived records too, or not."""
        self.filter = replace(self.filter, archived=None if archived else False)

    def load_counts(self, then: Then) -> None:
        """Count what each tab holds."""

        def take(found: dict[str, int]) -> None:
            self.counts = found
            then()

        self._tasks.query(counts_of, then=take, latest="counts")

    def load_facts(self, then: Then) -> None:
        """Read what panels and forms know."""

        def take(found: Facts) -> None:
            self.facts = found
            then()

        self._tasks.query(load_facts, then=take, latest="facts")

    def load_plan(self, plan_id: int, then: Then) -> None:
        """Read a plan with its versions, after the catalogue that names their prices."""

        def take(found: PlanCard) -> None:
            self.plan = found
            then()

        self._tasks.query(load_facts, then=self._take_facts, latest="facts")
        self._tasks.query(catalog.load_plan_card, plan_id, then=take, latest="plan")

    def save(self, record: Record, then: Callable[[object], object], failed: Failed) -> None:
        """Add a record (id 0), or change one."""
        commands = _CHANGE if record.id else _CREATE
        self._tasks.command(commands[type(record)], record, then=then, failed=failed)

    def save_version(self, version: PlanVersion, then: Callable[[object], object], failed: Failed) -> None:
        """Add a draft of a plan version (id 0), or change one."""
        command = catalog.change_version if version.id else catalog.create_version
        self._tasks.command(command, version, then=then, failed=failed)

    def approve(self, version_id: int) -> None:
        """Mark a draft as seen and agreed."""
        self._tasks.command(catalog.approve_version, version_id)

    def publish(self, version_id: int, then: Callable[[object], object]) -> None:
        """Make an approved version live and move contracts as it says."""
        self._tasks.command(catalog.publish_version, version_id, then=then)

    def retire(self, version_id: int) -> None:
        """Stop selling a live version."""
        self._tasks.command(catalog.retire_version, version_id)

    def delete_version(self, version_id: int) -> None:
        """Throw a draft away."""
        self._tasks.command(catalog.delete_version, version_id)

    def delete_metric(self, metric_id: int, then: Callable[[object], object]) -> None:
        """Delete a metric that nothing uses."""
        self._tasks.command(usage.delete_metric, metric_id, then=then)

    def preview(self, version_id: int, then: Callable[[Publication], object]) -> None:
        """Work out what publishing a version would do."""
        self._tasks.query(preview_publication, version_id, then=then, latest="publication")

    def _take_facts(self, found: Facts) -> None:
        self.facts = found


def draft_of(card: PlanCard, today: date) -> PlanVersion | None:
    """Give the draft a next version begins with: the live version, or the newest, from today; None without any."""
    if not card.versions:
        return None
    live = [one for one in card.versions if one.state.value == "live"]
    return replace((live or list(card.versions))[-1], id=0, effective=today, note="", owner="", approver="")
