"""Products, one per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from billdesk.domain.catalog import Product, Recognition
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.services.imports.columns import ARCHIVED, NAME_COLUMNS
from billdesk.services.imports.model import Checked, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import Work, fill, names_of, triage
from billdesk.services.imports.undoing import RecordTable, plan_records
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import catalog as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

COLUMNS: Final = (
    Column("code", "Product code", required=True, synonyms={
        "en": "Product|Product id|SKU|Item|Article", "nl": "Productcode|Artikelcode|Artikel|Artikelnummer",
        "fr": "Code produit|Produit|Article|Code article", "de": "Produktcode|Produkt|Artikelnummer|Artikel"}),
    Column("name", "Name", required=True, synonyms={
        "en": "Product name|Description line", "nl": "Naam|Productnaam|Benaming", "fr": "Nom|Nom du produit|Libellé",
        "de": "Produktname|Bezeichnung"}),
    Column("description", "Description", synonyms={
        "nl": "Omschrijving|Beschrijving", "fr": "Description longue", "de": "Beschreibung"}),
    Column("tax_class", "Tax class", synonyms={
        "en": "VAT class|Tax category|VAT", "nl": "Btw-klasse|Btw-tarief|Btw", "fr": "Classe TVA|TVA|Taux TVA",
        "de": "Steuerklasse|MwSt|USt"},
        help=N_("standard, reduced, …: decides the tax rate with the customer's country")),
    Column("unit_code", "Unit code", synonyms={
        "en": "Unit|UoM", "nl": "Eenheid|Eenheidscode", "fr": "Unité|Code unité", "de": "Einheit"},
        help=N_("UN/ECE recommendation 20, such as C62 for pieces, HUR for hours")),
    Column("revenue_account", "Revenue account", synonyms={
        "en": "Ledger account|GL account|Account", "nl": "Omzetrekening|Grootboekrekening|Rekening",
        "fr": "Compte de produits|Compte général|Compte", "de": "Erlöskonto|Sachkonto|Konto"}),
    Column("recognition", "Revenue earned", ColumnKind.CHOICE, choices=("over_period", "at_once", "as_used"),
        synonyms={"en": "Recognition|Revenue recognition", "nl": "Omzeterkenning", "fr": "Reconnaissance du revenu",
                  "de": "Umsatzrealisierung"}),
    *NAME_COLUMNS,
    ARCHIVED,
)  # fmt: skip

_DEFAULTS: Final[dict[str, object]] = {
    "name": "", "description": "", "tax_class": "standard", "unit_code": "C62", "revenue_account": "700000",
    "archived": False,
}  # fmt: skip
_TABLE: Final = RecordTable("product", (), storage.load_products)


@dataclass(frozen=True, slots=True)
class ProductsKind:
    """The plugin."""

    key: str = "products"
    label: str = N_("Products")
    order: int = 20
    changes: Changes = frozenset({Noun.CATALOG})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("products", "producten", "artikelen", "produits", "articles", "produkte", "artikel")
    records: tuple[str, ...] = ("product",)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work[Product]]:
        """Compare the rows with the products in the book."""
        checked = triage(source, "code", staged.products, lambda row, old: _build(staged, source, row, old))
        staged.products |= {record.code: record for _row, record in checked.work.added}
        staged.products |= {record.code: record for _row, _old, record in checked.work.changed}
        return checked

    def apply(self, staged: Staged, checked: Checked[Work[Product]]) -> list[RecordChange]:
        """Write new and changed products."""
        db, work, log = staged.db, checked.work, []
        ids = storage.insert_many(db, [record for _row, record in work.added])
        for row, record in work.added:
            made = replace(record, id=ids[record.code])
            staged.stored("product", record.id, made.id)
            log.append(RecordChange(row, "product", made.id, None, to_json(made)))
        for row, old, record in work.changed:
            storage.update(db, record)
            after = to_json(replace(record, version=old.version + 1))
            log.append(RecordChange(row, "product", old.id, to_json(old), after))
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let new products go that no price or document names, and restore changed ones."""
        plan_records(db, _TABLE, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write old values back and delete what the import made."""
        for change in plan.restored:
            if change.record == "product":
                storage.update(db, replace(from_json(Product, change.before), version=change.after["version"]))
        storage.delete_many(db, "product", sorted(plan.removes("product")))


PLUGIN = ProductsKind()


def _build(staged: Staged, source: SourceSheet, row: SourceRow, old: Product | None) -> tuple[Product, list[Problem]]:
    base = old or Product(staged.temporary_id(), row.text("code"), row.text("name"))
    values: dict[str, Any] = fill(source, row, _DEFAULTS)
    if source.has("recognition"):
        values["recognition"] = Recognition(row.get("recognition") or Recognition.OVER_PERIOD)
    return replace(base, **values, names=names_of(source, row, base.names)), []
