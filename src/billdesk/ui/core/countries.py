"""Countries and currencies by name, in the language of the person at the desk, those that are near first."""

from __future__ import annotations

from typing import Final

from babel.numbers import get_territory_currencies

from billdesk.kernel.i18n import current

_NEAR: Final = ("BE", "NL", "DE", "FR", "LU", "AT", "GB", "IE", "ES", "IT", "CH", "US")
_NO_COUNTRIES: Final = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
_MONEY: Final = ("EUR", "GBP", "USD", "CHF", "JPY")


def country_name(code: str) -> str:
    """Give the name of a country; an unknown code stays as it is."""
    return str(current().locale.territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Give countries by name as choices, the near ones first."""
    names = {code: name for code, name in current().locale.territories.items() if _is_country(code)}
    near = [(code, names[code]) for code in _NEAR]
    return near + sorted(((c, n) for c, n in names.items() if c not in _NEAR), key=lambda pair: pair[1])


def currency_choices() -> list[tuple[str, str]]:
    """Give the currencies in use as choices, the common ones first."""
    names = current().locale.currencies
    used = {code for country, _name in country_choices() for code in get_territory_currencies(country)}
    return [(code, f"{code}  {names.get(code, '')}") for code in [*_MONEY, *sorted(used - set(_MONEY))]]


def currency_of(country: str) -> str:
    """Give the currency of a country, empty where none is known."""
    found = get_territory_currencies(country) if country else []
    return str(found[0]) if found else ""


def _is_country(code: str) -> bool:
    # CLDR also lists continents, as numbers, and a few areas that are no country.
    return code.isalpha() and code not in _NO_COUNTRIES
