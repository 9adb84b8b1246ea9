from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.numbers import Mark, from_float, mark_evidence, parse_decimal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.56", "1234.56"),
        (" -12.50 ", "-12.50"),
        ("12.50-", "-12.50"),
        ("(12.50)", "-12.50"),
        ("\u221210.00", "-10.00"),
        ("1,234.56", "1234.56"),
        ("1'000.50", "1000.50"),
        ("1\u202f234", "1234"),
        ("+5", "5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("12345678901234567890.123456789012", "12345678901234567890.123456789012"),
    ],
)
def test_a_number_with_decimal_point_is_read_exactly(text: str, number: str) -> None:
    assert parse_decimal(text, Mark.POINT) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.234,56", "1234.56"), ("0,125", "0.125"), ("1 234,50", "1234.50"), ("-35,5", "-35.5"), ("1.234", "1234")],
)
def test_a_number_with_decimal_comma_is_read_exactly(text: str, number: str) -> None:
    assert parse_decimal(text, Mark.COMMA) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        ("12..34", Mark.POINT, "not_a_number"),
        ("twelve", Mark.POINT, "not_a_number"),
        ("", Mark.POINT, "not_a_number"),
        ("1_000", Mark.POINT, "not_a_number"),
        ("٣", Mark.POINT, "not_a_number"),
        ("1.2E+05", Mark.POINT, "scientific_notation"),
        ("12,50", Mark.POINT, "decimal_mark_mixed"),
        ("12.50", Mark.COMMA, "decimal_mark_mixed"),
        ("1.234,56", Mark.POINT, "decimal_mark_mixed"),
    ],
)
def test_a_doubtful_number_is_refused_with_its_reason(text: str, mark: Mark, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_decimal(text, mark)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("1.234", "ambiguous"),
        ("1,234", "ambiguous"),
        ("0,125", Mark.COMMA),
        ("12,5", Mark.COMMA),
        ("1.234.567", Mark.COMMA),
        ("1,234.50", Mark.POINT),
        ("1234.567", Mark.POINT),
        ("42", ""),
        ("SUB-1", None),
        ("1,2,3", None),
    ],
)
def test_a_text_proves_its_decimal_mark_or_says_that_it_cannot(text: str, evidence: str | None) -> None:
    assert mark_evidence(text) == evidence


def test_a_workbook_number_is_the_digits_the_spreadsheet_shows() -> None:
    assert from_float(0.1) == Decimal("0.1")
    assert from_float(0.1 + 0.2) == Decimal("0.3")
    assert str(from_float(1e15)) == "1000000000000000"
    with pytest.raises(CellError):
        from_float(float("nan"))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_any_number_written_with_groups_reads_back_the_same(number: Decimal) -> None:
    english = f"{number:,.4f}"
    european = english.translate(str.maketrans(",.", ".,"))
    assert parse_decimal(english, Mark.POINT) == number
    assert parse_decimal(european, Mark.COMMA) == number
