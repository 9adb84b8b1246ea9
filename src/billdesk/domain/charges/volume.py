"""Volume: all units at the price of the tier that holds the quantity, and that tier's flat fee."""

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
    rate_all,
)
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class VolumeTariff:
    """Compiled tiers."""

    tiers: tuple[Tier, ...]
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Price the whole quantity at its tier."""
        return rate_all(self.tiers, usage.quantity)


@dataclass(frozen=True, slots=True)
class Volume:
    """The plugin."""

    key: str = "volume"
    label: str = N_("Volume tiers")
    fields: tuple[Field, ...] = PRICED_TIERS

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse tiers that do not rise or do not end open."""
        return check_tiers(parameters)

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the tiers."""
        return VolumeTariff(compile_tiers(parameters))


PLUGIN = Volume()
