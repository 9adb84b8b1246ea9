"""What an import works on: rows of a sheet, what becomes of each, and what was changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

from billdesk.domain.usage import ImportBatch
from billdesk.kernel.changes import Changes
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.services.imports.staging import Staged
from billdesk.sheets import Ambiguity, Column, MappingProfile, Suggestion
from billdesk.storage.database import Db
from billdesk.storage.imports import Holder, RecordChange

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row with checked values by column name; an empty or unmapped cell is None."""

    number: int
    values: Mapping[str, Any]

    def get(self, column: str) -> Any:  # noqa: ANN401 - what it is follows from the column's kind
        """Give a cell, None when it is empty."""
        return self.values.get(column)

    def text(self, column: str) -> str:
        """Give a text cell, empty when there is none."""
        return self.values.get(column) or ""


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """The rows of one sheet that could be read, and which headers its columns have."""

    file: str
    sheet: str
    headers: Mapping[str, str]
    rows: tuple[SourceRow, ...]

    def has(self, column: str) -> bool:
        """Tell whether the file has a column; one that it lacks leaves stored values alone."""
        return column in self.headers

    def problem(self, row: int, column: str, code: str, value: object = "", **details: object) -> Problem:
        """Tell what is wrong with a cell, in the file's own words for its place."""
        place = Place(file=self.file, sheet=self.sheet, row=row, column=self.headers.get(column, column))
        facts = tuple((name, str(fact)) for name, fact in details.items())
        shown = to_text(value) if isinstance(value, Decimal) else "" if value is None else str(value)
        return Problem(code, place, shown, facts)


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass
class Checked(Generic[W]):
    """What a kind found out about a sheet: the fate of each row, problems, and the work to do."""

    work: W
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def reject(self, *problems: Problem) -> None:
        """Keep rows out."""
        for problem in problems:
            self.problems.append(problem)
            if problem.place.row is not None and problem.blocking:
                self.outcomes[problem.place.row] = Outcome.REJECTED


_HELD_BY: Final = {
    "customer": "used_by_customer",
    "subscription": "used_by_contract",
    "document": "used_by_document",
    "price": "used_by_price",
    "plan": "used_by_plan",
    "payment": "used_by_payment",
    "usage_event": "used_by_usage",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Why a record must stay when an import is undone: the code of the sentence, and what uses the record."""

    code: str
    user: str = ""

    @classmethod
    def by(cls, holder: Holder) -> Held:
        """Tell of what uses a record; a draft has no number to name it by."""
        if holder.table == "document" and not holder.key:
            return cls("used_by_draft")
        return cls(_HELD_BY.get(holder.table, "in_use"), holder.key)


@dataclass
class UndoPlan:
    """What undoing would do: rows that go (by table), rows that get old values, rows that must stay.

    Entries of contracts that stay are `revoked`, and those that the import had revoked count again (`revived`).
    """

    gone: dict[str, set[int]] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)
    revived: set[int] = field(default_factory=set)
    restored: list[RecordChange] = field(default_factory=list)
    blocked: list[tuple[RecordChange, Held]] = field(default_factory=list)

    def removes(self, table: str) -> set[int]:
        """Give the ids of a table that go."""
        return self.gone.setdefault(table, set())


class ImportKind(Protocol):
    """A plugin of the kind `importers`: one file in `services/imports/kinds/`.

    `order` puts kinds that others refer to first; `sheet_names` are names a sheet of this kind may have;
    `records` are the tables it writes, in the order in which an undo takes them back.
    """

    @property
    def key(self) -> str:
        """Stable name, stored with batches and profiles."""

    @property
    def label(self) -> str:
        """English name for people."""

    @property
    def order(self) -> int:
        """Position among the kinds of one file."""

    @property
    def changes(self) -> Changes:
        """The nouns that an import touches."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that its sheets may have."""

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """Names of sheets in four languages."""

    @property
    def records(self) -> tuple[str, ...]:
        """The tables it writes."""

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Any]:
        """Compare rows with the book (and with sheets checked before); writes nothing."""

    def apply(self, staged: Staged, checked: Checked[Any]) -> list[RecordChange]:
        """Write what `check` found; gives what was made and changed."""

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Add to a plan what undoing changes of its tables would do; writes nothing."""

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Carry a plan out for its tables."""


@dataclass(frozen=True, slots=True)
class CellAt:
    """A cell by sheet (empty for a file that is one table), row as the spreadsheet counts, and column name."""

    row: int
    column: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a person decided about a file; everything left empty is detected.

    `kind` and `sheet` limit the import; `headers` maps (sheet, column name) to a header (empty: not in the file);
    `constants` maps (sheet, column name) to the text that every row takes; `answers` maps (sheet, header, question
    kind) to a choice; `corrections` replaces the text of cells.
    `profile` is used for sheets with its headers; `save_as` keeps the mapping under that name.
    """

    kind: str = ""
    sheet: str = ""
    headers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    constants: Mapping[tuple[str, str], str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    corrections: Mapping[CellAt, str] = field(default_factory=dict)
    profile: MappingProfile | None = None
    encoding: str = ""
    delimiter: str = ""
    entity_id: int | None = None
    save_as: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows had which fate."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicate: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, outcomes: Mapping[int, Outcome]) -> Counts:
        """Count fates."""
        found = Counter(outcomes.values())
        return cls(len(outcomes), *(found[outcome] for outcome in Outcome))

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row for the checking grid: cells as text in the order of the part's columns."""

    number: int
    cells: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PartPreview:
    """One sheet: what it is taken for, its mapping, open questions, counts, problems and first rows.

    `kind` is empty when it was not recognised; such a sheet is skipped. `missing` are required columns without a
    header. `columns` are those of the grid: the mapped ones. `rather` is the label of a kind that fits better.
    """

    sheet: str
    kind: str
    label: str
    header: tuple[str, ...]
    header_row: int
    mapping: tuple[Suggestion, ...] = ()
    columns: tuple[Column, ...] = ()
    questions: tuple[Ambiguity, ...] = ()
    missing: tuple[Column, ...] = ()
    counts: Counts = Counts()
    problems: tuple[Problem, ...] = ()
    grid: tuple[GridRow, ...] = ()
    profile: MappingProfile | None = None
    rather: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.questions and not self.missing


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import of a file would do; `already` is an earlier batch of the very same file."""

    file_name: str
    sha256: str
    parts: tuple[PartPreview, ...]
    already: ImportBatch | None = None

    @property
    def recognised(self) -> tuple[PartPreview, ...]:
        """The sheets that will be imported."""
        return tuple(part for part in self.parts if part.kind)

    @property
    def is_ready(self) -> bool:
        """Whether the import can be applied without a further question."""
        return bool(self.recognised) and all(part.is_ready for part in self.recognised)

    @property
    def counts(self) -> Counts:
        """All sheets together."""
        return sum((part.counts for part in self.recognised), Counts())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All sheets together."""
        return tuple(problem for part in self.parts for problem in part.problems)


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did; `batch_id` is None when nothing was new."""

    batch_id: int | None
    file_name: str
    kinds: tuple[str, ...]
    counts: Counts
    problems: tuple[Problem, ...] = ()
