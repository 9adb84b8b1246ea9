"""Graduated percentage: each part of the value at its own tier's rate, and the flat fee of each tier reached."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from billdesk.domain.explain import Step, StepKind
from billdesk.domain.tariffs import (
    NO_NEEDS,
    ZERO,
    Needs,
    Parameters,
    Rated,
    Tariff,
    Tier,
    check_tiers,
    compile_tiers,
    exact_text,
    split_by_tier,
    tiers_field,
)
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

_HUNDREDTH: Final = Decimal("0.01")
_TIERS: Final = tiers_field(
    Field("rate", N_("Rate in percent"), Kind.DECIMAL, default="0"),
    Field("flat", N_("Flat fee"), Kind.DECIMAL, default="0"),
)


@dataclass(frozen=True, slots=True)
class GraduatedPercentageTariff:
    """Compiled tiers; a tier's unit price is its rate in percent."""

    tiers: tuple[Tier, ...]
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Add up the tiers; no value still costs the first tier's flat fee."""
        total, steps = ZERO, []
        for tier, below, inside in split_by_tier(self.tiers, usage.quantity):
            amount = inside * tier.unit_price * _HUNDREDTH + tier.flat
            values = {"value": to_text(inside), "rate": to_text(tier.unit_price), "tier": tier.label(below)}
            if tier.flat:
                values |= {"count": "1", "fixed": to_text(tier.flat)}
            total += amount
            steps.append(Step(StepKind.PERCENT, values, exact_text(amount)))
        return Rated(total, tuple(steps))


@dataclass(frozen=True, slots=True)
class GraduatedPercentage:
    """The plugin."""

    key: str = "graduated_percentage"
    label: str = N_("Graduated percentage")
    fields: tuple[Field, ...] = _TIERS

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse tiers that do not rise or do not end open."""
        return check_tiers(parameters)

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the tiers."""
        return GraduatedPercentageTariff(compile_tiers(parameters, "rate"))


PLUGIN = GraduatedPercentage()
