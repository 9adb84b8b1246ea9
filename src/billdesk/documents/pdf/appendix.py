"""The appendix that shows, line by line, how each amount came about."""

from __future__ import annotations

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


def _draw_line(job: Job, line: Line) -> None:
    steps = [explain(step, job.printed) for step in line.trace.steps]
    # A heading is not left alone at the bottom of a page.
    job.make_room(_HEADING + 2 * NOTE.leading)
    _draw_heading(job, line)
    for step in steps:
        _draw_step(job, step)
    job.make_room(NOTE.leading + 14)
    job.y += NOTE.leading
    baseline = job.y - 3
    job.sheet.text(LEFT + _INDENT, baseline, job.words.text("Amount on the document"), NOTE_STRONG)
    job.sheet.text_right(RIGHT, baseline, job.printed.money(line.amount), NOTE_STRONG)
    job.y += 10


def _draw_heading(job: Job, line: Line) -> None:
    job.sheet.line(LEFT, job.y, RIGHT, colour=HAIRLINE)
    heading = wrap(f"{line.position}. {line.description}", BODY_STRONG, WIDTH)[0]
    job.sheet.text(LEFT, job.y + 15, heading, BODY_STRONG)
    job.y += _HEADING


def _draw_step(job: Job, step: Explained) -> None:
    formula_x = LEFT + _LABELS
    formula_room = WIDTH - _LABELS - width(step.amount, NOTE) - 12
    labels = wrap(step.label, NOTE, _LABELS - _INDENT - 8)
    formulas = wrap(step.formula, NOTE, formula_room)
    height = max(len(labels), len(formulas), 1) * NOTE.leading
    job.make_room(height)
    baseline = job.y + NOTE.size
    for number, text in enumerate(labels):
        job.sheet.text(LEFT + _INDENT, baseline + number * NOTE.leading, text, NOTE)
    for number, text in enumerate(formulas):
        job.sheet.text(formula_x, baseline + number * NOTE.leading, text, NOTE)
    job.sheet.text_right(RIGHT, baseline, step.amount, NOTE)
    job.y += height
