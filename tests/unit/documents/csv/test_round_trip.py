"""What is exported as CSV or workbook is read back by the importer unchanged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.documents.csv import CsvOptions, write_csv
from billdesk.documents.tables import Column as ExportColumn
from billdesk.documents.tables import Table
from billdesk.documents.xlsx import table_workbook
from billdesk.sheets import Column, ColumnKind, build_profile, open_sheet, read_rows, survey_sheet

COLUMNS = (
    Column("name", "Name", required=True),
    Column("price", "Price", ColumnKind.DECIMAL, places=12),
    Column("since", "Since", ColumnKind.DATE),
)
ROWS = (
    ("Łukasz Őry", Decimal("1234.5"), date(2026, 1, 31)),
    ('Quote "q"; Co', Decimal("0.000000000001"), date(2026, 2, 1)),
    ("Ελλάς", Decimal("-12.25"), None),
)


def as_csv(table: Table) -> bytes:
    return b"".join(write_csv(table, CsvOptions()))


def as_workbook(table: Table) -> bytes:
    return table_workbook([table])


@pytest.mark.parametrize(("extension", "write"), [("csv", as_csv), ("xlsx", as_workbook)])
def test_an_export_is_imported_again_unchanged(extension: str, write: Callable[[Table], bytes], tmp_path: Path) -> None:
    path = tmp_path / f"export.{extension}"
    path.write_bytes(write(Table("Prices", tuple(ExportColumn(column.title) for column in COLUMNS), ROWS)))
    sheet = open_sheet(path)
    profile, questions = build_profile(sheet, COLUMNS, survey_sheet(sheet), headers={c.name: c.title for c in COLUMNS})
    assert not questions
    batches = list(read_rows(sheet, profile, COLUMNS))
    assert [row for batch in batches for row in batch.rows] == list(ROWS)
    assert not any(batch.problems for batch in batches)
