"""What the usage wizard shows: the file, how it is read, what importing it would do, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.messages import describe
from billdesk.kernel.period import Period
from billdesk.services.usage import (
    MetricTotal,
    UsageOutcome,
    UsagePlan,
)
from billdesk.ui.core.imports.records import ColumnLine, Question, Sheet, how_sure, shown_examples
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.tokens import Tone

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "subscription": (N_("Contract or customer"), N_("The number of the contract, or of a customer who has one.")),
    "metric": (N_("Meter"), N_("The code of what is measured.")),
    "instant": (N_("Time"), N_("When it was used.")),
    "quantity": (N_("Quantity"), N_("How much was used.")),
    "key": (N_("Event key"), N_("A text that is different for each event; it keeps events from counting twice.")),
}
REQUIRED: Final = frozenset({"subscription", "metric", "instant", "quantity"})
OUTLIER_PERCENT: Final = 50
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TotalLine:
    """A metric's total in the file beside as many days just before."""

    total: MetricTotal
    change: int | None

    @property
    def is_outlier(self) -> bool:
        """Whether a person should look twice."""
        return self.change is not None and abs(self.change) >= OUTLIER_PERCENT


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One thing wrong in the file, in words."""

    row: int
    column: str
    value: str
    what: str
    is_blocking: bool

    @property
    def is_cell(self) -> bool:
        """Whether one cell is wrong, which can be written anew here."""
        return bool(self.row and self.column) and self.is_blocking


def _tone(line: ProblemLine) -> Tone:
    return Tone.RED if line.is_blocking else Tone.AMBER


def _change(line: TotalLine) -> str | None:
    return None if line.change is None else f"{line.change:+} %"


TOTAL_COLUMNS: Final[tuple[Column[TotalLine], ...]] = (
    Column("metric", N_("Meter"), lambda r: r.total.name, stretch=1, is_strong=True),
    Column("events", N_("Events"), lambda r: r.total.events, Kind.NUMBER, rank=2),
    Column("contracts", N_("Contracts"), lambda r: r.total.subscriptions, Kind.NUMBER, rank=3),
    Column("first", N_("From"), lambda r: r.total.first, Kind.DATE, rank=4),
    Column("last", N_("Until"), lambda r: r.total.last, Kind.DATE, rank=4),
    Column("quantity", N_("Quantity"), lambda r: r.total.quantity, Kind.NUMBER, is_strong=True),
    Column("before", N_("As many days before"), lambda r: r.total.before, Kind.NUMBER, rank=1),
    Column("change", N_("Change"), _change, Kind.NUMBER, tone=lambda r: Tone.AMBER if r.is_outlier else None),
)
PROBLEM_COLUMNS: Final[tuple[Column[ProblemLine], ...]] = (
    Column("row", N_("Row"), lambda r: r.row, Kind.NUMBER),
    Column("column", N_("Column"), lambda r: r.column),
    Column("value", N_("Value"), lambda r: r.value),
    Column("what", N_("What is wrong"), lambda r: r.what, stretch=1, tone=_tone),
)


@dataclass(frozen=True, slots=True)
class UsageState:
    """Everything the wizard shows."""

    path: Path | None = None
    plan: UsagePlan | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    properties: tuple[str, ...] = ()
    asked: tuple[Question, ...] = ()
    replaces: bool = False
    preview: UsageOutcome | None = None
    outcome: UsageOutcome | None = None
    wanted: frozenset[str] = frozenset()
    corrections: Mapping[tuple[int, str], str] = field(default_factory=dict)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The mapping as the columns page shows it."""
        if self.plan is None:
            return ()
        lines = tuple(self._line(item.column, item.header, item.reason, item.score) for item in self.plan.mapping)
        return (Sheet("", _("Usage"), tuple(title for title in self.plan.header if title), lines),)

    def _line(self, column: str, suggested: str, reason: str, score: int) -> ColumnLine:
        constant = self.constants.get(column, "")
        header = "" if constant else self.headers.get(column, suggested)
        is_lacking = column in REQUIRED and not header and not constant
        sure, tone = how_sure(reason if header == suggested else "chosen" if header else "none", score)
        sure, tone = (_("Same for every row"), Tone.BLUE) if constant else (sure, tone)
        examples = shown_examples(self.plan.examples.get(header, ())) if self.plan else ""
        title, help_text = _TITLES[column]
        return ColumnLine(
            "",
            column,
            _(title),
            column in REQUIRED,
            header,
            constant,
            _("Needed") if is_lacking else sure,
            Tone.RED if is_lacking else tone,
            examples,
            _(help_text),
        )

    @property
    def spare_headers(self) -> tuple[str, ...]:
        """Headers that fill no column, which may be kept as properties."""
        used = {line.header for sheet in self.sheets for line in sheet.columns}
        return tuple(title for title in (self.plan.header if self.plan else ()) if title and title not in used)

    @property
    def is_mapped(self) -> bool:
        """Whether every needed column has a source."""
        return self.plan is not None and not self.plan.missing

    @property
    def has_open_question(self) -> bool:
        """Whether something is still to be answered."""
        return any(not one.answer for one in self.asked)

    @property
    def totals(self) -> list[TotalLine]:
        """Totals per metric with their change against the days before."""
        return [TotalLine(total, _percent(total)) for total in (self.preview.totals if self.preview else ())]

    @property
    def problems(self) -> list[ProblemLine]:
        """What is wrong in the file, the blocking ones first."""
        found = self.preview.problems if self.preview else ()
        return [_problem_line(one) for one in sorted(found, key=lambda one: (not one.blocking, one.place.row or 0))]

    @property
    def period(self) -> Period | None:
        """The local days that the file is about."""
        totals = self.preview.totals if self.preview else ()
        if not totals:
            return None
        return Period(min(total.first for total in totals), max(total.last for total in totals) + _DAY)

    def can_import(self, *, skip_bad_rows: bool) -> bool:
        """Whether something new would come in and nothing is in its way."""
        found = self.preview
        if found is None or found.already is not None:
            return False
        is_clean = not (found.rejected or found.conflicts)
        return found.added + found.unmatched + found.replaced > 0 and (is_clean or skip_bad_rows)


def _percent(total: MetricTotal) -> int | None:
    if total.before <= 0:
        return None
    numerator, denominator = ((total.quantity - total.before) * 100 / total.before).as_integer_ratio()
    return round_ratio(numerator, denominator)


def _problem_line(problem: Problem) -> ProblemLine:
    message = describe(problem)
    place = problem.place
    return ProblemLine(
        place.row or 0, place.column, problem.value, f"{message.what} {message.next}".strip(), problem.blocking
    )


def figures_of(outcome: UsageOutcome) -> list[tuple[str, str]]:
    """Give what becomes of the rows, in words and numbers."""
    number = current().number
    found: list[tuple[str, int]] = [
        (_("Rows"), outcome.rows_read),
        (_("New events"), outcome.added),
        (_("Duplicates"), outcome.duplicates),
        (_("Waiting"), outcome.unmatched),
        (_("Conflicts"), outcome.conflicts),
        (_("Rejected"), outcome.rejected),
    ]
    found += [(_("Replaced"), outcome.replaced)] if outcome.replaced else []
    return [(word, number(Decimal(count))) for word, count in found]
