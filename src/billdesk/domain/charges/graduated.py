"""Graduated: each unit at its own tier's price, and the flat fee of each tier that is reached."""

from __future__ import annotations

from dataclasses import dataclass

from billdesk.domain.tariffs import (
    NO_NEEDS,
    PRICED_TIERS,
    Needs,
    Parameters,
    Rated,
    Tariff,
    Tier,
    check_tiers,
    compile_tiers,
    rate_each,
)
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class GraduatedTariff:
    """Compiled tiers."""

    tiers: tuple[Tier, ...]
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Add up the tiers; zero units still cost the first tier's flat fee."""
        return rate_each(self.tiers, usage.quantity)


@dataclass(frozen=True, slots=True)
class Graduated:
    """The plugin."""

    key: str = "graduated"
    label: str = N_("Graduated tiers")
    fields: tuple[Field, ...] = PRICED_TIERS

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse tiers that do not rise or do not end open."""
        return check_tiers(parameters)

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the tiers."""
        return GraduatedTariff(compile_tiers(parameters))


PLUGIN = Graduated()
