"""Cells as Excel needs them: texts stay texts, numbers stay exact, dates are dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Final, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.tables import Cell, is_formula_like
from billdesk.kernel.decimals import to_text
from billdesk.kernel.money import Money, exponent

# Excel keeps numbers as IEEE doubles and shows 15 digits of them.
_MAX_DIGITS: Final = 15
_MAX_TEXT: Final = 32_767
_MAX_SHEET_NAME: Final = 31
DATE_FORMAT: Final = "yyyy-mm-dd"
_INSTANT_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"

HEADER_FONT: Final = Font(bold=True, color="FF101828")
HEADER_FILL: Final = PatternFill("solid", fgColor="FFEDF1FE")
STRONG: Final = Font(bold=True)
SOFT: Final = Font(color="FF667085")
TITLE: Final = Font(bold=True, size=16)
WRAPPED: Final = Alignment(wrap_text=True, vertical="top")
_RIGHT: Final = Alignment(horizontal="right")


def add_sheet(workbook: Workbook, wanted: str, taken: set[str]) -> Worksheet:
    """Add a sheet under a free name."""
    # A write-only sheet has what we use of an ordinary one; the stubs know less of it.
    return cast("Worksheet", workbook.create_sheet(_sheet_name(wanted, taken)))


def cell_of(sheet: Worksheet, value: Cell) -> XlsxCell:
    """Give the cell of a value, with its type and number format."""
    match value:
        case str():
            return text_cell(sheet, value)
        case Money():
            return _number_cell(sheet, value.major, money_format(value.currency))
        case Decimal():
            return _number_cell(sheet, value, _decimal_format(value))
        case datetime():
            return _formatted(sheet, value.astimezone(UTC).replace(tzinfo=None), _INSTANT_FORMAT)
        case date():
            return _formatted(sheet, value, DATE_FORMAT)
        case bool() | None:
            return WriteOnlyCell(sheet, value)
        case _:
            return _number_cell(sheet, Decimal(value), "0")


def row_cell(sheet: Worksheet, value: Cell) -> XlsxCell | str | None:
    """Give what a row may hold: plain texts as they are, which openpyxl writes twice as fast, the rest as cells."""
    if value is None:
        return None
    if isinstance(value, str) and value.isprintable() and len(value) <= _MAX_TEXT and not is_formula_like(value):
        return value
    return cell_of(sheet, value)


def text_cell(sheet: Worksheet, text: str) -> XlsxCell:
    """Give a text cell, also for a text that looks like a formula."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:_MAX_TEXT])
    if is_formula_like(text):
        cell.data_type = "s"
        # The mark that a leading apostrophe leaves: the text stays one when a person edits the cell.
        cell.quotePrefix = True
    return cell


def formula_cell(sheet: Worksheet, formula: str, number_format: str = "General") -> XlsxCell:
    """Give a cell that computes; the only way a formula gets into a workbook of ours."""
    return _formatted(sheet, f"={formula}", number_format)


def _formatted(sheet: Worksheet, value: str | Decimal | date, number_format: str) -> XlsxCell:
    cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # the stubs know no Decimal
    cell.number_format = number_format
    return cell


def _number_cell(sheet: Worksheet, value: Decimal, number_format: str) -> XlsxCell:
    if is_exact_in_excel(value):
        return _formatted(sheet, value, number_format)
    cell = WriteOnlyCell(sheet, to_text(value))
    cell.data_type = "s"
    cell.alignment = _RIGHT
    return cell


def is_exact_in_excel(value: Decimal) -> bool:
    """Tell whether Excel keeps every digit of a number."""
    return len(to_text(abs(value)).replace(".", "").strip("0")) <= _MAX_DIGITS


@cache
def money_format(currency: str) -> str:
    """Give the number format of a currency: its decimals, and the code behind them."""
    places = exponent(currency)
    digits = "#,##0" + ("." + "0" * places if places else "")
    return f'{digits}\\ "{currency}"'


def _decimal_format(value: Decimal) -> str:
    decimals = len(to_text(value).partition(".")[2])
    return "0" + ("." + "0" * decimals if decimals else "")


def header_cells(sheet: Worksheet, titles: Iterable[str]) -> list[XlsxCell]:
    """Give the cells of a header row."""
    cells = [text_cell(sheet, title) for title in titles]
    for cell in cells:
        cell.font, cell.fill = HEADER_FONT, HEADER_FILL
    return cells


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Give a name that Excel allows and that is not taken, and take it."""
    plain = re.sub(r"[\[\]:*?/\\]+", " ", wanted).strip(" '")[:_MAX_SHEET_NAME] or "Sheet"
    if plain.casefold() == "history":  # Excel reserves the name
        plain = "History list"
    name, number = plain, 2
    while name.casefold() in taken:
        end = f" ({number})"
        name, number = plain[: _MAX_SHEET_NAME - len(end)].rstrip() + end, number + 1
    taken.add(name.casefold())
    return name
