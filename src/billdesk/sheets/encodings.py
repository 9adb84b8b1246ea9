"""Which encoding a text file has, decided from all of its bytes."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO, Final

from billdesk.kernel.written.tables import marked_encoding

_CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 16


def detect_encoding(path: Path) -> str:
    """Name the encoding: by its mark, by zero bytes (UTF-16), UTF-8 when every byte fits, else an old code page."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        if marked := marked_encoding(head):
            return marked
        file.seek(0)
        strange = _first_not_utf8(file)
        if strange is None:
            return "utf-8"
        file.seek(max(0, strange - _SAMPLE // 2))
        return _code_page(file.read(_SAMPLE))


def _first_not_utf8(file: BinaryIO) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    done = 0
    while chunk := file.read(_CHUNK):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return max(0, done + error.start)
        done += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return max(0, done - 1)
    return None


def _code_page(sample: bytes) -> str:
    """Windows' western page fits nearly every bank and spreadsheet here; other pages only where it makes no sense."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return _guess(sample)
    strange = [c for c in text if ord(c) > 127]  # noqa: PLR2004 - beyond ASCII
    sensible = sum(c.isalpha() or c in "€£°§·–—‘’“”«»…²³½±" for c in strange)
    return "cp1252" if sensible * 2 > len(strange) else _guess(sample)


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=["cp1252", "latin_1", "cp850", "cp1250", "iso8859_15", "mac_roman"]).best()
    return best.encoding if best else "latin-1"
