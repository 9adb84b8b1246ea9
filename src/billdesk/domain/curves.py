"""Curves: what a whole period of a price costs by quantity, and where buying more costs less in total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from typing import Final

from billdesk.domain.catalog import Price, PriceTerms
from billdesk.domain.charges.matrix import read_tiers
from billdesk.domain.rating import charge_models, check_terms
from billdesk.domain.tariffs import EXACT, Needs, Tariff
from billdesk.domain.usage import UsageTotal, each_fee
from billdesk.kernel.decimals import from_text
from billdesk.kernel.money import Money

_STEPS: Final = 48
_PLAIN_REACH: Final = Decimal(100)
_OF_VALUE: Final = Decimal(1000)
_BEYOND: Final = Decimal("1.5")
_PACKAGES: Final = 6
_ONE: Final = Decimal(1)
_SMALL: Final = 5
_TENTH: Final = Decimal("0.1")
_ROUNDING: Final = Context(prec=28)
_BY_VALUE: Final = frozenset({"percentage", "graduated_percentage"})


@dataclass(frozen=True, slots=True)
class Dip:
    """Where more costs less: `above` units cost `less`, although `below` units cost `more`."""

    below: Decimal
    more: Money
    above: Decimal
    less: Money


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of a curve: a row of a price table (`label`), or the whole price; points are in rising order.

    `is_value`: the positions are amounts of money, of one event each, rather than units.
    """

    label: str
    points: tuple[tuple[Decimal, Money], ...]
    dips: tuple[Dip, ...] = ()
    is_value: bool = False


def price_lines(price: Price, terms: PriceTerms, quantities: Sequence[Decimal] = ()) -> tuple[PriceLine, ...]:
    """Give the curve of a price, at telling quantities of its own or at the given ones.

    Nothing where the terms are wrong, or where the events themselves carry the amounts.
    """
    if price.model not in charge_models() or check_terms(price.model, terms.parameters):
        return ()
    tariff = charge_models().get(price.model).compile(terms.parameters)
    if tariff.needs.amount_property:
        return ()
    by_value = price.model in _BY_VALUE
    with localcontext(EXACT):
        found = list(_positions(tariff.needs, terms.parameters, by_value=by_value))
        # All lines stand on the same positions, so that one chart can show them.
        shared = sorted(quantities) or sorted({quantity for _label, _key, own in found for quantity in own})
        lines = [
            (label, [(quantity, _amount(tariff, quantity, key, terms.currency)) for quantity in shared])
            for label, key, _own in found
        ]
    return tuple(PriceLine(label, tuple(points), tuple(_dips(points)), by_value) for label, points in lines)


def _amount(tariff: Tariff, quantity: Decimal, key: tuple[str, ...] | None, currency: str) -> Money:
    """Give what a quantity costs, as units of one row of a table or as the value of one event where that counts."""
    fee = tariff.needs.fee
    fees = sum(each_fee(fee, [quantity]), Decimal(0)) if fee is not None and quantity else Decimal(0)
    cells = () if key is None else ((key, quantity),)
    usage = UsageTotal(quantity, events=1 if quantity else 0, cells=cells, fees=fees)
    return Money.of(tariff.rate(usage).amount, currency)


def _positions(
    needs: Needs, parameters: Mapping[str, object], *, by_value: bool
) -> Iterator[tuple[str, tuple[str, ...] | None, list[Decimal]]]:
    """Give a label, the key of the row and the quantities of each line."""
    if not needs.dimensions:
        yield "", None, _quantities(parameters, by_value=by_value)
        return
    rows = parameters.get("rows")
    for row in rows if isinstance(rows, list | tuple) else ():
        key = tuple(
            str(row.get(name) or "") for name, _dimension in zip(("value", "value2"), needs.dimensions, strict=False)
        )
        yield " / ".join(filter(None, key)) or "*", key, _quantities(row, by_value=False)


def _quantities(parameters: Mapping[str, object], *, by_value: bool) -> list[Decimal]:
    """Give positions that show every edge of a tariff, with some room beyond the last."""
    edges = sorted({*_edges(parameters.get("tiers")), *_scaled(parameters)})
    reach = edges[-1] * _BEYOND if edges else _OF_VALUE if by_value else _PLAIN_REACH
    with localcontext(_ROUNDING):
        step = max(_ONE, (reach / _STEPS).to_integral_value()) if reach >= _SMALL else _TENTH
    even = [step * place for place in range(int(reach // step) + 1)]
    return sorted({*even, *edges, *(edge + min(_ONE, step) for edge in edges)})


def _edges(tiers: object) -> Iterable[Decimal]:
    if isinstance(tiers, str) and tiers:
        yield from (tier.up_to for tier in read_tiers(tiers) if tier.up_to is not None)
    for row in tiers if isinstance(tiers, list | tuple) else ():
        edge = row.get("up_to") if isinstance(row, Mapping) else None
        if edge:
            yield from_text(str(edge))


def _scaled(parameters: Mapping[str, object]) -> Iterable[Decimal]:
    """Give reaches for tariffs without tiers: some packages, some free units."""
    for name, times in (("size", _PACKAGES), ("free", 3), ("free_units", 3), ("free_value", 3)):
        text = parameters.get(name)
        if text and isinstance(text, str):
            yield from_text(text) * times


def _dips(points: Sequence[tuple[Decimal, Money]]) -> Iterator[Dip]:
    """Name each fall of the amount; falls that follow one another are one."""
    start: tuple[Decimal, Money] | None = None
    for (below, more), (above, less) in pairwise(points):
        if less.minor < more.minor:
            start = start or (below, more)
            end = (above, less)
        elif start is not None:
            yield Dip(*start, *end)
            start = None
    if start is not None:
        yield Dip(*start, *end)
