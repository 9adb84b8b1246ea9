"""Percentage: a rate of the value, a fixed fee per event, free allowances, limits per event."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billdesk.domain.explain import Step, StepKind
from billdesk.domain.tariffs import NO_NEEDS, ZERO, Needs, Parameters, Rated, Tariff, exact_text, number, optional
from billdesk.domain.usage import EventFee, UsageTotal
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PercentageTariff:
    """Compiled terms; fees with limits or allowances are computed event by event, the others from the totals."""

    fee: EventFee
    needs: Needs = NO_NEEDS

    def rate(self, usage: UsageTotal) -> Rated:
        """Give value × rate + events × fixed, or the sum of the events' own fees."""
        if self.needs.fee is not None:
            values = {"given": exact_text(usage.fees), "label": "fees", "rate": to_text(self.fee.rate)}
            return Rated(usage.fees, (Step(StepKind.GIVEN, values, exact_text(usage.fees)),))
        value = max(usage.quantity - self.fee.free_value, ZERO)
        amount = value * self.fee.rate * _HUNDREDTH + self.fee.fixed * usage.events
        values = {"value": to_text(value), "rate": to_text(self.fee.rate)}
        if self.fee.free_value:
            values["free"] = to_text(self.fee.free_value)
        if self.fee.fixed:
            values |= {"count": str(usage.events), "fixed": to_text(self.fee.fixed)}
        return Rated(amount, (Step(StepKind.PERCENT, values, exact_text(amount)),))


@dataclass(frozen=True, slots=True)
class Percentage:
    """The plugin."""

    key: str = "percentage"
    label: str = N_("Percentage of the value")
    fields: tuple[Field, ...] = (
        Field("rate", N_("Rate in percent"), Kind.DECIMAL, minimum=ZERO),
        Field("fixed", N_("Fixed fee per event"), Kind.DECIMAL, default="0", minimum=ZERO),
        Field("free_events", N_("Free events"), Kind.INTEGER, default=0),
        Field("free_value", N_("Free value"), Kind.DECIMAL, default="0", minimum=ZERO),
        Field("minimum", N_("At least, per event"), Kind.DECIMAL, required=False, minimum=ZERO),
        Field("maximum", N_("At most, per event"), Kind.DECIMAL, required=False, minimum=ZERO),
    )

    def check(self, parameters: Parameters) -> list[Problem]:
        """Refuse limits that cross and a negative number of free events."""
        problems = []
        least, most = optional(parameters, "minimum"), optional(parameters, "maximum")
        if least is not None and most is not None and most < least:
            details = (("minimum", to_text(least)),)
            problems.append(Problem("maximum_below_minimum", Place(field="maximum"), to_text(most), details))
        if int(str(parameters.get("free_events") or 0)) < 0:
            place = Place(field="free_events")
            problems.append(Problem("too_small", place, str(parameters["free_events"]), (("minimum", "0"),)))
        return problems

    def compile(self, parameters: Parameters) -> Tariff:
        """Read the terms and see whether each event must be looked at."""
        fee = EventFee(
            rate=number(parameters, "rate"),
            fixed=number(parameters, "fixed"),
            minimum=optional(parameters, "minimum"),
            maximum=optional(parameters, "maximum"),
            free_events=int(str(parameters.get("free_events") or 0)),
            free_value=number(parameters, "free_value"),
        )
        limited = fee.minimum is not None or fee.maximum is not None
        by_event = limited or fee.free_events > 0 or (fee.fixed > 0 and fee.free_value > 0)
        return PercentageTariff(fee, Needs(fee=fee) if by_event else NO_NEEDS)


PLUGIN = Percentage()
