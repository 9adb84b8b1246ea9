from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.main import app
from billdesk.cli.output import Exit
from builders.offers import JANUARY, an_open_desk


@pytest.fixture
def book(tmp_path: Path) -> Path:
    desk = an_open_desk(tmp_path)
    desk.start(JANUARY)
    desk.book.close()
    return tmp_path / "offers.billdesk"


def _run(book: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--book", str(book)])


def _json(book: Path, *words: str) -> Any:
    done = _run(book, "--json", *words)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def test_a_discount_is_given_listed_and_ended(book: Path) -> None:
    made = _json(book, "discount", "create", "Welcome", "--customer", "C00001", "--percent", "20", "--periods", "3")[
        "discounts"
    ][0]
    assert made["granted"]["discount"]["percent"] == "20"
    key = str(made["granted"]["discount"]["id"])
    _json(book, "discount", "end", key, "--date", "2026-06-01")
    shown = _run(book, "discount", "list", "--customer", "C00001").output
    assert "Welcome" in shown
    assert "20%" in shown


def test_a_contract_gets_an_amount_once(book: Path) -> None:
    words = ("discount", "create", "Sorry", "--contract", "S00001", "--amount", "25", "--currency", "EUR", "--once")
    made = _json(book, *words)["discounts"][0]
    assert (made["subscription_number"], made["granted"]["discount"]["frequency"]) == ("S00001", "once")


def test_a_coupon_is_made_used_and_counted(book: Path) -> None:
    _json(book, "coupon", "create", "SPRING26", "--percent", "10", "--once", "--until", "2026-12-31")
    _json(book, "coupon", "redeem", "spring26", "--contract", "S00001")
    assert _json(book, "coupon", "list")["coupons"][0]["uses"] == 1


def test_more_than_a_hundred_percent_is_refused(book: Path) -> None:
    done = _run(book, "discount", "create", "Wrong", "--customer", "C00001", "--percent", "120")
    assert done.exit_code == Exit.INPUT
    assert "120 % is not possible" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("discount", "create", "Wrong", "--customer", "C00001", "--percent", "many"),
        ("discount", "create", "Wrong", "--customer", "C9", "--percent", "5"),
        ("discount", "create", "Wrong", "--contract", "S9", "--percent", "5"),
        ("wallet", "grant", "C00001", "many"),
    ],
)
def test_wrong_words_are_refused(book: Path, words: tuple[str, ...]) -> None:
    assert _run(book, *words).exit_code == Exit.INPUT


def test_credit_is_granted_listed_and_taken_back(book: Path) -> None:
    made = _json(book, "wallet", "grant", "C00001", "250.00", "--until", "2027-01-01", "--promotional")["wallets"][0]
    assert "Prepaid credit" in _run(book, "wallet", "list", "--customer", "C00001").output
    _json(book, "wallet", "withdraw", str(made["wallet"]["id"]), "--reason", "by mistake")
    assert _json(book, "wallet", "list")["wallets"] == []
    assert len(_json(book, "wallet", "list", "--spent")["wallets"]) == 1
    assert _json(book, "wallet", "expire") == {"expired": 0}


def test_credit_is_granted_in_units_and_added_to(book: Path) -> None:
    made = _json(book, "wallet", "grant", "C00001", "--units", "100", "--unit-value", "0.05")["wallets"][0]
    key = str(made["wallet"]["id"])
    assert made["granted"] == {"amount": "5.00", "currency": "EUR"}
    added = _json(book, "wallet", "top-up", key, "--units", "20")["wallets"][0]
    assert added["wallet"]["balance"]["amount"] == "6.00"
    part = _json(book, "wallet", "withdraw", key, "--amount", "1.50")["wallets"][0]
    assert part["wallet"]["balance"]["amount"] == "4.50"


def test_a_statement_is_shown_and_written(book: Path, tmp_path: Path) -> None:
    _json(book, "wallet", "grant", "C00001", "250.00", "--product", "host")
    to = tmp_path / "statement.csv"
    shown = _run(book, "wallet", "statement", "--customer", "C00001", "--to", str(to)).output
    assert "Granted" in shown
    assert "250.00" in to.read_text(encoding="utf-8-sig")
    assert _run(book, "wallet", "statement").exit_code == Exit.USAGE


def test_a_cancelled_contract_is_refunded_into_credit_and_that_is_undone(book: Path) -> None:
    _json(book, "run", "billing", "--as-of", "2026-01-01")
    _json(book, "invoice", "issue", "--date", "2026-01-01")
    assert _run(book, "wallet", "refund-contract", "S00001").exit_code == Exit.INPUT
    assert _run(book, "wallet", "refund", "2026-00001").exit_code == Exit.INPUT


def test_a_coupon_with_limits_is_ended_and_opened_again(book: Path) -> None:
    words = ("--amount", "5", "--currency", "EUR", "--periods", "3", "--plan", "basic", "--most-uses", "9")
    _json(book, "coupon", "create", "LOYAL", *words, "--per-customer", "0", "--since", "2026-01-01")
    ended = _json(book, "coupon", "end", "loyal")["coupons"][0]
    assert ended["coupon"]["archived"] is True
    assert _run(book, "coupon", "redeem", "loyal", "--customer", "C00001").exit_code == Exit.INPUT
    _json(book, "coupon", "reopen", "loyal")
    assert "3 periods · some plans only · 9 uses in all" in _run(book, "coupon", "list").output


def test_a_discount_is_limited_to_a_meter_or_a_plan_but_not_both(book: Path) -> None:
    both = ("discount", "create", "X", "--customer", "C00001", "--percent", "5", "--plan", "basic", "--product", "host")
    assert _run(book, *both).exit_code == Exit.INPUT
    unknown = ("discount", "create", "X", "--customer", "C00001", "--percent", "5", "--metric", "nothing")
    assert _run(book, *unknown).exit_code == Exit.INPUT


def test_a_discount_that_ended_goes_on(book: Path) -> None:
    made = _json(book, "discount", "create", "Hi", "--customer", "C00001", "--percent", "5", "--since", "2026-01-01")
    key = str(made["discounts"][0]["granted"]["discount"]["id"])
    _json(book, "discount", "end", key)
    assert _json(book, "discount", "resume", key)["discounts"][0]["granted"]["discount"]["until"] is None


def test_what_is_unbilled_is_shown_by_customer(book: Path) -> None:
    assert _json(book, "run", "unbilled")["unbilled"][0]["name"] == "Brouwerij De Linde NV"
    assert "Unbilled now" in _run(book, "run", "unbilled", "--customer", "C00001").output
