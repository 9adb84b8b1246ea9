"""Rating: from a price's parameters to exact amounts, compiled once and remembered per quantity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from billdesk.domain import charges
from billdesk.domain.catalog import Catalog, Price, PriceTerms, QuantitySource
from billdesk.domain.conversion import conversion_rate, converted_terms
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.tariffs import EXACT, ChargeModel, Parameters, Rated, Tariff, exact_text
from billdesk.domain.usage import UsageTotal
from billdesk.kernel import fields
from billdesk.kernel.decimals import from_scaled, from_text, round_ratio, to_text
from billdesk.kernel.errors import Problem, RuleBroken
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.records import quick
from billdesk.kernel.registry import Registry

CHARGE_MODELS: Final[Registry[ChargeModel]] = Registry("charge_models")
_REMEMBERED: Final = 4096


def charge_models() -> Registry[ChargeModel]:
    """Give all charge models, ours and those of installed plugins."""
    CHARGE_MODELS.load(charges)
    return CHARGE_MODELS


def check_terms(model: str, parameters: Parameters) -> list[Problem]:
    """Check a price's parameters: types and bounds first, then what the model itself forbids."""
    plugin = charge_models().get(model)
    return fields.check(plugin.fields, parameters) or plugin.check(parameters)


@quick
@dataclass(frozen=True, slots=True)
class Full:
    """The amount of a whole period: `numerator ÷ denominator` minor units, exactly, with its steps."""

    numerator: int
    denominator: int
    steps: tuple[Step, ...]
    unit_price: Decimal | None = None
    whole: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class CompiledTerms:
    """A price's terms in one currency, ready to rate; `digest` is equal for equal terms."""

    price: Price
    terms: PriceTerms
    tariff: Tariff
    digest: str
    places: int
    remembered: dict[Decimal, Full] = field(default_factory=dict)
    # Kept because its identity is the key under which this is found again.
    source: PriceTerms | None = None

    def full(self, quantity: Decimal) -> Full:
        """Give the amount of a whole period for an ordered quantity, remembered."""
        found = self.remembered.get(quantity)
        if found is None:
            if len(self.remembered) >= _REMEMBERED:
                self.remembered.clear()
            source = "one" if self.price.quantity_source is QuantitySource.ONE else "subscription"
            counted = Step(StepKind.QUANTITY, {"quantity": to_text(quantity), "source": source})
            rated = self.tariff.rate(UsageTotal(quantity))
            rated = replace(rated, steps=(*self.origin, *rated.steps)) if self.terms.origin else rated
            found = self.remembered[quantity] = full_of(rated, self.places, counted)
        return found

    @property
    def origin(self) -> tuple[Step, ...]:
        """Say where the terms come from, nothing for the price's own."""
        return (Step(StepKind.TERMS, dict(self.terms.origin)),) if self.terms.origin else ()

    def fingerprint(self, quantity: Decimal) -> str:
        """Name price terms and quantity so that equal ones compare equal: `5@3fa9c1d2e0`."""
        return f"{quantity.normalize():f}@{self.digest}"


def full_of(rated: Rated, places: int, counted: Step) -> Full:
    """Turn a rated amount into minor units with the steps of a whole period."""
    numerator, denominator = rated.amount.scaleb(places).as_integer_ratio()
    steps = (counted, *rated.steps, Step(StepKind.FULL, {}, exact_text(rated.amount)))
    rounded = exact_text(from_scaled(round_ratio(numerator, denominator), places))
    whole = Trace((*steps, Step(StepKind.ROUND, {}, rounded)))
    return Full(numerator, denominator, steps, rated.unit_price, whole)


def compiled(catalog: Catalog, price: Price, terms: PriceTerms, day: date = date.min) -> CompiledTerms:
    """Compile a price's terms once per catalog; `day` is the first of the grid period, whose rate converts them.

    Raises KeyError for a charge model that is not installed, RuleBroken `conversion_rate_missing` without a rate.
    """
    rate = None if terms.conversion is None else conversion_rate(catalog.shelf, price, terms, day)
    key = (price.id, id(terms), rate)
    found = catalog.compiled.get(key)
    if not isinstance(found, CompiledTerms):
        # The digest is that of the base terms: what was billed stays as it was when a rate becomes known later.
        digest = _digest(price, terms)
        given = terms if rate is None else converted_terms(price.model, terms, rate)
        tariff = charge_models().get(price.model).compile(given.parameters)
        found = CompiledTerms(price, given, tariff, digest, exponent(terms.currency), source=terms)
        catalog.compiled[key] = found
    return found


def plain_terms(catalog: Catalog, price: Price, terms: PriceTerms, day: date) -> PriceTerms:
    """Give terms in their own currency, converted on a day where they are to be; as they are without a rate."""
    if terms.conversion is None:
        return terms
    try:
        return compiled(catalog, price, terms, day).terms
    except RuleBroken:
        return terms


def _digest(price: Price, terms: PriceTerms) -> str:
    facts = [price.model, terms.currency, _plain(terms.parameters), _plain(terms.minimum), _plain(terms.maximum)]
    if terms.conversion is not None:
        facts += [terms.conversion.base, terms.conversion.ending.value]
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def _plain(value: object) -> object:
    """Give JSON in which equal numbers are written alike, so that 5 and 5.00 are the same terms."""
    if isinstance(value, Decimal):
        return to_text(value)
    if isinstance(value, str):
        try:
            return to_text(from_text(value))
        except ValueError:
            return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return value


def amount_of(model: str, terms: PriceTerms, usage: UsageTotal) -> tuple[Money, Rated]:
    """Rate one whole period outside a run (price curves, previews): the rounded amount and how it came about."""
    with localcontext(EXACT):
        rated = charge_models().get(model).compile(terms.parameters).rate(usage)
        return Money.of(rated.amount, terms.currency), rated
