from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from billdesk.kernel.errors import BackupFailed, InvalidValue, NotABook
from billdesk.services.backups import BackupKind, back_up, back_up_daily, backup_folder, list_backups, restore
from billdesk.services.book import Book
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.entities import list_entities

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "Acme.billdesk"
    with Book.create(path) as book:
        book.run(set_up_company, NewCompany("Acme", "BE", "EUR"))
    return path


def test_an_open_book_is_backed_up_and_restored_as_a_new_file(path: Path, tmp_path: Path) -> None:
    with Book.open(path):
        backup = back_up(path, NOON)
    restored = restore(backup.path, tmp_path / "Restored.billdesk")
    with Book.open(restored) as book:
        assert [entity.name for entity in book.query(list_entities)] == ["Acme"]


def test_restoring_never_replaces_a_file(path: Path) -> None:
    backup = back_up(path, NOON)
    with pytest.raises(InvalidValue):
        restore(backup.path, path)


def test_two_backups_of_one_second_stand_beside_each_other(path: Path) -> None:
    made = [back_up(path, NOON).path.name for _turn in range(3)]
    assert made[1:] == ["Acme-manual-20260301-120000-2.billdesk", "Acme-manual-20260301-120000-3.billdesk"]
    assert [backup.path.name for backup in list_backups(backup_folder(path))] == made[::-1]


@pytest.mark.parametrize("kind", list(BackupKind))
def test_a_backup_tells_why_it_was_made(path: Path, kind: BackupKind) -> None:
    backup = back_up(path, NOON, kind)
    assert (backup.kind, backup.book) == (kind, "Acme")


def test_a_day_has_one_daily_backup(path: Path) -> None:
    assert back_up_daily(path, NOON) is not None
    assert back_up_daily(path, NOON + timedelta(hours=3)) is None
    assert back_up_daily(path, NOON + timedelta(days=1)) is not None


def test_daily_backups_are_kept_for_two_weeks_and_manual_ones_for_ever(path: Path) -> None:
    back_up(path, NOON)
    for day in range(20):
        back_up_daily(path, NOON + timedelta(days=day, hours=1))
    kinds = [backup.kind for backup in list_backups(backup_folder(path))]
    assert (kinds.count(BackupKind.DAILY), kinds.count(BackupKind.MANUAL)) == (14, 1)


def test_a_backup_of_an_unsound_book_fails_and_keeps_the_older_ones(path: Path) -> None:
    back_up(path, NOON)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_event_no_update")
        connection.execute("UPDATE audit_event SET user = 'Mallory' WHERE id = 1")
    with pytest.raises(BackupFailed):
        back_up(path, NOON + timedelta(hours=1))
    assert [backup.made_at for backup in list_backups(backup_folder(path))] == [NOON]


def test_a_file_that_is_no_book_is_not_restored(tmp_path: Path) -> None:
    (tmp_path / "x.billdesk").write_bytes(b"no")
    with pytest.raises(NotABook):
        restore(tmp_path / "x.billdesk", tmp_path / "y.billdesk")
    assert not (tmp_path / "y.billdesk").exists()
