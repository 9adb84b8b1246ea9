"""What every data file offers once it is open: a header and its rows in bounded batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from billdesk.kernel.errors import Place

BATCH_ROWS = 5_000
"""Rows per batch of checked rows."""
BULK_ROWS = 2_000
"""Rows per batch of columns: what stays in the processor's cache is read up to twice as fast (ADR 0003)."""


class Format(StrEnum):
    """The kinds of data file that are read."""

    CSV = "csv"
    WORKBOOK = "workbook"
    PARQUET = "parquet"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """What the user decided about a file; every part left empty is detected.

    `header_row` counts from 1 as the spreadsheet shows it; 0 means that the file has no header.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Rows as found, each as wide as the header or wider, with their numbers in the file."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class ColumnBatch:
    """The same rows turned around: one list per header."""

    numbers: Sequence[int]
    columns: Sequence[list[object]]


class SheetFile(ABC):
    """An open data file; rows may be read any number of times."""

    def __init__(self, path: Path, *, sheet: str = "") -> None:
        self.path = path
        self.sheet = sheet
        self.header: tuple[str, ...] = ()
        self.header_row = 0
        self.encoding = ""
        self.delimiter = ""

    @property
    @abstractmethod
    def format(self) -> Format:
        """Which kind of file it is."""

    @property
    def is_as_on_disk(self) -> bool:
        """Whether the rows are those of the file itself."""
        return True

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets one can choose from; empty when the file is one table."""
        return ()

    @abstractmethod
    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the rows below the header, blank rows left out, at most `size` at a time."""

    def column_batches(self, size: int = BULK_ROWS) -> Iterator[ColumnBatch | RawBatch]:
        """Give the rows as columns where all are as wide as the header, as rows where some are not."""
        width = len(self.header)
        for batch in self.batches(size):
            if all(len(row) == width for row in batch.rows):
                yield ColumnBatch(batch.numbers, [list(column) for column in zip(*batch.rows, strict=True)])
            else:
                yield batch

    @abstractmethod
    def portion(self) -> tuple[int, int]:
        """Tell how far the latest reading is, as done and total in a unit of the file's own."""

    def place(self, row: int | None = None, column: str = "") -> Place:
        """Name a place in this file."""
        return Place(file=self.path.name, sheet=self.sheet, row=row, column=column)


def column_letters(index: int) -> str:
    """Name a column as spreadsheets do: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
