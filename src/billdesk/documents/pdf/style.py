"""The look of a document: page measures in points, colours, and the few text styles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.pdf.fonts import REGULAR, STRONG

MM: Final = 72 / 25.4

PAGE_WIDTH: Final = 210 * MM
PAGE_HEIGHT: Final = 297 * MM
LEFT: Final = 22 * MM  # inside a left address window (DIN 5008: from 20 mm)
RIGHT: Final = PAGE_WIDTH - 18 * MM
WIDTH: Final = RIGHT - LEFT
TOP: Final = 14 * MM
BODY_BOTTOM: Final = PAGE_HEIGHT - 27 * MM
"""Where the body of a page ends and its footer begins, from the top edge."""

INK: Final = (0.063, 0.094, 0.157)
SOFT: Final = (0.278, 0.329, 0.404)
FAINT: Final = (0.435, 0.471, 0.533)
HAIRLINE: Final = (0.878, 0.894, 0.918)
PANEL: Final = (0.965, 0.969, 0.976)
ACCENT: Final = (0.208, 0.337, 0.847)
ACCENT_PANEL: Final = (0.937, 0.949, 0.996)
WARNING: Final = (0.710, 0.278, 0.031)
WARNING_PANEL: Final = (0.996, 0.953, 0.890)

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """A way to write: face, size in points and colour; `leading` is the distance of two lines.

    `tracking` is added after each character: large Inter is set tighter.
    """

    face: str
    size: float
    colour: Colour
    leading: float
    tracking: float = 0


TITLE: Final = Style(STRONG, 24, INK, 28, -0.5)
NUMBER: Final = Style(REGULAR, 11, SOFT, 15)
LEAD: Final = Style(STRONG, 9.5, ACCENT, 13)
NAME: Final = Style(STRONG, 15, INK, 18, -0.2)
BODY: Final = Style(REGULAR, 9, INK, 12.5)
BODY_STRONG: Final = Style(STRONG, 9, INK, 12.5)
ADDRESS: Final = Style(REGULAR, 9.5, INK, 13.2)
ADDRESS_STRONG: Final = Style(STRONG, 9.5, INK, 13.2)
NOTE: Final = Style(REGULAR, 7.8, SOFT, 10.8)
NOTE_STRONG: Final = Style(STRONG, 7.8, INK, 10.8)
LABEL: Final = Style(REGULAR, 7.2, FAINT, 9.6)
HEADER: Final = Style(STRONG, 7.2, SOFT, 9.6)
SMALL: Final = Style(REGULAR, 6.8, FAINT, 9.2)
SUBTITLE: Final = Style(STRONG, 13, INK, 17)
TOTAL: Final = Style(STRONG, 10, INK, 14)
DUE: Final = Style(STRONG, 11.5, ACCENT, 15)
TAG: Final = Style(STRONG, 7.5, WARNING, 10)
