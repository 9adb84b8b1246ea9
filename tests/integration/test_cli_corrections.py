from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.services.book import Book
from billdesk.services.result import Result as Done
from billdesk.services.taxes import seed_tax_rates
from billdesk.storage.database import Db
from builders.billing import a_book, a_draft, a_hosting_line, issue
from builders.invoices import a_trace


@pytest.fixture
def book(tmp_path: Path) -> Path:
    with a_book(tmp_path) as made:
        made.run(seed_tax_rates)
        issue(made, a_draft(made, lines=(a_hosting_line(trace=a_trace()),)), a_draft(made))
    return tmp_path / "test.billdesk"


def _run(book: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--book", str(book)])


def _json(book: Path, *words: str) -> Any:
    done = _run(book, "--json", *words)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def test_an_invoice_is_corrected_and_names_what_it_replaces(book: Path) -> None:
    made = _json(book, "invoice", "correct", "2026-00001", "--reason", "wrong address")
    assert made["credit_note_number"] == "CN2026-00001"
    assert _json(book, "invoice", "issue", str(made["draft_id"]))["numbers"] == ["2026-00003"]


def test_a_part_of_a_line_is_credited_and_set_off(book: Path) -> None:
    draft = _json(book, "invoice", "credit", "2026-00002", "--line", "1=50.00", "--reason", "late")["draft_id"]
    _json(book, "invoice", "issue", str(draft))
    (step,) = _json(book, "invoice", "offset", "CN2026-00001")["steps"]
    assert [one["number"] for one in step["documents"]] == ["2026-00002", "CN2026-00001"]
    assert _json(book, "invoice", "verify")["documents"] == 3


@pytest.mark.parametrize(("line", "said"), [("7=1", "no line 7"), ("1=much", "“much” is not a number")])
def test_a_wrong_line_is_refused(book: Path, line: str, said: str) -> None:
    done = _run(book, "invoice", "credit", "2026-00001", "--line", line)
    assert (done.exit_code, said in done.stderr) == (Exit.INPUT, True), done.stderr


def test_verify_says_by_how_much_a_document_differs(book: Path) -> None:
    def forge(db: Db) -> Done[None]:
        for statement in (
            "DROP TRIGGER document_tax_guard_update",
            "UPDATE document_tax SET tax_minor = tax_minor + 2 WHERE document_id = 2",
        ):
            db.connection.exec_driver_sql(statement)
        return Done(None)

    with Book.open(book) as opened:
        opened.run(forge)
    done = _run(book, "invoice", "verify")
    assert done.exit_code == Exit.INPUT
    assert "Tax at 21%: €31.21 on the document, €31.19 computed again, a difference of €0.02" in done.output
    assert "2026-00001" not in done.output


def test_a_pdf_can_show_how_each_amount_came_about(book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    _json(book, "invoice", "export", "--folder", str(folder), "--explain")
    text = PdfReader(next(folder.glob("2026-00001*.pdf"))).pages[-1].extract_text()
    assert "How the amounts were computed" in text
