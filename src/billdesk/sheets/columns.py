"""Column specs: what a template offers, what an import checks and what an export writes, in one place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class ColumnKind(StrEnum):
    """What a column holds, with the Python type of a checked value in brackets."""

    TEXT = "text"  # str
    DECIMAL = "decimal"  # Decimal, exact
    INTEGER = "integer"  # int
    DATE = "date"  # datetime.date
    INSTANT = "instant"  # datetime.datetime, UTC
    CHOICE = "choice"  # str, one of `choices`
    BOOLEAN = "boolean"  # bool
    CURRENCY = "currency"  # str, ISO 4217 code
    COUNTRY = "country"  # str, ISO 3166 two-letter code


NUMBERS: Final = frozenset({ColumnKind.DECIMAL, ColumnKind.INTEGER})
MOMENTS: Final = frozenset({ColumnKind.DATE, ColumnKind.INSTANT})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a template.

    `name` is stable; `title` is the English header that exports write. `synonyms` holds, per language,
    other headers people use, parted by `|`. `choices` are the stored values, `aliases` maps other spellings to them.
    """

    name: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False
    places: int | None = None
    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    help: str = ""

    def names(self) -> tuple[str, ...]:
        """Give every header that means this column, the name and title first."""
        others = (word for words in self.synonyms.values() for word in words.split("|"))
        return (self.name, self.title, *others)


def normalise(header: str) -> str:
    """Reduce a header or choice to what matters when two are compared: letters and digits, without accents."""
    plain = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss"))
    return re.sub(r"[^a-z0-9%€$#]+", "", "".join(c for c in plain if not unicodedata.combining(c)))
