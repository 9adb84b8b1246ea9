from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.desk import Desk
from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.services import customers
from billdesk.services.taxes import seed_tax_rates
from builders.book import NOW, a_book
from builders.catalog import a_catalog
from builders.commands import content
from builders.customers import a_customer

TERM = ("--months", "12", "--notice", "3m", "--uplift", "3", "--fee", "50%")


def run(*words: str, book: Path, code: Exit = Exit.DONE) -> Result:
    done = CliRunner().invoke(app, [*words, "--book", str(book)], obj=Desk(clock=lambda: NOW))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def as_json(*words: str, book: Path) -> Any:
    return json.loads(run("--json", *words, book=book).stdout)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Give a book with a contract since New Year for 50.00 and four seats of 10.00 a month; it is 16 March."""
    with a_book(tmp_path) as made:
        made.run(seed_tax_rates)
        a_catalog(made)
        customer = made.run(customers.create_customer, a_customer()).value.number
    path = tmp_path / "test.billdesk"
    run("contract", "start", "--customer", customer, "--plan", "BASIC", "--quantity", "4", "--date", "2026-01-01",
        *TERM, book=path)  # fmt: skip
    return path


def totals(found: Any) -> list[tuple[str, str]]:
    return [(one["day"], one["total"]["amount"]) for one in found["documents"]]


def kinds(found: Any) -> list[str]:
    return [line["kind"] for line in found["documents"][0]["lines"]]


def test_a_contract_is_shown_with_its_term_its_timeline_and_a_year_of_documents(book: Path) -> None:
    found = as_json("contract", "show", "S00001", book=book)
    assert (found["standing"]["term_end"], found["standing"]["notice_by"]) == ("2027-01-01", "2026-09-30")
    assert found["renewal"]["day"] == "2027-01-01"
    assert totals(found)[0] == ("2026-03-16", "326.70")
    assert totals(found)[-3:] == [("2027-01-01", "112.17"), ("2027-02-01", "112.17"), ("2027-03-01", "112.17")]
    assert "renews for 12 months" in found["timeline"][0]["text"]


def test_contracts_are_listed_by_how_near_their_notice_date_is(book: Path) -> None:
    far, near = (as_json("contract", "list", "--notice-within", days, book=book) for days in ("30", "200"))
    assert (len(far["contracts"]), [one["number"] for one in near["contracts"]]) == (0, ["S00001"])


def test_a_preview_writes_nothing_and_shows_the_next_document_with_and_without(book: Path) -> None:
    before = content(book)
    found = as_json("contract", "change", "S00001", "--quantity", "6", "--when", "now", "--preview", book=book)
    assert [one["total"]["amount"] for one in found["unchanged"]] == ["326.70"]
    assert totals(found) == [("2026-03-16", "339.19")]
    assert content(book) == before


def test_ending_says_the_earliest_day_and_what_ending_now_costs(book: Path) -> None:
    text = run("contract", "cancel", "S00001", "--when", "now", "--preview", book=book).output
    assert "1 Jan 2027 at the earliest" in text
    assert "€428.23: 10 of 12 months" in text
    assert (
        kinds(as_json("contract", "cancel", "S00001", "--when", "now", "--preview", book=book))[-1] == "termination_fee"
    )


def test_a_fee_is_waived_for_a_reason_only(book: Path) -> None:
    words = ("contract", "cancel", "S00001", "--when", "now", "--waive-fee")
    assert "waived for a reason" in run(*words, book=book, code=Exit.INPUT).output
    waived = as_json(*words, "--reason", "moved abroad", "--preview", book=book)
    assert "termination_fee" not in kinds(waived)


def test_an_end_at_the_earliest_day_is_taken_back_by_its_id(book: Path) -> None:
    ended = as_json("contract", "cancel", "S00001", book=book)
    last = ended["timeline"][-1]
    assert (last["kind"], last["effective"]) == ("cancel", "2027-01-01")
    entry = str(last["entry_id"])
    # The next document stays as it is; the first one that there would not be without it is that of January.
    shown = totals(as_json("contract", "revoke", "S00001", entry, "--preview", book=book))
    assert shown == [("2026-03-16", "326.70"), ("2027-01-01", "112.17")]
    assert as_json("contract", "revoke", "S00001", entry, book=book)["timeline"][-1]["revoked"] is True


def test_a_renewal_is_decided_and_moved(book: Path) -> None:
    made = as_json("contract", "renew", "S00001", "--uplift", "1.5", book=book)
    last = made["timeline"][-1]
    assert (last["effective"], last["text"]) == ("2027-01-01", "Renewed: prices + 1.5 %")
    assert totals(as_json("contract", "show", "S00001", book=book))[-1] == ("2027-03-01", "110.53")
    moved = as_json("contract", "move", "S00001", str(last["entry_id"]), "2026-12-01", book=book)
    assert [(one["effective"], one["revoked"]) for one in moved["timeline"][1:]] == [
        ("2026-12-01", False), ("2027-01-01", True)]  # fmt: skip


def test_prices_of_several_phases_are_agreed_at_once(book: Path) -> None:
    words = ("--phase", "3:-50%", "--phase", "12:60", "--phase", "*:70", "--when", "2026-04-01")
    made = as_json("contract", "phases", "S00001", "--price", "BASE-M", *words, book=book)
    assert [one["effective"] for one in made["timeline"][1:]] == ["2026-04-01", "2026-07-01", "2027-07-01"]
    shown = totals(as_json("contract", "show", "S00001", book=book))
    assert shown[1:5] == [("2026-04-01", "78.65"), ("2026-05-01", "78.65"), ("2026-06-01", "78.65"),
                          ("2026-07-01", "121.00")]  # fmt: skip


def test_an_index_is_kept_and_its_figure_raises_the_renewal(book: Path) -> None:
    run("contract", "index", "add", "health", "Health index", book=book)
    run("contract", "term", "S00001", "--months", "12", "--since", "2026-01-01", "--uplift", "health:80", book=book)
    run("contract", "index", "set", "health", "2025-12=130", "2026-12=134", book=book)
    # 50 × (0.2 + 0.8 × 134 ÷ 130) = 51.23, 40 × … = 40.98 (10.25 a seat is rounded first: 41.00)
    assert totals(as_json("contract", "show", "S00001", book=book))[-1] == ("2027-03-01", "111.60")
    assert "uses the index health" in run("contract", "index", "delete", "health", book=book, code=Exit.INPUT).output


def test_an_index_that_is_not_kept_is_refused(book: Path) -> None:
    words = ("contract", "term", "S00001", "--months", "12", "--uplift", "unknown")
    assert "no price index unknown" in run(*words, book=book, code=Exit.INPUT).output


def test_a_month_that_is_none_is_refused(book: Path) -> None:
    run("contract", "index", "add", "health", "Health index", book=book)
    done = run("contract", "index", "set", "health", "2026-13=131", book=book, code=Exit.INPUT)
    assert "“2026-13” is not a month" in done.output


@pytest.mark.parametrize(
    "words",
    [
        ("pause", "S00001", "--resume-on", "2026-05-01"),
        ("price", "S00001", "--price", "BASE-M", "--amount", "45"),
        ("change", "S00001", "--plan", "PRO"),
        ("term", "S00001", "--months", "24", "--after", "end"),
    ],
)
def test_each_change_is_written_and_shown(words: tuple[str, ...], book: Path) -> None:
    preview = as_json("contract", *words, "--preview", book=book)
    assert totals(preview)
    assert len(as_json("contract", *words, book=book)["timeline"]) > 1
