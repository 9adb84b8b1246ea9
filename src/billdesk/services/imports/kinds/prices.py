"""Prices: a row for each currency, and for each tier of a price with tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import LateUsage, Price, PriceTerms, Proration, QuantitySource, Timing
from billdesk.domain.rating import charge_models
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import charges_otherwise, check_price, sold_prices
from billdesk.services.imports.columns import CURRENCY_WORDS, NAME_COLUMNS
from billdesk.services.imports.contract_overrides import principal, read_parameters
from billdesk.services.imports.model import Checked, Outcome, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import Work, fill, names_of
from billdesk.services.imports.undoing import RecordTable, plan_records
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import catalog as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

ONCE: Final = "once"
_INTERVALS: Final = {
    "dag": "day", "jour": "day", "tag": "day", "daily": "day", "dagelijks": "day",
    "weekly": "week", "wekelijks": "week", "semaine": "week", "woche": "week", "hebdomadaire": "week",
    "monthly": "month", "maand": "month", "maandelijks": "month", "mois": "month", "mensuel": "month",
    "monat": "month", "monatlich": "month",
    "quarterly": "quarter", "kwartaal": "quarter", "trimestre": "quarter", "trimestriel": "quarter",
    "quartal": "quarter", "vierteljährlich": "quarter",
    "half-year": "half_year", "halfjaar": "half_year", "semestre": "half_year", "halbjahr": "half_year",
    "yearly": "year", "annual": "year", "annually": "year", "jaar": "year", "jaarlijks": "year", "an": "year",
    "annuel": "year", "année": "year", "jahr": "year", "jährlich": "year",
    "one-off": ONCE, "eenmalig": ONCE, "unique": ONCE, "einmalig": ONCE,
}  # fmt: skip

COLUMNS: Final = (
    Column("code", "Price code", required=True, synonyms={
        "en": "Price|Price id", "nl": "Prijscode|Prijs code|Tariefcode", "fr": "Code prix|Code tarif|Tarif",
        "de": "Preiscode|Tarif|Preis-ID"}),
    Column("product", "Product code", required=True, synonyms={
        "en": "Product|Item", "nl": "Productcode|Artikelcode|Artikel", "fr": "Code produit|Produit|Article",
        "de": "Produktcode|Produkt|Artikel"}),
    Column("name", "Name", synonyms={
        "en": "Price name", "nl": "Naam|Prijsnaam|Omschrijving", "fr": "Nom|Libellé", "de": "Bezeichnung"}),
    Column("model", "Charge model", ColumnKind.TEXT, required=True, synonyms={
        "en": "Model|Pricing model|Type", "nl": "Prijsmodel|Model|Berekening", "fr": "Modèle|Modèle de prix",
        "de": "Preismodell|Modell"}, help=N_("flat, per_unit, graduated, volume, package, …")),
    Column("interval", "Billed per", ColumnKind.CHOICE, required=True, aliases=_INTERVALS,
        choices=(*(unit.value for unit in Unit), ONCE), synonyms={
        "en": "Interval|Period|Frequency|Per", "nl": "Periode|Interval|Frequentie|Facturatie per",
        "fr": "Période|Fréquence|Périodicité", "de": "Intervall|Zeitraum|Abrechnung pro"}),
    Column("interval_count", "Number of intervals", ColumnKind.INTEGER, synonyms={
        "en": "Interval count|Every", "nl": "Aantal perioden|Elke", "fr": "Nombre de périodes",
        "de": "Anzahl Intervalle"}),
    Column("timing", "Billed in", ColumnKind.CHOICE, choices=tuple(Timing), aliases={
        "in advance": "advance", "vooraf": "advance", "à l'avance": "advance", "d'avance": "advance",
        "im voraus": "advance", "in arrears": "arrears", "achteraf": "arrears", "à terme échu": "arrears",
        "nachträglich": "arrears"}, synonyms={
        "en": "Timing|Advance or arrears", "nl": "Vooraf of achteraf|Moment", "fr": "Moment", "de": "Zeitpunkt"}),
    Column("quantity_source", "Quantity from", ColumnKind.CHOICE, choices=tuple(QuantitySource), aliases={
        "seats": "subscription", "contract": "subscription", "abonnement": "subscription", "verbruik": "usage",
        "consommation": "usage", "verbrauch": "usage", "metered": "usage", "vast": "one", "fixed": "one"}, synonyms={
        "en": "Quantity source", "nl": "Aantal uit|Hoeveelheid uit", "fr": "Quantité de", "de": "Menge aus"}),
    Column("metric", "Metric code", synonyms={
        "en": "Metric|Meter", "nl": "Meter|Metriek|Metercode", "fr": "Métrique|Compteur", "de": "Metrik|Zähler"}),
    Column("currency", "Currency", ColumnKind.CURRENCY, required=True, synonyms=CURRENCY_WORDS),
    Column("amount", "Amount", ColumnKind.DECIMAL, synonyms={
        "en": "Unit price|Fee|Rate", "nl": "Bedrag|Prijs|Eenheidsprijs|Tarief", "fr": "Montant|Prix|Prix unitaire",
        "de": "Betrag|Preis|Einzelpreis"}, help=N_("Flat amount, price per unit or price per package")),
    Column("up_to", "Tier up to", ColumnKind.DECIMAL, synonyms={
        "en": "Up to|Tier end", "nl": "Tot en met|Schijf tot|Staffel tot", "fr": "Jusqu'à|Tranche jusqu'à",
        "de": "Bis|Staffel bis"}, help=N_("One row per tier; empty in the last one")),
    Column("tier_price", "Tier price per unit", ColumnKind.DECIMAL, synonyms={
        "en": "Tier price|Price per unit in tier", "nl": "Prijs per eenheid in schijf|Staffelprijs",
        "fr": "Prix unitaire de la tranche", "de": "Staffelpreis"}),
    Column("tier_flat", "Tier flat fee", ColumnKind.DECIMAL, synonyms={
        "en": "Flat fee|Tier fee", "nl": "Vast bedrag schijf|Vaste kost", "fr": "Forfait de la tranche",
        "de": "Grundpreis Staffel"}),
    Column("size", "Package size", ColumnKind.DECIMAL, synonyms={
        "en": "Units per package", "nl": "Pakketgrootte", "fr": "Taille du lot", "de": "Paketgröße"}),
    Column("free", "Free units", ColumnKind.DECIMAL, synonyms={
        "en": "Included units", "nl": "Gratis eenheden|Inbegrepen", "fr": "Unités gratuites", "de": "Freieinheiten"}),
    Column("minimum", "Minimum per period", ColumnKind.DECIMAL, synonyms={
        "en": "Minimum", "nl": "Minimum per periode", "fr": "Minimum par période", "de": "Mindestbetrag"}),
    Column("maximum", "Maximum per period", ColumnKind.DECIMAL, synonyms={
        "en": "Maximum|Cap", "nl": "Maximum per periode", "fr": "Maximum par période", "de": "Höchstbetrag"}),
    Column("parameters", "Other parameters", help=N_("JSON with the fields of other charge models")),
    Column("proration", "Proration", ColumnKind.CHOICE, choices=tuple(Proration), synonyms={
        "nl": "Pro rata", "fr": "Prorata", "de": "Anteilig"}),
    Column("proration_days", "Proration days", ColumnKind.INTEGER),
    Column("tax_inclusive", "Tax included", ColumnKind.BOOLEAN, synonyms={
        "en": "Incl. VAT|Tax inclusive", "nl": "Incl. btw|Btw inbegrepen", "fr": "TVA comprise|TTC",
        "de": "Inkl. MwSt"}),
    Column("skip_zero", "Skip zero", ColumnKind.BOOLEAN),
    Column("bill_in_trial", "Billed in trial", ColumnKind.BOOLEAN),
    Column("grace_days", "Grace days", ColumnKind.INTEGER),
    Column("days_before", "Days before", ColumnKind.INTEGER),
    Column("late_usage", "Late usage", ColumnKind.CHOICE, choices=tuple(LateUsage)),
    Column("tiers_restart", "Tiers restart", ColumnKind.BOOLEAN),
    *NAME_COLUMNS,
)  # fmt: skip

_PLAIN: Final[dict[str, object]] = {
    "proration_days": 30, "tax_inclusive": False, "skip_zero": False, "bill_in_trial": False, "grace_days": 0,
    "days_before": 0, "tiers_restart": False,
}  # fmt: skip
_CHOICES: Final[dict[str, Any]] = {
    "timing": (Timing, Timing.ADVANCE),
    "quantity_source": (QuantitySource, QuantitySource.ONE),
    "proration": (Proration, Proration.BY_DAY),
    "late_usage": (LateUsage, LateUsage.NEXT_INVOICE),
}
TIER: Final = {"up_to": "up_to", "tier_price": "unit_price", "tier_flat": "flat"}
"""The parameter of a tier that each column holds."""
_SCALARS: Final = ("size", "free")
_TABLE: Final = RecordTable("price", ("price_terms",), storage.load_prices)


@dataclass(frozen=True, slots=True)
class PricesKind:
    """The plugin."""

    key: str = "prices"
    label: str = N_("Prices")
    order: int = 30
    changes: Changes = frozenset({Noun.CATALOG})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("prices", "prijzen", "tarieven", "prix", "tarifs", "preise", "tarife")
    records: tuple[str, ...] = ("price",)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work[Price]]:
        """Gather the rows of each price and compare it with the book."""
        checked: Checked[Work[Price]] = Checked(Work())
        sold = sold_prices(staged.catalog())
        groups: dict[str, list[SourceRow]] = {}
        for row in source.rows:
            groups.setdefault(row.text("code"), []).append(row)
        for code, rows in groups.items():
            _check_price(_Group(staged, source, rows, staged.prices.get(code)), checked, sold)
        return checked

    def apply(self, staged: Staged, checked: Checked[Work[Price]]) -> list[RecordChange]:
        """Write new and changed prices with their terms."""
        db, work, log = staged.db, checked.work, []
        settled = [(row, record, _settled(staged, record)) for row, record in work.added]
        ids = storage.insert_many(db, [record for _row, _staged, record in settled])
        for row, temporary, record in settled:
            made = replace(record, id=ids[record.code])
            staged.stored("price", temporary.id, made.id)
            log.append(RecordChange(row, "price", made.id, None, to_json(made)))
        for row, old, record in work.changed:
            written = _settled(staged, record)
            storage.update(db, written)
            after = to_json(replace(storage.load_prices(db, [old.id])[old.id]))
            log.append(RecordChange(row, "price", old.id, to_json(old), after))
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let new prices go that no plan, contract or document names, and restore changed ones."""
        plan_records(db, _TABLE, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write old values back and delete what the import made."""
        for change in plan.restored:
            if change.record == "price":
                storage.update(db, replace(from_json(Price, change.before), version=change.after["version"]))
        storage.delete_many(db, "price", sorted(plan.removes("price")))


PLUGIN = PricesKind()


@dataclass
class _Group:
    """The rows of one price, and what is wrong with them."""

    staged: Staged
    source: SourceSheet
    rows: list[SourceRow]
    old: Price | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def first(self) -> SourceRow:
        return self.rows[0]

    def refuse(self, row: SourceRow, column: str, code: str, value: object = "", **details: object) -> None:
        self.problems.append(self.source.problem(row.number, column, code, value, **details))


def _check_price(group: _Group, checked: Checked[Work[Price]], sold: set[int]) -> None:
    record = _build(group)
    if record is not None and not group.problems:
        _check_record(group, record)
        if group.old is not None and group.old.id in sold and charges_otherwise(group.old, record):
            group.refuse(group.first, "amount", "price_sold", record.code)
    if record is None or group.problems:
        checked.problems += group.problems
        checked.outcomes.update((row.number, Outcome.REJECTED) for row in group.rows)
        return
    outcome = _outcome(group.old, record)
    checked.outcomes.update((row.number, outcome) for row in group.rows)
    if group.old is None:
        checked.work.added.append((group.first.number, record))
    elif outcome is Outcome.CHANGED:
        checked.work.changed.append((group.first.number, group.old, record))
    group.staged.prices[record.code] = record


def _outcome(old: Price | None, record: Price) -> Outcome:
    if old is None:
        return Outcome.ADDED
    return Outcome.UNCHANGED if old == record else Outcome.CHANGED


def _build(group: _Group) -> Price | None:
    """Give the price that the rows describe, None when its references or shape are wrong."""
    row, staged, source = group.first, group.staged, group.source
    product, metric = staged.products.get(row.text("product")), staged.metrics.get(row.text("metric"))
    if product is None:
        group.refuse(row, "product", "unknown_product", row.text("product"))
    if row.text("metric") and metric is None:
        group.refuse(row, "metric", "unknown_metric", row.text("metric"), metric=row.text("metric"))
    if row.text("model") not in charge_models():
        choices = ", ".join(model.key for model in charge_models())
        group.refuse(row, "model", "not_a_choice", row.text("model"), choices=choices)
    if product is None or group.problems:
        return None
    base = group.old or Price(
        staged.temporary_id(), row.text("code"), product.id, row.text("name") or product.name, "flat", None,
        Timing.ADVANCE, QuantitySource.ONE, (),
    )  # fmt: skip
    values: dict[str, Any] = fill(source, row, _PLAIN)
    values |= {name: kind(row.get(name) or default) for name, (kind, default) in _CHOICES.items() if source.has(name)}
    if source.has("metric"):
        values["metric_id"] = metric.id if metric else None
        if metric and not source.has("quantity_source"):
            values["quantity_source"] = QuantitySource.USAGE
    if row.text("name"):
        values["name"] = row.text("name")
    interval = (
        None if row.get("interval") == ONCE else Interval(Unit(row.get("interval")), row.get("interval_count") or 1)
    )
    return replace(
        base, **values, product_id=product.id, model=row.text("model"), interval=interval,
        names=names_of(source, row, base.names), terms=_terms(group, row.text("model"), base.terms),
    )  # fmt: skip


def _terms(group: _Group, model: str, stored: tuple[PriceTerms, ...]) -> tuple[PriceTerms, ...]:
    """Give terms per currency: those of the file over the stored ones."""
    found: dict[str, list[SourceRow]] = {}
    for row in group.rows:
        found.setdefault(row.get("currency"), []).append(row)
    given = {currency: _one_currency(group, model, rows) for currency, rows in found.items()}
    kept = [given.pop(terms.currency, terms) for terms in stored]
    return (*kept, *given.values())


def _one_currency(group: _Group, model: str, rows: list[SourceRow]) -> PriceTerms:
    fields = {spec.name: spec for spec in charge_models().get(model).fields}
    row = rows[0]
    parameters = _other_parameters(group, row)
    main = principal(model)
    if main and row.get("amount") is not None:
        parameters[main] = to_text(row.get("amount"))
    for name in _SCALARS:
        if name in fields and row.get(name) is not None:
            parameters[name] = to_text(row.get(name))
    tiers = fields.get("tiers")
    if tiers is not None and any(one.get(name) is not None for one in rows for name in TIER):
        parameters["tiers"] = [_tier(one, tiers) for one in rows]
    elif len(rows) > 1:
        group.refuse(rows[1], "currency", "repeated_key", row.get("currency"), first_row=row.number)
    return PriceTerms(row.get("currency"), parameters, row.get("minimum"), row.get("maximum"))


def _tier(row: SourceRow, spec: Field) -> dict[str, str]:
    known = {column.name for column in spec.columns}
    values: dict[str, Decimal | None] = {TIER[name]: row.get(name) for name in TIER if TIER[name] in known}
    return {name: to_text(value) for name, value in values.items() if value is not None}


def _other_parameters(group: _Group, row: SourceRow) -> dict[str, object]:
    values = read_parameters(row.text("parameters"))
    if values is None:
        group.refuse(row, "parameters", "not_json", row.text("parameters"))
    return values or {}


def _check_record(group: _Group, record: Price) -> None:
    """Put what the price's own check finds at the cell it comes from, in the rows of its currency."""
    for terms in record.terms:
        rows = [row for row in group.rows if row.get("currency") == terms.currency] or group.rows
        for problem in check_price(replace(record, terms=(terms,))):
            row, column = _cell_of(problem.place.field, record.model, rows)
            placed = replace(problem, place=group.source.problem(row.number, column, "").place)
            if placed not in group.problems:
                group.problems.append(placed)


def _cell_of(field_name: str, model: str, rows: list[SourceRow]) -> tuple[SourceRow, str]:
    """Give the row and column that a field such as `tiers[2].up_to` was read from."""
    name, _bracket, rest = field_name.partition("[")
    column = {"tiers": "up_to", "terms": "currency", principal(model): "amount"}.get(name, name)
    if name != "tiers" or not rest:
        return rows[0], column
    number, _dot, parameter = rest.partition("].")
    columns = {parameter: column for column, parameter in TIER.items()}
    return rows[min(int(number), len(rows)) - 1], columns.get(parameter, column)


def _settled(staged: Staged, record: Price) -> Price:
    metric = record.metric_id
    return replace(
        record,
        product_id=staged.real_id("product", record.product_id),
        metric_id=None if metric is None else staged.real_id("metric", metric),
    )
