"""Flat: one amount per period, whatever the quantity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billdesk.domain.tariffs import NO_NEEDS, ONE, ZERO, Needs, Parameters, Rated, Tariff, number, part
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class FlatTariff:
    """A compiled flat amount."""

    amount: Decimal
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Give the amount; it is a unit price only where the quantity is one."""
        amount, step = part(ZERO, ZERO, self.amount)
        return Rated(amount, (step,), self.amount if usage.quantity == ONE else None)


@dataclass(frozen=True, slots=True)
class Flat:
    """The plugin."""

    key: str = "flat"
    label: str = N_("Flat amount")
    fields: tuple[Field, ...] = (Field("amount", N_("Amount"), Kind.DECIMAL),)

    def check(self, parameters: Parameters) -> list[Problem]:  # noqa: ARG002 - nothing can contradict
        """Accept any amount."""
        return []

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the amount."""
        return FlatTariff(number(parameters, "amount"))


PLUGIN = Flat()
