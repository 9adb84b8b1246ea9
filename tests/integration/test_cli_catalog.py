from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from billdesk.cli.desk import Desk
from billdesk.cli.main import app
from billdesk.cli.output import Exit
from billdesk.domain.subscriptions import Subscription
from billdesk.services import customers, subscriptions
from billdesk.services.subscriptions import Start
from builders.book import NOW, a_book
from builders.catalog import a_catalog
from builders.customers import a_customer

MARCH = date(2026, 3, 1)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    with a_book(tmp_path) as opened:
        sold = a_catalog(opened)
        customer = opened.run(customers.create_customer, a_customer(tags=("vip",))).value
        record = Subscription(0, "S1", customer.id, 1, "EUR", MARCH, ())
        opened.run(subscriptions.start_subscription, record, Start(sold.basic, MARCH))
    return tmp_path / "test.billdesk"


def _run(book: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--book", str(book)], obj=Desk(clock=lambda: NOW))


def _json(book: Path, *words: str) -> Any:
    done = _run(book, "--json", "catalog", *words)
    assert done.exit_code == Exit.DONE, done.output
    return json.loads(done.stdout)


def _refused(book: Path, *words: str) -> str:
    done = _run(book, "catalog", *words)
    assert done.exit_code == Exit.INPUT, done.output
    return done.stderr


def test_what_is_sold_is_listed_and_shown(book: Path) -> None:
    assert [row["code"] for row in _json(book, "products")] == ["HOST"]
    assert [row["code"] for row in _json(book, "prices")] == ["BASE-M", "BASE-Y", "SEATS-M"]
    assert [row["code"] for row in _json(book, "plans")] == ["BASIC", "PRO"]
    for code in ("host", "BASE-M", "basic"):
        assert "Hosting" in (shown := _run(book, "catalog", "show", code).output) or code.upper() in shown.upper()
    assert "SEATS-M × 5" in _run(book, "catalog", "show", "PRO").output
    assert "amount: 50" in _run(book, "catalog", "show", "BASE-M").output


def test_a_curve_is_a_table_of_amounts_by_quantity(book: Path) -> None:
    (line,) = _json(book, "curve", "SEATS-M", "--at", "2", "--at", "10")["lines"]
    assert [(at, amount["amount"]) for at, amount in line["points"]] == [("2", "20.00"), ("10", "100.00")]
    assert "100" in _run(book, "catalog", "curve", "seats-m", "--at", "10").output
    assert "GBP" in _refused(book, "curve", "SEATS-M", "--currency", "gbp")


def test_a_version_goes_from_draft_to_live_and_shows_who_moves(book: Path) -> None:
    _json(book, "version", "draft", "BASIC", "--effective", "2026-04-01", "--price", "SEATS-M=3", "--running",
          "from_date", "--note", "More seats")  # fmt: skip
    _json(book, "version", "approve", "BASIC", "2")
    before = _json(book, "version", "publish", "BASIC", "2", "--preview")
    assert [one["number"] for one in before["moved"]] == ["S1"]
    assert _json(book, "version", "publish", "BASIC", "2")["version"]["state"] == "live"
    changes = _json(book, "version", "diff", "BASIC", "1", "2")
    assert [(one["what"], one["before"], one["after"]) for one in changes][:1] == [("quantity", "1", "3")]
    _json(book, "version", "retire", "BASIC", "2")


def test_a_draft_of_the_past_is_refused_with_the_way_out_and_another_deleted(book: Path) -> None:
    assert "from today on" in _refused(book, "version", "draft", "BASIC", "--effective", "2026-03-01")
    _json(book, "version", "draft", "BASIC", "--without", "SEATS-M", "--trial", "14")
    _json(book, "version", "delete", "BASIC", "2")
    assert "BASIC 2" in _refused(book, "version", "approve", "BASIC", "2")


def test_a_book_prices_a_segment_and_is_compared_first(book: Path) -> None:
    _json(book, "book", "add", "VIP", "Very important", "--segment", "vip")
    words = ("book", "price", "VIP", "BASE-M", "30", "--since", "2026-04-01")
    assert _json(book, *words, "--preview")["repriced"][0]["after"] == {"amount": "40.00", "currency": "EUR"}
    assert _json(book, "book", "show", "VIP")["lines"] == []
    _json(book, *words)
    (line,) = _json(book, "book", "show", "vip")["lines"]
    assert (line["entry"]["terms"]["parameters"], line["entry"]["valid"]["since"]) == ({"amount": "30"}, "2026-04-01")
    assert _json(book, "books")[0]["customers"] == 1
    _json(book, "book", "revoke", "VIP", str(line["entry"]["id"]))
    _json(book, "book", "delete", "VIP")


def test_a_book_is_filled_changed_and_ended(book: Path) -> None:
    _json(book, "book", "add", "EU", "Europe", "--region", "nl", "--region", "be")
    _json(book, "book", "fill", "EU", "--percent", "-10", "--price", "BASE-M")
    assert [line["entry"]["terms"]["parameters"] for line in _json(book, "book", "show", "EU")["lines"]] == [
        {"amount": "45"}, {"amount": "7200"},
    ]  # fmt: skip
    _json(book, "book", "price", "EU", "BASE-M", "--end", "--currency", "JPY", "--since", "2026-05-01")
    _json(book, "book", "change", "EU", "--until", "2027-01-01", "--name", "Europe 2026")
    found = _json(book, "books")[0]["book"]
    assert (found["name"], found["reach"], found["valid"]["until"]) == ("Europe 2026", ["NL", "BE"], "2027-01-01")


def test_what_is_wrong_with_a_book_is_told_with_the_way_out(book: Path) -> None:
    assert "some of one kind" in _refused(book, "book", "add", "X", "Both", "--region", "BE", "--segment", "vip")
    assert "not a country" in _refused(book, "book", "add", "X", "Nowhere", "--region", "Belgium")
    _json(book, "book", "add", "VIP", "Very important", "--segment", "vip")
    tiers = '{"tiers": [{"up_to": "10", "unit_price": "1"}]}'
    assert "SEATS" in _refused(book, "book", "price", "VIP", "SEATS", "1")
    assert "no such field" in _refused(book, "book", "price", "VIP", "SEATS-M", "--parameters", tiers)
