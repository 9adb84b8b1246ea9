from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from billdesk.cli.desk import Desk
from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.services import catalog
from builders.book import NOW, a_book
from builders.catalog import a_catalog, a_price
from builders.commands import content
from builders.refusals import REFUSALS
from builders.sheets import a_csv


@pytest.fixture
def book(tmp_path: Path) -> Path:
    with a_book(tmp_path) as opened:
        sold = a_catalog(opened)
        opened.run(catalog.create_price, a_price(sold.product, "POUNDS", GBP="40"))
    return tmp_path / "test.billdesk"


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_sheet_is_refused_on_the_command_line_with_the_way_out(name: str, book: Path, tmp_path: Path) -> None:
    wrong, before = REFUSALS[name], content(book)
    file = a_csv(tmp_path / "wrong.csv", wrong.rows)
    words = ["import", wrong.kind, str(file), "--book", str(book)]
    done = CliRunner().invoke(app, words, obj=Desk(clock=lambda: NOW))
    assert done.exit_code == Exit.INPUT, done.output
    told = " ".join(done.stderr.split())
    assert wrong.says in told
    assert wrong.remedy in told
    assert content(book) == before
