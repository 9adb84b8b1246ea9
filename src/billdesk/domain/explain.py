"""Traces: how a line's amount came about, step by step, so that it can be shown and recomputed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache

from billdesk.kernel.decimals import round_exact
from billdesk.kernel.money import Money, exponent


class StepKind(StrEnum):
    """What a step does; the formula in each comment gives the step's `amount`.

    A trace runs like a till: PART, PERCENT and GIVEN add to a sum of parts; FULL (or LESS) takes that sum as one
    term and PRORATE scales that term; `exact` is the sum of the terms; the remaining steps turn it into the
    line's rounded `value`.
    """

    QUANTITY = "quantity"  # where the quantity came from: source, events, metric; no amount
    TERMS = "terms"  # where terms come from that are not the price's own: a price book, a conversion; no amount
    PART = "part"  # quantity × unit_price + flat (a tier, units, packages, a flat price)
    PERCENT = "percent"  # value × rate ÷ 100 + count × fixed
    GIVEN = "given"  # given: an amount that events carry, or fees computed event by event
    FULL = "full"  # Σ of the parts since the last FULL or LESS: the amount of a whole period
    LESS = "less"  # −Σ of the parts since the last FULL or LESS: what was counted before a change of terms
    PRORATE = "prorate"  # the FULL above × days ÷ of
    CONVERT = "convert"  # exact × rate, to another currency
    ROUND = "round"  # value = round(exact)
    RUNNING = "running"  # value = round(carry + exact): carry is what earlier slices of the period rounded away
    LIMIT = "limit"  # value = max(0, value − base) for a minimum, −max(0, base − value) for a maximum
    BILLED = "billed"  # value − billed: what issued documents already say
    CREDIT = "credit"  # −min(billed − value, left): all of a billed line but what stays, at most what is left


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `values` are canonical decimals, fractions "a/b", ISO dates or short texts by name.

    `amount` is the result in major units: a canonical decimal or a fraction "a/b"; empty when none.
    """

    kind: StepKind
    values: Mapping[str, str]
    amount: str = ""


@dataclass(frozen=True)
class Trace:
    """The steps of one line, in the order in which they were taken."""

    steps: tuple[Step, ...] = ()

    @cached_property
    def _json(self) -> str:
        rows = [[step.kind.value, dict(step.values), step.amount] for step in self.steps]
        return json.dumps(rows, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def recomputed(self) -> dict[str, Money]:
        """Amounts that `recompute` found before, by currency; many lines share one trace."""
        return {}

    def to_json(self) -> str:
        """Give compact JSON text, the form in which a book keeps it; computed once per trace."""
        return self._json

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read what `to_json` wrote."""
        return cls(tuple(Step(StepKind(kind), values, amount) for kind, values, amount in json.loads(text or "[]")))


NO_TRACE = Trace()


class _Till:
    """The running state of a trace that is computed again; amounts are exact major units."""

    def __init__(self, currency: str) -> None:
        self.scale = 10 ** exponent(currency)
        self.parts: Fraction | int = 0
        self.term: Fraction | int = 0
        self.exact: Fraction | int = 0
        self.value: Fraction | int | None = None

    def rounded(self, value: Fraction | int) -> Fraction:
        return Fraction(round_exact(value * self.scale), self.scale)

    def result(self) -> Fraction | int:
        return self.rounded(self.exact) if self.value is None else self.value

    def take(self, step: Step) -> None:
        numbers = _Numbers(step.values)
        match step.kind:
            case StepKind.QUANTITY | StepKind.TERMS:
                pass
            case StepKind.PART | StepKind.PERCENT | StepKind.GIVEN:
                self.parts += _part(step.kind, numbers)
            case StepKind.FULL | StepKind.LESS | StepKind.PRORATE | StepKind.CONVERT:
                self._take_exact(step.kind, numbers)
            case _:
                self._take_value(step, numbers)

    def _take_exact(self, kind: StepKind, numbers: _Numbers) -> None:
        if kind is StepKind.CONVERT:
            self.exact *= numbers.get("rate")
            return
        if kind is StepKind.PRORATE:
            self.exact -= self.term
            self.term *= Fraction(numbers.get("days")) / numbers.get("of")
        else:
            self.term = self.parts if kind is StepKind.FULL else -self.parts
            self.parts = 0
        self.exact += self.term

    def _take_value(self, step: Step, numbers: _Numbers) -> None:
        value = self.result()
        if step.kind is StepKind.RUNNING:
            value = self.rounded(numbers.get("carry") + self.exact)
        elif step.kind is StepKind.LIMIT:
            over = value - numbers.get("base")
            value = max(0, over) if step.values["limit"] == "minimum" else min(0, over)
        elif step.kind is StepKind.BILLED:
            value -= numbers.get("billed")
        elif step.kind is StepKind.CREDIT:
            value = -_least(numbers.get("billed") - value, numbers.get("left"))
        self.value = value


@lru_cache(maxsize=4096)
def _number(text: str) -> Fraction | int:
    return int(text) if text.lstrip("-").isdigit() else Fraction(text)


class _Numbers:
    """Reads exact numbers out of a step's texts; a missing one is zero."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def get(self, name: str) -> Fraction | int:
        return _number(self._values.get(name) or "0")


def _part(kind: StepKind, numbers: _Numbers) -> Fraction | int:
    if kind is StepKind.GIVEN:
        return numbers.get("given")
    if kind is StepKind.PERCENT:
        return Fraction(numbers.get("value")) * numbers.get("rate") / 100 + numbers.get("count") * numbers.get("fixed")
    return numbers.get("quantity") * numbers.get("unit_price") + numbers.get("flat")


def _least(wanted: Fraction | int, left: Fraction | int) -> Fraction | int:
    """Give the amount nearer to zero, on the side of what is left; nothing when they point apart."""
    return max(0, min(wanted, left)) if left >= 0 else min(0, max(wanted, left))


def recompute(trace: Trace, currency: str) -> Money:
    """Compute a line's amount again from its trace alone, exactly, with rounding half away from zero."""
    found = trace.recomputed.get(currency)
    if found is None:
        till = _Till(currency)
        for step in trace.steps:
            till.take(step)
        found = trace.recomputed[currency] = Money.of(Fraction(till.result()), currency)
    return found
