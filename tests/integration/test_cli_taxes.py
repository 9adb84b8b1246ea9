from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.services.taxes import seed_tax_rates
from builders.book import a_book


@pytest.fixture
def book(tmp_path: Path) -> Path:
    with a_book(tmp_path) as made:
        made.run(seed_tax_rates)
    return tmp_path / "test.billdesk"


def _run(book: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--book", str(book)])


def _json(book: Path, *words: str) -> Any:
    done = _run(book, "--json", *words)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def _percents(book: Path, country: str, day: str) -> dict[str, str]:
    found = _json(book, "tax", "list", "--country", country, "--day", day)["rates"]
    return {rate["tax_class"]: rate["percent"] for rate in found}


def test_a_change_is_previewed_done_for_all_at_once_and_taken_back(book: Path) -> None:
    words = ("tax", "change", "8.5", "--since", "2027-01-01", "--country", "CH", "--from", "8.1")
    shown = _json(book, *words, "--preview")
    assert (shown["new_ids"], [rate["percent"] for rate in shown["preview"]["after"]]) == ([], ["8.5"])
    assert _percents(book, "CH", "2027-01-01")["standard"] == "8.1"
    made = _json(book, *words)["new_ids"]
    assert _percents(book, "CH", "2027-01-01") == {"standard": "8.5", "reduced": "2.6"}
    _json(book, "tax", "revoke", *map(str, made))
    assert _percents(book, "CH", "2027-01-01")["standard"] == "8.1"


def test_a_change_that_names_nothing_is_refused(book: Path) -> None:
    done = _run(book, "tax", "change", "8.5", "--since", "2027-01-01")
    assert (done.exit_code, "Name a country" in done.stderr) == (Exit.INPUT, True)


def test_an_added_up_rate_needs_parts_that_add_up(book: Path) -> None:
    words = ("tax", "add", "us", "8.875", "--since", "2026-01-01", "--region", "NY", "--part", "State=4")
    assert "do not add up to 8.875 %" in _run(book, *words).stderr
    rate = _json(book, *words, "--part", "City=4.5", "--part", "District=0.375")["rate"]
    assert (rate["country"], len(rate["parts"])) == ("US", 3)
    assert "State 4%, City 4.5%, District 0.375%" in _run(book, "tax", "list", "--country", "US").output


def test_a_percent_that_is_no_number_is_refused(book: Path) -> None:
    assert _run(book, "tax", "add", "US", "much", "--since", "2026-01-01").exit_code == Exit.INPUT


def test_distance_sales_are_told_with_their_rule(book: Path) -> None:
    done = _run(book, "tax", "distance", "--day", "2026-03-16")
    assert "ACA: €0.00 of €10,000.00 in 2026" in done.output
    assert _json(book, "tax", "distance")["standings"][0]["taxed"] == "below"


def test_coins_and_tax_are_rounded_as_a_company_wants(book: Path) -> None:
    shown = _json(book, "tax", "rounding", "--coin", "0.05", "--tax", "per_line")
    assert (shown["coin"]["amount"], shown["tax"]) == ("0.05", "per_line")
    assert _json(book, "tax", "rounding", "--company", "aca")["coin"]["amount"] == "0.05"
    assert _run(book, "tax", "rounding", "--company", "OAK").exit_code == Exit.INPUT
