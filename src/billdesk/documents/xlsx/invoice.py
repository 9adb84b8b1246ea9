"""A document as a workbook that computes itself again: lines from their traces, discounts, tax groups, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as XlsxCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from billdesk.documents.printed import Printed
from billdesk.documents.tables import Cell
from billdesk.documents.xlsx.cells import (
    SOFT,
    STRONG,
    TITLE,
    WRAPPED,
    add_sheet,
    cell_of,
    formula_cell,
    header_cells,
    money_format,
)
from billdesk.documents.xlsx.computation import Computation, write_computation
from billdesk.documents.xlsx.packing import pack
from billdesk.domain.invoices import Document, Line, TaxGroup
from billdesk.kernel.money import Money, exponent, total

_WIDTHS: Final = (7, 44, 34, 14, 14, 9, 9, 18, 18, 18, 18)
_FIRST_LINE: Final = 10
"""Row of the first line: under the title, six facts, a gap and the header."""


def write_invoice(document: Document, language: str | None) -> bytes:
    """Write both sheets: the document, and the steps that its lines point to."""
    printed = Printed.of(document, language)
    workbook = Workbook(write_only=True)
    workbook.calculation.fullCalcOnLoad = True
    taken: set[str] = set()
    front = add_sheet(workbook, printed.full_title, taken)
    back = add_sheet(workbook, printed.words.text("Computation"), taken)
    computation = write_computation(back, printed)
    _Front(front, printed, computation).write()
    return pack(workbook)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a computed figure stands, and what the document says it is."""

    cell: str
    expected: Money


