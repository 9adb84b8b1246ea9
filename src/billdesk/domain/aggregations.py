"""From the events of a window to one quantity, where SQL cannot say it exactly (billing rules §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.usage import EventFee, Metric, RoundingMode, each_fee
from billdesk.kernel.decimals import MAX_PLACES, from_scaled, round_exact

EXACT: Final = Context(prec=60)
"""Sums of quantities have more digits than Python's default context keeps."""

_HUNDRED: Final = Decimal(100)
_ZERO: Final = Decimal(0)
_MODES: Final = {
    RoundingMode.ROUND: ROUND_HALF_UP,
    RoundingMode.CEIL: ROUND_CEILING,
    RoundingMode.FLOOR: ROUND_FLOOR,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One event as its metric sees it: the instant in microseconds and the quantity in units of the metric's scale."""

    instant: int
    scaled: int


def rounded(quantity: Decimal, metric: Metric) -> Decimal:
    """Round an aggregated quantity as its metric says; halves go away from zero."""
    if metric.rounding is RoundingMode.NONE:
        return quantity
    unit = Decimal(1).scaleb(-metric.rounding_places)
    return quantity.quantize(unit, _MODES[metric.rounding], EXACT)


def weighted_sum(
    readings: Sequence[Reading], start: int, end: int, metric: Metric, *, whole: int | None = None
) -> Decimal:
    """Give the level averaged over time: each event changes the level by its quantity, from its instant to the end.

    Readings before `start` make the level at the start. `whole` is the length over which it is averaged where that
    is longer than the window: a level that held for half a month counts half. The result has at most 12 decimals.
    """
    area = sum(reading.scaled * (end - max(reading.instant, start)) for reading in readings)
    exact = Fraction(area, (whole or end - start) * 10**metric.decimals)
    return from_scaled(round_exact(exact * 10**MAX_PLACES), MAX_PLACES)


def percentile(readings: Sequence[Reading], metric: Metric) -> Decimal:
    """Give the smallest quantity that `metric.percentile` percent of the events do not exceed (nearest rank)."""
    if not readings:
        return _ZERO
    ordered = sorted(reading.scaled for reading in readings)
    share = Fraction(metric.percentile if metric.percentile is not None else _HUNDRED) / 100 * len(ordered)
    rank = max(1, -(-share.numerator // share.denominator))
    return from_scaled(ordered[min(rank, len(ordered)) - 1], metric.decimals)


def highest(readings: Sequence[Reading], start: int, metric: Metric) -> Decimal:
    """Give the highest level in a window; the level that held at its start is the last one before it."""
    level = next((reading.scaled for reading in reversed(readings) if reading.instant < start), None)
    inside = [reading.scaled for reading in readings if reading.instant >= start]
    levels = inside if level is None else [level, *inside]
    return from_scaled(max(levels), metric.decimals) if levels else _ZERO


def event_fees(readings: Sequence[Reading], start: int, fee: EventFee, metric: Metric) -> Decimal:
    """Add up the fee of each event from `start` on; earlier ones only use up what is free. Readings are in order."""
    total = _ZERO
    values = (from_scaled(reading.scaled, metric.decimals) for reading in readings)
    for reading, amount in zip(readings, each_fee(fee, values), strict=True):
        if reading.instant >= start:
            total = EXACT.add(total, amount)
    return total
