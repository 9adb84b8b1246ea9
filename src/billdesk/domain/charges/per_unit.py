"""Per unit: quantity × unit price, with up to 12 decimals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billdesk.domain.tariffs import NO_NEEDS, Needs, Parameters, Rated, Tariff, number, part
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class PerUnitTariff:
    """A compiled unit price."""

    unit_price: Decimal
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Give quantity × unit price."""
        amount, step = part(usage.quantity, self.unit_price)
        return Rated(amount, (step,), self.unit_price)


@dataclass(frozen=True, slots=True)
class PerUnit:
    """The plugin."""

    key: str = "per_unit"
    label: str = N_("Price per unit")
    fields: tuple[Field, ...] = (Field("unit_price", N_("Price per unit"), Kind.DECIMAL),)

    def check(self, parameters: Parameters) -> list[Problem]:  # noqa: ARG002 - nothing can contradict
        """Accept any unit price."""
        return []

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the unit price."""
        return PerUnitTariff(number(parameters, "unit_price"))


PLUGIN = PerUnit()
