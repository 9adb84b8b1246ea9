"""Language: gettext catalogues for texts, CLDR data for numbers, dates and money.

Two catalogues exist: `billdesk` in the user's language (window, command line, errors) and
`documents` in the customer's language (invoices, mails). Messages are English msgids.
"""

from __future__ import annotations

import gettext as _gettext
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_date as _format_date
from babel.dates import format_interval
from babel.numbers import format_percent

from billdesk.kernel.figures import write_amount, write_money, write_number
from billdesk.kernel.money import Money
from billdesk.kernel.paths import translations

LANGUAGES: Final = {"en": "English", "nl": "Nederlands", "fr": "Français", "de": "Deutsch"}
"""Languages that documents are written in; the window offers those whose catalogue is complete."""

# Dates and amounts follow the place where a language is mostly read by our users.
_LOCALES: Final = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE", "de": "de_DE"}


@cache
def _catalogue(domain: str, language: str) -> _gettext.NullTranslations:
    path = translations() / language / f"{domain}.mo"
    if not path.is_file():
        return _gettext.NullTranslations()
    with path.open("rb") as file:
        return _gettext.GNUTranslations(file)


class Language:
    """Texts and formats of one language, from one catalogue."""

    def __init__(self, code: str, domain: str = "billdesk") -> None:
        self.code = code if code in LANGUAGES else "en"
        self.locale: Final = Locale.parse(_LOCALES[self.code])
        self._locale_code: Final = _LOCALES[self.code]
        self._texts = _catalogue(domain, self.code)

    def text(self, msgid: str, /, **values: object) -> str:
        """Translate `msgid` and fill its `{named}` places."""
        translated = self._texts.gettext(msgid) if msgid else ""
        return translated.format(**values) if values else translated

    def plural(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """Translate for a count; `{n}` in the text is the count, formatted."""
        return self._texts.ngettext(singular, plural, n).format(n=self.number(n), **values)

    def context(self, context: str, msgid: str) -> str:
        """Translate a word that means different things in different places."""
        return self._texts.pgettext(context, msgid)

    def money(self, amount: Money) -> str:
        """Write an amount with its currency, always with all of its decimals."""
        return write_money(amount, self._locale_code)

    def amount(self, amount: Money) -> str:
        """Write an amount without its currency."""
        return write_amount(amount, self._locale_code)

    def number(self, value: Decimal | int, least_places: int = 0) -> str:
        """Write a number with exactly the decimals it has, at least so many."""
        return write_number(Decimal(value), self._locale_code, least_places)

    def percent(self, percent: Decimal) -> str:
        """Write a percentage given in percent: 21 is 21 %."""
        return format_percent(percent / 100, locale=self.locale, decimal_quantization=False)

    def day(self, day: date) -> str:
        """Write a date in the medium form of the language."""
        return _format_date(day, "medium", locale=self.locale)

    def days(self, start: date, last: date) -> str:
        """Write first and last day as briefly as the language does: 1–31 Jan 2026; nothing for no day at all."""
        if start >= last:
            return self.day(start) if start == last else ""
        return format_interval(start, last, "yMMMd", locale=self.locale)

    def short_day(self, day: date) -> str:
        """Write a date in digits with a four-digit year."""
        return _format_date(day, "dd/MM/yyyy" if self.code != "de" else "dd.MM.yyyy", locale=self.locale)


class _Current:
    """The language of the person at the desk; set once at start and when the setting changes."""

    language = Language("en")


def use_language(code: str) -> Language:
    """Make `code` the language of window and command line."""
    _Current.language = Language(code)
    return _Current.language


def current() -> Language:
    """Give the language of window and command line."""
    return _Current.language


def _(msgid: str, /, **values: object) -> str:
    """Translate for the person at the desk."""
    return _Current.language.text(msgid, **values)


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """Translate a count for the person at the desk."""
    return _Current.language.plural(singular, plural, n, **values)


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a text for translation where it is defined; it is translated where it is shown."""
    return msgid
