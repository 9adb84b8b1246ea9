"""Traces: how a line's amount came about, step by step, so that it can be shown and recomputed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from billdesk.kernel.decimals import round_exact
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.records import quick


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
    PRORATE = "prorate"  # the FULL above × days ÷ of; `counted` "units" when these are units and not days
    CONVERT = "convert"  # exact × rate, to another currency
    ROUND = "round"  # value = round(exact)
    RUNNING = "running"  # value = round(carry + exact): carry is what earlier slices of the period rounded away
    LIMIT = "limit"  # value = max(0, value − base) for a minimum, −max(0, base − value) for a maximum
    BILLED = "billed"  # value − billed: what issued documents already say
    CREDIT = "credit"  # −min(billed − value, left): all of a billed line but what stays, at most what is left


@quick
@dataclass(frozen=True, slots=True)
class Step:
    """One step. `values` are canonical decimals, fractions "a/b", ISO dates or short texts by name.

    `amount` is the result in major units: a canonical decimal or a fraction "a/b"; empty when none.
    """

    kind: StepKind
    values: Mapping[str, str]
    amount: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Trace:
    """The steps of one line, in the order in which they were taken; many lines share one trace."""

    steps: tuple[Step, ...] = ()
    # Its JSON and its amount by currency, once they were asked for.
    remembered: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> str:
        """Give compact JSON text, the form in which a book keeps it; computed once per trace."""
        text: str | None = self.remembered.get("json")
        if text is None:
            rows = [(step.kind, dict(step.values), step.amount) for step in self.steps]
            text = self.remembered["json"] = _JSON.encode(rows)
        return text

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read what `to_json` wrote."""
        return cls(tuple(Step(StepKind(kind), values, amount) for kind, values, amount in json.loads(text or "[]")))


NO_TRACE = Trace()
_JSON: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_EXACT: Final = Context(prec=200, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_fraction: Final = lru_cache(maxsize=4096)(Fraction)
# Tuples: a few identities are compared in less time than a member's hash takes.
_ADDS: Final = (StepKind.PART, StepKind.PERCENT, StepKind.GIVEN)
_SCALES: Final = (StepKind.FULL, StepKind.LESS, StepKind.PRORATE, StepKind.CONVERT)
_TELLS: Final = (StepKind.QUANTITY, StepKind.TERMS)
_Number = TypeVar("_Number", Decimal, Fraction)


class _Till(Generic[_Number]):
    """The running state of a trace that is computed again; amounts are exact major units."""

    def __init__(self, number: Callable[[str], _Number], currency: str) -> None:
        self.number: Callable[[str], _Number] = number
        self.scale: Final[int] = 10 ** exponent(currency)
        self.zero: _Number = number("0")
        self.parts: _Number = self.zero
        self.term: _Number = self.zero
        self.exact: _Number = self.zero
        # Minor units, once a step has rounded.
        self.value: int | None = None

    def minor(self, major: _Number) -> int:
        return round_exact(major * self.scale)

    def result(self) -> int:
        return self.minor(self.exact) if self.value is None else self.value

    def get(self, step: Step, name: str) -> _Number:
        text = step.values.get(name)
        return self.number(text) if text else self.zero

    def take(self, step: Step) -> None:
        kind = step.kind
        if kind in _ADDS:
            self.parts += self._part(step)
        elif kind in _SCALES:
            self._take_exact(step)
        elif kind not in _TELLS:
            self._take_value(step)

    def _part(self, step: Step) -> _Number:
        if step.kind is StepKind.GIVEN:
            return self.get(step, "given")
        if step.kind is StepKind.PERCENT:
            share = self.get(step, "value") * self.get(step, "rate") / 100
            return share + self.get(step, "count") * self.get(step, "fixed")
        amount = self.get(step, "flat")
        # A flat amount is not multiplied with anything.
        return (
            amount + self.get(step, "quantity") * self.get(step, "unit_price") if "quantity" in step.values else amount
        )

    def _take_exact(self, step: Step) -> None:
        if step.kind is StepKind.CONVERT:
            self.exact *= self.get(step, "rate")
            return
        if step.kind is StepKind.PRORATE:
            self.exact -= self.term
            self.term = self.term * self.get(step, "days") / self.get(step, "of")
        else:
            self.term = self.parts if step.kind is StepKind.FULL else -self.parts
            self.parts = self.zero
        self.exact += self.term

    def _take_value(self, step: Step) -> None:
        value = self.result()
        if step.kind is StepKind.RUNNING:
            value = self.minor(self.get(step, "carry") + self.exact)
        elif step.kind is StepKind.LIMIT:
            over = value - self.minor(self.get(step, "base"))
            value = max(0, over) if step.values["limit"] == "minimum" else min(0, over)
        elif step.kind is StepKind.BILLED:
            value -= self.minor(self.get(step, "billed"))
        elif step.kind is StepKind.CREDIT:
            value = -_least(self.minor(self.get(step, "billed")) - value, self.minor(self.get(step, "left")))
        self.value = value

    def total(self, trace: Trace) -> int:
        """Take all steps and give the result in minor units."""
        for step in trace.steps:
            self.take(step)
        return self.result()


def _least(wanted: int, left: int) -> int:
    """Give the amount nearer to zero, on the side of what is left; nothing when they point apart."""
    return max(0, min(wanted, left)) if left >= 0 else min(0, max(wanted, left))


def recompute(trace: Trace, currency: str) -> Money:
    """Compute a line's amount again from its trace alone, exactly, with rounding half away from zero."""
    found: Money | None = trace.remembered.get(currency)
    if found is None:
        found = trace.remembered[currency] = Money(_recomputed(trace, currency), currency)
    return found


def _recomputed(trace: Trace, currency: str) -> int:
    """Compute in decimals, ten times as fast as fractions, and in fractions where decimals do not end."""
    try:
        with localcontext(_EXACT):
            return _Till(Decimal, currency).total(trace)
    except (Inexact, InvalidOperation):
        return _Till(_fraction, currency).total(trace)
