"""One page of a PDF as pixels, by PDFium; runs in the `files` lane."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from threading import Lock
from typing import Final

from billdesk.kernel.errors import Place, Problem, UnreadableFile

# PDFium keeps global state and must not be entered by two threads at once.
_ONE_AT_A_TIME: Final = Lock()


@dataclass(frozen=True, slots=True)
class PageImage:
    """Pixels of one page, 4 bytes each (blue, green, red, unused), and the number of pages."""

    pixels: bytes
    width: int
    height: int
    stride: int
    page_count: int


def render_page(document: bytes, page: int, pixels_wide: int) -> PageImage:
    """Render page number `page` (from 0) so that it is `pixels_wide` wide; raises UnreadableFile."""
    # Loaded at first use: PDFium is 9 MB and most sessions begin without a PDF.
    pdfium = importlib.import_module("pypdfium2")
    with _ONE_AT_A_TIME:
        try:
            opened = pdfium.PdfDocument(document)
        except pdfium.PdfiumError as error:
            raise UnreadableFile(Problem("damaged_pdf", Place(), details=(("reason", str(error)),))) from error
        try:
            sheet = opened[page]
            bitmap = sheet.render(scale=pixels_wide / sheet.get_width(), prefer_bgrx=True)
            return PageImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, len(opened))
        finally:
            opened.close()
