"""Texts broken into lines that fit: at spaces, and inside a word only when the word alone is too wide."""

from __future__ import annotations

from typing import Final

from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import Style

_ELLIPSIS: Final = "…"


def wrap(text: str, style: Style, room: float) -> list[str]:
    """Give the lines of a text, none wider than `room`; line ends in the text are kept."""
    if "\n" not in text and "\r" not in text and width(text, style) <= room:
        return [text] if text else []
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _wrap_paragraph(paragraph, style, room)
    return lines


def _wrap_paragraph(text: str, style: Style, room: float) -> list[str]:
    lines: list[str] = []
    line = ""
    # Only ordinary spaces separate words: amounts hold no-break spaces that must stay.
    for word in (word for word in text.split(" ") if word):
        longer = f"{line} {word}" if line else word
        if width(longer, style) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _split_word(word, style, room)
        lines += full
    return [*lines, line] if line else lines


def _split_word(word: str, style: Style, room: float) -> list[str]:
    pieces: list[str] = []
    while width(word, style) > room and len(word) > 1:
        length = _fitting(word, style, room)
        pieces.append(word[:length])
        word = word[length:]
    return [*pieces, word]


def _fitting(word: str, style: Style, room: float) -> int:
    """Give how many first characters fit, preferably up to a mark at which words may be cut."""
    length = len(word)
    while length > 1 and width(word[:length], style) > room:
        length -= 1
    for cut in range(length, length // 2, -1):
        if word[cut - 1] in "-/@_.,;:":
            return cut
    return length


def shorten(text: str, style: Style, room: float) -> str:
    """Give the text, or as much of its beginning as fits with an ellipsis."""
    if width(text, style) <= room:
        return text
    while text and width(text + _ELLIPSIS, style) > room:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS
