"""Figures of price indexes, a row for each month: what indexed contracts rise with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.contract_terms import PriceIndex
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.months import parse_month
from billdesk.services.imports.model import Checked, Held, Outcome, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.staging import Staged
from billdesk.services.indexes import look_again
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import indexes as storage
from billdesk.storage import subscriptions
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

COLUMNS: Final = (
    Column("code", "Index code", required=True, synonyms={
        "en": "Index|Price index", "nl": "Indexcode|Prijsindex", "fr": "Indice|Code indice|Code de l'indice",
        "de": "Preisindex|Indexkürzel"}, help=N_("Such as health; an index that is new is made")),
    Column("name", "Index name", synonyms={
        "nl": "Naam index|Naam van de index", "fr": "Nom de l'indice", "de": "Name des Index"}),
    Column("year", "Year", ColumnKind.INTEGER, synonyms={"nl": "Jaar", "fr": "Année", "de": "Jahr"},
        help=N_("Only where the month stands alone")),
    Column("month", "Month", required=True, synonyms={
        "en": "Period|Time", "nl": "Maand|Periode", "fr": "Mois|Période", "de": "Monat|Zeitraum"},
        help=N_("Such as 2026-01, 01/2026 or January 2026")),
    Column("value", "Figure", ColumnKind.DECIMAL, required=True, synonyms={
        "en": "Index figure|Value", "nl": "Indexcijfer|Cijfer|Waarde", "fr": "Chiffre|Valeur|Chiffre de l'indice",
        "de": "Indexstand|Stand|Wert|Indexzahl"}),
)  # fmt: skip

_INDEX: Final = "price_index"
_FIGURE: Final = "price_index_value"
_MONTHS: Final = 1_000_000
"""A figure is known by its index and month in one number: index × this + yyyymm."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to write, with the row it came from and what it was."""

    row: int
    month: date
    value: Decimal
    before: Decimal | None = None


@dataclass
class Work:
    """Indexes to make, each with its first row, and figures to write by index code."""

    made: dict[str, tuple[int, PriceIndex]] = field(default_factory=dict)
    figures: defaultdict[str, list[Figure]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class IndexFiguresKind:
    """The plugin."""

    key: str = "index_figures"
    label: str = N_("Index figures")
    order: int = 45
    changes: Changes = frozenset({Noun.SUBSCRIPTIONS})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("index figures", "indexcijfers", "indices", "indexstände")
    records: tuple[str, ...] = (_FIGURE, _INDEX)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work]:
        """Compare the rows with the figures in the book; the name of an index that is there stays as it is."""
        checked: Checked[Work] = Checked(Work())
        seen: dict[tuple[str, date], tuple[int, Decimal]] = {}
        known = {code.casefold(): index for code, index in staged.indexes.items()}
        for row in source.rows:
            month, problems = _read(source, row)
            if problems:
                checked.reject(*problems)
                continue
            code, value = row.text("code"), row.get("value")
            index = known.get(code.casefold())
            if index is None:
                index = PriceIndex(staged.temporary_id(), code, row.text("name") or code)
                known[code.casefold()] = staged.indexes[code] = index
                checked.work.made[code] = (row.number, index)
            first = seen.setdefault((index.code, month), (row.number, value))
            if first[0] == row.number:
                _sort(checked, row.number, index, month, value)
            elif first[1] == value:
                checked.outcomes[row.number] = Outcome.DUPLICATE
            else:
                shown = f"{index.code} {month:%Y-%m}"
                checked.reject(source.problem(row.number, "month", "repeated_key", shown, first_row=first[0]))
        return checked

    def apply(self, staged: Staged, checked: Checked[Work]) -> list[RecordChange]:
        """Write the figures; contracts that rose with them are looked at again."""
        db, log = staged.db, list[RecordChange]()
        for code, (row, index) in checked.work.made.items():
            storage.insert_index(db, replace(index, id=0))
            made = storage.load_index(db, code)
            log.append(RecordChange(row, _INDEX, made.id, None, {"code": code, "name": made.name}))
        for code, figures in checked.work.figures.items():
            index = storage.load_index(db, code)
            storage.write_figures(db, index.id, {one.month: one.value for one in figures})
            look_again(db, code, [one.month for one in figures])
            log += [_change(index, one) for one in figures]
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Take figures back that nobody changed since, and indexes that no contract and no other figure needs."""
        known = {index.id: index for index in storage.list_indexes(db)} if changes else {}
        for change in (one for one in changes if one.record == _FIGURE):
            index_id, month = _place(change.record_id)
            now = known[index_id].values.get(month) if index_id in known else None
            if now is None or to_text(now) != change.after["value"]:
                plan.blocked.append((change, Held("changed_since")))
            elif change.before is None:
                plan.removes(_FIGURE).add(change.record_id)
            else:
                plan.restored.append(change)
        for change in (one for one in changes if one.record == _INDEX):
            held = _held(db, known.get(change.record_id), plan)
            if held is None:
                plan.removes(_INDEX).add(change.record_id)
            else:
                plan.blocked.append((change, held))

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write old figures back and take out what the import made."""
        old = {one.record_id: from_text(one.before["value"]) for one in plan.restored if one.record == _FIGURE}
        gone = plan.removes(_FIGURE)
        known = {index.id: index for index in storage.list_indexes(db)} if old or gone else {}
        for index in known.values():
            back = {_place(key)[1]: value for key, value in old.items() if _place(key)[0] == index.id}
            out = [_place(key)[1] for key in sorted(gone) if _place(key)[0] == index.id]
            storage.write_figures(db, index.id, back)
            storage.delete_figures(db, index.id, out)
            look_again(db, index.code, [*back, *out])
        for index_id in sorted(plan.removes(_INDEX)):
            storage.delete_index(db, index_id)


