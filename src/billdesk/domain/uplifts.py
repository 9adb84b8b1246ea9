"""Prices after renewals: each amount raised once per renewal and rounded, exact in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.catalog import Catalog, Price, PriceTerms
from billdesk.domain.charges.matrix import map_tiers
from billdesk.domain.price_changes import AMOUNTS, has_amounts
from billdesk.domain.renewals import Renewal
from billdesk.kernel.decimals import from_scaled, from_text, round_exact, to_text
from billdesk.kernel.errors import Place, Problem

_KEY: Final = "risen"
_MATRIX: Final = "matrix"
_SOURCE: Final = ("source", "renewal")


@dataclass(frozen=True, slots=True)
class Rise:
    """From a day on, amounts are multiplied by a factor and rounded to so many decimals."""

    day: date
    factor: Fraction
    places: int


def rises_at_all(price: Price) -> bool:
    """Whether renewals raise a price: not one-off ones, nor models that charge a share of what was sold."""
    return price.interval is not None and (has_amounts(price) or price.model == _MATRIX)


def risen(catalog: Catalog, terms: PriceTerms, rise: Rise) -> PriceTerms:
    """Give terms after one more renewal, remembered with the catalogue."""
    factor = rise.factor
    key = (_KEY, id(terms), factor.numerator, factor.denominator, rise.places)
    found = catalog.compiled.get(key)
    if not isinstance(found, tuple):
        made = _raised(terms, factor, rise.places)
        before = terms.origin[1][1].split() if terms.origin[:1] == (_SOURCE,) else ()
        kept = terms.origin[2:] if before else terms.origin[1:]
        made = replace(made, origin=(_SOURCE, ("factors", " ".join((*before, factor_text(factor)))), *kept))
        # The old terms are kept too: were they let go, others could come to have their identity.
        found = catalog.compiled[key] = (terms, made)
    result = found[1]
    return result if isinstance(result, PriceTerms) else terms


def unknown_figures(renewals: Sequence[Renewal], catalog: Catalog, day: date) -> list[Problem]:
    """Say which figures of an index lack for renewals up to a day: prices stay as they were until they are known."""
    found = []
    for renewal in renewals:
        uplift = renewal.uplift
        if renewal.day <= day and uplift.factor(renewal.since, renewal.day, catalog.indexes) is None:
            known = catalog.indexes.get(uplift.index)
            months = [one for one in uplift.months(renewal.since, renewal.day) if not known or one not in known.values]
            details = (("months", ", ".join(month.isoformat()[:7] for month in months)),)
            found.append(Problem("index_figure_missing", Place(field="entries"), uplift.index, details))
    return found


def _raised(terms: PriceTerms, factor: Fraction, places: int) -> PriceTerms:
    limits = (terms.minimum, terms.maximum)
    minimum, maximum = (None if limit is None else raised(limit, factor, places) for limit in limits)
    parameters = {name: _scaled(name, value, factor, places) for name, value in terms.parameters.items()}
    return replace(terms, parameters=parameters, minimum=minimum, maximum=maximum)


def factor_text(factor: Fraction) -> str:
    """Write a factor with six decimals at most, for people."""
    return to_text(from_scaled(round_exact(factor * 10**6), 6))


def _scaled(name: str, value: object, factor: Fraction, places: int) -> object:
    if isinstance(value, list | tuple):
        return [_scaled(name, one, factor, places) for one in value]
    if isinstance(value, Mapping):
        return {key: _scaled(key, one, factor, places) for key, one in value.items()}
    if name == "tiers" and isinstance(value, str) and value:
        return map_tiers(value, lambda amount: raised(amount, factor, places))
    if name in AMOUNTS and isinstance(value, str) and value:
        return to_text(raised(from_text(value), factor, places))
    return value


def raised(amount: Decimal, factor: Fraction, places: int) -> Decimal:
    """Give an amount times a factor, rounded half away from zero but never to fewer decimals than it has."""
    own = max(places, len(to_text(amount).partition(".")[2]))
    return from_scaled(round_exact(Fraction(amount) * factor * 10**own), own)
