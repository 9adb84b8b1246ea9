"""Real and nasty bank files beside the project are read as their index says; without that folder nothing is checked."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from billdesk.bankfiles import ReadOptions, TableProfile, read_statements
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile
from billdesk.kernel.written.moments import DateOrder

CORPUS: Final = Path(__file__).parents[3] / "shared" / "corpus" / "bank"
INDEX: Final[list[dict[str, Any]]] = (
    json.loads((CORPUS / "index.json").read_text(encoding="utf-8")) if CORPUS.is_dir() else []
)

# Where we refuse or read otherwise on purpose.
OTHERWISE: Final = {
    "camt053/hbci4j_052_returned_direct_debit.xml": "not_a_statement",  # an intraday report doubles the statement
    "camt053/oca_camt054.xml": "not_a_statement",  # a notification does too
    "coda/codaparser_sample6.cod": "too_many_decimals",  # tenths of cents do not exist as euro
    "csv/oca_original_currency_no_header.csv": "bank_columns_unknown",  # needs a profile, see below
    "ofx/ofxparse_fail_nice_date_missing.ofx": "not_a_date",  # money without a day cannot be booked
    "qif/gnucash_canada_excerpt.qif": "",  # its opening balances are balances, not movements
}


def read(name: str, **options: Any) -> tuple[Statement, ...]:
    """Read a file; where only the date order is open, answer as the user would."""
    given = ReadOptions(currency="EUR", **options)
    try:
        return read_statements(CORPUS / name, given)
    except UnreadableFile as error:
        if error.problem.code != "date_order_unknown":
            raise
        return read_statements(CORPUS / name, replace(given, date_order=DateOrder.DMY))


def refusal_of(name: str) -> str:
    try:
        read(name)
    except UnreadableFile as error:
        return error.problem.code
    except RowsRejected as error:
        return error.problems[0].code
    return ""


def facts_of(item: dict[str, Any]) -> list[tuple[object, ...]]:
    return [
        (_amount(part["opening"]), _amount(part["closing"]), Decimal(part["sum"]), part["entries"])
        for part in item["per_statement"]
    ]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


PARSED = [item for item in INDEX if item["result"] != "reject" and item["file"] not in OTHERWISE]
REFUSED = [item["file"] for item in INDEX if item["result"] == "reject"]


@pytest.mark.parametrize("item", PARSED, ids=[item["file"] for item in PARSED])
def test_a_corpus_file_gives_the_statements_of_its_index(item: dict[str, Any]) -> None:
    found = read(item["file"])
    if "per_statement" in item:
        assert [(s.opening, s.closing, s.movement, len(s.lines)) for s in found] == facts_of(item)
        return
    expected = item.get("expected", item)
    assert sum(len(s.lines) for s in found) == expected.get("entries", item.get("entries"))
    assert sum((s.movement for s in found), Decimal(0)) == Decimal(expected.get("sum", item.get("sum", "0")))


@pytest.mark.parametrize("name", REFUSED)
def test_a_corpus_file_that_is_no_statement_is_refused(name: str) -> None:
    assert refusal_of(name)


@pytest.mark.parametrize("name", [name for name, code in OTHERWISE.items() if code and INDEX])
def test_what_we_refuse_on_purpose_says_why(name: str) -> None:
    assert refusal_of(name) == OTHERWISE[name]


@pytest.mark.skipif(not INDEX, reason="the corpus is not beside the project")
def test_a_table_without_header_is_read_with_a_profile() -> None:
    profile = TableProfile(
        columns=(("date", "A"), ("text", "B"), ("currency", "C"), ("amount", "D"), ("counterparty", "F")), header_row=0
    )
    (statement,) = read("csv/oca_original_currency_no_header.csv", profile=profile)
    assert (statement.movement, statement.lines[0].counterparty) == (Decimal("1525.00"), "Azure Interior")
