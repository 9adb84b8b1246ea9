"""Search that ignores case and accents: text is folded when it is stored and when it is looked for."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, true

# Letters that Unicode does not take apart.
_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def fold(*texts: str) -> str:
    """Join texts in lower case without accents, so that Zürich and ZURICH are one."""
    joined = " ".join(text for text in texts if text).casefold().translate(_LETTERS)
    if joined.isascii():
        return joined
    return "".join(c for c in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(c))


def contains(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Say that a folded column holds every word that a person typed."""
    parts = fold(words).split()
    return and_(true(), *(column.contains(part, autoescape=True) for part in parts))
