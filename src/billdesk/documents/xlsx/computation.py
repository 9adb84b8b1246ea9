"""The steps of all traces as live formulas, a row per step, in the order in which a till would add them up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.explained import explain
from billdesk.documents.printed import Printed
from billdesk.documents.xlsx.cells import STRONG, cell_of, formula_cell, header_cells, is_exact_in_excel
from billdesk.domain.explain import Step, StepKind
from billdesk.domain.invoices import Line
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.money import exponent

_WIDTHS: Final = (7, 34, 44, 18, 18, 18, 18, 20)
_AMOUNT: Final = "H"


@dataclass(slots=True)
class Computation:
    """Which formula gives the amount of each line; `name` is the sheet's."""

    name: str
    printed: Printed
    cells: dict[int, str] = field(default_factory=dict)

    def formula(self, line: Line) -> str:
        """Give the formula of a line's printed amount: its steps, or the amount itself when it has no trace."""
        sign = "-" if self.printed.is_credit_note else ""
        if line.position in self.cells:
            quoted = self.name.replace("'", "''")
            return f"{sign}'{quoted}'!{self.cells[line.position]}"
        return to_text(self.printed.shown(line.amount).major)


def write_computation(sheet: Worksheet, printed: Printed) -> Computation:
    """Write the steps of every line that has a trace."""
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    words = printed.words
    titles = [words.text("Line"), words.text("Step"), words.text("Formula"), "a", "b", "c", "d", words.text("Amount")]
    sheet.append(header_cells(sheet, titles))
    computation = Computation(sheet.title, printed)
    row = 1
    for line in printed.document.lines:
        if line.trace.steps:
            till = _Till(sheet, printed, row)
            computation.cells[line.position] = till.write(line)
            row = till.row
    return computation


# Which values of a step stand in the columns D, E, F and G; the formulas below use the same order.
_VALUES: Final[dict[StepKind, tuple[str, ...]]] = {
    StepKind.QUANTITY: ("quantity",),
    StepKind.TERMS: (),
    StepKind.PART: ("quantity", "unit_price", "flat"),
    StepKind.PERCENT: ("value", "rate", "count", "fixed"),
    StepKind.GIVEN: ("given",),
    StepKind.FULL: (),
    StepKind.LESS: (),
    StepKind.PRORATE: ("days", "of"),
    StepKind.CONVERT: ("rate",),
    StepKind.ROUND: (),
    StepKind.RUNNING: ("carry",),
    StepKind.LIMIT: ("base",),
    StepKind.BILLED: ("billed",),
    StepKind.CREDIT: ("billed", "left"),
}


