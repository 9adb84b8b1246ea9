"""Checked rows of a data file: good rows as typed tuples, every bad cell as a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from billdesk.kernel.errors import Problem
from billdesk.kernel.progress import Progress
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder
from billdesk.kernel.written.numbers import Mark
from billdesk.sheets.cells import CellFormat, parse_cell, shown
from billdesk.sheets.columns import Column
from billdesk.sheets.mapping import ColumnRule, MappingProfile
from billdesk.sheets.problems import unreadable
from billdesk.sheets.sources import BATCH_ROWS, RawBatch, SheetFile

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row kept out, with its cells as text in the order of the columns."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows: `rows[i]` has one value per column (None: empty) and stands in row `numbers[i]` of the file."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    numbers: tuple[int, ...]
    problems: tuple[Problem, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()


class _Reader:
    """Reads the cells of one column and remembers texts that repeat."""

    def __init__(self, column: Column, rule: ColumnRule | None, index: int | None, zone: tzinfo) -> None:
        self.column = column
        self.index = index
        self.title = rule.header if rule and rule.header else column.title
        self.constant = rule.constant if rule else ""
        self.how = CellFormat(
            Mark(rule.decimal_mark) if rule and rule.decimal_mark else Mark.POINT,
            DateOrder(rule.date_order) if rule and rule.date_order else None,
            zone,
        )
        self._known: dict[str, object] = {}

    def raw(self, cells: Sequence[object]) -> object:
        if self.index is None:
            return self.constant
        return cells[self.index]

    def value(self, raw: object) -> object:
        """Give the checked value; raises CellError."""
        if not isinstance(raw, str):
            return parse_cell(raw, self.column, self.how)
        try:
            return self._known[raw]
        except KeyError:
            value = parse_cell(raw, self.column, self.how)
            if len(self._known) < _REMEMBERED:
                self._known[raw] = value
            return value


def column_index(sheet: SheetFile, rule: ColumnRule | None) -> int | None:
    """Find a mapped column in the file; raises UnreadableFile when its header is not there."""
    if rule is None or not rule.header:
        return None
    try:
        return sheet.header.index(rule.header)
    except ValueError:
        raise unreadable("column_missing", sheet.path, rule.header, row=sheet.header_row or None) from None


def profile_zone(profile: MappingProfile, fallback: tzinfo = UTC) -> tzinfo:
    """Give the local time of a profile's instants."""
    return ZoneInfo(profile.zone) if profile.zone else fallback


def read_rows(
    sheet: SheetFile,
    profile: MappingProfile,
    columns: Sequence[Column],
    *,
    zone: tzinfo = UTC,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """Give all rows in batches; a row with a blocking problem is in `rejected`, never in `rows`.

    `zone` is the local time of instants without an offset. Raises UnreadableFile when a required column is not
    mapped or the file breaks off, and Cancelled.
    """
    local = profile_zone(profile, zone)
    readers = []
    for column in columns:
        rule = profile.rule(column.name)
        if rule is None and column.required:
            raise unreadable("column_missing", sheet.path, column.title, row=sheet.header_row or None)
        readers.append(_Reader(column, rule, column_index(sheet, rule), local))
    names = tuple(column.name for column in columns)
    for batch in sheet.batches(BATCH_ROWS):
        yield _check_batch(sheet, batch, readers, names)
        if progress:
            progress.step(*sheet.portion())


def _check_batch(sheet: SheetFile, batch: RawBatch, readers: list[_Reader], names: tuple[str, ...]) -> Batch:
    rows: list[tuple[object, ...]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    rejected: list[RejectedRow] = []
    width = len(sheet.header)
    for number, cells in zip(batch.numbers, batch.rows, strict=True):
        values, found = _check_row(cells, readers, _placing(sheet, number))
        if len(cells) > width and any(shown(cell) for cell in cells[width:]):
            extra = next(shown(cell) for cell in cells[width:] if shown(cell))
            found.append(Problem("too_many_cells", sheet.place(number), extra, (("columns", str(width)),)))
        if found:
            problems += found
            rejected.append(RejectedRow(number, tuple(shown(reader.raw(cells)) for reader in readers)))
        elif any(value is not None for value in values):
            rows.append(values)
            numbers.append(number)
    return Batch(names, tuple(rows), tuple(numbers), tuple(problems), tuple(rejected))


def _placing(sheet: SheetFile, number: int) -> Callable[[CellError, _Reader, object], Problem]:
    def tell(error: CellError, reader: _Reader, raw: object) -> Problem:
        return error.at(sheet.place(number, reader.title), shown(raw))

    return tell


def _check_row(
    cells: Sequence[object], readers: list[_Reader], tell: Callable[[CellError, _Reader, object], Problem]
) -> tuple[tuple[object, ...], list[Problem]]:
    values: list[object] = []
    problems: list[Problem] = []
    for reader in readers:
        raw = reader.raw(cells)
        try:
            values.append(reader.value(raw))
        except CellError as error:
            problems.append(tell(error, reader, raw))
    return tuple(values), problems
