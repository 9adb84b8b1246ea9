from __future__ import annotations

import io
from datetime import date

from openpyxl import load_workbook

from billdesk.documents.xlsx import TemplateColumn, template_workbook
from billdesk.documents.xlsx.specs import TemplateKind

COLUMNS = (
    TemplateColumn("Name", required=True, note="As on invoices.", examples=("Acacia BV", "=odd")),
    TemplateColumn("Since", TemplateKind.DATE, examples=(date(2026, 1, 31),)),
    TemplateColumn("Interval", TemplateKind.CHOICE, choices=("month", "year"), required=True),
    TemplateColumn("Price", TemplateKind.NUMBER),
)


def test_the_first_sheet_is_only_the_header_to_fill_in() -> None:
    book = load_workbook(io.BytesIO(template_workbook("Customers", COLUMNS)))
    sheet = book.worksheets[0]
    assert sheet.title == "Customers"
    assert list(sheet.iter_rows(values_only=True)) == [("Name", "Since", "Interval", "Price")]
    assert sheet.freeze_panes == "A2"


def test_choices_are_picked_from_a_list() -> None:
    book = load_workbook(io.BytesIO(template_workbook("Customers", COLUMNS)))
    lists = [v for v in book["Customers"].data_validations.dataValidation if v.type == "list"]
    assert [(str(v.sqref), v.formula1, v.allow_blank) for v in lists] == [("C2:C10000", "'Choices'!$C$1:$C$2", False)]
    assert [cell.value for cell in book["Choices"]["C"]] == ["month", "year"]
    assert book["Choices"].sheet_state == "hidden"


def test_every_column_says_what_belongs_there() -> None:
    book = load_workbook(io.BytesIO(template_workbook("Customers", COLUMNS)))
    prompts = [v.prompt for v in book["Customers"].data_validations.dataValidation]
    assert prompts == ["Required. As on invoices.", "May be left empty.", "Required.", "May be left empty."]


def test_notes_and_examples_stand_on_a_sheet_of_their_own() -> None:
    book = load_workbook(io.BytesIO(template_workbook("Customers", COLUMNS)))
    rows = list(book["Notes"].iter_rows(values_only=True))
    assert rows[1][:5] == ("Name", "Required. As on invoices.", None, "Acacia BV", "=odd")
    assert book["Notes"]["E2"].data_type == "s"
    assert rows[3][2] == "month, year"


def test_the_same_columns_give_the_same_bytes() -> None:
    assert template_workbook("T", COLUMNS) == template_workbook("T", COLUMNS)


def test_a_template_without_columns_is_an_empty_workbook() -> None:
    assert load_workbook(io.BytesIO(template_workbook("T", ()))).sheetnames == ["T", "Notes", "Choices"]
