"""What people do with the catalogue: products, prices, plans, and plan versions from draft to live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from billdesk.domain.catalog import (
    Catalog,
    Commitment,
    Plan,
    PlanVersion,
    Price,
    PriceTerms,
    Product,
    QuantitySource,
    Shelf,
    VersionState,
)
from billdesk.domain.conversion import check_conversion, conversion_rate, converted_terms
from billdesk.domain.price_books import terms_on
from billdesk.domain.rating import charge_models, check_terms
from billdesk.domain.tariffs import ChargeModel
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.services import audit
from billdesk.services.identifiers import currencies
from billdesk.services.plan_changes import move_running
from billdesk.services.result import Result
from billdesk.storage import catalog as storage
from billdesk.storage import catalog_lists as lists
from billdesk.storage.catalog_lists import (
    FIRST_PAGE,
    CatalogFilter,
    CatalogSort,
    Page,
    PlanRow,
    PriceRow,
    ProductRow,
)
from billdesk.storage.database import Db
from billdesk.storage.price_books import load_rates
from billdesk.storage.subscription_lists import count_by_version

__all__ = [
    "FIRST_PAGE",
    "CatalogFilter",
    "CatalogSort",
    "Page",
    "PlanRow",
    "PriceRow",
    "ProductRow",
]

EVERYTHING = CatalogFilter()
_CHANGED = frozenset({Noun.CATALOG})
_CHARGING = (
    "product_id model interval timing quantity_source metric_id proration proration_days tax_inclusive"
    " skip_zero bill_in_trial days_before tiers_restart"
).split()


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan with its versions, oldest first, and how many running contracts are on each version id."""

    plan: Plan
    versions: tuple[PlanVersion, ...]
    on_version: dict[int, int]


@dataclass(frozen=True, slots=True)
class PriceCard:
    """A price and the names of the books that give it other amounts."""

    price: Price
    books: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One difference between two plan versions; `what` is added, removed, quantity, effective or trial_days."""

    what: str
    price_id: int | None
    before: str
    after: str


# Products and plans


def _code_problems(record: Product | Price | Plan) -> list[Problem]:
    names = ("code", "name")
    return [Problem("value_missing", Place(field=name)) for name in names if not getattr(record, name).strip()]


def _create(db: Db, record: Product | Price | Plan, problems: list[Problem], taken: set[str]) -> int:
    problems = _code_problems(record) + problems
    if record.code in taken:
        problems.append(Problem("already_used", Place(field="code"), record.code))
    if problems:
        raise RowsRejected(tuple(problems))
    new_id = storage.insert_many(db, [record])[record.code]
    _record(db, f"create_{type(record).__name__.lower()}", new_id, record.code)
    return new_id


def _update(db: Db, record: Product | Price | Plan, problems: list[Problem]) -> None:
    problems = _code_problems(record) + problems
    if problems:
        raise RowsRejected(tuple(problems))
    storage.update(db, record)
    _record(db, f"update_{type(record).__name__.lower()}", record.id, record.code)


def _record(db: Db, command: str, subject: int, code: str) -> None:
    audit.record(db, command=command, noun=Noun.CATALOG, subject=str(subject), details={"code": code})


def create_product(db: Db, record: Product) -> Result[Product]:
    """Add a product (id 0); raises RowsRejected."""
    taken = {product.code for product in storage.load_products(db).values()}
    return Result(replace(record, id=_create(db, record, [], taken)), _CHANGED)


def update_product(db: Db, record: Product) -> Result[Product]:
    """Change a product; raises RowsRejected and StaleRecord."""
    _update(db, record, [])
    return Result(replace(record, version=record.version + 1), _CHANGED)


def create_plan(db: Db, record: Plan) -> Result[Plan]:
    """Add a plan (id 0), still without a version; raises RowsRejected."""
    taken = {plan.code for plan in storage.load_plans(db).values()}
    return Result(replace(record, id=_create(db, record, [], taken)), _CHANGED)


def update_plan(db: Db, record: Plan) -> Result[Plan]:
    """Change a plan's name, texts or archived mark; raises RowsRejected and StaleRecord."""
    _update(db, record, [])
    return Result(replace(record, version=record.version + 1), _CHANGED)


# Prices


def check_price(record: Price) -> list[Problem]:
    """Say what is wrong with a price's own fields and the parameters of its charge model."""
    return list(_price_problems(record))


