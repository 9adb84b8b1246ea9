"""Bringing an older book up to this program: on a copy, verified, then swapped; the old file is kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from billdesk.kernel.errors import InvariantBroken
from billdesk.kernel.progress import Progress
from billdesk.kernel.working_folder import working_folder
from billdesk.storage import bookfile, schema


def upgrade_if_needed(path: Path, now: datetime) -> Path | None:
    """Upgrade an older book and give the path of the kept old file; None when it is current.

    The caller holds the book's lock. A failure leaves the original untouched.
    """
    version = bookfile.require_book(path)
    if version == schema.HEAD:
        return None
    # Alembic costs 0.2 s to import, and most starts need no upgrade.
    from billdesk.storage.migrations import runner

    work = path.with_name(f"{path.name}-upgrade")
    bookfile.copy_verified(path, work, Progress())
    try:
        before = bookfile.key_figures(work)
        runner.migrate(work)
        fault = bookfile.first_fault(work)
        if fault:
            raise InvariantBroken("upgrade", (fault,))
        _compare(before, bookfile.key_figures(work))
        kept = path.with_name(f"{path.stem}-before-{schema.HEAD}-{now:%Y%m%d-%H%M%S}{path.suffix}")
        bookfile.copy_verified(path, kept, Progress())
        bookfile.swap(work, path)
    finally:
        work.unlink(missing_ok=True)
    return kept


def upgraded_copy(path: Path) -> TemporaryDirectory[str] | None:
    """Give a folder that goes with its last user, with an upgraded copy of an older book; None when it is current.

    A book that is opened for reading only, such as a backup from before an upgrade, is not touched itself.
    """
    if bookfile.require_book(path) == schema.HEAD:
        return None
    from billdesk.storage.migrations import runner

    folder = working_folder("book")
    work = Path(folder.name) / path.name
    try:
        bookfile.copy_verified(path, work, Progress())
        runner.migrate(work)
    except BaseException:
        folder.cleanup()
        raise
    return folder


def _compare(before: dict[str, int], after: dict[str, int]) -> None:
    changed = tuple(
        f"{name}: {value} -> {after.get(name)}" for name, value in before.items() if after.get(name) != value
    )
    if changed:
        raise InvariantBroken("upgrade", changed)
