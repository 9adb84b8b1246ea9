"""Backups that were read back and checked before they count, and restoring them as new files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import Final

from billdesk.kernel.errors import BackupFailed, InvalidValue, Place, Problem
from billdesk.kernel.progress import Progress
from billdesk.services.book import Book
from billdesk.storage import bookfile


class BackupKind(StrEnum):
    """Why a backup was made; each kind is kept for a number of backups."""

    MANUAL = "manual"
    DAILY = "daily"
    BEFORE_IMPORT = "before-import"
    BEFORE_RUN = "before-run"


KEPT: Final = {BackupKind.DAILY: 14, BackupKind.BEFORE_IMPORT: 5, BackupKind.BEFORE_RUN: 5}
"""How many backups of a kind stay; manual ones are never removed."""

_STAMP: Final = "%Y%m%d-%H%M%S"
_KINDS: Final = "|".join(kind.value for kind in BackupKind)
_NAME: Final = re.compile(rf"(?P<book>.+)-(?P<kind>{_KINDS})-(?P<stamp>\d{{8}}-\d{{6}})(?:-(?P<turn>\d+))?\.billdesk")


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified backup file; `made_at` is UTC, `size` in bytes, `turn` counts those of one second."""

    path: Path
    book: str
    kind: BackupKind
    made_at: datetime
    size: int
    turn: int = 1


def backup_folder(book: Path) -> Path:
    """Give the folder beside a book that holds its backups."""
    return book.parent / f"{book.stem} backups"


def back_up(
    book: Path,
    now: datetime,
    kind: BackupKind = BackupKind.MANUAL,
    *,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Backup:
    """Copy a book, open or not, read the copy back, check it, then remove backups beyond the kept number.

    Raises NotABook, and BackupFailed when the copy is not sound; older backups are then untouched.
    """
    bookfile.require_book(book)
    target_folder = folder or backup_folder(book)
    target_folder.mkdir(parents=True, exist_ok=True)
    target = _new_name(target_folder, f"{book.stem}-{kind.value}-{now.astimezone(UTC):{_STAMP}}")
    bookfile.copy_verified(book, target, progress or Progress())
    _self_test(target)
    _rotate(target_folder, book.stem, kind)
    return _describe(target)


def _new_name(folder: Path, name: str) -> Path:
    """Give a name that no file has: two backups can be made within a second."""
    names = chain([name], (f"{name}-{turn}" for turn in count(2)))
    return next(path for path in (folder / f"{one}.billdesk" for one in names) if not path.exists())


def verify(backup: Path) -> list[Problem]:
    """Read a backup as it lies there and check it as a book; an empty list is a sound one. Raises NotABook."""
    # The check reads every noun of the book, and loading them costs a quarter of a second that start-up has no use for.
    from billdesk.services.check import check_book

    with Book.open(backup, read_only=True) as book:
        return book.query(check_book)


def back_up_daily(book: Path, now: datetime) -> Backup | None:
    """Make the first backup of a day; None when the day has one already."""
    today = now.astimezone(UTC).date()
    for backup in list_backups(backup_folder(book)):
        if backup.kind is BackupKind.DAILY and backup.book == book.stem and backup.made_at.date() == today:
            return None
    return back_up(book, now, BackupKind.DAILY)


def _self_test(copy: Path) -> None:
    problems = verify(copy)
    if problems:
        copy.unlink()
        raise BackupFailed(str(copy), "; ".join(f"{problem.code} {problem.value}" for problem in problems[:5]))


def _rotate(folder: Path, stem: str, kind: BackupKind) -> None:
    if kind in KEPT:
        same = [backup for backup in list_backups(folder) if backup.kind is kind and backup.book == stem]
        for backup in same[KEPT[kind] :]:
            backup.path.unlink()


def list_backups(folder: Path) -> list[Backup]:
    """Give the backups in a folder, newest first."""
    found = [_describe(path) for path in folder.glob("*.billdesk") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda backup: (backup.made_at, backup.turn), reverse=True)


def _describe(path: Path) -> Backup:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise InvalidValue(Problem("not_a_backup", Place(file=str(path))))
    made_at = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
    return Backup(path, match["book"], BackupKind(match["kind"]), made_at, path.stat().st_size, int(match["turn"] or 1))


def restore(backup: Path, target: Path, progress: Progress | None = None) -> Path:
    """Write a checked backup out as a *new* book; never replaces a file."""
    if target.exists():
        raise InvalidValue(Problem("file_exists", Place(file=str(target))))
    bookfile.require_book(backup)
    bookfile.copy_verified(backup, target, progress or Progress())
    return target