def _price_problems(record: Price) -> Iterator[Problem]:
    if record.model not in charge_models():
        choices = ", ".join(model.key for model in charge_models())
        yield Problem("not_a_choice", Place(field="model"), record.model, (("choices", choices),))
        return
    if not record.terms:
        yield Problem("price_without_terms", Place(field="terms"), record.code)
    if record.quantity_source is QuantitySource.USAGE and record.metric_id is None:
        yield Problem("metric_missing", Place(field="metric"), record.code)
    for terms in record.terms:
        if terms.currency not in currencies():
            yield Problem("unknown_currency", Place(field="currency"), terms.currency)
        yield from check_terms(record.model, terms.parameters)
        if terms.minimum is not None and terms.maximum is not None and terms.maximum < terms.minimum:
            details = (("minimum", f"{terms.minimum:f}"),)
            yield Problem("maximum_below_minimum", Place(field="maximum"), f"{terms.maximum:f}", details)
    yield from check_conversion(record)


def create_price(db: Db, record: Price) -> Result[Price]:
    """Add a price (id 0) with its terms; raises RowsRejected with the place inside the parameters."""
    taken = {price.code for price in storage.load_prices(db).values()}
    return Result(replace(record, id=_create(db, record, check_price(record), taken)), _CHANGED)


def update_price(db: Db, record: Price) -> Result[Price]:
    """Change a price; how it charges is frozen once a live plan sells it, names and new currencies are not.

    Raises RowsRejected, StaleRecord, and RuleBroken `price_sold` with the plan version as the way out.
    """
    before = load_price(db, record.id)
    is_sold = record.id in sold_prices(storage.load_catalog(db))
    if is_sold and charges_otherwise(before, record):
        raise RuleBroken("price_sold", (("code", record.code),))
    _update(db, record, check_price(record) + (converted_before(before, record) if is_sold else []))
    return Result(replace(record, version=record.version + 1), _CHANGED)


def charges_otherwise(before: Price, after: Price) -> bool:
    """Tell whether a price would charge differently in a currency it already had."""
    kept = all(after.terms_in(terms.currency) == terms for terms in before.terms)
    if before.conversion is not None and after.conversion != before.conversion:
        return True
    return not kept or any(getattr(before, name) != getattr(after, name) for name in _CHARGING)


def converted_before(before: Price, after: Price) -> list[Problem]:
    """Refuse new currencies of a sold price that contracts in them are converted to."""
    if before.conversion is None:
        return []
    added = [terms.currency for terms in after.terms if before.terms_in(terms.currency) is None]
    return [Problem("currency_converted", Place(field="currency"), currency) for currency in added]


def sold_prices(catalog: Catalog) -> set[int]:
    """Give the prices that a live or retired plan version names."""
    sold = (VersionState.LIVE, VersionState.RETIRED)
    return {
        item.price_id for version in catalog.plan_versions.values() if version.state in sold for item in version.items
    }


def terms_today(db: Db, price_id: int, currency: str) -> PriceTerms:
    """Give what a price charges in a currency today, converted where it says so; raises NotFound and RuleBroken."""
    catalog = storage.load_catalog(db)
    price = catalog.prices.get(price_id)
    terms = None if price is None else terms_on(catalog, 0, price, currency, db.today)
    if price is None or terms is None:
        raise NotFound("catalog", f"{price.code if price else price_id} {currency}")
    if terms.conversion is None:
        return terms
    rates = load_rates(db, [terms.conversion.base, currency])
    return converted_terms(price.model, terms, conversion_rate(Shelf(rates=rates), price, terms, db.today))


def list_charge_models() -> list[ChargeModel]:
    """Give the charge models with the field specs of their forms."""
    return list(charge_models())


def load_price_card(db: Db, price_id: int) -> PriceCard:
    """Give one price with the names of the books that give it other amounts; raises NotFound."""
    shelf = storage.load_catalog(db).shelf
    books = {key for key, priced, _currency in shelf.terms if priced == price_id}
    return PriceCard(load_price(db, price_id), tuple(sorted(shelf.books[key].name for key in books)))


# Plan versions: draft → approved → live → retired


def create_version(db: Db, record: PlanVersion) -> Result[PlanVersion]:
    """Add the next version of a plan as a draft (its id and number are given here); raises RowsRejected."""
    versions = storage.load_versions(db, plan_id=record.plan_id)
    number = max((version.number for version in versions.values()), default=0) + 1
    draft = replace(record, number=number, state=VersionState.DRAFT, owner=record.owner or db.user, approver="")
    _require_items(db, draft)
    _require_future(db, draft, is_first=number == 1)
    made = replace(draft, id=storage.insert_versions(db, [draft])[0])
    _record(db, "create_version", made.id, str(number))
    return Result(made, _CHANGED)


