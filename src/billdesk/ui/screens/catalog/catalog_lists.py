"""The four lists of the catalog: plans, prices, products, metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from billdesk.domain.catalog import VersionState
from billdesk.domain.usage import Metric
from billdesk.kernel.i18n import N_, current
from billdesk.kernel.money import Money
from billdesk.services import catalog, price_books, usage
from billdesk.services.catalog import CatalogFilter, CatalogSort, Page, PlanRow, PriceRow, ProductRow
from billdesk.services.price_books import BookRow
from billdesk.ui.core.table_columns import Column, Kind, Request, Source, Status, Summary
from billdesk.ui.core.tokens import Tone
from billdesk.ui.screens.catalog.book_words import BOOK_KINDS, BOOK_STATES, validity_text
from billdesk.ui.screens.catalog.catalog_words import AGGREGATIONS, SOURCES, interval_text, model_label, unit_text, word

VERSION_STATES: Final = {
    VersionState.DRAFT.value: Status(N_("Draft"), Tone.GREY),
    VersionState.APPROVED.value: Status(N_("Approved"), Tone.BLUE),
    VersionState.LIVE.value: Status(N_("Live"), Tone.GREEN),
    VersionState.RETIRED.value: Status(N_("Retired"), Tone.AMBER),
    "": Status(N_("No version"), Tone.GREY),
}
_KEPT: Final = {"yes": Status(N_("Archived"), Tone.GREY), "no": Status(N_("Sold"), Tone.GREEN)}


def _archived(record: PlanRow | ProductRow) -> str:
    return "yes" if record.archived else "no"


def _per_month(record: PlanRow) -> Money | str | None:
    found = [Money(minor, currency) for currency, minor in record.mrr_minor]
    if len(found) > 1:
        return " + ".join(current().money(amount) for amount in found)
    return found[0] if found else None


PLAN_COLUMNS: Final[tuple[Column[PlanRow], ...]] = (
    Column("code", N_("Code"), lambda r: r.code, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.name, stretch=1, is_strong=True),
    Column(
        "state",
        N_("Version"),
        lambda r: r.state.value if r.state else "",
        Kind.STATUS,
        statuses=VERSION_STATES,
        is_sortable=False,
    ),
    Column("number", N_("No."), lambda r: r.number, Kind.NUMBER, rank=3, is_sortable=False),
    Column("effective", N_("Effective"), lambda r: r.effective, Kind.DATE, rank=2, is_sortable=False),
    Column("subscriptions", N_("Contracts"), lambda r: r.subscriptions, Kind.NUMBER, is_sortable=False),
    Column("mrr", N_("Per month"), _per_month, Kind.MONEY, rank=1, is_sortable=False),
    Column("archived", N_("State"), _archived, Kind.STATUS, statuses=_KEPT, is_optional=True, is_sortable=False),
)
PRICE_COLUMNS: Final[tuple[Column[PriceRow], ...]] = (
    Column("code", N_("Code"), lambda r: r.code, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.name, stretch=2, is_strong=True),
    Column("product", N_("Product"), lambda r: r.product_name, rank=3, stretch=1, is_sortable=False),
    Column("model", N_("Charged"), lambda r: model_label(r.model), rank=1, is_sortable=False),
    Column("interval", N_("Billed"), lambda r: interval_text(r.interval), rank=2, is_sortable=False),
    Column("source", N_("Quantity"), lambda r: word(SOURCES, r.quantity_source), rank=4, is_sortable=False),
    Column("currencies", N_("Currencies"), lambda r: ", ".join(r.currencies), Kind.MUTED, is_sortable=False),
    Column("plans", N_("In plans"), lambda r: ", ".join(r.plans), Kind.MUTED, rank=5, is_sortable=False),
)
PRODUCT_COLUMNS: Final[tuple[Column[ProductRow], ...]] = (
    Column("code", N_("Code"), lambda r: r.code, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.name, stretch=1, is_strong=True),
    Column("tax_class", N_("Tax class"), lambda r: r.tax_class, is_sortable=False),
    Column("unit", N_("Unit"), lambda r: unit_text(r.unit_code), rank=2, is_sortable=False),
    Column("account", N_("Revenue account"), lambda r: r.revenue_account, Kind.MUTED, rank=1, is_sortable=False),
    Column("prices", N_("Prices"), lambda r: r.prices, Kind.NUMBER, is_sortable=False),
    Column("archived", N_("State"), _archived, Kind.STATUS, statuses=_KEPT, rank=3, is_sortable=False),
)
METRIC_COLUMNS: Final[tuple[Column[Metric], ...]] = (
    Column("code", N_("Code"), lambda r: r.code, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.name, stretch=1, is_strong=True),
    Column("aggregation", N_("Counted"), lambda r: word(AGGREGATIONS, r.aggregation), is_sortable=False),
    Column("unit", N_("Unit"), lambda r: r.unit, Kind.MUTED, is_sortable=False),
    Column("decimals", N_("Decimals"), lambda r: r.decimals, Kind.NUMBER, is_sortable=False),
)

BOOK_COLUMNS: Final[tuple[Column[BookRow], ...]] = (
    Column("code", N_("Code"), lambda r: r.book.code, Kind.MUTED),
    Column("name", N_("Name"), lambda r: r.book.name, stretch=1, is_strong=True),
    Column("kind", N_("For"), lambda r: word(BOOK_KINDS, r.book.kind), rank=2, is_sortable=False),
    Column("reach", N_("Which"), lambda r: ", ".join(r.book.reach), rank=1, stretch=1, is_sortable=False),
    Column("priority", N_("Priority"), lambda r: r.book.priority, Kind.NUMBER, rank=4, is_sortable=False),
    Column("valid", N_("Valid"), lambda r: validity_text(r.book.valid), rank=5, is_sortable=False),
    Column("customers", N_("Customers"), lambda r: r.customers, Kind.NUMBER, is_sortable=False),
    Column("prices", N_("Prices"), lambda r: r.prices, Kind.NUMBER, rank=3, is_sortable=False),
    Column(
        "state",
        N_("State"),
        lambda r: "yes" if r.is_valid else "no",
        Kind.STATUS,
        statuses=BOOK_STATES,
        is_sortable=False,
    ),
)

Listing = Callable[[Any, CatalogFilter, Page], Sequence[Any]]
Counting = Callable[[Any, CatalogFilter], int]


@dataclass(frozen=True, slots=True)
class CatalogList:
    """One list as data."""

    title: str
    columns: tuple[Column[Any], ...]
    icon: str
    empty: str
    detail: str
    listing: Listing
    counting: Counting


def _metrics(db: Any, wanted: CatalogFilter, page: Page) -> list[Metric]:  # noqa: ANN401 - the lane's Db
    """Give metrics like the other lists; a book has few of them."""
    words = wanted.search.casefold().split()
    found = [m for m in usage.list_metrics(db) if all(part in f"{m.code} {m.name}".casefold() for part in words)]
    found.sort(key=lambda metric: str(getattr(metric, page.sort.value)).casefold(), reverse=page.descending)
    return found[page.offset : page.offset + page.limit]


def _count_metrics(db: Any, wanted: CatalogFilter) -> int:  # noqa: ANN401 - the lane's Db
    return len(_metrics(db, wanted, Page(limit=1_000_000)))


def _books(db: Any, wanted: CatalogFilter, page: Page) -> list[BookRow]:  # noqa: ANN401 - the lane's Db
    """Give price books like the other lists; a book has few of them."""
    words = wanted.search.casefold().split()
    rows = price_books.list_books(db)
    found = [r for r in rows if all(part in f"{r.book.code} {r.book.name}".casefold() for part in words)]
    found.sort(key=lambda r: str(getattr(r.book, page.sort.value)).casefold(), reverse=page.descending)
    return found[page.offset : page.offset + page.limit]


def _count_books(db: Any, wanted: CatalogFilter) -> int:  # noqa: ANN401 - the lane's Db
    return len(_books(db, wanted, Page(limit=1_000_000)))


LISTS: Final[dict[str, CatalogList]] = {
    "plans": CatalogList(
        N_("Plans"),
        PLAN_COLUMNS,
        "package",
        N_("No plans yet"),
        N_("A plan is a set of prices that are sold together. Import a price list, or make the first plan."),
        catalog.list_plans,
        catalog.count_plans,
    ),
    "prices": CatalogList(
        N_("Prices"),
        PRICE_COLUMNS,
        "percent",
        N_("No prices yet"),
        N_("A price says how a product is charged: a flat amount, per unit, in tiers, by usage."),
        catalog.list_prices,
        catalog.count_prices,
    ),
    "products": CatalogList(
        N_("Products"),
        PRODUCT_COLUMNS,
        "package",
        N_("No products yet"),
        N_("A product is what a line of an invoice is about, with its tax class and account."),
        catalog.list_products,
        catalog.count_products,
    ),
    "books": CatalogList(
        N_("Price books"),
        BOOK_COLUMNS,
        "globe",
        N_("No price books yet"),
        N_("A price book gives some customers, segments or countries other amounts, from a day on."),
        _books,
        _count_books,
    ),
    "metrics": CatalogList(
        N_("Metrics"),
        METRIC_COLUMNS,
        "gauge",
        N_("No metrics yet"),
        N_("A metric says how usage is counted. You need one only where you bill what is measured."),
        _metrics,
        _count_metrics,
    ),
}


def source_of(key: str) -> Source[Any, CatalogFilter]:
    """Give the two queries of a list."""
    wanted = LISTS[key]

    def fetch(db: Any, request: Request[CatalogFilter]) -> Sequence[Any]:  # noqa: ANN401 - the lane's Db
        page = Page(CatalogSort(request.sort or "code"), request.descending, request.offset, request.limit)
        return wanted.listing(db, request.filter, page)

    def summarize(db: Any, kept: CatalogFilter) -> Summary:  # noqa: ANN401 - the lane's Db
        count = wanted.counting(db, kept)
        return Summary(count, hidden=wanted.counting(db, CatalogFilter(archived=None)) - count)

    return Source(fetch, summarize)


def counts_of(db: Any) -> dict[str, int]:  # noqa: ANN401 - the lane's Db
    """Count what each tab holds."""
    return {key: wanted.counting(db, CatalogFilter()) for key, wanted in LISTS.items()}
