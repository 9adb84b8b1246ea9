from datetime import date
from decimal import Decimal

import pytest

from billdesk.kernel.errors import InvalidValue
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from billdesk.ui.core.parsing import Reading, read_date, read_money, read_number

EN, DE, NL, FR = Language("en"), Language("de"), Language("nl"), Language("fr")
TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1234", DE, "1234"),
        ("1.234,56", DE, "1234.56"),
        ("1.234.567,8", NL, "1234567.8"),
        ("1 234,56", FR, "1234.56"),
        ("1\u202f234,56", FR, "1234.56"),
        ("1,234.56", EN, "1234.56"),
        ("0,5", DE, "0.5"),
        (",5", DE, "0.5"),
        ("-12,50", DE, "-12.50"),
        ("1'234.56", EN, "1234.56"),
    ],
)
def test_a_number_in_the_language_of_the_desk_is_read_as_written(text: str, language: Language, expected: str) -> None:
    assert read_number(text, language).value == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12.5", DE, "12.5"),
        ("12,5", EN, "12.5"),
        ("1,234.56", DE, "1234.56"),
        ("1.234,56", EN, "1234.56"),
        ("0.123", DE, "0.123"),
        ("1.234", DE, "1234"),
        ("1,234", EN, "1234"),
    ],
)
def test_a_mark_that_had_to_be_interpreted_says_so(text: str, language: Language, expected: str) -> None:
    assert read_number(text, language) == Reading(Decimal(expected), is_worked_out=False, is_interpreted=True)


def test_a_point_in_german_is_never_a_hundredfold() -> None:
    assert read_number("12.50", DE).value == Decimal("12.50")


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "1,,2", "12e3", "1 2", "1.23.456", "1,234,56", "5-", "(1", "1)", "1/0", "..", "١٢"]
)
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        read_number(text, EN)
    assert caught.value.problem.code == "not_a_number"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2*35", "70"),
        ("2*35+1", "71"),
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("10/4", "2.5"),
        ("-2*-3", "6"),
        ("3×4÷2", "6"),
    ],
)
def test_a_small_sum_is_worked_out_with_the_usual_precedence(text: str, expected: str) -> None:
    assert read_number(text, EN) == Reading(Decimal(expected), is_worked_out=True)


def test_a_leading_sign_is_not_a_sum() -> None:
    assert read_number("-5", EN) == Reading(Decimal(-5))


def test_an_amount_may_stand_beside_its_currency() -> None:
    assert read_money("€ 1.234,56", "EUR", DE)[0] == Money(123_456, "EUR")
    assert read_money("12 GBP", "GBP", EN)[0] == Money(1200, "GBP")


def test_an_amount_beside_another_currency_is_refused() -> None:
    with pytest.raises(InvalidValue):
        read_money("$ 5", "EUR", EN)


def test_decimals_that_a_currency_has_not_are_refused() -> None:
    with pytest.raises(InvalidValue) as caught:
        read_money("1000.5", "JPY", EN)
    assert caught.value.problem.code == "too_many_decimals"


def test_a_sum_is_rounded_to_the_minor_unit() -> None:
    assert read_money("10/3", "EUR", EN)[0] == Money(333, "EUR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.4", date(2026, 4, 1)),
        ("1/4/27", date(2027, 4, 1)),
        ("01-04-2027", date(2027, 4, 1)),
        ("2027-04-01", date(2027, 4, 1)),
        ("+30", date(2026, 12, 25)),
        ("-1", date(2026, 11, 24)),
        ("+1m", date(2026, 12, 25)),
        ("+2w", date(2026, 12, 9)),
        ("end of month", date(2026, 11, 30)),
        ("Today", TODAY),
        ("next month", date(2026, 12, 1)),
    ],
)
def test_a_date_is_read_in_every_short_form(text: str, expected: date) -> None:
    assert read_date(text, TODAY, EN) == expected


@pytest.mark.parametrize("text", ["31/02", "32.1", "1.13", "soon", "+x", "12", "2027-02-30", "+5q", "+9999y"])
def test_a_day_that_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        read_date(text, TODAY, EN)
    assert caught.value.problem.code == "not_a_date"


def test_an_amount_of_any_length_is_read_exactly() -> None:
    digits = "1234567890" * 4
    assert read_money(f"{digits}.12", "EUR", EN)[0] == Money(int(digits) * 100 + 12, "EUR")
    assert read_number(f"{digits}+0.01", EN).value == Decimal(f"{digits}.01")
    with pytest.raises(InvalidValue, match="too_many_decimals"):
        read_money(f"{digits}.125", "EUR", EN)


def test_a_sum_is_worked_out_in_fractions() -> None:
    assert read_number("1/3*3", EN).value == Decimal(1)
    assert read_money("100/7", "EUR", EN)[0] == Money(1429, "EUR")


@pytest.mark.parametrize("text", ["(" * 2_000 + "1", "9" * 5_000, "1/0", "1/(2-2)"])
def test_what_nobody_types_on_purpose_is_no_number(text: str) -> None:
    with pytest.raises(InvalidValue, match="not_a_number"):
        read_number(text, EN)


@pytest.mark.parametrize("text", ["1.1.2500", "1899-12-31", "+9999m"])
def test_a_day_centuries_away_is_taken_for_a_slip_of_the_keys(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        read_date(text, TODAY, EN)
    assert caught.value.problem.code == "date_out_of_range"