def next_draft(db: Db, plan_id: int) -> PlanVersion:
    """Give what the next version begins with: the live one, or the newest, from today; an empty one without any."""
    versions = list(load_plan_card(db, plan_id).versions)
    live = [version for version in versions if version.state is VersionState.LIVE] or versions
    if not live:
        return PlanVersion(0, plan_id, 0, VersionState.DRAFT, db.today, ())
    return replace(live[-1], id=0, effective=db.today, owner="", approver="", note="")


def copy_version(db: Db, plan_id: int) -> Result[PlanVersion]:
    """Make a draft from the newest live version (or the newest there is), effective today, to be changed."""
    draft = next_draft(db, plan_id)
    if not draft.items:
        raise RuleBroken("plan_without_version")
    return create_version(db, draft)


def change_version(db: Db, record: PlanVersion) -> Result[PlanVersion]:
    """Change a draft; an approved version goes back to draft. Raises RuleBroken once it is live."""
    before = load_version(db, record.id)
    _require_state(before, VersionState.DRAFT, VersionState.APPROVED)
    draft = replace(
        record, plan_id=before.plan_id, number=before.number, state=VersionState.DRAFT, owner=before.owner, approver=""
    )
    _require_items(db, draft)
    _require_future(db, draft, is_first=draft.number == 1)
    storage.update_version(db, draft, items=True)
    _record(db, "change_version", draft.id, str(draft.number))
    return Result(draft, _CHANGED)


def approve_version(db: Db, version_id: int) -> Result[PlanVersion]:
    """Mark a draft as seen and agreed by the present user."""
    version = load_version(db, version_id)
    _require_state(version, VersionState.DRAFT)
    return _move(db, replace(version, state=VersionState.APPROVED, approver=db.user))


def publish_version(db: Db, version_id: int) -> Result[PlanVersion]:
    """Make an approved version live, retire the live one before it, and move running contracts as it says.

    Raises RuleBroken when it is not approved or starts in the past.
    """
    version = load_version(db, version_id)
    _require_state(version, VersionState.APPROVED)
    if version.effective < db.today:
        raise RuleBroken("version_in_past", (("date", version.effective.isoformat()),))
    _require_items(db, version)
    for other in storage.load_versions(db, plan_id=version.plan_id).values():
        if other.state is VersionState.LIVE:
            storage.update_version(db, replace(other, state=VersionState.RETIRED), items=False)
    done = _move(db, replace(version, state=VersionState.LIVE))
    move_running(db, done.value)
    return Result(done.value, frozenset({Noun.CATALOG, Noun.SUBSCRIPTIONS}))


def retire_version(db: Db, version_id: int) -> Result[PlanVersion]:
    """Stop selling a live version; contracts on it keep it."""
    version = load_version(db, version_id)
    _require_state(version, VersionState.LIVE)
    return _move(db, replace(version, state=VersionState.RETIRED))


def delete_version(db: Db, version_id: int) -> Result[None]:
    """Throw a draft away."""
    version = load_version(db, version_id)
    _require_state(version, VersionState.DRAFT, VersionState.APPROVED)
    storage.delete_versions(db, [version_id])
    _record(db, "delete_version", version_id, str(version.number))
    return Result(None, _CHANGED)


def _move(db: Db, version: PlanVersion) -> Result[PlanVersion]:
    storage.update_version(db, version, items=False)
    _record(db, f"{version.state.value}_version", version.id, str(version.number))
    return Result(version, _CHANGED)


def _require_state(version: PlanVersion, *states: VersionState) -> None:
    if version.state not in states:
        raise RuleBroken("version_state", (("number", str(version.number)), ("state", version.state.value)))


def _require_future(db: Db, version: PlanVersion, *, is_first: bool) -> None:
    """Refuse a version that starts in the past where it is entered; nobody can be on a plan's first one yet."""
    if version.effective < db.today and not is_first:
        raise RowsRejected((Problem("version_in_past", Place(field="effective"), version.effective.isoformat()),))


def _require_items(db: Db, version: PlanVersion) -> None:
    prices = storage.load_prices(db, [item.price_id for item in version.items])
    place = Place(field="items")
    problems = [Problem("value_missing", place)] if not version.items else []
    missing = [item.price_id for item in version.items if item.price_id not in prices]
    problems += [Problem("unknown_price", place, str(price_id)) for price_id in missing]
    negative = [item for item in version.items if item.quantity < 0]
    problems += [Problem("too_small", place, f"{item.quantity:f}", (("minimum", "0"),)) for item in negative]
    problems += currency_problems(list(prices.values()))
    problems += _commitment_problems(version, list(prices.values()))
    if problems:
        raise RowsRejected(tuple(problems))


def currency_problems(prices: Sequence[Price]) -> list[Problem]:
    """Refuse prices without a currency in common; one that converts is sold in all."""
    offered = [{terms.currency for terms in price.terms} for price in prices if price.conversion is None]
    if not offered or set.intersection(*offered):
        return []
    return [Problem("no_common_currency", Place(field="items"))]


