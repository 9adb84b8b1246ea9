"""Round steps for a value axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

Label = Callable[[Decimal], str]
"""Writes a value of an axis or a read-out, such as `1.2 m €`."""

_STEPS: Final = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis from `low` to `high` with a tick at every `step`."""

    low: Decimal
    high: Decimal
    step: Decimal

    def ticks(self) -> list[Decimal]:
        """Give the values that get a line, lowest first."""
        return [self.low + self.step * i for i in range(int((self.high - self.low) / self.step) + 1)]

    def share(self, value: Decimal) -> float:
        """Give where a value lies, from 0 at the bottom to 1 at the top."""
        return float((value - self.low) / (self.high - self.low))


def axis_for(lowest: Decimal, highest: Decimal, lines: int = 4) -> Axis:
    """Choose a round axis that holds 0, `lowest` and `highest` in about `lines` steps."""
    low, high = min(lowest, Decimal(0)), max(highest, Decimal(0))
    if low == high:
        return Axis(Decimal(0), Decimal(lines), Decimal(1))
    rough = (high - low) / lines
    scale = Decimal(10) ** rough.adjusted()
    step = next(scale * base for base in _STEPS if scale * base >= rough)
    bottom = -_up(-low, step)
    return Axis(bottom, max(_up(high, step), bottom + step), step)


def _up(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_CEILING) * step
