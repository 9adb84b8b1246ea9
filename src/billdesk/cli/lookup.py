"""Finding customers, contracts, documents and what is sold by the number or code that people know them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from billdesk.domain.catalog import Price
from billdesk.domain.discounts import DiscountScope
from billdesk.domain.usage import Metric
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem
from billdesk.services.book import Book
from billdesk.services.catalog import PlanCard, load_catalog, load_plan_card
from billdesk.services.customers import CustomerFilter, CustomerRow, list_customers
from billdesk.services.invoices import DocumentFilter, DocumentRow, list_documents
from billdesk.services.subscriptions import SubscriptionFilter, SubscriptionRow, list_subscriptions
from billdesk.services.usage import list_metrics


def customer(book: Book, number: str) -> CustomerRow:
    """Give the customer with a number; raises NotFound."""
    rows = book.query(list_customers, CustomerFilter(search=number, archived=None))
    found = next((row for row in rows if row.number.casefold() == number.casefold()), None)
    if found is None:
        raise NotFound("customers", number)
    return found


def contract(book: Book, number: str) -> SubscriptionRow:
    """Give the contract with a number; raises NotFound."""
    rows = book.query(list_subscriptions, SubscriptionFilter(search=number))
    found = next((row for row in rows if row.number.casefold() == number.casefold()), None)
    if found is None:
        raise NotFound("subscriptions", number)
    return found


def document(book: Book, number: str) -> DocumentRow:
    """Give the issued document with a number; raises NotFound."""
    rows = book.query(list_documents, DocumentFilter(text=number))
    found = next((row for row in rows if row.number.casefold() == number.casefold()), None)
    if found is None:
        raise NotFound("invoices", number)
    return found


def metric(book: Book, code: str) -> Metric:
    """Give the metric with a code; raises InvalidValue."""
    found = [one for one in book.query(list_metrics) if one.code.casefold() == code.casefold()]
    if not found:
        raise InvalidValue(Problem("unknown_metric", Place(field="metric"), code, (("metric", code),)))
    return found[0]


def price(book: Book, code: str) -> Price:
    """Give the price with a code; raises NotFound."""
    found = [one for one in book.query(load_catalog).prices.values() if one.code.casefold() == code.casefold()]
    if not found:
        raise NotFound("catalog", code)
    return found[0]


def plan(book: Book, code: str) -> PlanCard:
    """Give the plan with a code and its versions; raises NotFound."""
    found = [one for one in book.query(load_catalog).plans.values() if one.code.casefold() == code.casefold()]
    if not found:
        raise NotFound("catalog", code)
    return book.query(load_plan_card, found[0].id)


def number(field: str, text: str) -> Decimal:
    """Read a number of an option; raises InvalidValue."""
    try:
        return from_text(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_number", Place(field=field), text)) from error


def scope(
    book: Book, plans: Sequence[str] = (), products: Sequence[str] = (), metrics: Sequence[str] = ()
) -> tuple[DiscountScope, frozenset[int]]:
    """Give what a discount is limited to, by codes of one kind; raises InvalidValue for a code that is not there."""
    if bool(plans) + bool(products) + bool(metrics) > 1:
        raise InvalidValue(Problem("scope_of_one_kind", Place(field="scope")))
    catalog = book.query(load_catalog)
    if plans:
        return DiscountScope.PLANS, _ids(plans, {one.code: one.id for one in catalog.plans.values()})
    if products:
        return DiscountScope.PRODUCTS, _ids(products, {one.code: one.id for one in catalog.products.values()})
    if metrics:
        return DiscountScope.METRICS, frozenset(metric(book, code).id for code in metrics)
    return DiscountScope.ALL, frozenset()


def _ids(codes: Iterable[str], known: dict[str, int]) -> frozenset[int]:
    by_code = {code.casefold(): key for code, key in known.items()}
    unknown = [code for code in codes if code.casefold() not in by_code]
    if unknown:
        raise InvalidValue(Problem("scope_unknown", Place(field="scope_ids"), ", ".join(unknown)))
    return frozenset(by_code[code.casefold()] for code in codes)
