"""Parquet files, streamed by DuckDB."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

import duckdb

from billdesk.sheets.problems import out_of_room, unreadable
from billdesk.sheets.sources import BATCH_ROWS, Format, RawBatch, SheetFile


class ParquetFile(SheetFile):
    """A Parquet table; row 1 is the first record, for there is no header line."""

    # DuckDB takes a path as a pattern: `usage[1].parquet` would read `usage1.parquet`.

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._done = 0
        try:
            with self._connect() as connection:
                found = connection.execute(
                    "SELECT * FROM read_parquet($path) LIMIT 0", {"path": glob.escape(str(path))}
                )
                self.header = tuple(str(column[0]) for column in found.description or ())
                counted = connection.execute(
                    "SELECT count(*) FROM read_parquet($path)", {"path": glob.escape(str(path))}
                ).fetchone()
        except duckdb.Error as error:
            raise unreadable("file_damaged", path) from error
        self._total = int(counted[0]) if counted else 0
        if not self._total:
            raise unreadable("file_empty", path)

    @staticmethod
    def _connect() -> duckdb.DuckDBPyConnection:
        # Nothing is fetched from the network and no other file is read than the one asked for.
        return duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false", "memory_limit": "256MB"})

    @property
    def format(self) -> Format:
        """Which kind of file it is."""
        return Format.PARQUET

    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the rows in the order of the file."""
        number = 1
        with self._connect() as connection:
            try:
                cursor = connection.execute("SELECT * FROM read_parquet($path)", {"path": glob.escape(str(self.path))})
                while rows := cursor.fetchmany(size):
                    yield RawBatch(range(number, number + len(rows)), rows)
                    number += len(rows)
                    self._done = number - 1
            except duckdb.OutOfMemoryException as error:
                raise out_of_room(error) from error
            except duckdb.Error as error:
                raise unreadable("file_damaged", self.path, row=number) from error

    def portion(self) -> tuple[int, int]:
        """Tell how many rows have been read."""
        return self._done, self._total
