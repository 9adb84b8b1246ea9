"""Template workbooks: a sheet to fill in, with choices to pick from, and a sheet that explains the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.tables import Cell
from billdesk.documents.xlsx.cells import DATE_FORMAT, WRAPPED, add_sheet, cell_of, header_cells
from billdesk.documents.xlsx.packing import pack
from billdesk.documents.xlsx.specs import TemplateColumn, TemplateKind
from billdesk.kernel.i18n import _

_LAST_ROW: Final = 10_000
_PROMPT_LIMIT: Final = 255
_TITLE_LIMIT: Final = 32
_FORMATS: Final = {
    TemplateKind.TEXT: "@",
    TemplateKind.CHOICE: "@",
    TemplateKind.NUMBER: "General",
    TemplateKind.DATE: DATE_FORMAT,
}


def write_template(name: str, columns: Sequence[TemplateColumn]) -> bytes:
    """Write the sheet to fill in, the notes, and where choices are many a hidden sheet that holds them."""
    workbook = Workbook()  # only an ordinary workbook takes data validations
    workbook.remove(workbook.worksheets[0])
    taken: set[str] = set()
    data = add_sheet(workbook, name, taken)
    notes = add_sheet(workbook, _("Notes"), taken)
    choices = add_sheet(workbook, _("Choices"), taken)
    choices.sheet_state = "hidden"
    for number, column in enumerate(columns, start=1):
        _set_up(data, get_column_letter(number), column, choices.title)
    data.freeze_panes = "A2"
    data.append(header_cells(data, (column.title for column in columns)))
    _write_choices(choices, columns)
    _write_notes(notes, columns)
    return pack(workbook)


def _set_up(sheet: Worksheet, letter: str, column: TemplateColumn, choices: str) -> None:
    dimension = sheet.column_dimensions[letter]
    dimension.width = max(len(column.title) + 4, 14)
    dimension.number_format = _FORMATS[column.kind]
    validation = _validation(letter, column, choices)
    validation.add(f"{letter}2:{letter}{_LAST_ROW}")
    sheet.add_data_validation(validation)


def _validation(letter: str, column: TemplateColumn, choices: str) -> DataValidation:
    """Give the prompt of a column, and for choices the list; other cells are checked by the import, with reasons."""
    formula = f"'{choices}'!${letter}$1:${letter}${len(column.choices)}" if column.choices else None
    return DataValidation(
        type="list" if formula else None,
        formula1=formula,
        allow_blank=not column.required,
        showInputMessage=True,
        showErrorMessage=bool(formula),
        promptTitle=column.title[:_TITLE_LIMIT],
        prompt=_note(column)[:_PROMPT_LIMIT] or None,
    )


def _note(column: TemplateColumn) -> str:
    required = _("Required.") if column.required else _("May be left empty.")
    return " ".join(part for part in (required, column.note) if part)


def _write_choices(sheet: Worksheet, columns: Sequence[TemplateColumn]) -> None:
    for number in range(max((len(column.choices) for column in columns), default=0)):
        row = [column.choices[number] if number < len(column.choices) else None for column in columns]
        sheet.append([cell_of(sheet, value) for value in row])


def _write_notes(sheet: Worksheet, columns: Sequence[TemplateColumn]) -> None:
    for letter, width in zip("ABCD", (26, 60, 34, 34), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append(header_cells(sheet, [_("Column"), _("What belongs here"), _("Choices"), _("Examples")]))
    for column in columns:
        note = cell_of(sheet, _note(column))
        choices = cell_of(sheet, ", ".join(column.choices))
        note.alignment = choices.alignment = WRAPPED
        examples: list[Cell] = list(column.examples)
        sheet.append([cell_of(sheet, column.title), note, choices, *(cell_of(sheet, value) for value in examples)])
