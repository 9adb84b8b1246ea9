"""Looks into rendered PDFs, and records where texts are put while one is rendered."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from billdesk.documents.pdf import sheet as sheet_module
from billdesk.documents.pdf.sheet import Page, Sheet
from billdesk.documents.pdf.style import Style


def texts_of(pdf: bytes) -> list[str]:
    """Give the text of each page in reading order, with ordinary spaces."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return [page.extract_text().replace("\u00a0", " ").replace("\u202f", " ") for page in pages]


def fonts_of(pdf: bytes) -> dict[str, DictionaryObject]:
    """Give every font in the resources of any page by its base name."""
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        resources = page["/Resources"].get_object()
        assert isinstance(resources, DictionaryObject)
        for reference in resources["/Font"].get_object().values():  # type: ignore[union-attr]  # a dictionary
            font = reference.get_object()
            found[str(font["/BaseFont"])] = font
    return found


@dataclass(frozen=True)
class Box:
    """Where one text stands: baseline, left and right edge, height of its letters."""

    text: str
    x: float
    right: float
    baseline: float
    size: float

    def hits(self, other: Box) -> bool:
        """Whether the letters of two texts lie on one another."""
        apart = self.right <= other.x + 0.1 or other.right <= self.x + 0.1
        lower, upper = sorted((self, other), key=lambda box: -box.baseline)
        return not apart and lower.baseline - 0.72 * lower.size < upper.baseline


@dataclass
class Recorder:
    """Boxes per page of the PDFs rendered while it listens."""

    pages: dict[int, list[Box]] = field(default_factory=dict)

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original: Callable[[Sheet, float, float, str, Style], float] = Sheet.text
        kept: list[Page] = []

        def recorded(sheet: Sheet, x: float, y: float, text: str, style: Style) -> float:
            if not any(page is sheet.page for page in kept):
                kept.append(sheet.page)
            right = x + sheet_module.width(text, style)
            number = next(index for index, page in enumerate(kept) if page is sheet.page)
            if text.strip():
                self.pages.setdefault(number, []).append(Box(text, x, right, y, style.size))
            return original(sheet, x, y, text, style)

        monkeypatch.setattr(Sheet, "text", recorded)

    def collisions(self) -> list[tuple[str, str]]:
        return [
            (first.text, second.text)
            for boxes in self.pages.values()
            for index, first in enumerate(boxes)
            for second in boxes[index + 1 :]
            if first.hits(second)
        ]


def a_logo(size: tuple[int, int] = (300, 90)) -> bytes:
    """Give a small PNG with transparency."""
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((5, 5, 80, 80), fill=(53, 86, 216, 255))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
