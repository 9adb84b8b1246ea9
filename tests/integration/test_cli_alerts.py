from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit
from builders.usage import a_metered_book


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = a_metered_book(tmp_path)
    made.add("S1", "S2")
    made.bring("S1,calls,2026-03-05T10:00:00Z,1000,a")
    made.book.close()
    return Path(made.book.location)


def _run(book: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--book", str(book)])


def _json(book: Path, *words: str) -> Any:
    done = _run(book, "--json", *words)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def _alert(book: Path) -> dict[str, Any]:
    found: dict[str, Any] = _json(book, "alert", "list")[0]["alert"]
    return found


def test_an_alert_is_made_changed_paused_and_goes_on(book: Path) -> None:
    assert _json(book, "alert", "add", "usage", "500", "--metric", "calls", "--contract", "S1") == {"id": 1}
    _json(book, "alert", "change", "1", "--threshold", "600", "--name", "Many calls")
    _json(book, "alert", "pause", "1")
    assert "paused" in _run(book, "alert", "list").output
    _json(book, "alert", "resume", "1")
    assert (_alert(book)["name"], _alert(book)["threshold"], _alert(book)["is_active"]) == ("Many calls", "600", True)


def test_a_deleted_alert_comes_back(book: Path) -> None:
    _json(book, "alert", "add", "spend", "500", "--currency", "eur", "--contract", "S1")
    _json(book, "alert", "remove", "1")
    assert _json(book, "alert", "list") == []
    _json(book, "alert", "restore", "1")
    assert _alert(book)["currency"] == "EUR"


def test_checking_and_seeing_what_was_reached(book: Path) -> None:
    _json(book, "alert", "add", "usage", "1000", "--metric", "calls")
    assert _json(book, "alert", "check") == {"reached": 1, "bill": None}
    assert "S1" in _run(book, "alert", "reached", "--unseen", "--seen").output
    assert _json(book, "alert", "reached", "--unseen") == []


def test_a_run_looks_at_thresholds(book: Path) -> None:
    _json(book, "alert", "add", "usage", "1000", "--metric", "calls")
    assert "1 threshold reached" in _run(book, "run", "billing", "--as-of", "2026-03-16").output


@pytest.mark.parametrize(
    "words",
    [
        ("usage", "many", "--metric", "calls"),
        ("usage", "5", "--metric", "nothing"),
        ("usage", "5"),
        ("spend", "5"),
        ("shortfall", "80"),
        ("commitment", "2000"),
        ("spend", "5", "--currency", "EUR", "--customer", "C99"),
    ],
)
def test_alerts_that_cannot_work_are_refused(book: Path, words: tuple[str, ...]) -> None:
    assert _run(book, "alert", "add", *words).exit_code == Exit.INPUT


def test_a_simulation_repeats_usage_of_one_customer_and_is_written(book: Path, tmp_path: Path) -> None:
    to = tmp_path / "months.xlsx"
    words = ("simulate", "--until", "2027-12-31", "--growth", "5", "--to", str(to))
    assert _json(book, *words)["runs"] > 1
    assert to.read_bytes().startswith(b"PK")
    assert _run(book, "simulate", "--until", "2027-12-31", "--growth", "much").exit_code == Exit.USAGE
    assert _run(book, "simulate", "--until", "2027-12-31", "--customer", "C99").exit_code == Exit.INPUT
