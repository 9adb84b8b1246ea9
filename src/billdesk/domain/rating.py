"""Rating: from a price's parameters to exact amounts, compiled once and remembered per quantity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Final

from billdesk.domain import charges
from billdesk.domain.catalog import Catalog, Price, PriceTerms, QuantitySource
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.tariffs import EXACT, ChargeModel, Parameters, Rated, Tariff, exact_text
from billdesk.domain.usage import UsageTotal
from billdesk.kernel import fields
from billdesk.kernel.decimals import from_scaled, from_text, round_ratio, to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.money import Money, exponent
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

    def full(self, quantity: Decimal) -> Full:
        """Give the amount of a whole period for an ordered quantity, remembered."""
        found = self.remembered.get(quantity)
        if found is None:
            if len(self.remembered) >= _REMEMBERED:
                self.remembered.clear()
            source = "one" if self.price.quantity_source is QuantitySource.ONE else "subscription"
            counted = Step(StepKind.QUANTITY, {"quantity": to_text(quantity), "source": source})
            found = self.remembered[quantity] = full_of(self.tariff.rate(UsageTotal(quantity)), self.places, counted)
        return found

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


def compiled(catalog: Catalog, price: Price, terms: PriceTerms) -> CompiledTerms:
    """Compile a price's terms once per catalog; raises KeyError for a charge model that is not installed."""
    key = (price.id, id(terms))
    found = catalog.compiled.get(key)
    if not isinstance(found, CompiledTerms):
        tariff = charge_models().get(price.model).compile(terms.parameters)
        found = CompiledTerms(price, terms, tariff, _digest(price, terms), exponent(terms.currency))
        catalog.compiled[key] = found
    return found


def _digest(price: Price, terms: PriceTerms) -> str:
    facts = [price.model, terms.currency, _plain(terms.parameters), _plain(terms.minimum), _plain(terms.maximum)]
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
