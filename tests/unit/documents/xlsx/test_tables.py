from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.tables import Cell, Column, Table
from billdesk.documents.xlsx import table_workbook
from billdesk.documents.xlsx import tables as module
from billdesk.kernel.money import Money


def sheet_of(*rows: tuple[Cell, ...], name: str = "Export") -> Worksheet:
    columns = tuple(Column(f"Title {n}") for n in range(len(rows[0])))
    book = load_workbook(io.BytesIO(table_workbook([Table(name, columns, rows)])))
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    cell = sheet_of((text,))["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_numbers_dates_and_money_have_their_types_and_formats() -> None:
    sheet = sheet_of((Decimal("12.50"), date(2026, 1, 31), Money(123450, "EUR"), Money(500, "JPY"), 7, True, None))
    formats = [cell.number_format for cell in sheet[2]]
    assert [cell.value for cell in sheet[2]] == [12.5, datetime(2026, 1, 31), 1234.5, 500, 7, True, None]  # noqa: DTZ001 - Excel knows no zones
    assert formats[:5] == ["0.0", "yyyy-mm-dd", '#,##0.00\\ "EUR"', '#,##0\\ "JPY"', "0"]


def test_an_instant_is_written_in_utc() -> None:
    cell = sheet_of((datetime(2026, 1, 31, 23, 59, 5, tzinfo=UTC),))["A2"]
    assert (cell.value, cell.number_format) == (datetime(2026, 1, 31, 23, 59, 5), "yyyy-mm-dd hh:mm:ss")  # noqa: DTZ001 - the same


def test_a_number_that_excel_would_round_is_written_as_text() -> None:
    sheet = sheet_of((Decimal("1234567890.123456"), 12345678901234567, Decimal("123456789012.345"), 10**20))
    assert [cell.value for cell in sheet[2]] == ["1234567890.123456", "12345678901234567", 123456789012.345, 10**20]
    assert sheet["A2"].data_type == "s"


def test_the_header_is_frozen_filtered_and_bold() -> None:
    sheet = sheet_of(("a", "b"), ("c", "d"))
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert sheet["A1"].font.b
    assert [cell.value for cell in sheet[1]] == ["Title 0", "Title 1"]


def test_columns_are_as_wide_as_their_first_rows() -> None:
    sheet = sheet_of(("x" * 30, "y", "z" * 500, Money(123456789012, "EUR")))
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths == [32, 9, 60, 22]


def test_characters_that_excel_refuses_are_left_out() -> None:
    assert sheet_of(("a\x00b\x0bc",))["A2"].value == "abc"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("a/b:c*?[d]", "a b c d"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("", "Sheet"),
        ("History", "History list"),
    ],
)
def test_a_sheet_gets_a_name_that_excel_allows(wanted: str, given: str) -> None:
    assert sheet_of(("x",), name=wanted).title == given


def test_two_tables_of_one_name_get_two_names() -> None:
    tables = [Table(name, (Column("A"),), [("x",)]) for name in ("Lines", "lines", "l" * 31, "L" * 31)]
    book = load_workbook(io.BytesIO(table_workbook(tables)))
    assert book.sheetnames == ["Lines", "lines (2)", "l" * 31, "L" * 27 + " (2)"]


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_ROWS", 301)
    table = Table("Long", (Column("N"),), ((n,) for n in range(700)))
    book = load_workbook(io.BytesIO(table_workbook([table])))
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("Long", 301), ("Long (2)", 301), ("Long (3)", 101)]


def test_an_empty_table_still_has_its_header() -> None:
    book = load_workbook(io.BytesIO(table_workbook([Table("Empty", (Column("A"),), [])])))
    assert [cell.value for cell in book["Empty"][1]] == ["A"]


def test_a_workbook_needs_a_table() -> None:
    with pytest.raises(ValueError, match="at least one table"):
        table_workbook([])


def test_the_same_table_gives_the_same_bytes() -> None:
    tables = [Table("T", (Column("A"),), [("x",), (Decimal(1),)])]
    assert table_workbook(tables) == table_workbook(tables)
