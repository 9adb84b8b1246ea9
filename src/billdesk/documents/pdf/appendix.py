"""The appendix that shows, line by line, how each amount came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.explained import Explained, explain
from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import BODY_STRONG, HAIRLINE, LEFT, NOTE, NOTE_STRONG, RIGHT, SUBTITLE, WIDTH
from billdesk.documents.pdf.wrap import wrap
from billdesk.domain.invoices import Line

_LABELS: Final = 150.0
_INDENT: Final = 12.0
_HEADING: Final = 22.0
_END: Final = NOTE.leading + 14


def draw_appendix(job: Job) -> None:
    """Begin a page and explain every line that has a trace."""
    lines = [line for line in job.printed.document.lines if line.trace.steps]
    if not lines:
        return
    job.next_page()
    job.lines(LEFT, [job.words.text("How the amounts were computed")], SUBTITLE)
    job.y += 6
    for line in lines:
        _draw_line(job, line)


@dataclass(frozen=True, slots=True)
class _Row:
    """A step ready to be drawn."""

    labels: list[str]
    formulas: list[str]
    amount: str

    @property
    def height(self) -> float:
        return max(len(self.labels), len(self.formulas), 1) * NOTE.leading


def _draw_line(job: Job, line: Line) -> None:
    rows = [_row(explain(step, job.printed)) for step in line.trace.steps]
    height = _HEADING + sum(row.height for row in rows) + _END
    # A computation stays whole; one longer than a page only keeps its beginning with its heading.
    job.make_room(height if height <= job.full_room else _HEADING + 2 * NOTE.leading)
    _draw_heading(job, line)
    for row in rows:
        _draw_row(job, row)
    job.make_room(_END)
    baseline = job.y + NOTE.leading - 3
    job.sheet.text(LEFT + _INDENT, baseline, job.words.text("Amount on the document"), NOTE_STRONG)
    job.sheet.text_right(RIGHT, baseline, job.printed.money(line.amount), NOTE_STRONG)
    job.y += _END


def _row(step: Explained) -> _Row:
    formula_room = WIDTH - _LABELS - width(step.amount, NOTE) - 12
    labels = wrap(step.label, NOTE, _LABELS - _INDENT - 8)
    return _Row(labels, wrap(step.formula, NOTE, formula_room), step.amount)


def _draw_heading(job: Job, line: Line) -> None:
    job.sheet.line(LEFT, job.y, RIGHT, colour=HAIRLINE)
    heading = wrap(f"{line.position}. {line.description}", BODY_STRONG, WIDTH)[0]
    job.sheet.text(LEFT, job.y + 15, heading, BODY_STRONG)
    job.y += _HEADING


def _draw_row(job: Job, row: _Row) -> None:
    job.make_room(row.height)
    baseline = job.y + NOTE.size
    for number, text in enumerate(row.labels):
        job.sheet.text(LEFT + _INDENT, baseline + number * NOTE.leading, text, NOTE)
    for number, text in enumerate(row.formulas):
        job.sheet.text(LEFT + _LABELS, baseline + number * NOTE.leading, text, NOTE)
    job.sheet.text_right(RIGHT, baseline, row.amount, NOTE)
    job.y += row.height
