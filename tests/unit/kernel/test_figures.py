from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from billdesk.kernel.figures import write_amount, write_money, write_number
from billdesk.kernel.money import Money

LOCALES = ("en_GB", "nl_BE", "fr_BE", "de_DE")


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY"]))
def test_money_is_written_as_babel_writes_it(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    for locale in LOCALES:
        assert write_money(amount, locale) == format_currency(amount.major, currency, locale=locale)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_numbers_are_written_as_babel_writes_them(value: Decimal) -> None:
    for locale in LOCALES:
        plain = value.normalize()
        assert write_number(plain, locale) == format_decimal(plain, locale=locale, decimal_quantization=False)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Money(1234567, "IQD"), "1.234,567"),
        (Money(5, "KWD"), "0,005"),
        (Money(-5, "EUR"), "-0,05"),
        (Money(1234, "JPY"), "1.234"),
    ],
)
def test_every_decimal_of_the_currency_is_written(amount: Money, shown: str) -> None:
    assert write_amount(amount, "nl_BE") == shown
