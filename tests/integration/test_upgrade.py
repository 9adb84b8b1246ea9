from __future__ import annotations

import lzma
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from billdesk.kernel.errors import InvariantBroken
from billdesk.kernel.progress import Progress
from billdesk.services import upgrade
from billdesk.services.billing import run_billing
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.entities import list_bank_accounts
from billdesk.storage import schema
from billdesk.storage.migrations import runner

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

STEP = '''"""A later step."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    """Remake a table that others refer to."""
    {body}
'''

# With foreign keys on, remaking `entity` would empty every table that refers to it with ON DELETE CASCADE.
REMAKE = """with op.batch_alter_table("entity", recreate="always") as batch:
        batch.add_column(sa.Column("motto", sa.Text(), nullable=False, server_default=""))"""
GOLDEN = Path(__file__).parents[1] / "golden" / "books"
OLD = schema.KNOWN[:-1]
LOSE = 'op.execute("DELETE FROM bank_account")'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "old.billdesk"
    with Book.create(path) as book:
        book.run(set_up_company, NewCompany("Acme", "BE", "EUR", vat="BE0671650665", iban="BE68539007547034"))
    return path


def _newer_program(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    scripts = folder / "migrations"
    shutil.copytree(runner.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9000_later.py").write_text(STEP.format(head=schema.HEAD, body=body), encoding="utf-8")
    monkeypatch.setattr(runner, "SCRIPTS", scripts)
    monkeypatch.setattr(schema, "KNOWN", (*schema.KNOWN, "9000"))
    monkeypatch.setattr(schema, "HEAD", "9000")


def test_an_upgrade_keeps_the_rows_that_refer_to_a_remade_table_and_the_old_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _newer_program(monkeypatch, tmp_path, REMAKE)
    kept = upgrade.upgrade_if_needed(path, NOW)
    assert kept is not None
    assert kept.name == "old-before-9000-20260301-120000.billdesk"
    with Book.open(path) as book:
        assert [account.iban for account in book.query(list_bank_accounts)] == ["BE68539007547034"]
    with closing(sqlite3.connect(kept)) as old, closing(sqlite3.connect(path)) as new:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone()[0] == schema.KNOWN[-2]
        assert new.execute("SELECT motto FROM entity").fetchone()[0] == ""


def test_an_upgrade_that_would_lose_rows_leaves_the_book_untouched(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _newer_program(monkeypatch, tmp_path, LOSE)
    before = path.read_bytes()
    with pytest.raises(InvariantBroken) as caught:
        upgrade.upgrade_if_needed(path, NOW)
    assert caught.value.rows == ("rows of bank_account: 1 -> 0",)
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*upgrade*")) == list(tmp_path.glob("*before*")) == []


def _unpack(version: str, folder: Path) -> Path:
    path = folder / f"{version}.billdesk"
    path.write_bytes(lzma.decompress((GOLDEN / f"{version}.billdesk.xz").read_bytes()))
    return path


def _shape(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Give each table's columns (name, type, whether it may be empty), and every index and trigger."""
    with closing(sqlite3.connect(path)) as book:
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        shape = {name: {column[1:4] for column in book.execute(f'PRAGMA table_info("{name}")')} for name in tables}
        others = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger')"
        return shape | {"": set(book.execute(others))}


@pytest.mark.parametrize("version", OLD)
def test_an_old_book_becomes_what_a_new_book_is(version: str, tmp_path: Path) -> None:
    old = _unpack(version, tmp_path)
    assert upgrade.upgrade_if_needed(old, NOW) is not None
    Book.create(tmp_path / "new.billdesk").close()
    assert _shape(old) == _shape(tmp_path / "new.billdesk")


def _drafted(book: Book, on: date) -> int:
    return book.run(run_billing, on, progress=Progress()).value.created


@pytest.mark.parametrize("version", OLD)
def test_an_old_book_goes_on_after_its_upgrade(version: str, tmp_path: Path) -> None:
    with Book.open(_unpack(version, tmp_path), clock=lambda: NOW) as book:
        assert book.query(check_book) == []
        assert [_drafted(book, date(2026, 3, 16)), _drafted(book, date(2026, 4, 30))] == [0, 2]


def test_a_current_book_is_not_upgraded(path: Path) -> None:
    assert upgrade.upgrade_if_needed(path, NOW) is None


@pytest.mark.parametrize("version", OLD)
def test_an_older_book_is_read_without_touching_it(tmp_path: Path, version: str) -> None:
    path = tmp_path / "old.billdesk"
    path.write_bytes(lzma.decompress((GOLDEN / f"{version}.billdesk.xz").read_bytes()))
    before = path.read_bytes()
    with Book.open(path, read_only=True) as book:
        assert book.query(check_book) == []
        assert book.path == path
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["old.billdesk"]
