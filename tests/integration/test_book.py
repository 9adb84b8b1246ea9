from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import (
    BookLocked,
    BookNotWritable,
    BookReadOnly,
    BookTooNew,
    InvalidValue,
    NotABook,
    RowsRejected,
    StorageFailed,
)
from billdesk.services import audit, settings
from billdesk.services.backups import back_up
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, create_book
from billdesk.services.result import Result
from billdesk.storage.database import Db


def _clock() -> datetime:
    return datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Noordbrug.billdesk"


def _record(db: Db, command: str = "test") -> Result[None]:
    audit.record(db, command=command, noun=Noun.SETTINGS, details={"a": 1})
    return Result(None, frozenset({Noun.SETTINGS}))


def _record_and_fail(db: Db) -> Result[None]:
    _record(db)
    with db.connection.begin_nested():
        _record(db)
    raise ZeroDivisionError


def test_a_new_book_is_sound_and_remembers_what_was_done(path: Path) -> None:
    with Book.create(path, clock=_clock, user="Ann") as book:
        result = book.run(_record)
        events = book.query(audit.list_events)
        assert result.changes == {Noun.SETTINGS}
        assert [(event.user, event.at, event.command) for event in events] == [("Ann", _clock(), "test")]
        assert book.query(check_book) == []


def test_a_failed_command_leaves_nothing_behind_not_even_from_a_savepoint(path: Path) -> None:
    with Book.create(path) as book:
        with pytest.raises(ZeroDivisionError):
            book.run(_record_and_fail)
        assert book.query(audit.count_events) == 0


def test_creating_a_book_never_replaces_a_file(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(InvalidValue):
        Book.create(path)
    assert path.read_bytes() == b"precious"


def test_the_second_process_learns_who_has_the_book_open(path: Path) -> None:
    with Book.create(path):
        code = f"from billdesk.services.book import Book; Book.open({str(path)!r})"
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "BookLocked" in answer.stderr
        holder = json.loads(path.with_name(path.name + "-holder").read_text())
        assert holder["pid"] == os.getpid()


def test_a_book_that_is_open_elsewhere_can_be_read_but_not_changed(path: Path) -> None:
    with Book.create(path) as writer:
        writer.run(_record)
        with Book.open(path, read_only=True) as reader:
            assert reader.query(audit.count_events) == 1
            with pytest.raises(BookReadOnly):
                reader.run(_record)


def test_two_writers_in_one_process_are_refused_too(path: Path) -> None:
    with Book.create(path), pytest.raises(BookLocked):
        Book.open(path)


def test_a_newer_book_is_refused_and_not_touched(path: Path) -> None:
    Book.create(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(BookTooNew):
        Book.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"\xff" * 500])
def test_a_file_that_is_no_book_is_named_as_such(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(NotABook):
        Book.open(path)


def test_audit_events_cannot_be_changed_in_the_database(path: Path) -> None:
    with Book.create(path) as book:
        book.run(_record)
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="insert-only"),
        connection,
    ):
        connection.execute("UPDATE audit_event SET details = '{}'")


def test_the_self_test_finds_an_audit_event_that_was_changed_behind_our_back(path: Path) -> None:
    with Book.create(path) as book:
        book.run(_record)
        book.run(_record)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_event_no_update")
        connection.execute("UPDATE audit_event SET details = '{\"a\":2}' WHERE id = 1")
    with Book.open(path) as book:
        problems = book.query(check_book)
    assert [(problem.code, problem.value) for problem in problems] == [("audit_chain_broken", "1")]


def test_settings_have_defaults_and_changes_are_audited(path: Path) -> None:
    with Book.create(path) as book:
        assert book.query(settings.load_settings)["smtp_port"] == 587
        book.run(settings.change_settings, {"smtp_port": 25})
        assert book.query(settings.load_settings)["smtp_port"] == 25
        assert json.loads(book.query(audit.list_events)[0].details) == {"smtp_port": [587, 25]}


def test_a_wrong_setting_changes_nothing(path: Path) -> None:
    with Book.create(path) as book:
        with pytest.raises(RowsRejected):
            book.run(settings.change_settings, {"smtp_port": 25, "smtp_security": "magic"})
        assert book.query(settings.load_settings)["smtp_port"] == 587


@pytest.mark.parametrize("name", ["C#.billdesk", "100% sure?.billdesk", "a%41b.billdesk", "it's é 😀.billdesk"])
def test_a_book_is_in_the_file_of_its_name_whatever_that_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Book.create(path, clock=_clock, user="Ann") as book:
        book.run(_record)
    assert {file.name for file in tmp_path.iterdir()} <= {name, f"{name}-lock"}
    backup = back_up(path, _clock())
    for copy in (path, backup.path):
        with Book.open(copy, read_only=True) as book:
            assert [event.command for event in book.query(audit.list_events)] == ["test"]


def test_a_backup_of_a_book_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotABook):
        back_up(tmp_path / "gone.billdesk", _clock())
    assert list(tmp_path.iterdir()) == []


def test_a_company_that_cannot_be_entered_leaves_no_file(path: Path) -> None:
    with pytest.raises(InvalidValue):
        create_book(path, NewCompany("", "BE", "EUR"))
    assert not path.exists()
    create_book(path, NewCompany("Acme BV", "BE", "EUR")).close()


def test_a_book_with_damaged_pages_says_so(path: Path) -> None:
    with Book.create(path, clock=_clock, user="Ann") as book:
        book.run(_record)
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit_event'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    content = path.read_bytes()
    path.write_bytes(content[: (root - 1) * size] + b"\xff" * size + content[root * size :])
    with Book.open(path, read_only=True) as book, pytest.raises(NotABook) as caught:
        book.query(check_book)
    assert (caught.value.path, caught.value.reason) == (str(path), "damaged")


def test_a_full_disk_is_no_mistake_of_ours_and_nothing_changes(path: Path) -> None:
    def fill(db: Db) -> Result[None]:
        db.connection.exec_driver_sql("PRAGMA max_page_count = 10")
        for _number in range(2000):
            audit.record(db, command="x" * 1000, noun=Noun.SETTINGS)
        return Result(None)

    with Book.create(path, clock=_clock, user="Ann") as book:
        with pytest.raises(StorageFailed) as caught:
            book.run(fill)
        assert (caught.value.path, "full" in caught.value.reason) == (str(path), True)
        assert book.query(audit.list_events) == []


def _may_not(path: Path) -> Callable[..., bool]:
    return lambda asked, _mode: Path(asked) != path


def test_a_book_that_may_only_be_read_says_so_before_anything_is_typed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Book.create(path).close()
    for forbidden in (path, path.parent):
        monkeypatch.setattr("billdesk.storage.bookfile.os.access", _may_not(forbidden))
        with pytest.raises(BookNotWritable):
            Book.open(path)
        with Book.open(path, read_only=True) as book:
            assert book.query(check_book) == []


def test_a_file_that_cannot_be_opened_is_not_called_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Book.create(path).close()

    def refuse(*_args: object, **_named: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("billdesk.storage.bookfile.sqlite3.connect", refuse)
    with pytest.raises(StorageFailed, match="unable to open"):
        Book.open(path)
