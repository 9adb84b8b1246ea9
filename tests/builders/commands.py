"""The command line for tests, and the whole content of a book to compare before and after."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit

Content = dict[str, tuple[int, str]]


def run(*words: object, book: Path | None = None) -> Result:
    """Run a command; an error that is none of ours fails the test here."""
    arguments = [*map(str, words), *(("--book", str(book)) if book else ())]
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def as_json(*words: object, book: Path | None = None, code: Exit = Exit.DONE) -> Any:
    """Run a command with `--json` and give the one value that it printed."""
    done = run("--json", *words, book=book)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def content(book: Path) -> Content:
    """Give the number of rows of every table of a book, and a hash of them."""
    with closing(sqlite3.connect(book)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: _facts(connection, name) for name in sorted(names)}


def _facts(connection: sqlite3.Connection, table: str) -> tuple[int, str]:
    rows = sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def added(before: Content, after: Content) -> dict[str, int]:
    """Give by how many rows each table grew; a table that changed otherwise counts 0."""
    return {name: after[name][0] - before[name][0] for name in after if after[name] != before[name]}
