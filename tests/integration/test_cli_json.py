"""With `--json`, standard output is one JSON value whatever happens; the exit code says what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from billdesk.cli.output import Exit
from builders.commands import as_json, run


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "acme.billdesk"
    run("book", "create", path, "--company", "Acme BV", "--vat", "BE0671650665", "--iban", "BE68539007547034")
    return path


@pytest.mark.parametrize(
    "words",
    [
        "book check", "book backups", "import list", "run billing --as-of 2026-02-01", "bank accounts", "bank match",
        "run billing --as-of 2026-02-01 --preview", "invoice list", "invoice issue", "invoice send", "report run vat",
        "simulate --until 2030-01-01 --every 90 --raise-prices 5", "invoice verify",
        "alert list", "alert reached", "alert reached --seen", "alert add spend 100 --currency eur",
    ],
)  # fmt: skip
def test_a_command_that_succeeds_prints_one_value(book: Path, words: str) -> None:
    as_json(*words.split(), book=book)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("book check --book gone.billdesk", Exit.INPUT),
        ("book check --book {file}", Exit.INPUT),
        ("book backup --book gone.billdesk", Exit.INPUT),
        ("book create {book} --company Twice", Exit.INPUT),
        ("import customers {file} --book {book}", Exit.INPUT),
        ("import usage {file} --book {book}", Exit.INPUT),
        ("import undo 99 --book {book}", Exit.INPUT),
        ("invoice issue 99 --book {book}", Exit.INPUT),
        ("report run nothing --book {book}", Exit.INPUT),
        ("report run vat --with first=x --book {book}", Exit.INPUT),
        ("report run vat --to {folder}/gone/vat.xlsx --book {book}", Exit.ENVIRONMENT),
        ("simulate --until 2020-01-01 --book {book}", Exit.INPUT),
        ("simulate --until 2030-01-01 --publish 9 --book {book}", Exit.INPUT),
        ("simulate --until 2030-01-01 --every moon --book {book}", Exit.USAGE),
        ("simulate --until 2030-01-01 --raise-prices much --book {book}", Exit.USAGE),
        ("alert remove 99 --book {book}", Exit.INPUT),
        ("alert add spend 100 --book {book}", Exit.INPUT),
        ("alert add spend much --currency EUR --book {book}", Exit.INPUT),
        ("alert add usage 5 --metric gone --book {book}", Exit.INPUT),
        ("alert add usage 5 --customer gone --book {book}", Exit.INPUT),
        ("alert add usage 5 --contract gone --book {book}", Exit.INPUT),
        ("invoice list", Exit.USAGE),
        ("book backup", Exit.USAGE),
        ("invoice export --folder {folder} --format word --book {book}", Exit.USAGE),
        ("run billing --as-of 31/02/2026 --book {book}", Exit.USAGE),
        ("import customers gone.csv --book {book}", Exit.USAGE),
        ("import customers {file} --answer nonsense --book {book}", Exit.USAGE),
        ("fly --to moon", Exit.USAGE),
    ],
)
def test_a_command_that_fails_prints_one_value_too(book: Path, tmp_path: Path, words: str, code: Exit) -> None:
    file = tmp_path / "recipes.csv"
    file.write_text("dish,time\nstew,3 hours\n", encoding="utf-8")
    failure = as_json(*words.format(book=book, file=file, folder=tmp_path).split(), code=code)
    assert failure["error"]


def test_rows_that_are_refused_are_all_in_the_value(book: Path, tmp_path: Path) -> None:
    file = tmp_path / "klanten.csv"
    file.write_text("Klantnummer;Naam;Munt\nK1;One;pond\nK2;Two;EUR\nK3;Three;mark\n", encoding="utf-8")
    failure = as_json("import", "customers", file, book=book, code=Exit.INPUT)
    assert [(found["place"]["row"], found["value"]) for found in failure["problems"]] == [(2, "pond"), (4, "mark")]
    assert "Munt" in failure["problems"][0]["message"]
