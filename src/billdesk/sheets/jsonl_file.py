"""JSON Lines: one object per line, numbers kept exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from billdesk.sheets.encodings import detect_encoding
from billdesk.sheets.problems import unreadable
from billdesk.sheets.sources import BATCH_ROWS, Format, RawBatch, SheetFile

_LOOK_AHEAD: Final = 10_000


class JsonLinesFile(SheetFile):
    """A file of JSON objects; their keys are the columns, keys of inner objects are joined by a dot."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._size = path.stat().st_size
        self._done = 0
        self._raw: BinaryIO | None = None
        self.encoding = detect_encoding(path)
        names: dict[str, None] = {}
        for _number, record in islice(self._records(), _LOOK_AHEAD):
            names.update(dict.fromkeys(record))
        if not names:
            raise unreadable("file_empty", path)
        self.header = tuple(names)

    @property
    def format(self) -> Format:
        """Which kind of file it is."""
        return Format.JSONL

    def _records(self) -> Iterator[tuple[int, dict[str, object]]]:
        number = 0
        try:
            self._raw = self.path.open("rb")
            with TextIOWrapper(self._raw, encoding=self.encoding) as file:
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        yield number, self._record(line, number)
            self._done = self._size
        except UnicodeDecodeError as error:
            raise unreadable("encoding_wrong", self.path, row=number + 1, encoding=self.encoding) from error

    def _record(self, line: str, number: int) -> dict[str, object]:
        try:
            record = json.loads(line, parse_float=Decimal, parse_constant=_refuse_constant)
        except ValueError as error:
            raise unreadable("json_broken", self.path, line.strip()[:80], row=number) from error
        if not isinstance(record, dict):
            raise unreadable("json_broken", self.path, line.strip()[:80], row=number)
        return _flatten(record)

    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the records as rows in the order of the header; a key seen only later on adds a cell at the end."""
        records = self._records()
        known = set(self.header)
        while chunk := list(islice(records, size)):
            rows = []
            for _number, record in chunk:
                row = [record.get(name) for name in self.header]
                rows.append(row + [value for name, value in record.items() if name not in known])
            yield RawBatch([number for number, _record in chunk], rows)

    def portion(self) -> tuple[int, int]:
        """Tell how many bytes of the file have been read."""
        if self._raw is not None and not self._raw.closed:
            self._done = self._raw.tell()
        return min(self._done, self._size), self._size


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _flatten(record: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = json.dumps(value) if isinstance(value, list) else value
    return flat
