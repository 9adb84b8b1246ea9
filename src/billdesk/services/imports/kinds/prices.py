"""Prices: a row for each currency, and for each tier of a price with tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from billdesk.domain.catalog import Conversion, Ending, LateUsage, Price, PriceTerms, Proration, QuantitySource, Timing
from billdesk.domain.rating import charge_models
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import charges_otherwise, check_price, converted_before, sold_prices
from billdesk.services.imports.columns import CURRENCY_WORDS, NAME_COLUMNS
from billdesk.services.imports.model import Checked, Outcome, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.price_terms import TERMS_COLUMNS, cell_of, read_terms
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
    *TERMS_COLUMNS,
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
    Column("convert_from", "Converted from", ColumnKind.CURRENCY, synonyms={
        "nl": "Omgerekend uit|Omrekenen uit", "fr": "Converti de", "de": "Umgerechnet aus"},
        help=N_("Currency from which amounts in a missing currency are converted; empty makes it an error")),
    Column("ending", "Converted amounts end in", ColumnKind.CHOICE, choices=tuple(Ending), aliases={
        "0": ".00", "0.00": ".00", "0,00": ".00", "0.9": ".90", "0,9": ".90", "0.90": ".90", "0,90": ".90",
        "0.95": ".95", "0,95": ".95", "0.99": ".99", "0,99": ".99"}, synonyms={
        "nl": "Omgerekende bedragen eindigen op|Eindigt op", "fr": "Montants convertis finissent par",
        "de": "Umgerechnete Beträge enden auf"}),
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
        elif group.old is not None and group.old.id in sold:
            for problem in converted_before(group.old, record):
                group.refuse(group.first, "currency", problem.code, problem.value)
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
    if source.has("convert_from"):
        base_currency, ending = row.get("convert_from"), Ending(row.get("ending") or Ending.WHOLE)
        values["conversion"] = Conversion(base_currency, ending) if base_currency else None
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
    given = {currency: read_terms(group, model, rows) for currency, rows in found.items()}
    kept = [given.pop(terms.currency, terms) for terms in stored]
    return (*kept, *given.values())


def _check_record(group: _Group, record: Price) -> None:
    """Put what the price's own check finds at the cell it comes from, in the rows of its currency."""
    for terms in record.terms:
        rows = [row for row in group.rows if row.get("currency") == terms.currency] or group.rows
        for problem in check_price(replace(record, terms=(terms,))):
            row, column = cell_of(problem.place.field, record.model, rows)
            placed = replace(problem, place=group.source.problem(row.number, column, "").place)
            if placed not in group.problems:
                group.problems.append(placed)


def _settled(staged: Staged, record: Price) -> Price:
    metric = record.metric_id
    return replace(
        record,
        product_id=staged.real_id("product", record.product_id),
        metric_id=None if metric is None else staged.real_id("metric", metric),
    )
