"""A trace in words: for each step what it is, how it is computed and what comes of it (billing rules §15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.documents.printed import Printed
from billdesk.domain.explain import Step, StepKind
from billdesk.kernel.decimals import MAX_PLACES, round_exact
from billdesk.kernel.period import Period

_SHOWN_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Explained:
    """One step for people; `formula` and `amount` may be empty."""

    label: str
    formula: str
    amount: str


def explain(step: Step, printed: Printed) -> Explained:
    """Put a step into the words of the document's language."""
    label, formula = _WORDINGS[step.kind](_Values(step, printed))
    return Explained(label, formula, exact_amount(step.amount, printed) if step.amount else "")


def exact(text: str, printed: Printed) -> str:
    """Write a decimal or a fraction; what has no end is rounded to six places and marked."""
    value = Fraction(text)
    plain = _decimal(value)
    if plain is not None:
        return printed.figures.number(plain)
    return f"~ {printed.figures.number(_rounded(value))}"


def exact_amount(text: str, printed: Printed) -> str:
    """Write an amount like `exact`, with at least the decimals of the document's currency."""
    value = Fraction(text)
    plain = _decimal(value)
    shown = printed.figures.price(_rounded(value) if plain is None else plain, printed.document.currency)
    return f"~ {shown}" if plain is None else shown


def _decimal(value: Fraction) -> Decimal | None:
    """Give the decimal that equals a fraction; None when it has no end within twelve places."""
    scaled = value * 10**MAX_PLACES
    return Decimal(scaled.numerator).scaleb(-MAX_PLACES) if scaled.denominator == 1 else None


def _rounded(value: Fraction) -> Decimal:
    return Decimal(round_exact(value * 10**_SHOWN_PLACES)).scaleb(-_SHOWN_PLACES)


class _Values:
    """A step's values as they are printed."""

    def __init__(self, step: Step, printed: Printed) -> None:
        self.step = step
        self.printed = printed
        self.words = printed.words

    def raw(self, name: str) -> str:
        return self.step.values.get(name, "")

    def number(self, name: str) -> str:
        return exact(self.raw(name) or "0", self.printed)

    def amount(self, name: str) -> str:
        return exact_amount(self.raw(name) or "0", self.printed)

    def is_zero(self, name: str) -> bool:
        return Fraction(self.raw(name) or "0") == 0

    def dates(self) -> str:
        """Write the days `[from, until)` with their last one."""
        first, until = self.raw("from"), self.raw("until")
        if not (first and until):
            return ""
        return self.printed.figures.period(Period(date.fromisoformat(first), date.fromisoformat(until)))

    def label(self, otherwise: str) -> str:
        """Give the step's own name: a word of the engine in the document's language, or a name of the catalogue."""
        words, own = self.words, self.raw("label")
        known = {
            "fees": words.text("Fees of the events"),
            "events": words.text("Amount of the events"),
            "minimum": words.text("Minimum of the period"),
            "maximum": words.text("Maximum of the period"),
            "rounding": words.text("Left after rounding"),
            "billed": words.text("Billed before"),
            "charge": words.text("Less what is charged"),
            "commitment": words.text("Commitment of the period"),
        }
        return known.get(own, own) or otherwise


def _quantity(values: _Values) -> tuple[str, str]:
    words = values.words
    sources = {
        "usage": words.text("from usage"),
        "subscription": words.text("from the contract"),
        "one": words.text("one per period"),
        "term": words.text("months left of {of}", of=values.number("of")),
    }
    parts = [values.number("quantity"), sources.get(values.raw("source"), values.raw("source")), values.raw("metric")]
    if values.raw("events"):
        parts.append(words.plural("{n} event", "{n} events", int(values.raw("events"))))
    parts.append(values.dates())
    return words.text("Quantity"), ", ".join(part for part in parts if part)


def _terms(values: _Values) -> tuple[str, str]:
    words = values.words
    labels = {"book": words.text("Price book"), "renewal": words.text("Raised at renewals")}
    factors = " ".join(f"× {exact(one, values.printed)}" for one in values.raw("factors").split())
    parts = [values.raw("book"), _conversion(values), factors]
    return labels.get(values.raw("source"), words.text("Converted")), ", ".join(part for part in parts if part)


