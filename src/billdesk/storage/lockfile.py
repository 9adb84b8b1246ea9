"""The lock beside a book: one process writes, and the next one learns who it is."""

from __future__ import annotations

import getpass
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from billdesk.kernel.errors import BookLocked


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a book open for writing."""

    host: str
    user: str
    pid: int


NOBODY: Final = Holder("?", "?", 0)


class BookLock:
    """An operating system lock, which ends with its process, and a file that names the holder."""

    def __init__(self, book: Path) -> None:
        self._book = book
        self._lock = FileLock(book.with_name(book.name + "-lock"))
        # The lock file itself is truncated by whoever tries to take it, so the name stands beside it.
        self._holder_file = book.with_name(book.name + "-holder")

    def acquire(self) -> None:
        """Take the lock; raises BookLocked naming the holder when another process has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = self.holder()
            raise BookLocked(str(self._book), holder.host, holder.user, holder.pid) from error
        me = Holder(socket.gethostname(), getpass.getuser(), os.getpid())
        self._holder_file.write_text(json.dumps(asdict(me)), encoding="utf-8")

    def release(self) -> None:
        """Give the lock back."""
        self._holder_file.unlink(missing_ok=True)
        self._lock.release()

    def holder(self) -> Holder:
        """Give who says to hold the lock; unknown while it is being taken."""
        try:
            return Holder(**json.loads(self._holder_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return NOBODY