PLUGIN = IndexFiguresKind()


def _read(source: SourceSheet, row: SourceRow) -> tuple[date, list[Problem]]:
    """Give the month of a row, and what is wrong with its month and figure."""
    problems, month = [], date.min
    try:
        month = parse_month(row.text("month"), row.get("year"))
    except CellError as error:
        problems.append(source.problem(row.number, "month", error.code, row.text("month")))
    if row.get("value") <= 0:
        problems.append(source.problem(row.number, "value", "too_small", row.get("value"), minimum="0.01"))
    return month, problems


def _sort(checked: Checked[Work], row: int, index: PriceIndex, month: date, value: Decimal) -> None:
    before = index.values.get(month)
    if before == value:
        checked.outcomes[row] = Outcome.UNCHANGED
        return
    checked.outcomes[row] = Outcome.ADDED if before is None else Outcome.CHANGED
    checked.work.figures[index.code].append(Figure(row, month, value, before))


def _change(index: PriceIndex, figure: Figure) -> RecordChange:
    key = index.id * _MONTHS + figure.month.year * 100 + figure.month.month
    before = None if figure.before is None else {"value": to_text(figure.before)}
    after = {"code": f"{index.code} {figure.month:%Y-%m}", "value": to_text(figure.value)}
    return RecordChange(figure.row, _FIGURE, key, before, after)


def _place(key: int) -> tuple[int, date]:
    """Give the index and the month of a figure."""
    index_id, month = divmod(key, _MONTHS)
    return index_id, date(month // 100, month % 100, 1)


def _held(db: Db, index: PriceIndex | None, plan: UndoPlan) -> Held | None:
    """Say why an index that the import made must stay, None where nothing holds it."""
    if index is None:
        return Held("changed_since")
    users = subscriptions.load_with_index(db, index.code)
    if users:
        return Held("used_by_contract", users[0].number)
    going = {_place(key)[1] for key in plan.removes(_FIGURE) if _place(key)[0] == index.id}
    return Held("changed_since") if index.values.keys() - going else None
