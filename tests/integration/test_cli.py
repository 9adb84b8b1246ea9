from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.services.book import Book

CUSTOMERS = "Klantnummer;Naam;Land;Munt;Btw-nummer\nK1;Bakkerij Vermeulen;BE;EUR;BE0671650665\nK2;Whitby Ltd;GB;GBP;\n"
CATALOGUE = {
    "products.csv": "Product code,Name\nP,Platform\n",
    "prices.csv": "Price code,Product,Charge model,Billed per,Currency,Amount\n"
    "base,P,flat,month,EUR,100\nbase,P,flat,month,GBP,86\n",
    "plans.csv": "Plan code,Name,Effective from,Price code\nTEAM,Team,2025-01-01,base\n",
    "subscriptions.csv": "Contract,Customer,Start date,Plan\nC1,K1,2026-01-01,TEAM\nC2,K2,2026-01-15,TEAM\n",
}
RATES = "Date,USD,JPY,GBP\n2026-01-05,1.1,160,0.86\n2025-12-31,1.1,160,0.86\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "acme.billdesk"
    done = _run("book", "create", str(path), "--company", "Acme BV", "--country", "BE", "--vat", "BE0671650665")
    assert done.exit_code == Exit.DONE, done.output
    return path


def _run(*words: str, book: Path | None = None) -> Result:
    arguments = [*words, "--book", str(book)] if book else list(words)
    return CliRunner().invoke(app, arguments)


def _json(*words: str, book: Path) -> Any:
    done = _run("--json", *words, book=book)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def _write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _fill(book: Path, folder: Path) -> None:
    _json("import", "customers", _write(folder, "klanten.csv", CUSTOMERS), book=book)
    _json("import", "rates", _write(folder, "eurofxref.csv", RATES), book=book)
    for name, text in CATALOGUE.items():
        _json("import", name.removesuffix(".csv"), _write(folder, name, text), book=book)


def test_a_month_is_billed_issued_and_written_from_the_command_line(book: Path, tmp_path: Path) -> None:
    _fill(book, tmp_path)
    preview = _json("run", "billing", "--as-of", "2026-02-01", "--preview", book=book)
    made = _json("run", "billing", "--as-of", "2026-02-01", book=book)
    assert made["created"] == preview["documents"] == 2
    issued = _json("invoice", "issue", "--date", "2026-02-01", book=book)
    assert issued["numbers"] == ["2026-00001", "2026-00002"]
    out = tmp_path / "out"
    files = _json("invoice", "export", "--folder", str(out), "--format", "pdf", "--format", "csv", book=book)["files"]
    assert sorted(Path(name).name for name in files) == [
        "2026-00001 Bakkerij Vermeulen.csv",
        "2026-00001 Bakkerij Vermeulen.pdf",
        "2026-00002 Whitby Ltd.csv",
        "2026-00002 Whitby Ltd.pdf",
    ]
    assert _json("book", "check", book=book) == {"problems": []}


def test_a_second_run_makes_nothing(book: Path, tmp_path: Path) -> None:
    _fill(book, tmp_path)
    _json("run", "billing", "--as-of", "2026-02-01", book=book)
    _json("invoice", "issue", book=book)
    assert _json("run", "billing", "--as-of", "2026-02-01", book=book)["created"] == 0


def test_a_wrong_cell_is_named_by_file_row_column_and_value(book: Path, tmp_path: Path) -> None:
    path = _write(tmp_path, "klanten.csv", CUSTOMERS.replace(";GBP;", ";pond;"))
    done = _run("import", "customers", path, book=book)
    assert done.exit_code == Exit.INPUT
    assert all(word in done.stderr for word in ("klanten.csv", "row 3", "column Munt", "pond", "Nothing was changed"))


def test_good_rows_go_in_when_asked(book: Path, tmp_path: Path) -> None:
    path = _write(tmp_path, "klanten.csv", CUSTOMERS.replace(";GBP;", ";pond;"))
    done = _json("import", "customers", path, "--skip-bad-rows", book=book)
    assert (done["counts"]["added"], done["counts"]["rejected"]) == (1, 1)


