"""Numbers that carry their own check: tax ids and IBANs, verified without a network."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final

from babel import Locale
from babel.core import get_global

_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_COUNTRY_LENGTH: Final = 2
_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})
_REMEMBERED: Final = 50_000
# Greece and Northern Ireland write other letters in front of tax ids than their country codes.
_PREFIXES: Final = {"EL": "GR", "XI": "GB"}


@lru_cache(maxsize=_REMEMBERED)
def normal_tax_id(text: str, country: str) -> str | None:
    """Give a tax id in its normal form with the country in front, None when its check digits are wrong.

    Letters in front of the number name its country, otherwise it is the customer's. Countries whose numbers
    carry no check are taken as they are.
    """
    plain = re.sub(r"[\s./-]", "", text).upper()
    prefix = plain[:_COUNTRY_LENGTH] if plain[:_COUNTRY_LENGTH].isalpha() else country
    module = _vat_module(_PREFIXES.get(prefix, prefix))
    if module is None:
        return plain
    number: str = module.compact(plain)
    if not module.is_valid(plain) and not module.is_valid(plain.removeprefix(prefix)):
        return None
    return number if number.startswith(prefix) else prefix + number.removeprefix(prefix)


@cache
def _vat_module(country: str) -> Any:  # noqa: ANN401 - a module of python-stdnum, which has no types
    from stdnum import get_cc_module

    return get_cc_module(country.lower(), "vat") if len(country) == _COUNTRY_LENGTH else None


@lru_cache(maxsize=_REMEMBERED)
def normal_iban(text: str) -> str | None:
    """Give an IBAN without spaces, None when its length or check digits are wrong."""
    from stdnum import iban
    from stdnum.exceptions import ValidationError

    try:
        number: str = iban.validate(text, check_country=False)
    except ValidationError:
        return None
    return number


def is_email(text: str) -> bool:
    """Tell whether a text has the shape of one mail address."""
    return _EMAIL.fullmatch(text) is not None


@cache
def currencies() -> frozenset[str]:
    """Give the ISO 4217 codes that CLDR knows."""
    return frozenset(get_global("all_currencies"))


@cache
def countries() -> frozenset[str]:
    """Give the ISO 3166 codes that CLDR knows, without its areas that are no country."""
    names = map(str, Locale("en").territories)
    return frozenset(code for code in names if len(code) == _COUNTRY_LENGTH and code.isalpha()) - _NO_COUNTRIES


_TAIL: Final = re.compile(r"(.*?)(\d+)")


def next_number(existing: list[str], first: str) -> str:
    """Give the number that follows the highest of the most used form, or `first` when there is none."""
    forms: dict[str, list[str]] = {}
    for number in existing:
        if match := _TAIL.fullmatch(number):
            forms.setdefault(match[1], []).append(match[2])
    if not forms:
        return first
    prefix, tails = max(forms.items(), key=lambda form: len(form[1]))
    highest = max(tails, key=int)
    return f"{prefix}{int(highest) + 1:0{len(highest)}}"
