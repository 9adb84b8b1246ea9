"""The embedded faces of documents: Inter with figures of one width, DejaVu Sans where Inter has no glyph.

A character that a font lacks prints as an empty box and makes a PDF/A invalid (ISO 19005-3, 6.2.11.8),
so every text is checked against the faces before it is drawn.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Final

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from billdesk.kernel.paths import resource

REGULAR: Final = "Inter-Regular"
STRONG: Final = "Inter-SemiBold"
_BROAD: Final = "DejaVuSans"

UNKNOWN: Final = "\ufffd"
"""Drawn, from the broad face, in the place of a character that no face has."""

_EM: Final = 1000.0
_ASCII_DIGITS: Final = range(ord("0"), ord("9") + 1)


@dataclass(slots=True)
class Face:
    """One font file: which characters it has, and how wide each is in thousandths of the size."""

    name: str
    font: TTFont
    widths: dict[str, float]
    characters: frozenset[str]
    _measured: dict[str, float] = field(default_factory=dict)

    def width(self, text: str) -> float:
        """Give the width of a text that this face can draw, at size 1."""
        found = self._measured.get(text)
        if found is None:
            found = sum(map(self.widths.__getitem__, text)) / _EM
            if len(self._measured) < 20_000:  # noqa: PLR2004 - some megabytes, then new texts are just measured again
                self._measured[text] = found
        return found


@cache
def face(name: str) -> Face:
    """Load a face once per process and make reportlab know it."""
    font = TTFont(name, str(resource("fonts", f"{name}.ttf")), shapable=False)
    if name != _BROAD:
        _use_tabular_digits(font.face)
    registerFont(font)
    widths = {chr(code): float(width) for code, width in font.face.charWidths.items() if code in font.face.charToGlyph}
    # reportlab writes a no-break space as a space; the narrow one keeps its own glyph.
    widths["\u00a0"] = widths[" "]
    return Face(name, font, widths, frozenset(widths))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that one face can draw."""

    face: Face
    text: str


@cache
def _substitutes() -> Face:
    return face(_BROAD)


def runs(name: str, text: str) -> list[Run]:
    """Split a text into stretches by the face that has its characters; nearly always it is one."""
    main = face(name)
    if main.characters.issuperset(text):
        return [Run(main, text)]
    text = clean(text)
    if main.characters.issuperset(text):
        return [Run(main, text)]
    return [Run(main if own else _substitutes(), "".join(part)) for own, part in _by_face(main, text)]


def _by_face(main: Face, text: str) -> Iterator[tuple[bool, Iterator[str]]]:
    broad = _substitutes().characters
    drawable = "".join(c if c in main.characters or c in broad else UNKNOWN for c in text)
    # Neutral characters stay with what came before, so that a name is not cut at each of its spaces.
    return groupby(drawable, key=main.characters.__contains__)


def clean(text: str) -> str:
    """Compose accents (é is one glyph), make line ends spaces and drop what has no shape of its own."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if c.isspace() and c not in "\u00a0\u202f" else c for c in composed if _has_shape(c))


def _has_shape(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def width(name: str, text: str) -> float:
    """Give the width of any text at size 1."""
    main = face(name)
    if main.characters.issuperset(text):
        return main.width(text)
    return sum(run.face.width(run.text) for run in runs(name, text))


def unprintable(text: str) -> str:
    """Give the characters of a text that no bundled face can draw, each once, in order."""
    main = face(REGULAR).characters
    if main.issuperset(text):
        return ""
    known = main | _substitutes().characters
    return "".join(dict.fromkeys(c for c in clean(text) if c not in known))


def _use_tabular_digits(font_face: TTFontFace) -> None:
    """Draw digits with Inter's `tnum` alternates, so that the figures of a column stand under one another."""
    alternates = _single_substitutions(_table(font_face, "GSUB"), b"tnum")
    metrics = _table(font_face, "hmtx")
    for code in _ASCII_DIGITS:
        glyph = alternates.get(font_face.charToGlyph[code])
        if glyph is not None:
            advance = struct.unpack_from(">H", metrics, 4 * glyph)[0]
            font_face.charToGlyph[code] = glyph
            font_face.charWidths[code] = advance * _EM / font_face.unitsPerEm


def _table(font_face: TTFontFace, tag: str) -> bytes:
    return bytes(font_face.get_table(tag))  # type: ignore[no-untyped-call]  # untyped in the stubs


def _single_substitutions(gsub: bytes, feature: bytes) -> dict[int, int]:
    """Read glyph → glyph of a feature (OpenType 1.9, GSUB lookup type 1)."""
    features, lookups = struct.unpack_from(">HH", gsub, 6)
    pairs: dict[int, int] = {}
    for index in _feature_lookups(gsub, features, feature):
        start = lookups + struct.unpack_from(">H", gsub, lookups + 2 + 2 * index)[0]
        kind, _flag, count = struct.unpack_from(">HHH", gsub, start)
        for offset in struct.unpack_from(f">{count}H", gsub, start + 6):
            pairs |= _substitution_table(gsub, kind, start + offset)
    return pairs


def _feature_lookups(gsub: bytes, features: int, wanted: bytes) -> set[int]:
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", gsub, features)[0]):
        tag, offset = struct.unpack_from(">4sH", gsub, features + 2 + 6 * number)
        if tag == wanted:
            count = struct.unpack_from(">H", gsub, features + offset + 2)[0]
            found.update(struct.unpack_from(f">{count}H", gsub, features + offset + 4))
    return found


def _substitution_table(gsub: bytes, kind: int, start: int) -> dict[int, int]:
    if kind == 7:  # noqa: PLR2004 - an extension points to the real table
        kind, offset = struct.unpack_from(">HI", gsub, start + 2)
        start += offset
    if kind != 1:
        return {}
    form, coverage, value = struct.unpack_from(">HHh", gsub, start)
    glyphs = _coverage(gsub, start + coverage)
    if form == 1:
        return {glyph: (glyph + value) & 0xFFFF for glyph in glyphs}
    return dict(zip(glyphs, struct.unpack_from(f">{len(glyphs)}H", gsub, start + 6), strict=True))


def _coverage(gsub: bytes, start: int) -> list[int]:
    form, count = struct.unpack_from(">HH", gsub, start)
    if form == 1:
        return list(struct.unpack_from(f">{count}H", gsub, start + 4))
    glyphs: list[int] = []
    for number in range(count):
        first, last, _index = struct.unpack_from(">HHH", gsub, start + 4 + 6 * number)
        glyphs += range(first, last + 1)
    return glyphs
