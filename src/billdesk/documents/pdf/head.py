"""The first page's head: logo, sender, address window, title and the facts of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.logo import Logo
from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import (
    ADDRESS,
    ADDRESS_STRONG,
    BODY_STRONG,
    LABEL,
    LEAD,
    LEFT,
    MM,
    NAME,
    NOTE,
    NOTE_STRONG,
    NUMBER,
    PANEL,
    RIGHT,
    TAG,
    TITLE,
    TOP,
    WARNING_PANEL,
    WIDTH,
)
from billdesk.documents.pdf.wrap import shorten, wrap

# Envelopes with the window on the left; bpost and La Poste (DL, C5) have it on the right.
_LEFT_WINDOW: Final = frozenset({"DE", "AT", "NL", "GB", "IE", "US", "CA"})
_WINDOW_TOP: Final = 50 * MM
_WINDOW_RIGHT_X: Final = 112 * MM
_WINDOW_WIDTH: Final = 78 * MM
_HEAD_BOTTOM: Final = 86 * MM

_NAME_LINES: Final = 4
_COLUMNS: Final = 4
_PAD: Final = 10.0


def draw_head(job: Job, logo: Logo | None) -> None:
    """Draw everything above the table."""
    job.sheet.new_page()
    left_window = job.printed.document.seller.address.country in _LEFT_WINDOW
    _draw_sender(job, logo)
    address_x, title_x = (LEFT, _WINDOW_RIGHT_X) if left_window else (_WINDOW_RIGHT_X, LEFT)
    address_bottom = _draw_address(job, address_x)
    title_bottom = _draw_title(job, title_x)
    job.y = max(_HEAD_BOTTOM, address_bottom + 10, title_bottom + 10)
    _draw_facts(job, _facts(job))
    job.y += 16


def _draw_sender(job: Job, logo: Logo | None) -> None:
    seller, sheet = job.printed.document.seller, job.sheet
    if logo is not None:
        sheet.image(logo.picture, LEFT, TOP, logo.size)
        _draw_sender_block(job, name=seller.name)
        return
    for number, line in enumerate(wrap(seller.name, NAME, 84 * MM)[:_NAME_LINES]):
        sheet.text(LEFT, TOP + 13 + number * NAME.leading, line, NAME)
    _draw_sender_block(job, name="")


def _draw_sender_block(job: Job, *, name: str) -> None:
    seller, words = job.printed.document.seller, job.words
    texts = job.printed.address_lines(seller.address, home=job.printed.document.buyer.address.country)
    if seller.tax_id:
        texts.append(words.text("VAT {number}", number=seller.tax_id))
    texts += [text for text in (seller.email, seller.phone, seller.website) if text]
    y = TOP + 7
    for text, style in [(name, NOTE_STRONG), *((text, NOTE) for text in texts[:8])]:
        if text:
            job.sheet.text(_WINDOW_RIGHT_X, y, shorten(text, style, _WINDOW_WIDTH), style)
            y += style.leading


def _draw_address(job: Job, x: float) -> float:
    buyer, seller = job.printed.document.buyer, job.printed.document.seller
    y = _WINDOW_TOP + 10
    home = seller.address.country
    texts = [(text, ADDRESS_STRONG) for text in wrap(buyer.name, ADDRESS_STRONG, _WINDOW_WIDTH)[:3]]
    plain = [buyer.contact] if buyer.contact else []
    for text in [*plain, *job.printed.address_lines(buyer.address, home=home)]:
        texts += [(line, ADDRESS) for line in wrap(text, ADDRESS, _WINDOW_WIDTH)[:2]]
    for text, style in texts:
        job.sheet.text(x, y, text, style)
        y += style.leading
    return y


def _draw_title(job: Job, x: float) -> float:
    printed, sheet = job.printed, job.sheet
    room = _WINDOW_WIDTH
    y = _WINDOW_TOP + 17
    end = sheet.text(x, y, printed.title, TITLE)
    if printed.tag:
        _draw_tag(job, end + 9, y)
    y += 19
    for line in wrap(printed.document.number, NUMBER, room):
        sheet.text(x, y, line, NUMBER)
        y += NUMBER.leading
    y += 5
    for line in wrap(_lead(job), LEAD, room):
        sheet.text(x, y, line, LEAD)
        y += LEAD.leading
    return y


def _draw_tag(job: Job, x: float, baseline: float) -> None:
    box = (x, baseline - 13, width(job.printed.tag, TAG) + 12, 14.5)
    job.sheet.panel(box, WARNING_PANEL, radius=7)
    job.sheet.text(x + 6, baseline - 3.2, job.printed.tag, TAG)


def _lead(job: Job) -> str:
    """Say in one line what the reader has to do."""
    printed, document = job.printed, job.printed.document
    due = document.amount_due
    if printed.is_credit_note:
        return job.words.text("{amount} in your favour", amount=printed.money(due))
    if due.minor <= 0:
        return job.words.text("Nothing left to pay")
    return job.words.text("{amount} due by {day}", amount=printed.money(due), day=job.figures.day(document.due_date))


@dataclass(frozen=True, slots=True)
class _Fact:
    label: str
    value: str


def _facts(job: Job) -> list[_Fact]:
    document, words, figures = job.printed.document, job.words, job.figures
    date_label = words.text("Credit note date") if job.printed.is_credit_note else words.text("Invoice date")
    delivery = ""
    if document.delivery_address is not None:
        home = document.buyer.address.country
        delivery = ", ".join(job.printed.address_lines(document.delivery_address, home=home))
    facts = [
        (date_label, figures.day(document.issue_date)),
        (words.text("Due date"), "" if job.printed.is_credit_note else figures.day(document.due_date)),
        (words.text("Billing period"), figures.period(document.period) if document.period else ""),
        (words.text("Corrects invoice"), ", ".join(document.corrects_numbers)),
        (words.text("Customer number"), document.buyer.number),
        (words.text("Your order"), document.purchase_order),
        (words.text("Your VAT number"), document.buyer.tax_id),
        (words.text("Your company number"), "" if document.buyer.tax_id else document.buyer.company_number),
        (words.text("Delivery address"), delivery),
    ]
    return [_Fact(label, value) for label, value in facts if value]


def _draw_facts(job: Job, facts: list[_Fact]) -> None:
    room = (WIDTH - 2 * _PAD - (_COLUMNS - 1) * _PAD) / _COLUMNS
    wrapped = [(fact.label, wrap(fact.value, BODY_STRONG, room)[:4]) for fact in facts]
    rows = [wrapped[i : i + _COLUMNS] for i in range(0, len(wrapped), _COLUMNS)]
    heights = [18 + BODY_STRONG.leading * max(len(value) for _label, value in row) for row in rows]
    job.sheet.panel((LEFT, job.y, RIGHT - LEFT, sum(heights) + 8), PANEL)
    y = job.y + 15
    for row, height in zip(rows, heights, strict=True):
        for column, (label, value) in enumerate(row):
            x = LEFT + _PAD + column * (room + _PAD)
            job.sheet.text(x, y, label, LABEL)
            for number, line in enumerate(value, start=1):
                job.sheet.text(x, y + number * BODY_STRONG.leading, line, BODY_STRONG)
        y += height
    job.y += sum(heights) + 8
