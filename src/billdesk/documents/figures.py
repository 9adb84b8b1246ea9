"""Amounts, numbers and days as a document prints them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_interval

from billdesk.kernel.decimals import to_text
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.period import Period


@lru_cache(maxsize=4096)
def _day(code: str, day: date) -> str:
    return Language(code).day(day).replace(" ", "\u00a0")


@lru_cache(maxsize=4096)
def _interval(code: str, first: date, last: date) -> str:
    if first == last:
        return _day(code, first)
    text = format_interval(first, last, "yMMMd", locale=Language(code).locale)
    # CLDR's thin spaces are for typesetters; no-break ones keep a day with its month and year.
    return text.replace("\u2009", " ").replace("\u202f", " ").replace(" ", "\u00a0")


@lru_cache(maxsize=256)
def _percent(code: str, percent: Decimal) -> str:
    return Language(code).percent(percent)


def _needed(value: Decimal) -> Decimal:
    return Decimal(to_text(value))


class Figures:
    """Writes figures in one language, with spaces at which no line breaks."""

    def __init__(self, code: str) -> None:
        self._language = Language(code)
        self.code = self._language.code

    def money(self, amount: Money) -> str:
        """Write an amount with its currency."""
        return self._language.money(amount)

    def amount(self, amount: Money) -> str:
        """Write an amount without its currency."""
        return self._language.amount(amount)

    def number(self, value: Decimal) -> str:
        """Write a number with the decimals it needs."""
        return self._language.number(_needed(value))

    def price(self, value: Decimal, currency: str) -> str:
        """Write a unit price: all of its decimals, at least those of the currency."""
        return self._language.number(_needed(value), exponent(currency))

    def percent(self, percent: Decimal) -> str:
        """Write a percentage given in percent."""
        return _percent(self.code, percent)

    def day(self, day: date) -> str:
        """Write a date in the medium form of the language, with spaces at which no line breaks."""
        return _day(self.code, day)

    def period(self, period: Period) -> str:
        """Write a period with its first and its last day, such as 1 – 31 Jan 2026; empty when it has no day."""
        return _interval(self.code, period.start, period.last_day) if period.days else ""
