"""Amounts and numbers in CLDR's forms with every decimal of their currency, without Babel's cost per figure.

Babel takes 30 µs for a figure, and drops decimals where CLDR shows fewer than ISO 4217 has. The forms are therefore
read from Babel once per locale and currency, and filled in here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol

from billdesk.kernel.money import Money, exponent

_PROBE: Final = 1
_DIGITS: Final = re.compile(r"[0-9](?:.*[0-9])?")
_GROUP: Final = 3


@dataclass(frozen=True, slots=True)
class Form:
    """What stands around the digits of a figure."""

    before: str
    after: str
    before_negative: str
    after_negative: str
    decimal_mark: str
    group_mark: str

    def write(self, whole: str, decimals: str, *, negative: bool) -> str:
        """Put marks and sign around plain digits."""
        digits = f"{int(whole):,}".replace(",", self.group_mark) if len(whole) > _GROUP else whole
        if decimals:
            digits += self.decimal_mark + decimals
        if negative:
            return f"{self.before_negative}{digits}{self.after_negative}"
        return f"{self.before}{digits}{self.after}"


def _form(positive: str, negative: str, locale: str) -> Form:
    before, after = _DIGITS.split(positive, maxsplit=1)
    before_negative, after_negative = _DIGITS.split(negative, maxsplit=1)
    marks = get_decimal_symbol(locale), get_group_symbol(locale)
    return Form(before, after, before_negative, after_negative, *marks)


@cache
def money_form(locale: str, currency: str) -> Form:
    """Give the form of amounts with their currency."""
    shown = [format_currency(value, currency, locale=locale) for value in (_PROBE, -_PROBE)]
    return _form(shown[0], shown[1], locale)


@cache
def plain_form(locale: str) -> Form:
    """Give the form of numbers."""
    shown = [format_decimal(value, locale=locale) for value in (_PROBE, -_PROBE)]
    return _form(shown[0], shown[1], locale)


def write_money(amount: Money, locale: str) -> str:
    """Write an amount with its currency."""
    whole, decimals = _parts(amount)
    return money_form(locale, amount.currency).write(whole, decimals, negative=amount.minor < 0)


def write_amount(amount: Money, locale: str) -> str:
    """Write an amount without its currency."""
    whole, decimals = _parts(amount)
    return plain_form(locale).write(whole, decimals, negative=amount.minor < 0)


def write_number(value: Decimal, locale: str, least_places: int = 0) -> str:
    """Write a number with the decimals it has, at least so many."""
    whole, _mark, decimals = format(abs(value), "f").partition(".")
    return plain_form(locale).write(whole, decimals.ljust(least_places, "0"), negative=value < 0)


def _parts(amount: Money) -> tuple[str, str]:
    places = exponent(amount.currency)
    digits = str(abs(amount.minor)).rjust(places + 1, "0")
    return (digits[:-places], digits[-places:]) if places else (digits, "")
