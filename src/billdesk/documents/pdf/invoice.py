"""Invoices and credit notes as PDF: head, lines, totals, notes, payment, and on request how they were computed."""

from __future__ import annotations

from billdesk.documents.pdf.appendix import draw_appendix
from billdesk.documents.pdf.footer import draw_footers
from billdesk.documents.pdf.head import draw_head
from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.logo import read_logo
from billdesk.documents.pdf.payment import draw_payment
from billdesk.documents.pdf.sheet import Sheet
from billdesk.documents.pdf.style import BODY, LEFT, WIDTH
from billdesk.documents.pdf.table import draw_table
from billdesk.documents.pdf.totals import draw_totals, measure_totals
from billdesk.documents.pdf.wrap import wrap
from billdesk.documents.printed import Printed
from billdesk.domain.invoices import Document


def render(document: Document, *, language: str | None, logo: bytes, explain: bool) -> bytes:
    """Give the PDF of a document; the same document gives the same bytes.

    Raises InvalidValue when the logo is no picture.
    """
    printed = Printed.of(document, language)
    sheet = Sheet(
        title=printed.full_title,
        author=document.seller.name,
        subject=f"{document.seller.name} – {document.buyer.name}",
        language=printed.words.code,
    )
    job = Job(printed, sheet, printed.words, printed.figures)
    draw_head(job, read_logo(logo) if logo else None)
    totals = measure_totals(job)
    draw_table(job, keep_with_end=totals.height + 14)
    draw_totals(job, totals)
    draw_notes(job)
    draw_payment(job)
    if explain:
        draw_appendix(job)
    draw_footers(job)
    return sheet.finish()


def draw_notes(job: Job) -> None:
    """Write the notes, over several pages where they are long."""
    lines = wrap(job.printed.document.notes, BODY, WIDTH)
    for line in lines:
        job.make_room(BODY.leading)
        job.lines(LEFT, [line], BODY)
    if lines:
        job.y += 14
