from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billdesk.kernel.written.cell_error import CellError
from billdesk.sheets.cells import CellFormat, parse_cell, shown
from billdesk.sheets.columns import Column, ColumnKind

PLAIN = CellFormat()


def a_column(kind: ColumnKind, **values: Any) -> Column:
    return Column("value", "Value", kind, **values)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (ColumnKind.TEXT, " Ghent ", "Ghent"),
        (ColumnKind.TEXT, 1001.0, "1001"),
        (ColumnKind.TEXT, Decimal("1E+2"), "100"),
        (ColumnKind.DECIMAL, 12.5, Decimal("12.5")),
        (ColumnKind.DECIMAL, "12.5", Decimal("12.5")),
        (ColumnKind.INTEGER, 3.0, 3),
        (ColumnKind.INTEGER, "3", 3),
        (ColumnKind.DATE, date(2026, 1, 2), date(2026, 1, 2)),
        (ColumnKind.DATE, datetime(2026, 1, 2), date(2026, 1, 2)),  # noqa: DTZ001 - as a workbook gives it
        (ColumnKind.INSTANT, date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)),
        (ColumnKind.BOOLEAN, "Ja", True),
        (ColumnKind.BOOLEAN, "non", False),
        (ColumnKind.BOOLEAN, 1.0, True),
        (ColumnKind.CURRENCY, "eur", "EUR"),
        (ColumnKind.CURRENCY, "€", "EUR"),
        (ColumnKind.COUNTRY, "be", "BE"),
        (ColumnKind.COUNTRY, "Duitsland", "DE"),
        (ColumnKind.COUNTRY, "Pays-Bas", "NL"),
        (ColumnKind.DECIMAL, "", None),
    ],
)
def test_a_cell_becomes_the_type_of_its_column(kind: ColumnKind, raw: object, value: object) -> None:
    assert parse_cell(raw, a_column(kind), PLAIN) == value


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (ColumnKind.DECIMAL, True, "not_a_number"),
        (ColumnKind.DECIMAL, date(2026, 1, 2), "not_a_number"),
        (ColumnKind.DECIMAL, "0.1234567890123", "too_many_decimals"),
        (ColumnKind.INTEGER, "3.5", "not_an_integer"),
        (ColumnKind.DATE, 46000.0, "not_a_date"),
        (ColumnKind.DECIMAL, float("inf"), "not_a_number"),
        (ColumnKind.DECIMAL, Decimal("NaN"), "not_a_number"),
        (ColumnKind.DATE, datetime(2026, 1, 2, 3), "time_in_date"),  # noqa: DTZ001 - as a workbook gives it
        (ColumnKind.INSTANT, 46000.0, "not_an_instant"),
        (ColumnKind.BOOLEAN, "perhaps", "not_a_boolean"),
        (ColumnKind.CURRENCY, "$", "unknown_currency"),
        (ColumnKind.COUNTRY, "Atlantis", "unknown_country"),
    ],
)
def test_a_cell_that_does_not_fit_says_why(kind: ColumnKind, raw: object, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_cell(raw, a_column(kind), PLAIN)
    assert caught.value.code == code


def test_a_required_cell_must_be_filled() -> None:
    with pytest.raises(CellError) as caught:
        parse_cell("  ", a_column(ColumnKind.TEXT, required=True), PLAIN)
    assert caught.value.code == "value_missing"


def test_a_choice_is_found_by_its_value_or_an_alias() -> None:
    column = a_column(ColumnKind.CHOICE, choices=("monthly", "yearly"), aliases={"per maand": "monthly"})
    assert parse_cell("Per Maand", column, PLAIN) == "monthly"
    assert parse_cell("YEARLY", column, PLAIN) == "yearly"
    with pytest.raises(CellError) as caught:
        parse_cell("weekly", column, PLAIN)
    assert caught.value.details == (("choices", "monthly, yearly"),)


@pytest.mark.parametrize(
    ("raw", "text"), [(None, ""), (True, "true"), (False, "false"), (12.0, "12"), (0.1, "0.1"), (float("nan"), "nan")]
)
def test_a_raw_cell_is_shown_as_a_person_sees_it(raw: object, text: str) -> None:
    assert shown(raw) == text
