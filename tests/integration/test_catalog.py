from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from billdesk.domain.catalog import Plan, PlanItem, PriceTerms, Product, QuantitySource, VersionState
from billdesk.domain.curves import price_lines
from billdesk.kernel.errors import NotFound, RowsRejected, RuleBroken, StaleRecord
from billdesk.services import catalog
from billdesk.services.book import Book
from billdesk.services.catalog import CatalogFilter
from billdesk.services.result import Result
from billdesk.storage import catalog as storage
from billdesk.storage.database import Db
from billdesk.storage.tables.catalog import price_terms
from builders.book import NOW, a_book
from builders.catalog import Sold, a_catalog, a_price, a_version


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        yield opened


@pytest.fixture
def sold(book: Book) -> Sold:
    return a_catalog(book)


def test_the_whole_catalogue_is_read_as_one_look_up(book: Book, sold: Sold) -> None:
    found = book.query(catalog.load_catalog)
    assert found.prices[sold.seats].terms_in("JPY") == PriceTerms("JPY", {"unit_price": "1600"})
    assert found.plan_versions[sold.pro].items == (PlanItem(sold.yearly), PlanItem(sold.seats, Decimal(5)))
    assert [plan.code for plan in found.plans.values()] == ["BASIC", "PRO"]


def test_a_price_is_checked_by_its_charge_model(book: Book, sold: Sold) -> None:
    closed = {"tiers": [{"up_to": "10", "unit_price": "1", "flat": "0"}]}
    wrong = replace(a_price(sold.product, "X"), model="graduated", terms=(PriceTerms("EUR", closed),))
    with pytest.raises(RowsRejected) as caught:
        book.run(catalog.create_price, wrong)
    assert [(p.code, p.place.field, p.value) for p in caught.value.problems] == [
        ("last_tier_closed", "tiers[1].up_to", "10")
    ]


def test_a_usage_price_needs_a_metric(book: Book, sold: Sold) -> None:
    wrong = replace(a_price(sold.product, "X"), quantity_source=QuantitySource.USAGE)
    with pytest.raises(RowsRejected, match="metric_missing"):
        book.run(catalog.create_price, wrong)


def test_a_price_in_a_live_plan_keeps_what_it_charges(book: Book, sold: Sold) -> None:
    price = book.query(catalog.load_price, sold.base)
    dearer = replace(price, terms=(PriceTerms("EUR", {"amount": "60"}), price.terms[1]))
    with pytest.raises(RuleBroken, match="price_sold"):
        book.run(catalog.update_price, dearer)
    with_pounds = replace(price, name="Base", terms=(*price.terms, PriceTerms("GBP", {"amount": "45"})))
    book.run(catalog.update_price, with_pounds)
    assert book.query(catalog.load_price, sold.base).terms_in("GBP") == PriceTerms("GBP", {"amount": "45"})


def _overwrite_terms(db: Db, price_id: int) -> Result[None]:
    db.connection.execute(price_terms.update().where(price_terms.c.price_id == price_id).values(parameters={}))
    return Result(None)


def _change_items(db: Db, version_id: int) -> Result[None]:
    version = storage.load_versions(db, [version_id])[version_id]
    storage.update_version(db, replace(version, items=version.items[:1]), items=True)
    return Result(None)


def test_the_database_itself_refuses_to_change_a_live_version(book: Book, sold: Sold) -> None:
    with pytest.raises(IntegrityError, match="live plan version never changes"):
        book.run(_change_items, sold.basic)
    with pytest.raises(IntegrityError, match="price in a live plan version never changes"):
        book.run(_overwrite_terms, sold.base)


def test_a_version_goes_from_draft_to_live_and_retires_the_one_before(book: Book, sold: Sold) -> None:
    plan_id = book.query(catalog.load_version, sold.basic).plan_id
    draft = book.run(catalog.copy_version, plan_id).value
    changed = replace(draft, items=(PlanItem(sold.base), PlanItem(sold.seats, Decimal(3))), trial_days=14)
    book.run(catalog.change_version, changed)
    book.run(catalog.approve_version, draft.id)
    live = book.run(catalog.publish_version, draft.id).value
    card = book.query(catalog.load_plan_card, plan_id)
    assert [(v.number, v.state) for v in card.versions] == [(1, VersionState.RETIRED), (2, VersionState.LIVE)]
    assert [(c.what, c.before, c.after) for c in catalog.diff_versions(card.versions[0], live)] == [
        ("quantity", "1", "3"),
        ("trial_days", "0", "14"),
    ]


