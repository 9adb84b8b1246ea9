"""The table of lines: columns as wide as their figures, a header on each page, rows that stay whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import BODY, HAIRLINE, HEADER, LEFT, NOTE, PANEL, RIGHT, WIDTH, Style
from billdesk.documents.pdf.wrap import wrap
from billdesk.domain.invoices import Line

_PAD: Final = 8.0
_GAP: Final = 14.0
_HEADER_HEIGHT: Final = 20.0
_ROW_PAD: Final = 6.0
_LEAST_TEXT: Final = 130.0

_Cells = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Right edges of the four columns of figures, and the room of the text before them."""

    headers: tuple[str, _Cells]
    edges: tuple[float, ...]
    text_room: float


@dataclass(frozen=True, slots=True)
class _Row:
    """A line ready to be drawn: its lines of text with their styles, and its figures."""

    texts: tuple[tuple[str, Style], ...]
    cells: _Cells

    @property
    def height(self) -> float:
        return sum(style.leading for _text, style in self.texts) + 2 * _ROW_PAD


def draw_table(job: Job, *, keep_with_end: float) -> None:
    """Draw all lines; the last one goes to the page of what follows, which is `keep_with_end` high."""
    lines = job.printed.document.lines
    if not lines:
        return
    all_cells = [_cells(job, line) for line in lines]
    columns = _columns(job, all_cells)
    rows = [
        piece
        for line, cells in zip(lines, all_cells, strict=True)
        for piece in _fit_page(_row(job, line, cells, columns.text_room), job.full_room - _HEADER_HEIGHT)
    ]
    _draw_header(job, columns, rows[0])
    for number, row in enumerate(rows, start=1):
        is_last = number == len(rows)
        # An end that fits on no page with a row is drawn on its own page, by itself.
        end = keep_with_end if is_last and keep_with_end + row.height < job.full_room - _HEADER_HEIGHT else 0
        if row.height + end > job.room() and number > 1:
            job.next_page()
            _draw_header(job, columns, row)
        _draw_row(job, columns, row)
    job.y += 14


def _cells(job: Job, line: Line) -> _Cells:
    printed = job.printed
    return printed.quantity(line), printed.unit_price(line), printed.tax_label(line), printed.amount(line.amount)


def _columns(job: Job, rows: list[_Cells]) -> _Columns:
    words, currency = job.words, job.printed.document.currency
    amount = words.text("Amount ({currency})", currency=currency)
    if job.printed.is_tax_inclusive:
        amount = words.text("Incl. VAT ({currency})", currency=currency)
    headers = (
        words.text("Quantity"),
        words.text("Unit price"),
        words.text("VAT"),
        amount,
    )
    widths = [
        max(width(header, HEADER), *(width(text, BODY) for text in column))
        for header, column in zip(headers, zip(*rows, strict=True), strict=True)
    ]
    edges: list[float] = []
    edge = RIGHT - _PAD
    for column_width in reversed(widths):
        edges.insert(0, edge)
        edge -= column_width + _GAP
    room = max(edge - LEFT - _PAD, _LEAST_TEXT)
    return _Columns((words.text("Description"), headers), tuple(edges), room)


def _row(job: Job, line: Line, cells: _Cells, room: float) -> _Row:
    texts = [(text, BODY) for text in wrap(line.description, BODY, room)] or [("", BODY)]
    texts += [(text, NOTE) for text in wrap(job.printed.line_details(line), NOTE, room)]
    return _Row(tuple(texts), cells)


def _fit_page(row: _Row, room: float) -> Iterator[_Row]:
    """Give the row as it is, or in pieces when it is higher than a whole page."""
    cells = row.cells
    texts = list(row.texts)
    while texts:
        height, count = 2 * _ROW_PAD, 0
        while count < len(texts) and (count == 0 or height + texts[count][1].leading <= room):
            height += texts[count][1].leading
            count += 1
        yield _Row(tuple(texts[:count]), cells)
        texts, cells = texts[count:], ("", "", "", "")


def _draw_header(job: Job, columns: _Columns, first: _Row) -> None:
    if job.room() < _HEADER_HEIGHT + min(first.height, job.full_room - _HEADER_HEIGHT):
        job.next_page()
    sheet, (description, figures) = job.sheet, columns.headers
    sheet.panel((LEFT, job.y, WIDTH, _HEADER_HEIGHT), PANEL, radius=4)
    baseline = job.y + 12.5
    sheet.text(LEFT + _PAD, baseline, description, HEADER)
    for edge, text in zip(columns.edges, figures, strict=True):
        sheet.text_right(edge, baseline, text, HEADER)
    job.y += _HEADER_HEIGHT


def _draw_row(job: Job, columns: _Columns, row: _Row) -> None:
    sheet = job.sheet
    baseline = job.y + _ROW_PAD + BODY.size
    y = baseline
    first, *rest = row.texts
    sheet.text(LEFT + _PAD, y, first[0], first[1])
    for edge, text in zip(columns.edges, row.cells, strict=True):
        sheet.text_right(edge, baseline, text, BODY)
    previous = first[1]
    for text, style in rest:
        # A smaller line under a larger one sits closer than the larger one's leading.
        y += style.leading if previous is style else style.leading + 0.8
        sheet.text(LEFT + _PAD, y, text, style)
        previous = style
    job.y += row.height
    sheet.line(LEFT, job.y, RIGHT, colour=HAIRLINE)
