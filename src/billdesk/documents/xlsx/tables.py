"""Tables as sheets: a frozen header with a filter, fitted widths, and typed cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.tables import Cell, Column, Table
from billdesk.documents.xlsx.cells import add_sheet, header_cells, row_cell
from billdesk.documents.xlsx.packing import pack
from billdesk.kernel.money import Money

_MAX_ROWS: Final = 1_048_576
_SAMPLE: Final = 200
_LEAST_WIDTH: Final = 8
_MOST_WIDTH: Final = 60


def write_tables(tables: Sequence[Table]) -> bytes:
    """Write each table onto a sheet of its own; raises ValueError for no table at all."""
    if not tables:
        msg = "a workbook needs at least one table"
        raise ValueError(msg)
    workbook = Workbook(write_only=True)
    taken: set[str] = set()
    for table in tables:
        rows = iter(table.rows)
        sample = list(islice(rows, _SAMPLE))
        while True:
            sheet = add_sheet(workbook, table.name, taken)
            _write_sheet(sheet, table.columns, sample, islice(rows, _MAX_ROWS - 1 - len(sample)))
            sample = list(islice(rows, _SAMPLE))
            if not sample:
                break
    return pack(workbook)


def _write_sheet(
    sheet: Worksheet,
    columns: tuple[Column, ...],
    sample: list[tuple[Cell, ...]],
    rest: Iterator[tuple[Cell, ...]],
) -> None:
    # A write-only sheet takes widths and panes only before its first row.
    for number, column in enumerate(columns):
        width = column.width or _fitting(column.title, [row[number] for row in sample])
        sheet.column_dimensions[get_column_letter(number + 1)].width = width
    sheet.freeze_panes = "A2"
    sheet.append(header_cells(sheet, (column.title for column in columns)))
    count = 1
    for row in chain(sample, rest):
        sheet.append([row_cell(sheet, value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count}"


def _fitting(title: str, values: list[Cell]) -> int:
    longest = max((_length(value) for value in [title, *values]), default=0)
    return min(max(longest + 2, _LEAST_WIDTH), _MOST_WIDTH)


def _length(value: Cell) -> int:
    if isinstance(value, Money):
        return len(f"{value.major:,f}") + 4
    return len(str(value)) if value is not None else 0
