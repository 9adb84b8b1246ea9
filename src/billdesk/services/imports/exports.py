"""What is in the book as sheets in the layout of the imports, so that any export can be imported again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from billdesk.documents.tables import Cell, Table
from billdesk.documents.tables import Column as TableColumn
from billdesk.domain.catalog import Price, PriceTerms, VersionState
from billdesk.domain.customers import Customer
from billdesk.domain.entities import NO_ADDRESS
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import describe
from billdesk.services.imports.commitment_cells import commitment_cells
from billdesk.services.imports.contacts import contacts_cell
from billdesk.services.imports.contract_export import contract_rows
from billdesk.services.imports.model import ImportPreview, Outcome, PartPreview
from billdesk.services.imports.price_terms import shown_terms
from billdesk.services.imports.registry import import_kind
from billdesk.storage import catalog as catalogue
from billdesk.storage import customers as parties
from billdesk.storage import entities, indexes, price_books
from billdesk.storage import subscriptions as contracts
from billdesk.storage.database import Db

Values = Mapping[str, Any]

_ADDRESS: Final = ("street", "street2", "postcode", "city", "region", "country")


def export_table(db: Db, key: str) -> Table:
    """Give everything of one kind as a table; raises KeyError for an unknown kind."""
    return _table(key, _ROWS[key](db))


def export_workbook(db: Db, keys: Sequence[str] = ()) -> bytes:
    """Give a workbook with a sheet for each kind (all of them without `keys`)."""
    from billdesk.documents.xlsx import table_workbook

    return table_workbook([export_table(db, key) for key in keys or _ROWS])


def export_customers(db: Db) -> Table:
    """Give all customers."""
    return export_table(db, "customers")


def export_catalog(db: Db) -> list[Table]:
    """Give products, metrics, prices, plans and price books."""
    return [export_table(db, key) for key in ("products", "metrics", "prices", "plans", "price_books")]


def export_subscriptions(db: Db) -> Table:
    """Give all contracts with a row for each entry that counts."""
    return export_table(db, "subscriptions")


def _table(key: str, rows: Iterable[Values]) -> Table:
    kind = import_kind(key)
    columns = tuple(TableColumn(column.title) for column in kind.columns)
    names = [column.name for column in kind.columns]
    return Table(kind.label, columns, [tuple(_cell(row.get(name)) for name in names) for row in rows])


def _cell(value: Any) -> Cell:  # noqa: ANN401 - whatever a record holds
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return "; ".join(value)
    cell: Cell = value
    return cell


def _fields(record: object, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def _names(names: Mapping[str, str]) -> dict[str, Any]:
    return {f"name_{language}": text for language, text in names.items()}


def _customers(db: Db) -> Iterator[Values]:
    records = parties.load_all(db)
    numbers = {record.id: record.number for record in records}
    for record in records:
        yield _customer(record, numbers)


def _customer(record: Customer, numbers: Mapping[int, str]) -> Values:
    plain = (
        "number name legal_name kind tax_id company_number currency language payment_terms_days grouping"
        " credit_policy channel purchase_order tax_exempt_reason tags notes archived"
    ).split()
    first = record.contacts[0] if record.contacts else None
    delivery = record.delivery_address or NO_ADDRESS
    return (
        _fields(record, *plain)
        | _fields(record.address, *_ADDRESS)
        | {f"delivery_{name}": getattr(delivery, name) for name in _ADDRESS}
        | {
            "contact": first.name if first else "",
            "phone": first.phone if first else "",
            "email": record.invoice_emails,
            "contacts": contacts_cell(record.contacts),
            "iban": record.ibans,
            "parent": numbers.get(record.parent_id or 0),
        }
    )


def _products(db: Db) -> Iterator[Values]:
    for record in catalogue.load_products(db).values():
        plain = "code name description tax_class unit_code revenue_account recognition archived".split()
        yield _fields(record, *plain) | _names(record.names)


def _metrics(db: Db) -> Iterator[Values]:
    plain = "code name aggregation unit decimals rounding rounding_places percentile unique_property recurring".split()
    for record in catalogue.load_catalog(db).metrics.values():
        yield _fields(record, *plain) | _names(record.names)


def _prices(db: Db) -> Iterator[Values]:
    catalog = catalogue.load_catalog(db)
    for record in catalog.prices.values():
        metric = catalog.metrics.get(record.metric_id or 0)
        about = {
            "product": catalog.products[record.product_id].code,
            "metric": metric.code if metric else "",
            "interval": record.interval.unit if record.interval else "once",
            "interval_count": record.interval.count if record.interval else None,
        }
        for terms in record.terms:
            yield from _terms(record, terms, about)


def _terms(record: Price, terms: PriceTerms, about: Values) -> Iterator[Values]:
    plain = (
        "code name model timing quantity_source proration proration_days tax_inclusive skip_zero bill_in_trial"
        " grace_days days_before late_usage tiers_restart"
    ).split()
    shared = _fields(record, *plain) | _names(record.names) | dict(about)
    if record.conversion is not None:
        shared |= {"convert_from": record.conversion.base, "ending": record.conversion.ending}
    for row in shown_terms(record.model, terms):
        yield {**shared, **row}


def _plans(db: Db) -> Iterator[Values]:
    catalog = catalogue.load_catalog(db)
    for version in catalog.plan_versions.values():
        plan = catalog.plans[version.plan_id]
        shared = _fields(plan, "code", "name", "description", "archived") | _names(plan.names)
        shared |= _fields(version, "effective", "trial_days", "running_policy", "note") | {"version": version.number}
        shared |= commitment_cells(version.commitment)
        shared["state"] = VersionState.DRAFT if version.state is VersionState.APPROVED else version.state
        for item in version.items:
            yield shared | {"price": catalog.prices[item.price_id].code, "quantity": item.quantity}


def _price_books(db: Db) -> Iterator[Values]:
    books, prices = price_books.load_books(db), catalogue.load_prices(db)
    for entry in price_books.load_terms(db, books):
        book, price = books[entry.book_id], prices[entry.price_id]
        about = {
            "code": book.code, "name": book.name, "kind": book.kind, "reach": book.reach, "priority": book.priority,
            "book_since": book.valid.since, "book_until": book.valid.until, "note": book.note, "price": price.code,
            "since": entry.valid.since, "until": entry.valid.until,
        }  # fmt: skip
        for row in shown_terms(price.model, entry.terms):
            yield {**about, **row}


def _index_figures(db: Db) -> Iterator[Values]:
    for index in indexes.list_indexes(db):
        for month, value in sorted(index.values.items()):
            yield {"code": index.code, "name": index.name, "month": f"{month:%Y-%m}", "value": value}


def _subscriptions(db: Db) -> Iterator[Values]:
    records, catalog = contracts.load_all(db), catalogue.load_catalog(db)
    customers = parties.load_many(db, {record.customer_id for record in records})
    codes = {entity.id: entity.code for entity in entities.list_entities(db)}
    for record in records:
        yield from contract_rows(record, catalog, customers[record.customer_id].number, codes[record.entity_id])


_ROWS: Final[Mapping[str, Callable[[Db], Iterator[Values]]]] = {
    "customers": _customers,
    "products": _products,
    "metrics": _metrics,
    "prices": _prices,
    "plans": _plans,
    "price_books": _price_books,
    "index_figures": _index_figures,
    "subscriptions": _subscriptions,
}


def problem_tables(preview: ImportPreview) -> list[Table]:
    """Give the refused rows of a file, a sheet for each kind, with what is wrong; corrected, they can be imported."""
    return [_problem_table(part) for part in preview.recognised if part.counts.rejected]


def _problem_table(part: PartPreview) -> Table:
    said: dict[int, list[str]] = {}
    for problem in part.problems:
        if problem.place.row is not None:
            message = describe(problem)
            column = f"{problem.place.column}: " if problem.place.column else ""
            said.setdefault(problem.place.row, []).append(f"{column}{message.what} {message.next}".strip())
    titles = (*(column.title for column in part.columns), _("What is wrong"))
    rows: list[tuple[Cell, ...]] = [
        (*row.cells, "\n".join(said.get(row.number, ()))) for row in part.grid if row.outcome is Outcome.REJECTED
    ]
    return Table(part.label, tuple(TableColumn(title) for title in titles), rows)
