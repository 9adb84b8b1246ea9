"""Metrics, one per row: what usage is measured in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from billdesk.domain.usage import Aggregation, Metric, RoundingMode
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.services.imports.columns import NAME_COLUMNS
from billdesk.services.imports.model import Checked, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import Work, fill, names_of, triage
from billdesk.services.imports.undoing import RecordTable, plan_records
from billdesk.sheets import Column, ColumnKind
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange
from billdesk.storage.usage import metrics as storage

_MOST_DECIMALS: Final = 12

COLUMNS: Final = (
    Column("code", "Metric code", required=True, synonyms={
        "en": "Metric|Meter|Meter code", "nl": "Meter|Metercode|Metriek", "fr": "Métrique|Compteur|Code compteur",
        "de": "Metrik|Zähler|Zählercode"}),
    Column("name", "Name", required=True, synonyms={
        "en": "Metric name", "nl": "Naam|Omschrijving", "fr": "Nom|Libellé", "de": "Bezeichnung"}),
    Column("aggregation", "Aggregation", ColumnKind.CHOICE, required=True, choices=tuple(Aggregation), aliases={
        "som": "sum", "somme": "sum", "summe": "sum", "total": "sum", "aantal": "count", "nombre": "count",
        "anzahl": "count", "hoogste": "max", "maximum": "max", "laatste": "latest", "dernier": "latest",
        "letzter": "latest", "unieke": "count_unique"}, synonyms={
        "en": "Counted as", "nl": "Telling|Berekening", "fr": "Agrégation|Calcul", "de": "Zählweise"}),
    Column("unit", "Unit", synonyms={"nl": "Eenheid", "fr": "Unité", "de": "Einheit"}),
    Column("decimals", "Decimals", ColumnKind.INTEGER, synonyms={
        "en": "Decimal places", "nl": "Decimalen", "fr": "Décimales", "de": "Nachkommastellen"}),
    Column("rounding", "Rounding", ColumnKind.CHOICE, choices=tuple(RoundingMode), synonyms={
        "nl": "Afronding", "fr": "Arrondi", "de": "Rundung"}),
    Column("rounding_places", "Rounded to places", ColumnKind.INTEGER),
    Column("percentile", "Percentile", ColumnKind.DECIMAL),
    Column("unique_property", "Unique property"),
    Column("recurring", "Recurring", ColumnKind.BOOLEAN, synonyms={
        "nl": "Doorlopend", "fr": "Récurrent", "de": "Fortlaufend"}),
    *NAME_COLUMNS,
)  # fmt: skip

_DEFAULTS: Final[dict[str, object]] = {
    "name": "", "unit": "", "decimals": 0, "rounding_places": 0, "percentile": None, "unique_property": "",
    "recurring": False,
}  # fmt: skip


def _load(db: Db, _ids: object) -> dict[int, Metric]:
    return {metric.id: metric for metric in storage.list_metrics(db)}


_TABLE: Final = RecordTable("metric", (), _load)


@dataclass(frozen=True, slots=True)
class MetricsKind:
    """The plugin."""

    key: str = "metrics"
    label: str = N_("Metrics")
    order: int = 25
    changes: Changes = frozenset({Noun.USAGE})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("metrics", "meters", "metrieken", "métriques", "compteurs", "metriken", "zähler")
    records: tuple[str, ...] = ("metric",)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work[Metric]]:
        """Compare the rows with the metrics in the book."""
        checked = triage(source, "code", staged.metrics, lambda row, old: _build(staged, source, row, old))
        staged.metrics |= {record.code: record for _row, record in checked.work.added}
        staged.metrics |= {record.code: record for _row, _old, record in checked.work.changed}
        return checked

    def apply(self, staged: Staged, checked: Checked[Work[Metric]]) -> list[RecordChange]:
        """Write new and changed metrics."""
        log = []
        for row, record in checked.work.added:
            made = replace(record, id=storage.insert_metric(staged.db, record))
            staged.stored("metric", record.id, made.id)
            log.append(RecordChange(row, "metric", made.id, None, to_json(made)))
        for row, old, record in checked.work.changed:
            storage.update_metric(staged.db, record)
            after = to_json(replace(record, version=old.version + 1))
            log.append(RecordChange(row, "metric", old.id, to_json(old), after))
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let new metrics go that nothing measures or charges, and restore changed ones."""
        plan_records(db, _TABLE, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write old values back and delete what the import made."""
        for change in plan.restored:
            if change.record == "metric":
                storage.update_metric(db, replace(from_json(Metric, change.before), version=change.after["version"]))
        for metric_id in sorted(plan.removes("metric")):
            storage.delete_metric(db, metric_id)


PLUGIN = MetricsKind()


def _build(staged: Staged, source: SourceSheet, row: SourceRow, old: Metric | None) -> tuple[Metric, list[Problem]]:
    base = old or Metric(staged.temporary_id(), row.text("code"), row.text("name"))
    values: dict[str, Any] = fill(source, row, _DEFAULTS)
    values["aggregation"] = Aggregation(row.get("aggregation"))
    if source.has("rounding"):
        values["rounding"] = RoundingMode(row.get("rounding") or RoundingMode.NONE)
    record = replace(base, **values, names=names_of(source, row, base.names))
    problems = []
    if not 0 <= record.decimals <= _MOST_DECIMALS:
        problems.append(source.problem(row.number, "decimals", "too_large", record.decimals, maximum=_MOST_DECIMALS))
    elif old is not None and record.decimals != old.decimals and storage.has_events(staged.db, old.id):
        problems.append(source.problem(row.number, "decimals", "metric_decimals_frozen", record.decimals))
    return record, problems
