"""What the pages of an import wizard show, as plain records worked out from a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.messages import describe
from billdesk.kernel.written.moments import DateOrder, parse_date, split_moment
from billdesk.kernel.written.numbers import Mark, parse_decimal
from billdesk.services.imports import CellAt, ImportPreview, ImportRequest, Outcome, PartPreview, import_kind
from billdesk.ui.core.tokens import Tone

EXAMPLES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the template: the header it is read from or the constant, how sure that is, and examples."""

    sheet: str
    column: str
    title: str
    is_required: bool
    header: str
    constant: str = ""
    sure: str = ""
    tone: Tone = Tone.GREY
    examples: str = ""
    help: str = ""

    @property
    def is_filled(self) -> bool:
        """Whether values come from anywhere."""
        return bool(self.header or self.constant)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of one sheet and the headers to choose from."""

    name: str
    label: str
    headers: tuple[str, ...]
    columns: tuple[ColumnLine, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question, with what the examples then mean."""

    value: str
    label: str
    reading: str


@dataclass(frozen=True, slots=True)
class Question:
    """A column that can be read in two ways; `suggestion` is what the rest of the file proves."""

    sheet: str
    header: str
    kind: str
    text: str
    choices: tuple[Choice, ...]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row of the checking grid; `bad` has a sentence per wrong cell by its place, −1 for the row as a whole."""

    number: int
    cells: tuple[str, ...]
    outcome: Outcome
    bad: Mapping[int, str] = field(default_factory=dict)
    corrected: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """One sheet in the checking grid: column names and titles, rows, and counts by outcome."""

    name: str
    label: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[CheckRow, ...]
    counts: Mapping[str, int]


_SURE: Final[Mapping[str, tuple[str, Tone]]] = {
    "exact": (N_("Same name"), Tone.GREEN),
    "synonym": (N_("Known name"), Tone.GREEN),
    "chosen": (N_("Chosen"), Tone.BLUE),
    "none": (N_("Not in the file"), Tone.GREY),
}
OUTCOMES: Final[Mapping[Outcome, tuple[str, Tone]]] = {
    Outcome.ADDED: (N_("New"), Tone.GREEN),
    Outcome.CHANGED: (N_("Changed"), Tone.BLUE),
    Outcome.UNCHANGED: (N_("Unchanged"), Tone.GREY),
    Outcome.DUPLICATE: (N_("Duplicate"), Tone.AMBER),
    Outcome.REJECTED: (N_("Rejected"), Tone.RED),
}


def how_sure(reason: str, score: int) -> tuple[str, Tone]:
    """Say how sure a header fits."""
    if reason in _SURE:
        word, tone = _SURE[reason]
        return _(word), tone
    return _("Similar, {score} %", score=score), Tone.AMBER


def sheets_of(preview: ImportPreview, request: ImportRequest) -> tuple[Sheet, ...]:
    """Give the sheets that will be imported with their mapping, columns that have a header first."""
    return tuple(
        Sheet(part.sheet, _(part.label), tuple(title for title in part.header if title), _lines(part, request))
        for part in preview.recognised
    )


def _lines(part: PartPreview, request: ImportRequest) -> tuple[ColumnLine, ...]:
    known = {column.name: column for column in import_kind(part.kind).columns}
    places = {column.name: place for place, column in enumerate(part.columns)}
    lines = []
    for item in part.mapping:
        column = known[item.column]
        constant = request.constants.get((part.sheet, item.column), "")
        sure, tone = (_("Same for every row"), Tone.BLUE) if constant else how_sure(item.reason, item.score)
        place = places.get(item.column)
        examples = [] if place is None else [row.cells[place] for row in part.grid[:50]]
        is_lacking = column.required and not item.header and not constant
        lines.append(
            ColumnLine(
                part.sheet,
                item.column,
                _(column.title),
                column.required,
                item.header,
                constant,
                _("Needed") if is_lacking else sure,
                Tone.RED if is_lacking else tone,
                shown_examples(examples),
                _(column.help),
            )
        )
    return tuple(sorted(lines, key=lambda line: (not line.is_required, not line.is_filled)))


def shown_examples(values: Iterable[str]) -> str:
    """Give a few different values of a column."""
    found = list(dict.fromkeys(value for value in values if value))
    return " · ".join(found[:EXAMPLES_SHOWN])


def questions_of(preview: ImportPreview) -> tuple[Question, ...]:
    """Give the questions that are open."""
    return tuple(
        question(part.sheet, item.column, item.kind, item.choices, item.examples, item.suggestion)
        for part in preview.recognised
        for item in part.questions
    )


def question(
    sheet: str, header: str, kind: str, choices: Sequence[str], examples: Sequence[str], suggestion: str
) -> Question:
    """Put a question into words, with what each answer makes of the examples."""
    parts = [split_moment(text)[0] if kind == "date_order" else text for text in examples]
    shown = list(dict.fromkeys(parts))[:EXAMPLES_SHOWN]
    text = (
        _("In the column “{column}”, which comes first in a date?", column=header)
        if kind == "date_order"
        else _("In the column “{column}”, what parts the decimals?", column=header)
    )
    answers = tuple(Choice(value, _(_CHOICES.get(value, value)), _reading(kind, value, shown)) for value in choices)
    return Question(sheet, header, kind, text, answers, suggestion)


_CHOICES: Final = {
    "dmy": N_("The day"),
    "mdy": N_("The month"),
    "ymd": N_("The year"),
    ".": N_("A point"),
    ",": N_("A comma"),
}


def _reading(kind: str, choice: str, examples: Sequence[str]) -> str:
    return "   ".join(f"{text} → {_read(kind, choice, text)}" for text in examples)


def _read(kind: str, choice: str, text: str) -> str:
    try:
        if kind == "date_order":
            return current().day(parse_date(split_moment(text)[0], DateOrder(choice)))
        return current().number(parse_decimal(text, Mark(choice)))
    except ValueError:
        return _("not readable")


def check_sheets(preview: ImportPreview, request: ImportRequest) -> tuple[CheckSheet, ...]:
    """Give the sheets of the checking grid."""
    return tuple(_check_sheet(part, request) for part in preview.recognised)


def _check_sheet(part: PartPreview, request: ImportRequest) -> CheckSheet:
    places = {column.name: place for place, column in enumerate(part.columns)}
    by_header = {item.header: places[item.column] for item in part.mapping if item.column in places and item.header}
    bad = bad_cells(part.problems, by_header)
    corrected = _corrected(request.corrections, part.sheet, places)
    rows = tuple(
        CheckRow(row.number, row.cells, row.outcome, bad.get(row.number, {}), corrected.get(row.number, frozenset()))
        for row in part.grid
    )
    counts = {outcome.value: getattr(part.counts, outcome.value) for outcome in Outcome}
    titles = tuple((column.name, _(column.title)) for column in part.columns)
    return CheckSheet(part.sheet, _(part.label), titles, rows, counts)


def bad_cells(problems: Iterable[Problem], places: Mapping[str, int]) -> dict[int, dict[int, str]]:
    """Give the sentences by row and place of the column; a problem of no column stands at −1."""
    found: dict[int, dict[int, str]] = {}
    for problem in problems:
        if problem.place.row is not None:
            message = describe(problem)
            place = places.get(problem.place.column, -1)
            found.setdefault(problem.place.row, {}).setdefault(place, f"{message.what} {message.next}".strip())
    return found


def _corrected(corrections: Mapping[CellAt, str], sheet: str, places: Mapping[str, int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for at in corrections:
        if at.sheet == sheet and at.column in places:
            found[at.row] = found.get(at.row, frozenset()) | {places[at.column]}
    return found
