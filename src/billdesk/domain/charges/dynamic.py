"""Dynamic: the amounts that the events carry."""

from __future__ import annotations

from dataclasses import dataclass

from billdesk.domain.explain import Step, StepKind
from billdesk.domain.tariffs import Needs, Parameters, Rated, Tariff, exact_text
from billdesk.domain.usage import UsageTotal
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class DynamicTariff:
    """Knows which event property holds the amount."""

    needs: Needs

    def rate(self, usage: UsageTotal) -> Rated:
        """Give the sum of the amounts."""
        text = exact_text(usage.amount)
        return Rated(usage.amount, (Step(StepKind.GIVEN, {"given": text, "label": "events"}, text),))


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The plugin."""

    key: str = "dynamic"
    label: str = N_("Amounts in the events")
    fields: tuple[Field, ...] = (Field("property", N_("Event property that holds the amount"), default="amount"),)

    def check(self, parameters: Parameters) -> list[Problem]:  # noqa: ARG002 - nothing can contradict
        """Accept any property."""
        return []

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the property's name."""
        return DynamicTariff(Needs(amount_property=str(parameters.get("property") or "amount")))


PLUGIN = Dynamic()
