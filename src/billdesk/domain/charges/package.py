"""Package: whole packages of units above a free quantity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billdesk.domain.tariffs import NO_NEEDS, ONE, ZERO, Needs, Parameters, Rated, Tariff, number, part
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

_SMALLEST = Decimal("0.000000000001")


@dataclass(frozen=True, slots=True)
class PackageTariff:
    """Compiled package terms."""

    size: Decimal
    price: Decimal
    free: Decimal = ZERO
    at_least_one: bool = False
    round_down: bool = False
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Give ⌈(quantity − free) ÷ size⌉ × price; rounded down when the terms say so."""
        packages, rest = divmod(max(usage.quantity - self.free, ZERO), self.size)
        if rest and not self.round_down:
            packages += ONE
        if self.at_least_one:
            packages = max(packages, ONE)
        label = {"package": to_text(self.size)} | ({"free": to_text(self.free)} if self.free else {})
        amount, step = part(packages, self.price, more=label)
        return Rated(amount, (step,))


@dataclass(frozen=True, slots=True)
class Package:
    """The plugin."""

    key: str = "package"
    label: str = N_("Packages")
    fields: tuple[Field, ...] = (
        Field("size", N_("Units per package"), Kind.DECIMAL, minimum=_SMALLEST),
        Field("price", N_("Price per package"), Kind.DECIMAL),
        Field("free", N_("Free units"), Kind.DECIMAL, default="0", minimum=ZERO),
        Field("at_least_one", N_("At least one package"), Kind.BOOLEAN, default=False),
        Field("round_down", N_("Charge full packages only"), Kind.BOOLEAN, default=False),
    )

    def check(self, parameters: Parameters) -> list[Problem]:  # noqa: ARG002 - bounds are in the specs
        """Accept what the specs accept."""
        return []

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the terms."""
        return PackageTariff(
            size=number(parameters, "size"),
            price=number(parameters, "price"),
            free=number(parameters, "free"),
            at_least_one=bool(parameters.get("at_least_one")),
            round_down=bool(parameters.get("round_down")),
        )


PLUGIN = Package()
