"""The payment block: where to pay, what to quote, and the code for the banking app."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import segno

from billdesk.documents.epc import epc_text
from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.style import BODY, BODY_STRONG, LABEL, LEFT, NOTE, PANEL, RIGHT, TOTAL, WIDTH
from billdesk.documents.pdf.wrap import wrap
from billdesk.documents.printed import grouped

_PAD: Final = 12.0
_QR: Final = 78.0
_QR_MARGIN: Final = 6.0
_LABELS: Final = 104.0
_TITLE: Final = 14.0
_ROW_GAP: Final = 2.5
_WHITE: Final = (1.0, 1.0, 1.0)


def draw_payment(job: Job) -> None:
    """Draw the block, whole, unless nothing is to be paid."""
    document = job.printed.document
    rows = _rows(job)
    if job.printed.is_credit_note or document.amount_due.minor <= 0 or not rows:
        return
    code = epc_text(document)
    room = WIDTH - 2 * _PAD - (_QR + 2 * _QR_MARGIN + 16 if code else 0)
    wrapped = [(label, wrap(value, BODY_STRONG, room - _LABELS)) for label, value in rows]
    terms = wrap(document.payment.terms, NOTE, room)
    height = 2 * _PAD + _TITLE + len(terms) * NOTE.leading - 2
    height += sum(len(lines) * BODY.leading + _ROW_GAP for _label, lines in wrapped)
    if code:
        height = max(height, _QR + 2 * _QR_MARGIN + 2 * _PAD + 6)
    job.make_room(height)
    top = job.y
    job.sheet.panel((LEFT, top, WIDTH, height), PANEL)
    _draw_rows(job, wrapped, terms)
    if code:
        _draw_code(job, code, top)
    job.y = top + height + 14


def _rows(job: Job) -> list[tuple[str, str]]:
    document, words, payment = job.printed.document, job.words, job.printed.document.payment
    if not payment.iban and not payment.account_number:
        return []
    rows = [
        (words.text("Amount"), job.printed.money(document.amount_due)),
        (words.text("Pay by"), job.figures.day(document.due_date)),
        (words.text("Beneficiary"), payment.account_name or document.seller.name),
        ("IBAN", grouped(payment.iban)),
        (words.text("Account number"), "" if payment.iban else payment.account_number),
        ("BIC", payment.bic),
        (words.text("Reference"), payment.structured_reference or document.number),
    ]
    return [(label, value) for label, value in rows if value]


def _draw_rows(job: Job, rows: list[tuple[str, list[str]]], terms: list[str]) -> None:
    sheet, x = job.sheet, LEFT + _PAD
    y = job.y + _PAD + 9
    sheet.text(x, y, job.words.text("Payment"), TOTAL)
    y += 18
    for label, lines in rows:
        sheet.text(x, y, label, BODY)
        for number, line in enumerate(lines):
            sheet.text(x + _LABELS, y + number * BODY.leading, line, BODY_STRONG)
        y += len(lines) * BODY.leading + _ROW_GAP
    job.y = y - BODY.size - 1
    job.lines(x, terms, NOTE)


def _draw_code(job: Job, code: str, top: float) -> None:
    size = _QR + 2 * _QR_MARGIN
    x = RIGHT - _PAD - size
    job.sheet.panel((x, top + _PAD, size, size), _WHITE)
    job.sheet.modules(x + _QR_MARGIN, top + _PAD + _QR_MARGIN, _QR, _matrix(code))
    job.sheet.text(x + _QR_MARGIN, top + _PAD + size + 9, job.words.text("Scan to pay"), LABEL)


@lru_cache(maxsize=16)
def _matrix(code: str) -> tuple[bytearray, ...]:
    """Encode as the guideline asks: UTF-8, level M, no smaller or safer than needed."""
    return tuple(segno.make_qr(code, error="m", encoding="utf-8", boost_error=False).matrix)
