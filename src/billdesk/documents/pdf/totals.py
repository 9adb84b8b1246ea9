"""Below the lines: the tax table with its legal texts on the left, the way to the amount due on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.pdf.fonts import REGULAR
from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import (
    ACCENT_PANEL,
    BODY,
    DUE,
    FAINT,
    HAIRLINE,
    HEADER,
    LEFT,
    NOTE,
    RIGHT,
    SOFT,
    TOTAL,
    WIDTH,
    Style,
)
from billdesk.documents.pdf.wrap import wrap
from billdesk.documents.printed import Printed
from billdesk.domain.invoices import TaxGroup
from billdesk.kernel.money import Money

_PAD: Final = 8.0
_RIGHT_WIDTH: Final = 212.0
_RIGHT_X: Final = RIGHT - _RIGHT_WIDTH
_LEFT_WIDTH: Final = WIDTH - _RIGHT_WIDTH - 30
_ROW: Final = 15.0
_GAP: Final = 24.0
_RULE: Final = 6.0
_DUE_HEIGHT: Final = 27.0

_QUIET: Final = Style(REGULAR, 9, SOFT, 12.5)


@dataclass(frozen=True, slots=True)
class _Sum:
    """A row of the right column; `above` draws a line over it."""

    label: str
    value: str
    style: Style
    above: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Both columns, measured: the tax rows and the texts under them, the sums and the amount due."""

    taxes: tuple[tuple[str, str, str], ...]
    texts: tuple[str, ...]
    sums: tuple[tuple[list[str], _Sum], ...]
    due: tuple[str, str]

    @property
    def height(self) -> float:
        """Height of the higher column."""
        left = (_ROW * (len(self.taxes) + 1) + 8 if self.taxes else 0) + len(self.texts) * NOTE.leading
        right = sum(_ROW + (len(lines) - 1) * BODY.leading for lines, _sum in self.sums)
        return max(left, right + _RULE + 8 + _DUE_HEIGHT) + 4


def measure_totals(job: Job) -> Totals:
    """Work out what stands in both columns."""
    printed = job.printed
    taxes = tuple(row for group in printed.document.taxes for row in _tax_rows(printed, group))
    notes = [*printed.legal_texts, *([printed.local_tax] if printed.local_tax else [])]
    texts = tuple(line for note in notes for line in wrap(note, NOTE, _LEFT_WIDTH))
    sums = tuple((wrap(item.label, item.style, _label_room(item)) or [""], item) for item in _sums(job))
    return Totals(taxes, texts, sums, _due(job))


def _tax_rows(printed: Printed, group: TaxGroup) -> list[tuple[str, str, str]]:
    """Give the row of a rate, and one for each authority that shares it."""
    rows = [(printed.tax_label(group), printed.amount(group.base), printed.amount(group.amount))]
    for part in group.tax.parts:
        amount = printed.amount(part.amount) if part.amount is not None else ""
        rows.append((f"    {part.name} {printed.figures.percent(part.percent)}", "", amount))
    return rows


def _label_room(item: _Sum) -> float:
    return max(_RIGHT_WIDTH - 2 * _PAD - width(item.value, item.style) - 12, 60)


def _sums(job: Job) -> list[_Sum]:
    printed, document, words = job.printed, job.printed.document, job.words
    rows: list[_Sum] = []
    if document.discounts:
        label = words.text("Subtotal incl. VAT") if printed.is_tax_inclusive else words.text("Subtotal")
        rows.append(_Sum(label, printed.money(printed.subtotal), _QUIET))
        rows += [_Sum(item.label, printed.money(-item.amount), _QUIET) for item in document.discounts]
    rows.append(_Sum(words.text("Total excl. VAT"), printed.money(document.net), _QUIET))
    rows.append(_Sum(words.text("VAT"), printed.money(document.tax), _QUIET))
    rows.append(_Sum(words.text("Total incl. VAT"), printed.money(document.total), TOTAL, above=True))
    rows += [_Sum(label, printed.money(-amount), _QUIET) for label, amount in _credits(printed)]
    if document.cash_rounding:
        rows.append(_Sum(words.text("Rounding"), printed.money(document.cash_rounding), _QUIET))
    return rows


def _credits(printed: Printed) -> list[tuple[str, Money]]:
    document = printed.document
    if document.credits:
        return [(use.label, use.amount) for use in document.credits]
    return [(printed.words.text("Credit used"), document.credits_used)] if document.credits_used else []


def _due(job: Job) -> tuple[str, str]:
    due: Money = job.printed.document.amount_due
    label = job.words.text("In your favour") if job.printed.is_credit_note else job.words.text("Amount due")
    return label, job.printed.money(due)


def draw_totals(job: Job, totals: Totals) -> None:
    """Draw both columns side by side on one page."""
    job.make_room(totals.height)
    top = job.y
    _draw_taxes(job, totals)
    job.y = top
    _draw_sums(job, totals)
    job.y = top + totals.height + 14


def _draw_taxes(job: Job, totals: Totals) -> None:
    if totals.taxes:
        _draw_tax_table(job, totals.taxes)
    job.lines(LEFT + _PAD, list(totals.texts), NOTE)


def _draw_tax_table(job: Job, taxes: tuple[tuple[str, str, str], ...]) -> None:
    sheet, words, top = job.sheet, job.words, job.y
    x, end, header = LEFT + _PAD, LEFT + _LEFT_WIDTH, words.text("VAT amount")
    middle = end - _GAP - max(width(header, HEADER), *(width(amount, BODY) for _label, _base, amount in taxes))
    baseline = top + 9
    sheet.text(x, baseline, words.text("VAT rate"), HEADER)
    sheet.text_right(middle, baseline, words.text("Taxable amount"), HEADER)
    sheet.text_right(end, baseline, header, HEADER)
    sheet.line(LEFT, top + _ROW, end, colour=HAIRLINE)
    for number, (label, base, amount) in enumerate(taxes, start=1):
        baseline = top + number * _ROW + 11
        sheet.text(x, baseline, label, BODY)
        sheet.text_right(middle, baseline, base, BODY)
        sheet.text_right(end, baseline, amount, BODY)
    job.y = top + (len(taxes) + 1) * _ROW + 6


def _draw_sums(job: Job, totals: Totals) -> None:
    sheet = job.sheet
    for lines, item in totals.sums:
        if item.above:
            sheet.line(_RIGHT_X, job.y + 4, RIGHT, colour=FAINT, weight=0.5)
            job.y += _RULE
        baseline = job.y + 11
        for number, line in enumerate(lines):
            sheet.text(_RIGHT_X + _PAD, baseline + number * BODY.leading, line, item.style)
        sheet.text_right(RIGHT - _PAD, baseline, item.value, item.style)
        job.y += _ROW + (len(lines) - 1) * BODY.leading
    job.y += 8
    label, value = totals.due
    sheet.panel((_RIGHT_X, job.y, _RIGHT_WIDTH, _DUE_HEIGHT), ACCENT_PANEL)
    sheet.text(_RIGHT_X + _PAD, job.y + 17.5, label, DUE)
    sheet.text_right(RIGHT - _PAD, job.y + 17.5, value, DUE)
