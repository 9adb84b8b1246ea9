"""Traces: how a line's amount came about, step by step, so that it can be shown and recomputed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """What a step does with its values; the formula of each is in its comment."""

    QUANTITY = "quantity"  # where the quantity came from: events, metric, subscription; no amount
    PART = "part"  # quantity × unit_price + flat (a tier, the units, packages, a flat price)
    PERCENT = "percent"  # value × rate ÷ 100 + flat
    FULL = "full"  # Σ of the parts above: the amount of a whole period
    LIMIT = "limit"  # what a minimum adds or a maximum takes away
    PRORATE = "prorate"  # full × days ÷ of
    RUNNING = "running"  # round(before + this) − round(before): a slice in a run of slices
    BILLED = "billed"  # minus what issued documents already say
    CREDIT = "credit"  # −(billed × days ÷ of), at most what is left of the billed line
    CONVERT = "convert"  # amount × rate, to another currency
    ROUND = "round"  # rounding to the minor unit


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `values` are canonical decimals, fractions "a/b", ISO dates or short texts by name.

    `amount` is the exact result in major units: a canonical decimal or a fraction "a/b"; empty when none.
    """

    kind: StepKind
    values: Mapping[str, str]
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of one line, in the order in which they were taken."""

    steps: tuple[Step, ...] = ()

    def to_json(self) -> str:
        """Give compact JSON text, the form in which a book keeps it."""
        rows = [[step.kind.value, dict(step.values), step.amount] for step in self.steps]
        return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read what `to_json` wrote."""
        return cls(tuple(Step(StepKind(kind), values, amount) for kind, values, amount in json.loads(text or "[]")))


NO_TRACE = Trace()
