"""State of the editor: what the form says, as a draft for the use case, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.entities import Entity
from billdesk.domain.invoices import Document, DocumentKind, Line
from billdesk.domain.taxes import STANDARD_CLASS
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services import catalog, customers, entities, invoices, taxes
from billdesk.services.catalog import ProductRow
from billdesk.services.invoices import DraftInput, DraftLine
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.screens.invoices.record import tax_word

_CLASS_WORDS: Final[Mapping[str, str]] = {
    "standard": N_("Standard rate"),
    "reduced": N_("Reduced rate"),
    "intermediate": N_("Intermediate rate"),
    "super_reduced": N_("Super reduced rate"),
    "zero": N_("Zero rate"),
    "exempt": N_("Exempt"),
    "parking": N_("Parking rate"),
}
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class EditorFacts:
    """What the editor offers: companies, tax classes, products, and the draft that is changed."""

    entities: tuple[Entity, ...]
    tax_classes: tuple[tuple[str, str], ...]
    products: tuple[ProductRow, ...]
    draft: Document | None
    buyer: Hit | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What stands beside the lines while they are typed."""

    parts: tuple[tuple[str, Money], ...]
    total: Money


def load_facts(db: Any, document_id: int | None) -> EditorFacts:  # noqa: ANN401 - the lane's Db
    """Read everything the editor offers, in one go."""
    companies = entities.list_entities(db)
    country = companies[0].address.country if companies else ""
    # The standard rate comes first: it is what a new line gets.
    known = dict.fromkeys(rate.tax_class for rate in taxes.list_tax_rates(db, country))
    classes = dict.fromkeys([STANDARD_CLASS, *known])
    draft = None if document_id is None else invoices.load_document(db, document_id)
    buyer = None if draft is None else _hit(customers.load_customer(db, draft.customer_id))
    words = tuple((key, _class_word(key)) for key in classes)
    products = tuple(product for product in catalog.list_products(db) if not product.archived)
    return EditorFacts(tuple(companies), words, products, draft, buyer)


def find_buyers(db: Any, text: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find customers for the picker."""
    return [_hit(row) for row in customers.find_customers(db, text, limit=12)]


def _hit(record: Any) -> Hit:  # noqa: ANN401 - a customer or its row: both have these fields
    return Hit(str(record.id), record.name, record.number, record)


def _class_word(key: str) -> str:
    return _(_CLASS_WORDS[key]) if key in _CLASS_WORDS else key


def line_fields(facts: EditorFacts) -> tuple[Field, ...]:
    """Give the columns of the line grid; the last one, hidden, keeps what a stored line is about."""
    products = tuple((str(product.id), f"{product.code} {product.name}") for product in facts.products)
    return (
        Field("description", N_("Description")),
        Field("quantity", N_("Quantity"), Kind.DECIMAL, default="1"),
        Field("unit_price", N_("Unit price"), Kind.DECIMAL),
        Field("discount", N_("Discount"), Kind.DECIMAL, required=False),
        Field("tax_class", N_("Tax"), Kind.CHOICE, default=STANDARD_CLASS, choices=facts.tax_classes),
        Field("product_id", N_("Product"), Kind.CHOICE, required=False, choices=products),
        Field("line_id", N_("Line"), required=False),
    )


def rows_of(draft: Document) -> list[dict[str, object]]:
    """Give the lines of a stored draft as rows of the grid; a credit note is typed positive."""
    sign = -1 if draft.kind is DocumentKind.CREDIT_NOTE else 1
    return [_row(line, sign) for line in draft.lines]


def _row(line: Line, sign: int) -> dict[str, object]:
    # The use case takes quantity × price in major units; graduated lines have no price of their own.
    quantity = abs(line.quantity) if line.unit_price is not None else Decimal(1)
    amount = line.amount.major * sign
    price = line.unit_price if _multiplies(line, quantity, amount) else amount / quantity if quantity else amount
    if price is None or quantity * price != amount:
        quantity, price = Decimal(1), amount
    row: dict[str, object] = {
        "description": line.description,
        "quantity": to_text(quantity),
        "unit_price": to_text(price),
        "tax_class": line.tax.tax_class,
        "line_id": str(line.id),
    }
    if line.discount.minor:
        row["discount"] = to_text(line.discount.major * sign)
    if line.product_id is not None:
        row["product_id"] = str(line.product_id)
    return row


def _multiplies(line: Line, quantity: Decimal, amount: Decimal) -> bool:
    return line.unit_price is not None and quantity * line.unit_price == amount


def draft_of(values: Mapping[str, Any], rows: Sequence[Mapping[str, object]], facts: EditorFacts) -> DraftInput:
    """Give the draft that the form describes; raises InvalidValue for what is missing."""
    for key in ("customer", "issue_date"):
        if values[key] is None:
            raise InvalidValue(Problem("value_missing", Place(field=key)))
    kind = facts.draft.kind if facts.draft else DocumentKind.INVOICE
    stored = {str(line.id): line for line in facts.draft.lines} if facts.draft else {}
    return DraftInput(
        entity_id=int(values["entity"]),
        customer_id=int(values["customer"]),
        currency=str(values["currency"]),
        issue_date=values["issue_date"],
        lines=tuple(_typed(row, place, stored) for place, row in enumerate(rows, start=1)),
        kind=kind,
        due_date=values["due_date"],
        purchase_order=values["purchase_order"] or "",
        notes=values["notes"] or "",
    )


def _typed(row: Mapping[str, object], place: int, stored: Mapping[str, Line]) -> DraftLine:
    for name, title in (("description", N_("Description")), ("unit_price", N_("Unit price"))):
        if row.get(name) is None:
            raise InvalidValue(Problem("value_missing", Place(field="lines", row=place, column=_(title))))
    before = stored.get(str(row.get("line_id", "")))
    product = row.get("product_id")
    quantity, unit_price = _as_stored(row, before)
    return DraftLine(
        description=str(row["description"]),
        quantity=quantity,
        unit_price=unit_price,
        tax_class=str(row.get("tax_class", STANDARD_CLASS)),
        product_id=None if product is None else int(str(product)),
        details=before.details if before else "",
        discount=Decimal(str(row.get("discount", "0"))),
        period=before.period if before else None,
        line_id=before.id if before else 0,
    )


def _as_stored(row: Mapping[str, object], before: Line | None) -> tuple[Decimal, Decimal]:
    """Give quantity and price as typed; a stored line whose figures nobody touched keeps its own quantity."""
    typed = Decimal(str(row.get("quantity", "1"))), Decimal(str(row["unit_price"]))
    if before is None or not before.quantity:
        return typed
    amount = abs(before.amount.major)
    shown = _row(before, -1 if before.amount.minor < 0 else 1)
    if typed != (Decimal(str(shown["quantity"])), Decimal(str(shown["unit_price"]))):
        return typed
    quantity = abs(before.quantity)
    return quantity, amount / quantity


def totals_of(document: Document) -> Totals:
    """Give what the draft comes to, with the tax per rate."""
    home = document.seller.address.country
    parts: list[tuple[str, Money]] = [(one.label, -one.amount) for one in document.discounts]
    parts += [(_("Before tax"), document.net), *((tax_word(group, home), group.amount) for group in document.taxes)]
    return Totals(tuple(parts), document.total)


def due_hint(document: Document) -> str:
    """Say when the draft would be due."""
    words = current()
    if document.cash_rounding:
        due = words.money(document.amount_due)
        return _("{amount} to pay, due on {day}", amount=due, day=words.day(document.due_date))
    return _("Due on {day}", day=words.day(document.due_date))
