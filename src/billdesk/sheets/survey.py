"""One pass over all rows: which decimal mark and date order each column proves, and where it contradicts itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from billdesk.kernel.errors import Problem
from billdesk.kernel.progress import Progress
from billdesk.kernel.written.moments import DateOrder, order_evidence, split_moment
from billdesk.kernel.written.numbers import Mark, mark_evidence
from billdesk.sheets.cells import shown
from billdesk.sheets.sources import RawBatch, SheetFile

_AMBIGUOUS: Final = "ambiguous"
_EXAMPLES: Final = 3
_NAMED_ROWS: Final = 5
_SAMPLE: Final = 500
_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A column that can be read in more than one way; the user chooses.

    `kind` is "decimal_mark" or "date_order". `suggestion` is what the rest of the file proves, or empty.
    """

    column: str
    kind: str
    choices: tuple[str, ...]
    examples: tuple[str, ...]
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What all cells of one column prove. `texts`, `numbers` and `dates` count the looked-at values."""

    header: str
    mark: Mark | None = None
    order: DateOrder | None = None
    mark_ambiguous: tuple[str, ...] = ()
    order_ambiguous: tuple[str, ...] = ()
    filled: int = 0
    texts: int = 0
    numbers: int = 0
    dates: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """Facts of every column, questions for the user, and columns that contradict themselves."""

    rows: int
    columns: tuple[ColumnFacts, ...]
    ambiguities: tuple[Ambiguity, ...]
    problems: tuple[Problem, ...]

    def facts(self, header: str) -> ColumnFacts:
        """Give the facts of the column with this header."""
        return next(facts for facts in self.columns if facts.header == header)


@dataclass
class _Column:
    """Evidence gathered for one column."""

    header: str
    marks: dict[str, list[int]] = field(default_factory=dict)
    orders: dict[str, list[int]] = field(default_factory=dict)
    mark_examples: dict[str, list[str]] = field(default_factory=dict)
    order_examples: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    watched: bool = True

    def look(self, value: object, row: int) -> None:
        if value is None or value == "":
            return
        self.counts["filled"] += 1
        if not isinstance(value, str):
            self._look_typed(value)
            return
        number, moment = self._evidence(value)
        if number is not None and number != "none":
            self.counts["numbers"] += 1
            _note(self.marks, self.mark_examples, number, value, row)
        if moment != "none":
            self.counts["dates"] += 1
            _note(self.orders, self.order_examples, moment, value, row)
        if number == moment == "none":
            self.counts["texts"] += 1
        self._remember(value)

    def _look_typed(self, value: object) -> None:
        kind = "dates" if hasattr(value, "year") else "texts" if isinstance(value, bool) else "numbers"
        self.counts[kind] += 1
        self._remember(shown(value))

    def _remember(self, text: str) -> None:
        if len(self.examples) < _EXAMPLES and text not in self.examples:
            self.examples.append(text)

    def _evidence(self, value: str) -> tuple[str, str]:
        """Judge a text by its shape for numbers and by its day for dates; both repeat a lot."""
        key = split_moment(value)[0] if ":" in value else value
        found = self.known.get(key)
        if found is None:
            mark, order = mark_evidence(key), order_evidence(key)
            found = ("none" if mark is None else mark, "none" if order is None else order)
            if len(self.known) < _REMEMBERED:
                self.known[key] = found
        return found

    def settle(self) -> bool:
        """Decide after the first rows whether to go on: a column of plain text proves nothing more."""
        judged = self.counts["texts"] + self.counts["numbers"] + self.counts["dates"]
        self.watched = judged == 0 or self.counts["texts"] * 2 <= judged
        return self.watched


def _note(evidence: dict[str, list[int]], examples: dict[str, list[str]], key: str, value: str, row: int) -> None:
    rows = evidence.setdefault(key, [])
    if len(rows) < _NAMED_ROWS:
        rows.append(row)
        examples.setdefault(key, []).append(value)


def survey_sheet(sheet: SheetFile, progress: Progress | None = None) -> Survey:
    """Read all rows once and report what each column proves; raises UnreadableFile and Cancelled."""
    columns = [_Column(header) for header in sheet.header]
    rows = 0
    for batch in sheet.batches():
        _look_at(columns, batch, rows)
        rows += len(batch.rows)
        if progress:
            progress.step(*sheet.portion())
    facts = tuple(map(_facts, columns))
    return Survey(rows, facts, _questions(facts), _contradictions(sheet, columns))


def _look_at(columns: list[_Column], batch: RawBatch, seen: int) -> None:
    for index, column in enumerate(columns):
        if not column.watched:
            continue
        for position, (row, cells) in enumerate(zip(batch.numbers, batch.rows, strict=True)):
            column.look(cells[index], row)
            if seen + position == _SAMPLE and not column.settle():
                break


def _facts(column: _Column) -> ColumnFacts:
    marks = [Mark(key) for key in (".", ",") if key in column.marks]
    orders = [order for order in DateOrder if order in column.orders]
    real_orders = [order for order in orders if order is not DateOrder.YMD]
    counts = column.counts
    return ColumnFacts(
        column.header,
        mark=marks[0] if len(marks) == 1 else None,
        order=(real_orders or orders)[0] if len(real_orders) <= 1 and orders else None,
        mark_ambiguous=() if marks else tuple(column.mark_examples.get(_AMBIGUOUS, ())[:_EXAMPLES]),
        order_ambiguous=() if real_orders else tuple(column.order_examples.get(_AMBIGUOUS, ())[:_EXAMPLES]),
        filled=counts["filled"],
        texts=counts["texts"],
        numbers=counts["numbers"],
        dates=counts["dates"],
        examples=tuple(column.examples),
    )


def _questions(columns: tuple[ColumnFacts, ...]) -> tuple[Ambiguity, ...]:
    marks = {facts.mark for facts in columns if facts.mark}
    orders = {facts.order for facts in columns if facts.order and facts.order is not DateOrder.YMD}
    mark = marks.pop().value if len(marks) == 1 else ""
    order = orders.pop().value if len(orders) == 1 else ""
    questions = []
    for facts in columns:
        if facts.mark_ambiguous:
            questions.append(Ambiguity(facts.header, "decimal_mark", (".", ","), facts.mark_ambiguous, mark))
        if facts.order_ambiguous:
            questions.append(Ambiguity(facts.header, "date_order", ("dmy", "mdy"), facts.order_ambiguous, order))
    return tuple(questions)


def _contradictions(sheet: SheetFile, columns: list[_Column]) -> tuple[Problem, ...]:
    problems = []
    for column in columns:
        days, months = column.orders.get("dmy"), column.orders.get("mdy")
        if days and months:
            problems.append(_mixed(sheet, column, "date_order_mixed", (days, "dmy"), (months, "mdy")))
        points, commas = column.marks.get("."), column.marks.get(",")
        if points and commas:
            problems.append(_mixed(sheet, column, "decimal_mark_mixed", (points, "."), (commas, ",")))
    return tuple(problems)


def _mixed(
    sheet: SheetFile, column: _Column, code: str, one: tuple[list[int], str], other: tuple[list[int], str]
) -> Problem:
    """Name rows of both kinds; the place is the first row of the kind that came second."""
    row = max(one[0][0], other[0][0])
    examples = column.order_examples if code == "date_order_mixed" else column.mark_examples
    value = next(
        text for key, rows in ((one[1], one[0]), (other[1], other[0])) if rows[0] == row for text in examples[key]
    )
    details = tuple(
        (name, text)
        for rows, label in (one, other)
        for name, text in ((f"rows_{_WORDS[label]}", ", ".join(map(str, rows))),)
    )
    return Problem(code, sheet.place(row, column.header), value, details)


_WORDS: Final = {"dmy": "day_first", "mdy": "month_first", ".": "point", ",": "comma"}
