"""What stands at the bottom of each page, drawn last because only then the number of pages is known."""

from __future__ import annotations

from typing import Final

from billdesk.documents.pdf.job import Job
from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import HAIRLINE, LEFT, MM, PAGE_HEIGHT, RIGHT, SMALL, WIDTH
from billdesk.documents.pdf.wrap import shorten, wrap

_TOP: Final = PAGE_HEIGHT - 22 * MM
_PAGE_ROOM: Final = 80.0
_MAX_LINES: Final = 4


def draw_footers(job: Job) -> None:
    """Give each page its footer with the page number."""
    texts = _texts(job)
    pages = job.sheet.pages
    for number, page in enumerate(pages, start=1):
        job.sheet.page = page
        job.sheet.line(LEFT, _TOP, RIGHT, colour=HAIRLINE)
        y = _TOP + 12
        for line, text in enumerate(texts):
            job.sheet.text(LEFT, y + line * SMALL.leading, text, SMALL)
        shown = job.words.text("Page {page} of {pages}", page=number, pages=len(pages))
        job.sheet.text_right(RIGHT, y, shown, SMALL)


def _texts(job: Job) -> list[str]:
    room = WIDTH - _PAGE_ROOM
    lines = _joined(job.printed.company_facts, room)[:2]
    return [*lines, *wrap(job.printed.document.footer, SMALL, room)][:_MAX_LINES]


def _joined(parts: list[str], room: float) -> list[str]:
    """Give lines of parts with dots between them, none at the end or the beginning of a line."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and width(longer, SMALL) <= room:
            lines[-1] = longer
        else:
            lines.append(shorten(part, SMALL, room))
    return lines