class _Front:
    """The sheet that looks like the document; rows are appended from top to bottom."""

    def __init__(self, sheet: Worksheet, printed: Printed, computation: Computation) -> None:
        self.sheet = sheet
        self.printed = printed
        self.words = printed.words
        self.document = printed.document
        self.computation = computation
        self.format = money_format(printed.document.currency)
        self.places = exponent(printed.document.currency)
        self.row = 0
        self.checks: list[_Place] = []

    def write(self) -> None:
        for number, width in enumerate(_WIDTHS, start=1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self.sheet.freeze_panes = f"A{_FIRST_LINE}"
        self._facts()
        self._lines()
        self._sums(self._discounts(), self._tax_groups())
        self._verdict()

    def _append(self, cells: Sequence[XlsxCell | None]) -> int:
        self.sheet.append(list(cells))
        self.row += 1
        return self.row

    def _cell(self, value: Cell) -> XlsxCell:
        return cell_of(self.sheet, value)

    def _formula(self, formula: str) -> XlsxCell:
        return formula_cell(self.sheet, formula, self.format)

    def _money(self, amount: Money) -> XlsxCell:
        return self._cell(self.printed.shown(amount))

    def _facts(self) -> None:
        title = self._cell(self.printed.full_title)
        title.font = TITLE
        self._append([title])
        words, document = self.words, self.document
        for label, value in (
            (words.text("Seller"), document.seller.name),
            (words.text("Customer"), document.buyer.name),
            (words.text("Customer number"), document.buyer.number),
            (words.text("Issue date"), document.issue_date),
            (words.text("Due date"), document.due_date),
            (words.text("Currency"), document.currency),
        ):
            shown = self._cell(label)
            shown.font = SOFT
            self._append([shown, self._cell(value)])
        self._append([])

    def _lines(self) -> None:
        words = self.words
        titles = (
            words.text("Line"), words.text("Description"), words.text("Details"), words.text("Quantity"),
            words.text("Unit price"), words.text("VAT %"), words.text("VAT code"), words.text("Amount"),
            words.text("Discount"), words.text("VAT included"), words.text("Total excl. VAT"),
        )  # fmt: skip
        self._append(header_cells(self.sheet, titles))
        for line in self.document.lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        row = self.row + 1
        details = self._cell(self.printed.line_details(line))
        details.alignment = WRAPPED
        included = Money.zero(self.document.currency) if line.included_tax is None else line.included_tax
        self._append(
            [
                self._cell(line.position),
                self._cell(line.description),
                details,
                self._cell(self.printed.shown_quantity(line)),
                self._cell(line.unit_price),
                self._cell(line.tax.percent),
                self._cell(self._code(line)),
                self._formula(self.computation.formula(line)),
                self._money(line.discount),
                self._money(included),
                self._formula(f"H{row}-I{row}-J{row}"),
            ]
        )
        self.checks.append(_Place(f"K{row}", line.net))

    def _code(self, line: Line) -> str:
        """Give the code that ties a line to its tax group."""
        for number, group in enumerate(self.document.taxes, start=1):
            if group.tax == line.tax:
                return f"T{number}"
        return f"T{self._loose_group(line)}"

    def _loose_group(self, line: Line) -> int:
        """Find the group by category, rate and reason, for lines whose tax differs in what is not printed."""
        wanted = (line.tax.category, line.tax.percent, line.tax.reason_code)
        for number, group in enumerate(self.document.taxes, start=1):
            if (group.tax.category, group.tax.percent, group.tax.reason_code) == wanted:
                return number
        return 0

    def _range(self, column: str) -> str:
        last = _FIRST_LINE + max(len(self.document.lines), 1) - 1
        return f"${column}${_FIRST_LINE}:${column}${last}"

    def _discounts(self) -> _Place | None:
        if not self.document.discounts:
            return None
        self._append([])
        self._append(header_cells(self.sheet, ["", self.words.text("Discounts")]))
        first = self.row + 1
        for item in self.document.discounts:
            self._append([None, self._cell(item.label), *[None] * 6, self._money(item.amount)])
        row = self._append(
            [None, self._cell(self.words.text("Discount")), *[None] * 6, self._formula(f"SUM(I{first}:I{self.row})")]
        )
        return _Place(f"I{row}", total((line.discount for line in self.document.lines), self.document.currency))

    def _tax_groups(self) -> range:
        words = self.words
        self._append([])
        titles = ["", words.text("VAT"), words.text("Legal text"), "", "", words.text("VAT %"), words.text("VAT code"),
                  words.text("Taxable amount"), words.text("VAT amount")]  # fmt: skip
        self._append(header_cells(self.sheet, titles))
        first = self.row + 1
        for number, group in enumerate(self.document.taxes, start=1):
            self._tax_group(f"T{number}", group)
        return range(first, self.row + 1)

    def _tax_group(self, code: str, group: TaxGroup) -> None:
        row = self.row + 1
        base = f'SUMIF({self._range("G")},"{code}",{self._range("K")})'
        computed = Money.of(group.base.major * group.tax.percent / 100, group.base.currency)
        # Tax rounded per line or taken out of inclusive prices does not follow from the base of its group.
        tax = (
            self._formula(f"ROUND(H{row}*F{row}/100,{self.places})")
            if computed == group.amount
            else self._money(group.amount)
        )
        legal = self._cell(group.tax.reason)
        legal.alignment = WRAPPED
        label, percent = self._cell(self.printed.tax_label(group)), self._cell(group.tax.percent)
        self._append([None, label, legal, None, None, percent, self._cell(code), self._formula(base), tax])
        self.checks += [_Place(f"H{row}", group.base), _Place(f"I{row}", group.amount)]
        for part in group.tax.parts:
            # Beside the column that is added up: what authorities share is in the group's tax already.
            share = [None, None, self._money(part.amount)] if part.amount is not None else []
            name, percent = self._cell(f"    {part.name}"), self._cell(part.percent)
            self._append([None, name, None, None, None, percent, None, *share])

    def _sums(self, discount: _Place | None, groups: range) -> None:
        words, document = self.words, self.document
        self._append([])
        bases, taxes = f"H{groups.start}:H{groups.stop - 1}", f"I{groups.start}:I{groups.stop - 1}"
        if discount is not None:
            self.checks.append(discount)
        net = self._sum(words.text("Total excl. VAT"), self._formula(f"SUM({bases})"), document.net)
        tax = self._sum(words.text("VAT"), self._formula(f"SUM({taxes})"), document.tax)
        gross = self._sum(words.text("Total incl. VAT"), self._formula(f"{net}+{tax}"), document.total)
        zero = Money.zero(document.currency)
        used = self._sum(words.text("Credit used"), self._money(document.credits_used or zero), None)
        rounding = self._sum(words.text("Rounding"), self._money(document.cash_rounding or zero), None)
        self._sum(words.text("Amount due"), self._formula(f"{gross}-{used}+{rounding}"), document.amount_due)
        if self.printed.local_tax:
            self._append([])
            self._append([None, self._cell(self.printed.local_tax)])

    def _sum(self, label: str, value: XlsxCell, expected: Money | None) -> str:
        shown = self._cell(label)
        shown.font = STRONG
        row = self._append([None, shown, *[None] * 5, value])
        if expected is not None:
            self.checks.append(_Place(f"H{row}", expected))
        return f"H{row}"

    def _verdict(self) -> None:
        """Compare every computed figure with the document, and say in one cell whether all agree."""
        words = self.words
        self._append([])
        figures = words.text("Computed"), words.text("On the document"), words.text("Difference")
        titles = ["", words.text("Check"), words.text("Cell"), *[""] * 4, *figures]
        self._append(header_cells(self.sheet, titles))
        first = self.row + 1
        for place in self.checks:
            row = self.row + 1
            difference = self._formula(f"ROUND(H{row}-I{row},{self.places})")
            self._append(
                [
                    None,
                    None,
                    self._cell(place.cell),
                    *[None] * 4,
                    self._formula(place.cell),
                    self._money(place.expected),
                    difference,
                ]
            )
        differences = f"J{first}:J{self.row}"
        agree, differ = (
            words.text("The formulas match the document"),
            words.text("The formulas do not match the document"),
        )
        verdict = formula_cell(
            self.sheet, f'IF(SUMPRODUCT(ABS({differences}))=0,"{_quoted(agree)}","{_quoted(differ)}")'
        )
        verdict.font = STRONG
        self._append([None, verdict])


def _quoted(text: str) -> str:
    return text.replace('"', '""')
