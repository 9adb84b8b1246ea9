"""The book: opens a transaction, runs one use case, commits once, returns what changed."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from billdesk.kernel.errors import BookReadOnly, InvalidValue, Place, Problem
from billdesk.services import upgrade
from billdesk.services.result import Result
from billdesk.storage import database
from billdesk.storage.bookfile import check_version, require_book, require_writable
from billdesk.storage.database import Connection, Db
from billdesk.storage.lockfile import BookLock

P = ParamSpec("P")
T = TypeVar("T")

Clock = Callable[[], datetime]
"""Gives the present instant in UTC; tests and simulations bring their own."""

SUFFIX: Final = ".billdesk"


def system_clock() -> datetime:
    """Give the computer's time in UTC."""
    return datetime.now(UTC)


class Book:
    """One open book; close it, or use it as a context manager.

    Commands and `close` belong to one thread. A query may run in another one meanwhile, on a connection of its own.
    """

    def __init__(
        self,
        location: str,
        *,
        lock: BookLock | None,
        clock: Clock,
        user: str,
        stand_in: TemporaryDirectory[str] | None = None,
    ) -> None:
        self.location: Final = location
        self._stand_in: Final = stand_in
        self.clock: Final = clock
        self.user: Final = user
        self._lock: Final = lock
        data = location if stand_in is None else str(Path(stand_in.name) / Path(location).name)
        self._engine: Final = database.open_engine(data, read_only=lock is None and not self.is_shared)

    @property
    def is_shared(self) -> bool:
        """Whether the book lives on a database server."""
        return database.is_server(self.location)

    @property
    def is_read_only(self) -> bool:
        """Whether the book was opened for reading only."""
        return self._lock is None and not self.is_shared

    @property
    def path(self) -> Path | None:
        """The book's file, None for a server."""
        return None if self.is_shared else Path(self.location)

    @classmethod
    def create(cls, location: str | Path, *, clock: Clock = system_clock, user: str | None = None) -> Self:
        """Make a new, empty book; never replaces a file. Raises InvalidValue when the file exists."""
        text = str(location)
        if database.is_server(text):
            database.create_schema(database.open_engine(text))
            return cls(text, lock=None, clock=clock, user=user or getpass.getuser())
        path = Path(text).absolute()
        if path.exists():
            raise InvalidValue(Problem("file_exists", Place(file=str(path))))
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = BookLock(path)
        lock.acquire()
        path.touch()
        book = cls(str(path), lock=lock, clock=clock, user=user or getpass.getuser())
        try:
            database.create_schema(book._engine)
        except BaseException:
            # An empty file under the book's name would be in the way of the next attempt.
            book.close()
            path.unlink(missing_ok=True)
            raise
        return book

    @classmethod
    def open(
        cls, location: str | Path, *, read_only: bool = False, clock: Clock = system_clock, user: str | None = None
    ) -> Self:
        """Open an existing book, upgrading it on a verified copy when it is older than the program.

        Raises NotABook, BookTooNew, BookNotWritable, or BookLocked when another process is writing; a book opened
        for reading only needs no lock; an older one is read from an upgraded copy and stays as it is.
        """
        text = str(location)
        person = user or getpass.getuser()
        if database.is_server(text):
            check_version(text, database.read_version(text))
            return cls(text, lock=None, clock=clock, user=person)
        path = Path(text).absolute()
        require_book(path)
        if read_only:
            return cls(str(path), lock=None, clock=clock, user=person, stand_in=upgrade.upgraded_copy(path))
        require_writable(path)
        lock = BookLock(path)
        lock.acquire()
        try:
            upgrade.upgrade_if_needed(path, clock())
            return cls(str(path), lock=lock, clock=clock, user=person)
        except BaseException:
            lock.release()
            raise

    def run(self, use_case: Callable[Concatenate[Db, P], Result[T]], /, *args: P.args, **kwargs: P.kwargs) -> Result[T]:
        """Run one command in one transaction; it is committed once, or not at all."""
        if self.is_read_only:
            raise BookReadOnly(self.location)
        with database.transaction(self._engine) as connection:
            return use_case(self._db(connection), *args, **kwargs)

    def query(self, use_case: Callable[Concatenate[Db, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query on one consistent state of the book; nothing it does is kept."""
        with database.transaction(self._engine, reading=True) as connection:
            return use_case(self._db(connection), *args, **kwargs)

    def _db(self, connection: Connection) -> Db:
        now = self.clock()
        return Db(connection, now, now.astimezone().date(), self.user)

    def close(self) -> None:
        """Close the book and give its lock back."""
        self._engine.dispose()
        if self._stand_in is not None:
            self._stand_in.cleanup()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
