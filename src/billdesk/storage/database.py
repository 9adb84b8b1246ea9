"""The open book as a database: engines, the BEGIN events that make rollbacks real, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import DatabaseError

from billdesk.kernel.errors import DatabaseBusy, InvalidValue, NotABook, Problem, StorageFailed
from billdesk.storage import schema
from billdesk.storage.bookfile import file_uri, is_at_rest
from billdesk.storage.tables import metadata
from billdesk.storage.tables.settings import schema_version

__all__ = [
    "Connection",
    "Db",
    "Engine",
    "create_schema",
    "is_server",
    "location_of",
    "open_engine",
    "read_version",
    "transaction",
]

if TYPE_CHECKING:
    import sqlite3

BUSY_TIMEOUT_MS: Final = 10_000
CACHE_KIB: Final = 64 * 1024
_DISK_FAULTS: Final = ("disk is full", "disk I/O error", "unable to open database file", "readonly database")
"""How SQLite words what the surroundings did; everything else is a mistake of ours."""


@dataclass(frozen=True, slots=True)
class Db:
    """The open transaction of one use case. Only `storage` and `reports` touch `connection`."""

    connection: Connection
    now: datetime
    today: date
    user: str

    @property
    def is_sqlite(self) -> bool:
        """Whether this book is a local file."""
        return self.connection.dialect.name == "sqlite"


def is_server(location: str) -> bool:
    """Whether a location is a server's URL rather than a file."""
    return "://" in location


def open_engine(location: str, *, read_only: bool = False) -> Engine:
    """Open the engine of a book: a file path, or a `postgresql+psycopg://` URL."""
    if is_server(location):
        return create_engine(make_url(location), pool_pre_ping=True)
    path = Path(location).absolute()
    mode = "ro" if read_only else "rw"
    query = {"mode": mode, "uri": "true"}
    if read_only and is_at_rest(path):
        query["immutable"] = "1"
    engine = create_engine(URL.create("sqlite", database=file_uri(path), query=query))
    _prepare_sqlite(engine, read_only=read_only)
    return engine


def _prepare_sqlite(engine: Engine, *, read_only: bool) -> None:
    # The driver's own BEGIN logic releases savepoints too early and commits before DDL, so that a
    # cancelled run leaves rows behind. We take over BEGIN, as SQLAlchemy documents for its sqlite dialect.
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in _pragmas(read_only=read_only):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else _begin_mode(connection))


def _begin_mode(connection: Connection) -> str:
    return "BEGIN DEFERRED" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE"


def _pragmas(*, read_only: bool) -> tuple[str, ...]:
    always = (
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
    )
    # A read-only file is opened with mode=ro; query_only would also forbid the temporary tables that previews need.
    return always if read_only else (*always, "journal_mode=WAL", "synchronous=FULL")


def read_version(location: str) -> str:
    """Give the schema version of a book on a server."""
    with open_engine(location).connect() as connection:
        return str(connection.execute(select(schema_version.c.version_num)).scalar_one())


def create_schema(engine: Engine) -> None:
    """Make all tables, triggers and the version mark in an empty database."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        schema.create_triggers(connection)
        schema.stamp(connection)


@contextmanager
def transaction(engine: Engine, *, reading: bool = False) -> Iterator[Connection]:
    """Give a connection whose work is committed once at the end, or rolled back as a whole."""
    options: dict[str, Any] = {"reading": True} if reading else {}
    try:
        with engine.connect().execution_options(**options) as connection:
            if reading:
                yield connection
                connection.rollback()
            else:
                with connection.begin():
                    yield connection
    except OverflowError as error:
        # An absurd quantity times an absurd price, or a day after the year 9999, is a typing mistake of the user.
        raise InvalidValue(Problem("number_too_large")) from error
    except DatabaseError as error:
        place = _shown(engine.url)
        if "locked" in str(error.orig) or "busy" in str(error.orig):
            raise DatabaseBusy(place) from error
        if any(word in str(error.orig) for word in _DISK_FAULTS):
            raise StorageFailed(place, str(error.orig)) from error
        if "malformed" in str(error.orig):
            raise NotABook(place, "damaged") from error
        raise


def location_of(db: Db) -> str:
    """Give where the book of a transaction is: its file, or its server without the password."""
    return _shown(db.connection.engine.url)


def _shown(url: URL) -> str:
    """Give a location as people know it: the path of a file, a server without its password."""
    is_file = url.get_backend_name() == "sqlite"
    return unquote((url.database or "").removeprefix("file:")) if is_file else url.render_as_string(hide_password=True)
