"""A data file to checked columns in bounded batches."""

from billdesk.sheets.columns import Column, ColumnKind
from billdesk.sheets.files import open_sheet
from billdesk.sheets.mapping import (
    ColumnRule,
    MappingProfile,
    Suggestion,
    build_profile,
    header_signature,
    recognise,
    suggest_mapping,
)
from billdesk.sheets.reading import Batch, RejectedRow, read_rows
from billdesk.sheets.sources import Format, SheetFile, SheetOptions
from billdesk.sheets.survey import Ambiguity, ColumnFacts, Survey, ask_which, survey_sheet

__all__ = [
    "Ambiguity",
    "Batch",
    "Column",
    "ColumnFacts",
    "ColumnKind",
    "ColumnRule",
    "Format",
    "MappingProfile",
    "RejectedRow",
    "SheetFile",
    "SheetOptions",
    "Suggestion",
    "Survey",
    "ask_which",
    "build_profile",
    "header_signature",
    "open_sheet",
    "read_rows",
    "recognise",
    "suggest_mapping",
    "survey_sheet",
]
