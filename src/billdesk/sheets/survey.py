"""One pass over all rows: which decimal mark and date order each column proves, and where it contradicts itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from billdesk.kernel.errors import Problem
from billdesk.kernel.progress import Progress
from billdesk.kernel.written.moments import DateOrder, order_evidence, split_moment
from billdesk.kernel.written.numbers import Mark, mark_evidence
from billdesk.sheets.cells import shown
from billdesk.sheets.sources import ColumnBatch, RawBatch, SheetFile

_AMBIGUOUS: Final = "ambiguous"
_EXAMPLES: Final = 3
_NAMED_ROWS: Final = 5
_NONE: Final = "none"
_REMEMBERED: Final = 20_000
_SHAPE: Final = str.maketrans("123456789", "9" * 9)  # a leading zero proves something, so zeros stay
_LIKE_A_DATE: Final = re.compile(r"\d[/.\- ].*[/.\- ]|\d{8}|[^\W\d]")


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
    """Evidence gathered for one column: per proof, the first rows and texts that give it."""

    header: str
    marks: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    orders: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    shapes: dict[str, tuple[str, str]] = field(default_factory=dict)
    watched: bool = True

    def look(self, values: Sequence[object], rows: Sequence[int]) -> None:
        """Judge the different values of a batch, each once."""
        for value, count in Counter(values).items():
            if value is None or value == "":
                continue
            self.counts["filled"] += count
            if len(self.examples) < _EXAMPLES:
                self.examples.append(shown(value))
            if isinstance(value, str):
                self._look_text(value, count, (values, rows))
            else:
                self.counts[_kind_of(value)] += count

    def _look_text(self, value: str, count: int, where: tuple[Sequence[object], Sequence[int]]) -> None:
        mark, order = self._evidence(value)
        if mark != _NONE:
            self.counts["numbers"] += count
            _note(self.marks, mark, value, where)
        if order != _NONE:
            self.counts["dates"] += count
            _note(self.orders, order, value, where)
        if mark == order == _NONE:
            self.counts["texts"] += count

    def _evidence(self, value: str) -> tuple[str, str]:
        """Judge dates by their day and everything else by its shape; both repeat a lot."""
        key = value
        if ":" in value:  # a day of ten characters is the usual case and cut off cheaply
            key = value[:10] if value[10:11] in {"T", " "} else split_moment(value)[0]
        found = self.known.get(key)
        if found is not None:
            return found
        shape = key.translate(_SHAPE)
        found = self.shapes.get(shape)
        if found is not None:
            return found
        mark, order = mark_evidence(key), order_evidence(key)
        found = (_NONE if mark is None else mark, _NONE if order is None else order)
        memory, name = (self.known, key) if _LIKE_A_DATE.search(key) else (self.shapes, shape)
        if len(memory) < _REMEMBERED:
            memory[name] = found
        return found

    def settle(self) -> None:
        """Decide after the first rows whether to go on: a column of plain text proves nothing more."""
        judged = self.counts["texts"] + self.counts["numbers"] + self.counts["dates"]
        self.watched = judged == 0 or self.counts["texts"] * 2 <= judged


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "texts"
    return "dates" if hasattr(value, "year") else "numbers"


def _note(
    evidence: dict[str, list[tuple[int, str]]],
    key: str,
    value: str,
    where: tuple[Sequence[object], Sequence[int]],
) -> None:
    """Keep the first few rows of each proof."""
    noted = evidence.setdefault(key, [])
    values, rows = where
    if len(noted) < _NAMED_ROWS:
        noted += islice(((row, value) for row, found in zip(rows, values, strict=True) if found == value), _NAMED_ROWS)
        noted.sort()
        del noted[_NAMED_ROWS:]


def survey_sheet(sheet: SheetFile, progress: Progress | None = None) -> Survey:
    """Read all rows once and report what each column proves; raises UnreadableFile and Cancelled."""
    columns = [_Column(header) for header in sheet.header]
    rows = 0
    for batch in sheet.column_batches():
        _look_at(columns, batch)
        if not rows:
            for column in columns:
                column.settle()
        rows += len(batch.numbers)
        if progress:
            progress.step(*sheet.portion())
    facts = tuple(map(_facts, columns))
    return Survey(rows, facts, _questions(facts), _contradictions(sheet, columns))


def _look_at(columns: list[_Column], batch: ColumnBatch | RawBatch) -> None:
    for index, column in enumerate(columns):
        if column.watched:
            values = batch.columns[index] if isinstance(batch, ColumnBatch) else [row[index] for row in batch.rows]
            column.look(values, batch.numbers)


def _facts(column: _Column) -> ColumnFacts:
    marks = [Mark(key) for key in (".", ",") if key in column.marks]
    orders = [order for order in DateOrder if order in column.orders]
    real_orders = [order for order in orders if order is not DateOrder.YMD]
    counts = column.counts
    return ColumnFacts(
        column.header,
        mark=marks[0] if len(marks) == 1 else None,
        order=(real_orders or orders)[0] if len(real_orders) <= 1 and orders else None,
        mark_ambiguous=() if marks else _texts(column.marks),
        order_ambiguous=() if real_orders else _texts(column.orders),
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


def _texts(evidence: dict[str, list[tuple[int, str]]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for _row, text in evidence.get(_AMBIGUOUS, ())))[:_EXAMPLES]


def _contradictions(sheet: SheetFile, columns: list[_Column]) -> tuple[Problem, ...]:
    problems = []
    for column in columns:
        for code, evidence, one, other in (
            ("date_order_mixed", column.orders, "dmy", "mdy"),
            ("decimal_mark_mixed", column.marks, ".", ","),
        ):
            if one in evidence and other in evidence:
                problems.append(_mixed(sheet, column.header, code, {one: evidence[one], other: evidence[other]}))
    return tuple(problems)


def _mixed(sheet: SheetFile, header: str, code: str, evidence: dict[str, list[tuple[int, str]]]) -> Problem:
    """Name rows of both kinds; the place is the first row of the kind that came second."""
    row, value = max(rows[0] for rows in evidence.values())
    details = tuple(
        (f"rows_{_WORDS[key]}", ", ".join(str(number) for number, _text in rows)) for key, rows in evidence.items()
    )
    return Problem(code, sheet.place(row, header), value, details)


def ask_which(contradiction: Problem) -> Ambiguity:
    """Give the question that a column written in two ways raises."""
    kind, choices = _CHOICES[contradiction.code]
    return Ambiguity(contradiction.place.column, kind, choices, (contradiction.value,))


_CHOICES: Final = {
    "date_order_mixed": ("date_order", ("dmy", "mdy")),
    "decimal_mark_mixed": ("decimal_mark", (".", ",")),
}
_WORDS: Final = {"dmy": "day_first", "mdy": "month_first", ".": "point", ",": "comma"}