def _conversion(values: _Values) -> str:
    base = values.raw("base")
    if not base:
        return ""
    if values.raw("amount"):
        base = f"{base} {values.amount('amount')}"
    day = values.printed.figures.day(date.fromisoformat(values.raw("day")))
    facts = {"base": base, "rate": values.number("rate"), "day": day, "ending": values.raw("ending")}
    return values.words.text("from {base} at {rate} of {day}, to {ending}", **facts)


def _part(values: _Values) -> tuple[str, str]:
    words = values.words
    label = values.label(words.text("Price"))
    if values.raw("package"):
        label = words.text("Packages of {size}", size=values.number("package"))
    if values.raw("free"):
        label = f"{label}, {words.text('{n} free', n=values.number('free'))}"
    if values.raw("tier"):
        tier = words.text("Tier {tier}", tier=values.raw("tier"))
        label = f"{label}, {tier}" if values.raw("label") else tier
    formula = f"{values.number('quantity')} × {values.amount('unit_price')}"
    if not values.is_zero("flat"):
        has_units = not (values.is_zero("quantity") or values.is_zero("unit_price"))
        formula = f"{formula} + {values.amount('flat')}" if has_units else values.amount("flat")
    return label, formula


def _percent(values: _Values) -> tuple[str, str]:
    formula = f"{values.number('value')} × {values.number('rate')} %"
    if not values.is_zero("fixed"):
        formula = f"{formula} + {values.number('count')} × {values.amount('fixed')}"
    label = values.label(values.words.text("Percentage"))
    if values.raw("tier"):
        label = values.words.text("Tier {tier}", tier=values.raw("tier"))
    return label, formula


def _given(values: _Values) -> tuple[str, str]:
    return values.label(values.words.text("Amount of the events")), values.amount("given")


def _full(values: _Values) -> tuple[str, str]:
    return values.words.text("Whole period"), ""


def _less(values: _Values) -> tuple[str, str]:
    return values.words.text("Less what counted before the change"), ""


def _prorate(values: _Values) -> tuple[str, str]:
    days, of = values.number("days"), values.number("of")
    if values.raw("counted") == "units":
        return f"{days} / {of}", f"× {days} ÷ {of}"
    return values.words.text("{days} of {of} days", days=days, of=of), values.dates() or f"× {days} ÷ {of}"


def _convert(values: _Values) -> tuple[str, str]:
    return values.words.text("Exchange rate"), f"× {values.number('rate')}"


def _round(values: _Values) -> tuple[str, str]:
    return values.words.text("Rounded"), ""


def _running(values: _Values) -> tuple[str, str]:
    formula = values.words.text("rounded with {carry} carried over", carry=values.amount("carry"))
    return values.words.text("Running total"), formula


def _limit(values: _Values) -> tuple[str, str]:
    is_minimum = values.raw("limit") == "minimum"
    label = values.words.text("Up to the minimum") if is_minimum else values.words.text("Down to the maximum")
    return label, values.words.text("of {base} so far", base=values.amount("base"))


def _billed(values: _Values) -> tuple[str, str]:
    return values.words.text("Already billed"), f"− {values.amount('billed')}"


def _credit(values: _Values) -> tuple[str, str]:
    label = values.words.text("Credit")
    if values.raw("document"):
        label = values.words.text("Credit on {document}", document=values.raw("document"))
    formula = values.words.text("of {billed} billed", billed=values.amount("billed"))
    if not values.is_zero("of"):
        days = values.words.text("{days} of {of} days", days=values.number("days"), of=values.number("of"))
        formula = f"{formula}, {days}"
    return label, formula


_WORDINGS: Final[dict[StepKind, Callable[[_Values], tuple[str, str]]]] = {
    StepKind.QUANTITY: _quantity,
    StepKind.TERMS: _terms,
    StepKind.PART: _part,
    StepKind.PERCENT: _percent,
    StepKind.GIVEN: _given,
    StepKind.FULL: _full,
    StepKind.LESS: _less,
    StepKind.PRORATE: _prorate,
    StepKind.CONVERT: _convert,
    StepKind.ROUND: _round,
    StepKind.RUNNING: _running,
    StepKind.LIMIT: _limit,
    StepKind.BILLED: _billed,
    StepKind.CREDIT: _credit,
}
