"""Tables that a person takes along: as a workbook or as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billdesk.documents.csv import CsvOptions, write_csv
from billdesk.documents.tables import Cell, Column, Table
from billdesk.documents.xlsx import table_workbook
from billdesk.kernel.errors import InvalidValue, Place, Problem

__all__ = ["EXTENSIONS", "Cell", "Column", "Table", "table_file"]

EXTENSIONS: Final = (".xlsx", ".csv")


def table_file(tables: Sequence[Table], extension: str) -> bytes:
    """Give tables as a workbook with a sheet each, or the first one as CSV; raises InvalidValue for another ending."""
    if extension.lower() == ".xlsx":
        return table_workbook(tables)
    if extension.lower() == ".csv":
        return b"".join(write_csv(tables[0], CsvOptions()))
    raise InvalidValue(Problem("not_a_choice", Place(field="to"), extension, (("choices", ", ".join(EXTENSIONS)),)))
