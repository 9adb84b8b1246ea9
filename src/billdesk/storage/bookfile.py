"""A book as a file: recognising it, its version, verified copies. Needs no SQLAlchemy engine."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from billdesk.kernel.errors import BackupFailed, BookNotWritable, BookTooNew, NotABook, StorageFailed
from billdesk.kernel.progress import Progress
from billdesk.storage import schema

_MAGIC: Final = b"SQLite format 3\x00"
PAGES_PER_STEP: Final = 2000


def require_book(path: Path) -> str:
    """Give the schema version of a book file; raises NotABook or BookTooNew without touching the file."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise NotABook(str(path), "missing") from error
    if head != _MAGIC:
        raise NotABook(str(path), "other_type" if head else "empty")
    version = read_version(path)
    check_version(str(path), version)
    return version


def read_version(path: Path) -> str:
    """Give the schema version written in a book file, read without Alembic."""
    try:
        with closing(_connect(path, "ro")) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise StorageFailed(str(path), str(error)) from error
        raise NotABook(str(path), "no_version") from error
    except sqlite3.DatabaseError as error:
        raise NotABook(str(path), "damaged") from error
    if row is None:
        raise NotABook(str(path), "no_version")
    return str(row[0])


def check_version(location: str, version: str) -> None:
    """Refuse a book that a newer program wrote."""
    if version not in schema.KNOWN:
        raise BookTooNew(location, version, schema.HEAD)


def file_uri(path: Path) -> str:
    """Give the URI by which SQLite finds a file whatever its name: `#`, `?` and `%` would end or change it."""
    return f"file:{quote(path.as_posix(), safe='/:')}"


def require_writable(path: Path) -> None:
    """Refuse a book that may only be read; its folder has the lock and the journal, so it must be writable too."""
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise BookNotWritable(str(path))


def is_at_rest(path: Path) -> bool:
    """Tell whether a book lies where no journal can be made beside it, and none is left there to be read with it.

    SQLite reads a book in WAL mode only beside its journal, unless it is told that nothing changes the file.
    """
    journal = path.with_name(path.name + "-wal")
    return not os.access(path.parent, os.W_OK) and not (journal.exists() and journal.stat().st_size)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    still = "&immutable=1" if mode == "ro" and is_at_rest(path) else ""
    return sqlite3.connect(f"{file_uri(path)}?mode={mode}{still}", uri=True)


def copy_verified(source: Path, target: Path, progress: Progress) -> None:
    """Copy a book, even one in use, through SQLite's online backup, then check the copy.

    `target` appears only when the copy is complete and sound; raises BackupFailed otherwise.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(_connect(source, "ro")) as original, closing(sqlite3.connect(part)) as copy:
            original.backup(copy, pages=PAGES_PER_STEP, progress=_report(progress))
            # A copy in WAL mode would need its side files to be carried along.
            copy.execute("PRAGMA journal_mode=DELETE")
        reason = first_fault(part)
        if reason:
            raise BackupFailed(str(target), reason)
        _flush(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _report(progress: Progress) -> Callable[[int, int, int], None]:
    def step(_status: int, remaining: int, total: int) -> None:
        progress.step(total - remaining, total)

    return step


def first_fault(path: Path) -> str:
    """Give what SQLite finds wrong with a file (integrity and foreign keys), or an empty text."""
    try:
        with closing(_connect(path, "ro")) as connection:
            result = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if result != "ok":
                return str(result)
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return f"row without its parent in {orphan[0]}" if orphan else ""


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def key_figures(path: Path) -> dict[str, int]:
    """Give what an upgrade must not change: rows of each table, what is open, the next numbers."""
    with closing(_connect(path, "ro")) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                "AND name NOT LIKE '%\\_fts%' ESCAPE '\\' AND name <> 'alembic_version'"
            )
        ]
        figures = {f"rows of {name}": _single(connection, f'SELECT COUNT(*) FROM "{name}"') for name in names}
        for name, query in _TOTALS.items():
            if query.table in names:
                figures[name] = _single(connection, query.sql)
    return figures


class _Total(NamedTuple):
    table: str
    sql: str


_TOTALS: Final = {
    "open on documents": _Total("document", "SELECT COALESCE(SUM(open_minor), 0) FROM document"),
    "next numbers": _Total("number_series", "SELECT COALESCE(SUM(next_number), 0) FROM number_series"),
    "postings": _Total("posting", "SELECT COALESCE(SUM(minor), 0) FROM posting"),
}


def _single(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def swap(new: Path, book: Path) -> None:
    """Put `new` in the place of `book` in one step; side files of the old one are folded in first."""
    with closing(_connect(book, "rw")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    _flush(new)
    new.replace(book)
