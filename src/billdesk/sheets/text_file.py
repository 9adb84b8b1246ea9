"""CSV and its relatives: any encoding, delimiter, quoting and preamble, read as a stream."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from billdesk.kernel.written.tables import LOOK_AHEAD, detect_delimiter, find_header
from billdesk.sheets.encodings import detect_encoding
from billdesk.sheets.headers import name_columns
from billdesk.sheets.problems import unreadable
from billdesk.sheets.sources import BATCH_ROWS, BULK_ROWS, ColumnBatch, Format, RawBatch, SheetFile, SheetOptions

_SAMPLE_CHARS: Final = 200_000


class TextFile(SheetFile):
    """A file of delimited text."""

    def __init__(self, path: Path, options: SheetOptions) -> None:
        super().__init__(path)
        self._size = path.stat().st_size
        self._raw: BinaryIO | None = None
        self._done = 0
        self.encoding = options.encoding or detect_encoding(path)
        self._skip, sample = self._sample()
        self.delimiter = options.delimiter or self._declared or detect_delimiter(sample)
        self._read_header(options.header_row)

    @property
    def format(self) -> Format:
        """Which kind of file it is."""
        return Format.CSV

    def _sample(self) -> tuple[int, str]:
        """Give how many lines stand before the table, and its beginning; raises UnreadableFile."""
        self._declared = ""
        try:
            with self.open_text() as file:
                first = file.readline(_SAMPLE_CHARS)
                rest = file.read(_SAMPLE_CHARS)
        except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
            raise unreadable("encoding_wrong", self.path, encoding=self.encoding) from error
        if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
            self._declared = first.strip()[-1]
            return 1, rest
        return 0, first + rest

    def open_text(self) -> TextIOWrapper:
        """Open the text, line ends as they are."""
        self._raw = self.path.open("rb")
        return TextIOWrapper(self._raw, encoding=self.encoding, newline="")

    def records(self) -> Iterator[list[str]]:
        """Give every record of the file, the preamble and blank lines included; the first is row 1."""
        count = 0
        with self.open_text() as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                for record in reader:
                    count += 1
                    yield record
                self._done = self._size
            except UnicodeError as error:
                raise unreadable("encoding_wrong", self.path, row=count + 1, encoding=self.encoding) from error
            except csv.Error as error:
                raise unreadable("quote_not_closed", self.path, row=count + 1) from error

    def _read_header(self, header_row: int | None) -> None:
        rows = list(islice(self.records(), LOOK_AHEAD))
        if not any(any(cell.strip() for cell in row) for row in rows):
            raise unreadable("file_empty", self.path)
        found = find_header(rows[self._skip :])
        row = header_row if header_row is not None else 0 if found is None else found + 1 + self._skip
        if row > len(rows):
            raise unreadable("header_missing", self.path, row=row)
        self.header_row = row
        titles: Sequence[str] = rows[row - 1] if row else []
        self.header = name_columns(titles, len(titles) or max(map(len, rows)))
        self._first_row = max(row, self._skip) + 1

    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the rows below the header, short ones filled up with empty texts."""
        number = self._first_row
        records = islice(self.records(), self._first_row - 1, None)
        while chunk := list(islice(records, size)):
            yield from self._fill(number, chunk)
            number += len(chunk)

    def _fill(self, number: int, chunk: list[list[str]]) -> Iterator[RawBatch]:
        """Leave out blank rows and make short ones as wide as the header."""
        width = len(self.header)
        numbers: Sequence[int] = range(number, number + len(chunk))
        if not all(map(any, chunk)):
            kept = [(n, row) for n, row in zip(numbers, chunk, strict=True) if any(row)]
            numbers, chunk = [n for n, _row in kept], [row for _n, row in kept]
        rows = [row if len(row) >= width else row + [""] * (width - len(row)) for row in chunk]
        if rows:
            yield RawBatch(numbers, rows)

    def column_batches(self, size: int = BULK_ROWS) -> Iterator[ColumnBatch | RawBatch]:
        """Give the rows as columns without ever holding them as rows, which would cost half of the time."""
        number, width = self._first_row, len(self.header)
        records = islice(self.records(), self._first_row - 1, None)
        odd: list[list[str]] = []

        def even_rows() -> Iterator[list[str]]:
            for record in islice(records, size):
                if len(record) != width:
                    odd.append(record)
                    return
                yield record

        while True:
            cells: list[object] = list(chain.from_iterable(even_rows()))
            count = len(cells) // width
            if count:
                numbers = range(number, number + count)
                yield ColumnBatch(numbers, [cells[index::width] for index in range(width)])
                number += count
            if odd:
                rows = [odd.pop(), *islice(records, size)]
                yield from self._fill(number, rows)
                number += len(rows)
            elif not count:
                return

    def portion(self) -> tuple[int, int]:
        """Tell how many bytes of the file have been read."""
        if self._raw is not None and not self._raw.closed:
            self._done = self._raw.tell()
        return min(self._done, self._size), self._size
