"""What a template workbook has to know about a column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from billdesk.documents.tables import Cell


class TemplateKind(StrEnum):
    """What a column's cells are formatted and checked as."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to fill in. `title` is the header; `note` says what belongs here; `examples` are shown, not imported."""

    title: str
    kind: TemplateKind = TemplateKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    note: str = ""
    examples: tuple[Cell, ...] = ()