def test_a_draft_cannot_go_live_without_approval_or_in_the_past(book: Book, sold: Sold) -> None:
    plan_id = book.query(catalog.load_version, sold.basic).plan_id
    with pytest.raises(RowsRejected, match="version_in_past"):
        book.run(catalog.create_version, a_version(plan_id, PlanItem(sold.base), effective=date(2026, 3, 1)))
    draft = book.run(catalog.create_version, a_version(plan_id, PlanItem(sold.base))).value
    with pytest.raises(RuleBroken, match="version_state"):
        book.run(catalog.publish_version, draft.id)
    with pytest.raises(RowsRejected, match="version_in_past"):
        book.run(catalog.change_version, replace(draft, effective=date(2026, 3, 15)))
    book.run(catalog.delete_version, draft.id)


def test_a_version_whose_day_has_passed_before_it_was_published_is_refused(tmp_path: Path) -> None:
    with a_book(tmp_path) as before:
        sold = a_catalog(before)
        plan_id = before.query(catalog.load_version, sold.basic).plan_id
        draft = before.run(catalog.create_version, a_version(plan_id, PlanItem(sold.base))).value
        before.run(catalog.approve_version, draft.id)
    tomorrow = Book.open(tmp_path / "test.billdesk", clock=lambda: NOW + timedelta(days=1))
    with tomorrow, pytest.raises(RuleBroken, match="version_in_past"):
        tomorrow.run(catalog.publish_version, draft.id)


def test_prices_without_a_currency_in_common_cannot_be_sold_together(book: Book, sold: Sold) -> None:
    plan_id = book.query(catalog.load_version, sold.basic).plan_id
    pounds = book.run(catalog.create_price, a_price(sold.product, "GB", GBP="40")).value.id
    with pytest.raises(RowsRejected, match="no_common_currency"):
        book.run(catalog.create_version, a_version(plan_id, PlanItem(sold.base), PlanItem(pounds)))


def test_lists_show_where_things_are_used(book: Book, sold: Sold) -> None:
    prices = book.query(catalog.list_prices, CatalogFilter(search="seats"))
    assert [(row.code, row.currencies, row.plans) for row in prices] == [("SEATS-M", ("EUR", "JPY"), ("BASIC", "PRO"))]
    plans = book.query(catalog.list_plans)
    assert [(row.code, row.number, row.state, row.subscriptions) for row in plans] == [
        ("BASIC", 1, VersionState.LIVE, 0),
        ("PRO", 1, VersionState.LIVE, 0),
    ]
    assert [(row.code, row.prices) for row in book.query(catalog.list_products)] == [("HOST", 3)]


def test_a_curve_gives_what_whole_periods_cost(book: Book, sold: Sold) -> None:
    price = book.query(catalog.load_price, sold.seats)
    terms = book.query(catalog.terms_today, sold.seats, "EUR")
    (line,) = price_lines(price, terms, [Decimal(0), Decimal("2.5")])
    assert [str(amount) for _quantity, amount in line.points] == ["0.00 EUR", "25.00 EUR"]


def test_fields_of_the_catalogue_are_required_and_codes_used_once(book: Book, sold: Sold) -> None:
    with pytest.raises(RowsRejected) as caught:
        book.run(catalog.create_product, Product(0, "HOST", " "))
    assert [(p.code, p.place.field) for p in caught.value.problems] == [
        ("value_missing", "name"),
        ("already_used", "code"),
    ]
    with pytest.raises(RowsRejected, match="value_missing"):
        book.run(catalog.update_product, replace(book.query(catalog.load_product, sold.product), name=""))


def test_products_and_plans_change_with_a_version_check(book: Book, sold: Sold) -> None:
    product = book.query(catalog.load_product, sold.product)
    assert book.run(catalog.update_product, replace(product, archived=True)).value.version == 2
    with pytest.raises(StaleRecord):
        book.run(catalog.update_product, replace(product, name="Other"))
    plan = book.query(catalog.load_catalog).plans[1]
    assert book.run(catalog.update_plan, replace(plan, name="Basis")).value.version == 2
    assert book.query(catalog.count_products) == 0
    assert book.query(catalog.count_products, CatalogFilter(archived=None)) == 1


