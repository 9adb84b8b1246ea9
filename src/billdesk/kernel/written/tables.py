"""The outside of a text table: its encoding, its delimiter and its header below whatever stands above."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from typing import Final

from billdesk.kernel.written.moments import order_evidence
from billdesk.kernel.written.numbers import mark_evidence

DELIMITERS: Final = (";", ",", "\t", "|")
LOOK_AHEAD: Final = 40
"""Rows in which the header must stand."""
_SAMPLE_LINES: Final = 200
_LONGEST_TITLE: Final = 80
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZERO_SHARE: Final = 0.2


def marked_encoding(head: bytes) -> str:
    """Name the encoding that the first bytes give away: a byte order mark or the zero bytes of UTF-16; else empty."""
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > half * _ZERO_SHARE and odd > even:
        return "utf-16-le"
    return "utf-16-be" if even > half * _ZERO_SHARE else ""


def decode_text(data: bytes) -> str:
    """Decode a whole file: by its mark, as UTF-8 when every byte fits, else as Windows' western page."""
    name = marked_encoding(data[:4096])
    if name:
        return data.decode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def detect_delimiter(sample: str) -> str:
    """Choose the delimiter that parts the most lines into the same, largest number of cells."""
    lines = [line for line in sample.splitlines()[:_SAMPLE_LINES] if line.strip()]
    scores = {delimiter: _score(lines, delimiter) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _score(lines: list[str], delimiter: str) -> float:
    try:
        rows = csv.reader(StringIO("\n".join(lines)), delimiter=delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: item[0] * item[1])
    return width * count / len(lines)


def find_header(rows: Sequence[Sequence[object]]) -> int | None:
    """Give the index of the header among the first rows, None when there is none.

    It is the first of the rows with the most different titles, where a number or a date in a row speaks against it.
    """
    best, best_score = None, 0
    for index, row in enumerate(rows[:LOOK_AHEAD]):
        filled = [value for value in row if _is_filled(value)]
        titles = {str(value).strip().casefold() for value in filled if _is_title(value)}
        others = len(filled) - sum(map(_is_title, filled))
        score = len(titles) - 2 * others
        if score > best_score and (len(filled) > 1 or len(row) == 1):
            best, best_score = index, score
    if best is None or not _all_titles(rows[best]):
        return None  # a number or date like the rows below: data, not titles
    return best - 1 if best and _is_header_of(rows[best - 1], rows[best]) else best


def _all_titles(row: Sequence[object]) -> bool:
    return all(_is_title(value) for value in row if _is_filled(value))


def _is_header_of(above: Sequence[object], row: Sequence[object]) -> bool:
    """Tell a header with a repeated or missing title from the first row of data, which has more different texts."""
    filled, wanted = sum(map(_is_filled, above)), sum(map(_is_filled, row))
    return _all_titles(above) and filled >= max(2, wanted - max(1, wanted // 4))


def _is_filled(value: object) -> bool:
    return value is not None and bool(str(value).strip())


def _is_title(value: object) -> bool:
    if not isinstance(value, str):
        return False
    text = value.strip()
    return bool(text) and len(text) <= _LONGEST_TITLE and mark_evidence(text) is None and order_evidence(text) is None
