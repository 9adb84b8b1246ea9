from decimal import Decimal

import pytest

from billdesk.bankfiles import ReadOptions, TableProfile, read_statement_data
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile
from billdesk.kernel.written.moments import DateOrder


def read(text: str, **options: object) -> tuple[Statement, ...]:
    return read_statement_data(text.encode(), ReadOptions(**{"file_name": "x.csv", "currency": "EUR", **options}))  # type: ignore[arg-type]


def refusal_of(text: str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(text)
    return caught.value.problem.code


def test_a_date_order_that_stays_open_is_asked() -> None:
    text = "date;amount;text\n01/02/2026;1,00;a\n03/04/2026;2,00;b\n"
    assert refusal_of(text) == "date_order_unknown"
    (statement,) = read(text, date_order=DateOrder.DMY)
    assert statement.lines[0].booked_on.isoformat() == "2026-02-01"


def test_one_day_above_twelve_settles_the_date_order_against_the_user() -> None:
    (statement,) = read("date;amount\n01/02/2026;1,00\n13/02/2026;2,00\n", date_order=DateOrder.MDY)
    assert statement.lines[0].booked_on.isoformat() == "2026-02-01"


def test_two_date_orders_in_one_column_are_refused() -> None:
    assert refusal_of("date;amount\n13/01/2026;1,00\n01/14/2026;2,00\n") == "date_order_mixed"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2026-01-05;12..34;x", "not_a_number"),
        ("2026-01-05;;x", "value_missing"),
        ("2026-01-05;1.234;x", "decimal_mark_unknown"),
        ("2026-01-05;1.00500;x", "too_many_decimals"),
        ("31/02/2026;1.00;x", "not_a_date"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_file_and_is_named(row: str, code: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        read(f"date;amount;text\n{row}\n")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.row) == (code, 2)


def test_a_doubtful_amount_is_read_by_the_mark_of_its_column() -> None:
    (statement,) = read("date;amount\n2026-01-05;1.234\n2026-01-06;0,50\n")
    assert statement.movement == Decimal("1234.50")


def test_a_table_without_currency_needs_to_be_told() -> None:
    with pytest.raises(RowsRejected) as caught:
        read("date;amount\n2026-01-05;1.00\n", currency="")
    assert caught.value.problems[0].code == "unknown_currency"


def test_debits_with_their_own_minus_are_not_turned_around() -> None:
    (statement,) = read("date;debit;credit\n2026-01-05;-5,00;\n2026-01-06;;8,00\n")
    assert [line.amount.minor for line in statement.lines] == [-500, 800]


def test_each_account_and_currency_is_a_statement() -> None:
    found = read("rekening;datum;bedrag;munt\nBE68539007547034;2026-01-05;1,00;EUR\nX-9;2026-01-06;2,00;USD\n")
    assert [(s.account_iban, s.account_other, s.currency) for s in found] == [
        ("BE68539007547034", "", "EUR"),
        ("", "X-9", "USD"),
    ]


def test_balances_above_and_below_the_table_are_found() -> None:
    (statement,) = read("date;text;amount\nBeginsaldo;;10,00\n2026-01-05;x;1,00\nEindsaldo;;11,00\n")
    assert (statement.opening, statement.closing, statement.difference) == (Decimal(10), Decimal(11), Decimal(0))


def test_a_profile_reads_a_table_without_header_by_letters() -> None:
    profile = TableProfile("Old bank", (("date", "A"), ("amount", "C"), ("text", "B")), ";", "dmy", ",", header_row=0)
    (statement,) = read("01/02/2026;fee;-1.234,50\n", profile=TableProfile.from_json(profile.to_json()))
    assert (statement.lines[0].amount.minor, statement.lines[0].texts) == (-123450, ("fee",))


def test_a_profile_for_another_table_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read("date;amount\n2026-01-05;1,00\n", profile=TableProfile(columns=(("date", "Datum"), ("amount", "Bedrag"))))


def test_text_that_looks_like_a_formula_stays_text() -> None:
    (statement,) = read("date;amount;text\n2026-01-05;1.00;=1+1\n")
    assert statement.lines[0].texts == ("=1+1",)
