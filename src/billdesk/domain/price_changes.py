"""A rise of prices in percent: the terms of a price as they would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

from billdesk.domain.catalog import Price, PriceTerms
from billdesk.kernel.decimals import MAX_PLACES, from_text, to_text
from billdesk.kernel.errors import InvalidValue, Place, Problem

AMOUNTS: Final = frozenset({"amount", "unit_price", "price", "flat"})
"""Parameters that are amounts."""
_MODELS: Final = frozenset({"flat", "per_unit", "graduated", "volume", "stairstep", "package"})
"""Models that charge amounts. Percentages follow their value by themselves, and events carry their own."""
_SMALLEST: Final = Decimal(1).scaleb(-MAX_PLACES)
_PRECISION: Final = 60
_HUNDRED: Final = Decimal(100)
_MOST: Final = Decimal(1000)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """All amounts of some prices (none named: of all) change by `percent` from a day on."""

    percent: Decimal
    since: date
    price_ids: frozenset[int] = frozenset()

    def concerns(self, price: Price) -> bool:
        """Whether a price is meant and charges amounts."""
        return has_amounts(price) and (not self.price_ids or price.id in self.price_ids)


def check_percent(percent: Decimal) -> list[Problem]:
    """Say what is wrong with a change of amounts: more than all of a price cannot be taken off it."""
    if percent < -_HUNDRED:
        return [Problem("too_small", Place(field="percent"), to_text(percent), (("minimum", f"-{_HUNDRED}"),))]
    if percent > _MOST:
        return [Problem("too_large", Place(field="percent"), to_text(percent), (("maximum", f"{_MOST}"),))]
    return []


def has_amounts(price: Price) -> bool:
    """Whether a price charges amounts rather than a share of what was sold."""
    return price.model in _MODELS


def changed_terms(terms: PriceTerms, percent: Decimal) -> PriceTerms:
    """Give terms whose amounts are `percent` higher (lower when negative), exact to twelve decimals.

    Raises InvalidValue for more than all of a price.
    """
    for problem in check_percent(percent):
        raise InvalidValue(problem)
    with localcontext() as context:
        context.prec = _PRECISION
        factor = 1 + percent / _HUNDRED
        limits = (terms.minimum, terms.maximum)
        minimum, maximum = (None if limit is None else _times(limit, factor) for limit in limits)
        parameters = {name: _scaled(name, value, factor) for name, value in terms.parameters.items()}
        return replace(terms, parameters=parameters, minimum=minimum, maximum=maximum)


def _scaled(name: str, value: object, factor: Decimal) -> object:
    if isinstance(value, list):
        return [_scaled(name, one, factor) for one in value]
    if isinstance(value, Mapping):
        return {key: _scaled(key, one, factor) for key, one in value.items()}
    if name in AMOUNTS and isinstance(value, str):
        return to_text(_times(from_text(value), factor))
    return value


def _times(amount: Decimal, factor: Decimal) -> Decimal:
    return (amount * factor).quantize(_SMALLEST, ROUND_HALF_UP)
