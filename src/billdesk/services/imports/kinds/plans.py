"""Plans and their versions: a row for each price in a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import Plan, PlanItem, PlanVersion, Price, RunningPolicy, VersionState
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.services.catalog import currency_problems
from billdesk.services.imports.columns import ARCHIVED, NAME_COLUMNS
from billdesk.services.imports.commitment_cells import COMMITMENT_COLUMNS, read_commitment
from billdesk.services.imports.model import Checked, Outcome, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import fill, names_of
from billdesk.services.imports.undoing import RecordTable, plan_records
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import catalog as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

COLUMNS: Final = (
    Column("code", "Plan code", required=True, synonyms={
        "en": "Plan|Plan id|Package code", "nl": "Plancode|Plan|Formule|Formulecode|Abonnementcode",
        "fr": "Code plan|Formule|Code formule", "de": "Tarifcode|Plan-ID|Paket"}),
    Column("name", "Name", required=True, synonyms={
        "en": "Plan name", "nl": "Naam|Plannaam|Naam formule", "fr": "Nom|Nom du plan|Nom de la formule",
        "de": "Planname|Bezeichnung"}),
    Column("version", "Version", ColumnKind.INTEGER, synonyms={
        "en": "Version number", "nl": "Versie|Versienummer", "fr": "Version|Numéro de version",
        "de": "Versionsnummer"}),
    Column("effective", "Effective from", ColumnKind.DATE, required=True, synonyms={
        "en": "Effective|Valid from|From|Effective date", "nl": "Geldig vanaf|Vanaf|Ingangsdatum",
        "fr": "Valable à partir du|À partir du|Date d'effet", "de": "Gültig ab|Ab"}),
    Column("price", "Price code", required=True, synonyms={
        "en": "Price", "nl": "Prijscode|Prijs|Tariefcode", "fr": "Code prix|Tarif|Code tarif",
        "de": "Preiscode|Preis"}),
    Column("quantity", "Quantity", ColumnKind.DECIMAL, synonyms={
        "en": "Qty|Starting quantity", "nl": "Aantal|Hoeveelheid", "fr": "Quantité|Nombre", "de": "Menge|Anzahl"}),
    Column("trial_days", "Trial days", ColumnKind.INTEGER, synonyms={
        "en": "Trial", "nl": "Proefdagen|Proefperiode", "fr": "Jours d'essai|Essai", "de": "Testtage|Probezeit"}),
    Column("running_policy", "Running contracts", ColumnKind.CHOICE, choices=tuple(RunningPolicy), synonyms={
        "nl": "Lopende contracten", "fr": "Contrats en cours", "de": "Laufende Verträge"}),
    Column("state", "State", ColumnKind.CHOICE, choices=("draft", "live", "retired"), aliases={
        "actief": "live", "active": "live", "actif": "live", "aktiv": "live", "ontwerp": "draft", "brouillon": "draft",
        "entwurf": "draft", "stopgezet": "retired", "retiré": "retired"}, synonyms={
        "en": "Status", "nl": "Status|Staat", "fr": "Statut|État", "de": "Status|Zustand"}),
    Column("description", "Description", synonyms={
        "nl": "Omschrijving|Beschrijving", "fr": "Description", "de": "Beschreibung"}),
    Column("note", "Note", synonyms={"nl": "Nota|Opmerking", "fr": "Remarque", "de": "Bemerkung"}),
    *COMMITMENT_COLUMNS,
    *NAME_COLUMNS,
    ARCHIVED,
)  # fmt: skip

_PLAN: Final[dict[str, object]] = {"name": "", "description": "", "archived": False}
_VERSION: Final[dict[str, object]] = {"trial_days": 0, "note": ""}
_PLAN_TABLE: Final = RecordTable("plan", (), storage.load_plans)
_VERSION_TABLE: Final = RecordTable("plan_version", ("plan_item",), storage.load_versions)


@dataclass
class PlanWork:
    """Plans and versions to make and to change, each with its row."""

    new_plans: list[tuple[int, Plan]] = field(default_factory=list)
    changed_plans: list[tuple[int, Plan, Plan]] = field(default_factory=list)
    new_versions: list[tuple[int, PlanVersion]] = field(default_factory=list)
    changed_versions: list[tuple[int, PlanVersion, PlanVersion]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlansKind:
    """The plugin."""

    key: str = "plans"
    label: str = N_("Plans")
    order: int = 40
    changes: Changes = frozenset({Noun.CATALOG})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("plans", "plannen", "formules", "abonnementsformules", "pakketten", "pläne")
    records: tuple[str, ...] = ("plan_version", "plan")

    def check(self, staged: Staged, source: SourceSheet) -> Checked[PlanWork]:
        """Gather the rows of each plan and version and compare them with the book."""
        checked = Checked(PlanWork())
        groups: dict[tuple[str, int], list[SourceRow]] = {}
        for row in source.rows:
            groups.setdefault((row.text("code"), _number(row)), []).append(row)
        for key in sorted(groups):
            _check_version(_Group(staged, source, groups[key]), checked)
        return checked

    def apply(self, staged: Staged, checked: Checked[PlanWork]) -> list[RecordChange]:
        """Write plans and versions; older live versions retire behind the newest one in effect."""
        db, work = staged.db, checked.work
        log = _apply_plans(staged, work)
        new = [(row, temporary, _settled(staged, temporary)) for row, temporary in work.new_versions]
        ids = storage.insert_versions(db, [record for _row, _temporary, record in new])
        for (row, temporary, record), new_id in zip(new, ids, strict=True):
            staged.stored("plan_version", temporary.id, new_id)
            log.append(RecordChange(row, "plan_version", new_id, None, to_json(replace(record, id=new_id))))
        for row, old, record in work.changed_versions:
            written = _settled(staged, record)
            storage.update_version(db, written, items=written.items != old.items)
            log.append(RecordChange(row, "plan_version", old.id, to_json(old), to_json(written)))
        return log + _retire(db, new)

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let versions go that no contract names, then plans without versions; restore what was changed."""
        plan_records(db, _VERSION_TABLE, changes, plan)
        plan_records(db, _PLAN_TABLE, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Delete what the import made and write old values back."""
        storage.delete_versions(db, sorted(plan.removes("plan_version")))
        for change in plan.restored:
            if change.record == "plan_version":
                old, now = from_json(PlanVersion, change.before), from_json(PlanVersion, change.after)
                storage.update_version(db, old, items=old.items != now.items)
            elif change.record == "plan":
                storage.update(db, replace(from_json(Plan, change.before), version=change.after["version"]))
        storage.delete_many(db, "plan", sorted(plan.removes("plan")))


PLUGIN = PlansKind()


def _number(row: SourceRow) -> int:
    return row.get("version") or 1


@dataclass
class _Group:
    """The rows of one plan version, and what is wrong with them."""

    staged: Staged
    source: SourceSheet
    rows: list[SourceRow]
    problems: list[Problem] = field(default_factory=list)

    @property
    def first(self) -> SourceRow:
        return self.rows[0]

    @property
    def key(self) -> tuple[str, int]:
        return self.first.text("code"), _number(self.first)

    def refuse(self, row: SourceRow, column: str, code: str, value: object = "", **details: object) -> None:
        self.problems.append(self.source.problem(row.number, column, code, value, **details))


def _check_version(group: _Group, checked: Checked[PlanWork]) -> None:
    staged, row = group.staged, group.first
    old_plan, old = staged.plans.get(row.text("code")), staged.versions.get(group.key)
    plan = _build_plan(group, old_plan)
    version = _build_version(group, plan, old)
    if old is not None and old.state is not VersionState.DRAFT and _differs(old, version):
        group.refuse(row, "version", "version_live", group.key[1])
    if old is None and _is_late(staged, plan, version):
        group.refuse(row, "effective", "version_in_past", version.effective)
    for problem in [] if group.problems else currency_problems(_prices(staged, version)):
        group.refuse(row, "price", problem.code)
    if group.problems:
        checked.problems += group.problems
        checked.outcomes.update((one.number, Outcome.REJECTED) for one in group.rows)
        return
    outcome = _sort(checked.work, row.number, (old_plan, plan), (old, version))
    checked.outcomes.update((one.number, outcome) for one in group.rows)
    staged.plans[plan.code] = plan
    staged.versions[group.key] = version


def _sort(
    work: PlanWork, row: int, plans: tuple[Plan | None, Plan], versions: tuple[PlanVersion | None, PlanVersion]
) -> Outcome:
    (old_plan, plan), (old, version) = plans, versions
    if old_plan is None:
        work.new_plans.append((row, plan))
    elif old_plan != plan and old_plan.id > 0:
        work.changed_plans.append((row, old_plan, plan))
    if old is None:
        work.new_versions.append((row, version))
        return Outcome.ADDED
    if old != version:
        work.changed_versions.append((row, old, version))
        return Outcome.CHANGED
    return Outcome.UNCHANGED if old_plan == plan else Outcome.CHANGED


def _is_late(staged: Staged, plan: Plan, version: PlanVersion) -> bool:
    """Whether a plan that the book already sells would get another version from a day that has passed."""
    is_sold = any(one.plan_id == plan.id and one.id > 0 for one in staged.versions.values())
    return is_sold and version.state is VersionState.LIVE and version.effective < staged.db.today


def _prices(staged: Staged, version: PlanVersion) -> list[Price]:
    named = {item.price_id for item in version.items}
    return [price for price in staged.prices.values() if price.id in named]


def _differs(old: PlanVersion, new: PlanVersion) -> bool:
    """Tell whether what contracts rely on would change."""
    agreed = ("effective", "items", "trial_days", "commitment")
    return any(getattr(old, name) != getattr(new, name) for name in agreed)


def _build_plan(group: _Group, old: Plan | None) -> Plan:
    row, source = group.first, group.source
    base = old or Plan(group.staged.temporary_id(), row.text("code"), row.text("name"))
    values: dict[str, Any] = fill(source, row, _PLAN)
    return replace(base, **values, names=names_of(source, row, base.names))


def _build_version(group: _Group, plan: Plan, old: PlanVersion | None) -> PlanVersion:
    row, source, staged = group.first, group.source, group.staged
    base = old or PlanVersion(
        staged.temporary_id(), plan.id, _number(row), VersionState.LIVE, row.get("effective"), (), owner=staged.db.user
    )
    values: dict[str, Any] = fill(source, row, _VERSION)
    if source.has("running_policy"):
        values["running_policy"] = RunningPolicy(row.get("running_policy") or RunningPolicy.KEEP)
    if source.has("commitment"):
        values["commitment"] = read_commitment(row, group.refuse)
    if old is None and row.get("state"):
        values["state"] = VersionState(row.get("state"))
    if values.get("trial_days", 0) < 0:
        group.refuse(row, "trial_days", "too_small", values["trial_days"], minimum=0)
    items = _items(group)
    if set(items) == set(base.items):
        items = base.items
    return replace(base, **values, effective=row.get("effective"), items=items)


def _items(group: _Group) -> tuple[PlanItem, ...]:
    items: dict[int, PlanItem] = {}
    for row in group.rows:
        price = group.staged.prices.get(row.text("price"))
        quantity = Decimal(1) if row.get("quantity") is None else row.get("quantity")
        if price is None:
            group.refuse(row, "price", "unknown_price", row.text("price"))
        elif price.id in items:
            group.refuse(row, "price", "repeated_key", row.text("price"), first_row=group.first.number)
        elif quantity < 0:
            group.refuse(row, "quantity", "too_small", quantity, minimum=0)
        else:
            items[price.id] = PlanItem(price.id, quantity)
        if row.get("effective") != group.first.get("effective"):
            first = group.first.get("effective").isoformat()
            group.refuse(row, "effective", "rows_disagree", row.get("effective"), first=first)
    return tuple(items.values())


def _apply_plans(staged: Staged, work: PlanWork) -> list[RecordChange]:
    db, log = staged.db, []
    ids = storage.insert_many(db, [plan for _row, plan in work.new_plans])
    for row, plan in work.new_plans:
        staged.stored("plan", plan.id, ids[plan.code])
        log.append(RecordChange(row, "plan", ids[plan.code], None, to_json(replace(plan, id=ids[plan.code]))))
    for row, old, plan in work.changed_plans:
        storage.update(db, plan)
        log.append(RecordChange(row, "plan", old.id, to_json(old), to_json(replace(plan, version=old.version + 1))))
    return log


def _settled(staged: Staged, version: PlanVersion) -> PlanVersion:
    items = tuple(replace(item, price_id=staged.real_id("price", item.price_id)) for item in version.items)
    return replace(version, plan_id=staged.real_id("plan", version.plan_id), items=items)


def _retire(db: Db, new: list[tuple[int, PlanVersion, PlanVersion]]) -> list[RecordChange]:
    """Retire live versions behind the newest live one that is in effect today, and log those that were stored."""
    log = []
    made = {(record.plan_id, record.number) for _row, _temporary, record in new}
    for plan_id in {record.plan_id for _row, _temporary, record in new}:
        live = [v for v in storage.load_versions(db, plan_id=plan_id).values() if v.state is VersionState.LIVE]
        in_effect = [version for version in live if version.effective <= db.today]
        for version in in_effect[:-1]:
            after = replace(version, state=VersionState.RETIRED)
            storage.update_version(db, after, items=False)
            if (plan_id, version.number) not in made:
                log.append(RecordChange(0, "plan_version", version.id, to_json(version), to_json(after)))
    return log
