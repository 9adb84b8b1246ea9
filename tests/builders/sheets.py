"""Spreadsheets for tests, written as other programs would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

Rows = Sequence[Sequence[object]]


def a_csv(path: Path, rows: Rows, *, encoding: str = "utf-8", delimiter: str = ";") -> Path:
    """Write rows as CSV; None is an empty cell."""
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def a_workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """Write each list of rows as a sheet."""
    workbook = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path
