"""Terms in a currency that a price lacks: its base terms at a day's rate, rounded to a chosen ending."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

from billdesk.domain.catalog import Conversion, Ending, Price, PriceTerms, Shelf
from billdesk.domain.charges.matrix import map_tiers
from billdesk.kernel.decimals import MAX_PLACES, from_text, to_text
from billdesk.kernel.errors import Place, Problem, RuleBroken
from billdesk.kernel.money import exponent

_EURO: Final = "EUR"
_ROUNDING: Final = Context(prec=60)
_ONE: Final = Decimal(1)
_SMALLEST: Final = _ONE.scaleb(-MAX_PLACES)
_SIGNIFICANT: Final = 4
_LEAST_WITHOUT_DECIMALS: Final = Decimal(100)
_MAIN: Final = ("amount", "unit_price", "price")

MONEY: Final[Mapping[str, frozenset[str]]] = {
    "flat": frozenset({"amount"}),
    "per_unit": frozenset({"unit_price"}),
    "graduated": frozenset({"unit_price", "flat"}),
    "volume": frozenset({"unit_price", "flat"}),
    "stairstep": frozenset({"flat"}),
    "package": frozenset({"price"}),
    "percentage": frozenset({"fixed", "free_value", "minimum", "maximum"}),
    "graduated_percentage": frozenset({"up_to", "flat"}),
    "matrix": frozenset({"price", "tiers"}),
}
"""The parameters of each charge model that are amounts of money; models that are not here cannot be converted."""


@dataclass(frozen=True, slots=True)
class DayRate:
    """What one unit of the base currency is worth, and the day of the older of the two quotes behind it."""

    rate: Decimal
    day: date


def check_conversion(price: Price) -> list[Problem]:
    """Refuse a conversion from a currency that the price has no terms in, or of a model that carries no amounts."""
    if price.conversion is None:
        return []
    place, base = Place(field="conversion"), price.conversion.base
    if price.model not in MONEY:
        return [Problem("model_not_convertible", place, price.model)]
    if price.terms_in(base) is None:
        return [Problem("conversion_base_missing", place, base)]
    return []


def terms_to_convert(price: Price, currency: str) -> PriceTerms | None:
    """Give the base terms of a price marked for conversion, None when it does not convert."""
    base = None if price.conversion is None else price.terms_in(price.conversion.base)
    if base is None or price.conversion is None:
        return None
    return PriceTerms(currency, base.parameters, base.minimum, base.maximum, price.conversion)


def conversion_rate(shelf: Shelf, price: Price, terms: PriceTerms, day: date) -> DayRate:
    """Give the last rate on or before a day; raises RuleBroken `conversion_rate_missing`."""
    base = terms.conversion.base if terms.conversion is not None else terms.currency
    quotes = [_quote(shelf, currency, day) for currency in (base, terms.currency)]
    if any(quote is None for quote in quotes):
        facts = (("price", price.code), ("currency", terms.currency), ("base", base), ("day", day.isoformat()))
        raise RuleBroken("conversion_rate_missing", facts)
    (first, one), (second, other) = (quote for quote in quotes if quote is not None)
    with localcontext(_ROUNDING):
        return DayRate((other / one).quantize(_SMALLEST, ROUND_HALF_UP).normalize(), min(first, second))


def _quote(shelf: Shelf, currency: str, day: date) -> tuple[date, Decimal] | None:
    if currency == _EURO:
        return date.max, _ONE
    quotes = shelf.rates.get(currency, ())
    position = bisect_right(quotes, day, key=lambda quote: quote[0])
    return quotes[position - 1] if position else None


def converted_terms(model: str, terms: PriceTerms, rate: DayRate) -> PriceTerms:
    """Give terms with all amounts at a rate, each rounded to the chosen ending, and what was done in `origin`."""
    policy = terms.conversion or Conversion(terms.currency)
    places = exponent(terms.currency)

    def change(amount: Decimal) -> Decimal:
        return to_ending(_times(amount, rate.rate), policy.ending, places)

    parameters = changed_amounts(model, terms.parameters, change)
    minimum, maximum = (None if limit is None else change(limit) for limit in (terms.minimum, terms.maximum))
    ending = policy.ending.value if places else "1"
    origin = {
        "source": "converted", "base": policy.base, "amount": _main_amount(terms.parameters),
        "rate": to_text(rate.rate), "day": rate.day.isoformat(), "ending": ending,
    }  # fmt: skip
    facts = tuple((name, value) for name, value in origin.items() if value)
    return PriceTerms(terms.currency, parameters, minimum, maximum, origin=facts)


def _main_amount(parameters: Mapping[str, object]) -> str:
    return next((str(parameters[name]) for name in _MAIN if parameters.get(name)), "")


def _times(amount: Decimal, factor: Decimal) -> Decimal:
    with localcontext(_ROUNDING):
        return amount * factor


def to_ending(amount: Decimal, ending: Ending, places: int) -> Decimal:
    """Round to the nearest amount with an ending, half up: 41.81 to .90 is 41.90, 8012.48 yen are 8012.

    Amounts below one unit (a hundred where there are no decimals) are prices of calls or gigabytes: they keep four
    significant digits instead. Nothing stays nothing.
    """
    if amount < 0:
        return -to_ending(-amount, ending, places)
    with localcontext(_ROUNDING):
        if amount < (_ONE if places else _LEAST_WITHOUT_DECIMALS):
            digits = _SIGNIFICANT - 1 - (amount.adjusted() if amount else 0)
            return amount.quantize(_ONE.scaleb(-min(digits, MAX_PLACES)), ROUND_HALF_UP).normalize() + 0
        tail = Decimal(ending.value) if places else Decimal(0)
        below = (amount - tail).quantize(_ONE, ROUND_FLOOR) + tail
        nearest = below if amount - below < below + 1 - amount else below + 1
        return nearest if nearest > 0 else nearest + 1


def changed_amounts(
    model: str, parameters: Mapping[str, object], change: Callable[[Decimal], Decimal]
) -> dict[str, object]:
    """Give a model's parameters with every amount of money changed, and all else as it is."""
    names = MONEY.get(model, frozenset())
    return {name: _changed(name, value, names, change) for name, value in parameters.items()}


def _changed(name: str, value: object, names: frozenset[str], change: Callable[[Decimal], Decimal]) -> object:
    if isinstance(value, list | tuple):
        return [_changed(name, one, names, change) if isinstance(one, Mapping) else one for one in value]
    if isinstance(value, Mapping):
        return {str(key): _changed(str(key), item, names, change) for key, item in value.items()}
    if name not in names or not isinstance(value, str) or not value:
        return value
    return map_tiers(value, change) if name == "tiers" else to_text(change(from_text(value)))