class _Till:
    """Adds up one line's steps in cells the way `domain.explain.recompute` does in fractions."""

    def __init__(self, sheet: Worksheet, printed: Printed, row: int) -> None:
        self.sheet = sheet
        self.printed = printed
        self.row = row
        self.places = exponent(printed.document.currency)
        self.parts: list[str] = []
        self.terms: list[str] = []
        self.value = ""

    def write(self, line: Line) -> str:
        """Write the line's heading and steps; gives the cell that holds its amount."""
        heading = [cell_of(self.sheet, line.position), cell_of(self.sheet, line.description)]
        for cell in heading:
            cell.font = STRONG
        self._append(heading)
        for step in line.trace.steps:
            self._step(step)
        rounded = formula_cell(self.sheet, self._rounded(self._result()))
        label = cell_of(self.sheet, self.printed.words.text("Amount of the line"))
        label.font = rounded.font = STRONG
        self._append([None, label, *[None] * 5, rounded])
        return f"{_AMOUNT}{self.row}"

    def _append(self, cells: Sequence[XlsxCell | None]) -> None:
        self.sheet.append(list(cells))
        self.row += 1

    def _step(self, step: Step) -> None:
        shown = explain(step, self.printed)
        values = [self._value(step.values.get(name) or "0") for name in _VALUES[step.kind]]
        formula = _FORMULAS[step.kind](self, step, f"{_AMOUNT}{self.row + 1}")
        cells: list[XlsxCell | None] = [None, cell_of(self.sheet, shown.label), cell_of(self.sheet, shown.formula)]
        cells += [*values, *[None] * (4 - len(values))]
        self._append([*cells, formula_cell(self.sheet, formula)] if formula else cells)

    def _value(self, text: str) -> XlsxCell:
        """Give a number as it is; fractions and very long numbers as formulas, as exact as Excel can be."""
        if "/" in text or not is_exact_in_excel(from_text(text)):
            return formula_cell(self.sheet, text)
        return cell_of(self.sheet, from_text(text))

    def _rounded(self, expression: str) -> str:
        return f"ROUND({expression},{self.places})"

    def _result(self) -> str:
        return self.value or self._exact()

    def _exact(self) -> str:
        return "+".join(self.terms) or "0"

    def at(self, column: str) -> str:
        """Name a cell of the row that is being written."""
        return f"{column}{self.row + 1}"

    def quantity(self, _step: Step, _here: str) -> str:
        return ""

    def part(self, step: Step, here: str) -> str:
        self.parts.append(here)
        if step.kind is StepKind.GIVEN:
            return self.at("D")
        if step.kind is StepKind.PERCENT:
            return f"{self.at('D')}*{self.at('E')}/100+{self.at('F')}*{self.at('G')}"
        return f"{self.at('D')}*{self.at('E')}+{self.at('F')}"

    def full(self, step: Step, here: str) -> str:
        together = "+".join(self.parts) or "0"
        self.parts = []
        self.terms.append(here)
        return together if step.kind is StepKind.FULL else f"-({together})"

    def prorate(self, _step: Step, here: str) -> str:
        term = self.terms.pop() if self.terms else "0"
        self.terms.append(here)
        return f"{term}*{self.at('D')}/{self.at('E')}"

    def convert(self, _step: Step, here: str) -> str:
        formula = f"({self._exact()})*{self.at('D')}"
        self.terms = [here]
        return formula

    def round(self, _step: Step, here: str) -> str:
        return self._turn(here, self._rounded(self._exact()))

    def running(self, _step: Step, here: str) -> str:
        with_carry = f"{self.at('D')}+{self._exact()}"
        return self._turn(here, self._rounded(with_carry))

    def limit(self, step: Step, here: str) -> str:
        name = "MAX" if step.values.get("limit") == "minimum" else "MIN"
        return self._turn(here, f"{name}(0,{self._rounded(self._result())}-{self.at('D')})")

    def billed(self, _step: Step, here: str) -> str:
        return self._turn(here, f"{self._rounded(self._result())}-{self.at('D')}")

    def credit(self, step: Step, here: str) -> str:
        wanted = f"{self.at('D')}-{self._rounded(self._result())}"
        outer, inner = ("MAX", "MIN") if Fraction(step.values.get("left") or 0) >= 0 else ("MIN", "MAX")
        return self._turn(here, f"-{outer}(0,{inner}({wanted},{self.at('E')}))")

    def _turn(self, here: str, formula: str) -> str:
        self.value = here
        return formula


_FORMULAS: Final[dict[StepKind, Callable[[_Till, Step, str], str]]] = {
    StepKind.QUANTITY: _Till.quantity,
    StepKind.TERMS: _Till.quantity,
    StepKind.PART: _Till.part,
    StepKind.PERCENT: _Till.part,
    StepKind.GIVEN: _Till.part,
    StepKind.FULL: _Till.full,
    StepKind.LESS: _Till.full,
    StepKind.PRORATE: _Till.prorate,
    StepKind.CONVERT: _Till.convert,
    StepKind.ROUND: _Till.round,
    StepKind.RUNNING: _Till.running,
    StepKind.LIMIT: _Till.limit,
    StepKind.BILLED: _Till.billed,
    StepKind.CREDIT: _Till.credit,
}