def test_an_ambiguous_date_is_asked_never_guessed(book: Path, tmp_path: Path) -> None:
    _json("import", "customers", _write(tmp_path, "klanten.csv", CUSTOMERS), book=book)
    for name in ("products.csv", "prices.csv", "plans.csv"):
        _json("import", name.removesuffix(".csv"), _write(tmp_path, name, CATALOGUE[name]), book=book)
    path = _write(tmp_path, "c.csv", "Contract,Customer,Start date,Plan\nC1,K1,02/01/2026,TEAM\n")
    asked = _run("import", "subscriptions", path, book=book)
    assert asked.exit_code == Exit.INPUT
    assert '--answer "Start date:date_order=dmy"' in asked.stderr
    done = _json("import", "subscriptions", path, "--answer", "Start date:date_order=dmy", book=book)
    assert done["counts"]["added"] == 1


def test_an_import_is_taken_back(book: Path, tmp_path: Path) -> None:
    _json("import", "customers", _write(tmp_path, "klanten.csv", CUSTOMERS), book=book)
    batch = _json("import", "list", book=book)[0]
    _json("import", "undo", str(batch["id"]), book=book)
    assert _json("import", "list", book=book)[0]["state"] == "undone"


def test_what_is_not_in_use_of_an_import_is_taken_back(book: Path, tmp_path: Path) -> None:
    _json("import", "customers", _write(tmp_path, "klanten.csv", CUSTOMERS), book=book)
    child = _write(tmp_path, "child.csv", "Customer number;Name;Parent customer\nK9;Child;K1\n")
    _json("import", "customers", child, book=book)
    batch = _json("import", "list", book=book)[1]["id"]
    refused = _run("import", "undo", str(batch), book=book)
    assert refused.exit_code == Exit.INPUT
    assert "K1 receives the invoices of customer K9, so it stays." in refused.stderr
    _json("import", "undo", str(batch), "--rest", book=book)
    assert _json("import", "list", book=book)[1]["state"] == "undone"


def test_a_book_in_use_has_an_exit_code_of_its_own(book: Path) -> None:
    with Book.open(book):
        assert _run("invoice", "issue", book=book).exit_code == Exit.ENVIRONMENT


def test_a_backup_is_verified_and_restored_as_a_new_file(book: Path, tmp_path: Path) -> None:
    backup = _json("book", "backup", book=book)["path"]
    restored = tmp_path / "restored.billdesk"
    assert _run("book", "restore", backup, str(restored)).exit_code == Exit.DONE
    assert _json("book", "check", book=restored) == {"problems": []}
    assert _run("book", "restore", backup, str(restored)).exit_code == Exit.INPUT


def test_a_parameter_without_a_value_is_not_left_out_in_silence(book: Path) -> None:
    asked = _run("report", "run", "vat", "--with", "first", book=book)
    assert asked.exit_code == Exit.USAGE
    assert "first=2026-01-01" in asked.stderr


def test_reports_go_to_a_spreadsheet(book: Path, tmp_path: Path) -> None:
    _fill(book, tmp_path)
    _json("run", "billing", "--as-of", "2026-02-01", book=book)
    _json("invoice", "issue", "--date", "2026-02-01", book=book)
    target = tmp_path / "vat.xlsx"
    done = _run("report", "run", "vat", "--with", "first=2026-01-01", "--to", str(target), book=book)
    assert done.exit_code == Exit.DONE
    assert target.stat().st_size > 4000


def test_what_was_exported_comes_in_again_unchanged(book: Path, tmp_path: Path) -> None:
    _fill(book, tmp_path)
    workbook = tmp_path / "all.xlsx"
    _json("import", "export", str(workbook), book=book)
    counts = _json("import", "masters", str(workbook), book=book)["counts"]
    assert (counts["added"], counts["changed"], counts["rejected"]) == (0, 0, 0)
    assert counts["unchanged"] == counts["read"] > 0


def test_a_template_is_a_workbook_with_the_columns_of_its_kind(tmp_path: Path) -> None:
    target = tmp_path / "customers.xlsx"
    assert _run("import", "template", "customers", str(target)).exit_code == Exit.DONE
    assert _run("import", "template", "cutlery", str(target)).exit_code == Exit.INPUT
    assert target.stat().st_size > 4000