def test_an_unsold_price_may_charge_otherwise(book: Book, sold: Sold) -> None:
    price = book.run(catalog.create_price, a_price(sold.product, "NEW", EUR="5", GBP="4")).value
    changed = replace(price, terms=(PriceTerms("EUR", {"amount": "6"}),))
    book.run(catalog.update_price, changed)
    assert book.query(catalog.load_price, price.id).terms == (PriceTerms("EUR", {"amount": "6"}),)
    with pytest.raises(StaleRecord):
        book.run(catalog.update_price, changed)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"model": "magic"}, "not_a_choice"),
        ({"terms": ()}, "price_without_terms"),
        ({"terms": (PriceTerms("XXL", {"amount": "1"}),)}, "unknown_currency"),
        ({"terms": (PriceTerms("EUR", {"amount": "1"}, Decimal(5), Decimal(4)),)}, "maximum_below_minimum"),
        ({"terms": (PriceTerms("EUR", {"amount": "one"}),)}, "not_a_number"),
    ],
)
def test_a_price_that_cannot_charge_is_refused(book: Book, sold: Sold, changes: dict[str, object], code: str) -> None:
    with pytest.raises(RowsRejected, match=code):
        book.run(catalog.create_price, replace(a_price(sold.product, "X"), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("items", "code"),
    [((), "value_missing"), ((PlanItem(99),), "unknown_price"), ((PlanItem(1, Decimal(-1)),), "too_small")],
)
def test_a_version_needs_prices_that_exist(book: Book, sold: Sold, items: tuple[PlanItem, ...], code: str) -> None:
    plan_id = book.query(catalog.load_version, sold.basic).plan_id
    with pytest.raises(RowsRejected, match=code):
        book.run(catalog.create_version, a_version(plan_id, *items))


def test_a_live_version_takes_no_change_but_may_retire(book: Book, sold: Sold) -> None:
    live = book.query(catalog.load_version, sold.basic)
    for step in (catalog.approve_version, catalog.publish_version, catalog.delete_version):
        with pytest.raises(RuleBroken, match="version_state"):
            book.run(step, live.id)
    with pytest.raises(RuleBroken, match="version_state"):
        book.run(catalog.change_version, live)
    assert book.run(catalog.retire_version, live.id).value.state is VersionState.RETIRED


def test_a_plan_without_versions_has_nothing_to_copy(book: Book, sold: Sold) -> None:
    plan = book.run(catalog.create_plan, Plan(0, "EMPTY", "Empty")).value
    with pytest.raises(RuleBroken, match="plan_without_version"):
        book.run(catalog.copy_version, plan.id)
    row = book.query(catalog.list_plans, CatalogFilter(search="empty"))[0]
    assert (row.versions, row.number, row.state) == (0, None, None)
    assert book.query(catalog.count_plans) == 3


def test_a_diff_names_prices_that_came_and_went(book: Book, sold: Sold) -> None:
    before, after = a_version(1, PlanItem(1), PlanItem(2)), a_version(1, PlanItem(2), PlanItem(3, Decimal(4)))
    found = [(c.what, c.price_id, c.before, c.after) for c in catalog.diff_versions(before, after)]
    assert found == [("removed", 1, "1", ""), ("added", 3, "", "4")]


def test_what_is_not_there_is_named(book: Book, sold: Sold) -> None:
    for load in (catalog.load_price, catalog.load_product, catalog.load_version, catalog.load_plan_card):
        with pytest.raises(NotFound):
            book.query(load, 99)
    with pytest.raises(NotFound):
        book.query(catalog.terms_today, sold.base, "GBP")
    with pytest.raises(NotFound):
        book.run(catalog.update_product, Product(99, "X", "X"))


def test_lists_turn_around(book: Book, sold: Sold) -> None:
    page = catalog.Page(catalog.CatalogSort.NAME, descending=True, limit=2)
    assert [row.code for row in book.query(catalog.list_prices, CatalogFilter(), page)] == ["SEATS-M", "BASE-Y"]
    assert book.query(catalog.count_prices) == 3
    assert {model.key for model in catalog.list_charge_models()} >= {
        "flat",
        "per_unit",
        "graduated",
        "volume",
        "package",
    }