def _commitment_problems(version: PlanVersion, prices: Sequence[Price]) -> list[Problem]:
    """Refuse a commitment without an amount in each currency that the version is sold in."""
    committed, place = version.commitment, Place(field="commitment")
    if committed is None:
        return []
    if not committed.amounts:
        return [Problem("commitment_without_amount", place)]
    problems = [
        Problem("too_small", place, f"{amount:f}", (("minimum", "0"),))
        for _currency, amount in committed.amounts
        if amount <= 0
    ]
    offered = [{terms.currency for terms in price.terms} for price in prices]
    sold_in = set.intersection(*offered) if offered else set()
    missing = sorted(sold_in - {currency for currency, _amount in committed.amounts})
    return problems + [Problem("commitment_currency_missing", place, currency) for currency in missing]


def _words_of(value: object) -> str:
    if isinstance(value, Commitment):
        amounts = ", ".join(f"{currency} {amount:f}" for currency, amount in value.amounts)
        return f"{amounts} / {value.interval.count} {value.interval.unit.value}"
    return "" if value is None else str(value)


def diff_versions(before: PlanVersion, after: PlanVersion) -> tuple[VersionChange, ...]:
    """Give what differs between two versions of a plan; a changed price is one removed and one added."""
    old = {item.price_id: item.quantity for item in before.items}
    new = {item.price_id: item.quantity for item in after.items}
    changes = [VersionChange("removed", key, f"{old[key]:f}", "") for key in old if key not in new]
    changes += [VersionChange("added", key, "", f"{new[key]:f}") for key in new if key not in old]
    changes += [
        VersionChange("quantity", key, f"{old[key]:f}", f"{new[key]:f}")
        for key in old
        if key in new and old[key] != new[key]
    ]
    for name in ("effective", "trial_days", "running_policy", "commitment"):
        if getattr(before, name) != getattr(after, name):
            changes.append(VersionChange(name, None, _words_of(getattr(before, name)), _words_of(getattr(after, name))))
    return tuple(changes)


# Reading


def load_catalog(db: Db) -> Catalog:
    """Give all that is sold, by id."""
    return storage.load_catalog(db)


def load_price(db: Db, price_id: int) -> Price:
    """Give one price; raises NotFound."""
    found = storage.load_prices(db, [price_id])
    if price_id not in found:
        raise NotFound("catalog", str(price_id))
    return found[price_id]


def load_product(db: Db, product_id: int) -> Product:
    """Give one product; raises NotFound."""
    found = storage.load_products(db, [product_id])
    if product_id not in found:
        raise NotFound("catalog", str(product_id))
    return found[product_id]


def load_version(db: Db, version_id: int) -> PlanVersion:
    """Give one plan version; raises NotFound."""
    found = storage.load_versions(db, [version_id])
    if version_id not in found:
        raise NotFound("catalog", str(version_id))
    return found[version_id]


def load_plan_card(db: Db, plan_id: int) -> PlanCard:
    """Give one plan with its versions and how many contracts are on each; raises NotFound."""
    plans = storage.load_plans(db, [plan_id])
    if plan_id not in plans:
        raise NotFound("catalog", str(plan_id))
    versions = storage.load_versions(db, plan_id=plan_id)
    counts = count_by_version(db)
    return PlanCard(plans[plan_id], tuple(versions.values()), {key: counts.get(key, 0) for key in versions})


def list_products(db: Db, wanted: CatalogFilter = EVERYTHING, page: Page = FIRST_PAGE) -> list[ProductRow]:
    """Give one page of products."""
    return lists.list_products(db, wanted, page)


def count_products(db: Db, wanted: CatalogFilter = EVERYTHING) -> int:
    """Give how many products a filter leaves."""
    return lists.count_products(db, wanted)


def list_prices(db: Db, wanted: CatalogFilter = EVERYTHING, page: Page = FIRST_PAGE) -> list[PriceRow]:
    """Give one page of prices."""
    return lists.list_prices(db, wanted, page)


def count_prices(db: Db, wanted: CatalogFilter = EVERYTHING) -> int:
    """Give how many prices a filter leaves."""
    return lists.count_prices(db, wanted)


def list_plans(db: Db, wanted: CatalogFilter = EVERYTHING, page: Page = FIRST_PAGE) -> list[PlanRow]:
    """Give one page of plans with their versions in words of state and counts."""
    return lists.list_plans(db, wanted, page)


def count_plans(db: Db, wanted: CatalogFilter = EVERYTHING) -> int:
    """Give how many plans a filter leaves."""
    return lists.count_plans(db, wanted)
