"""Stairstep: the flat price of the tier that holds the quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.domain.tariffs import (
    NEEDS_WHOLE,
    ZERO,
    Needs,
    Parameters,
    Rated,
    Tariff,
    Tier,
    check_tiers,
    compile_tiers,
    holding_tier,
    part,
    tiers_field,
)
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

_STEPS: Final = tiers_field(Field("flat", N_("Price"), Kind.DECIMAL))


@dataclass(frozen=True, slots=True)
class StairstepTariff:
    """Compiled steps."""

    tiers: tuple[Tier, ...]
    needs: Needs = NEEDS_WHOLE

    def rate(self, usage: UsageTotal) -> Rated:
        """Give the price of the step; zero stands on the first."""
        tier, below = holding_tier(self.tiers, usage.quantity)
        amount, step = part(ZERO, ZERO, tier.flat, {"tier": tier.label(below)})
        return Rated(amount, (step,))


@dataclass(frozen=True, slots=True)
class Stairstep:
    """The plugin."""

    key: str = "stairstep"
    label: str = N_("Stairstep")
    fields: tuple[Field, ...] = _STEPS

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse steps that do not rise or do not end open."""
        return check_tiers(parameters)

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the steps."""
        return StairstepTariff(compile_tiers(parameters))


PLUGIN = Stairstep()
