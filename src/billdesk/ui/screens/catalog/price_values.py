"""Prices between the form and the book, and the curve of what they charge; nothing here knows a widget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import LateUsage, Price, PriceTerms, Proration, QuantitySource, Timing
from billdesk.domain.rating import charge_models
from billdesk.domain.tariffs import NO_NEEDS
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import check_price, price_curve

Values = Mapping[str, Any]
Points = tuple[tuple[Decimal, Decimal], ...]

ONCE: Final = "once"
_STEPS: Final = 48
_PLAIN_REACH: Final = Decimal(100)
_BEYOND: Final = Decimal("1.5")
_PACKAGES: Final = 6


@dataclass(frozen=True, slots=True)
class TermsValues:
    """What the form holds for one currency."""

    parameters: Mapping[str, object]
    minimum: Decimal | None = None
    maximum: Decimal | None = None


def blank_price(product_id: int) -> Price:
    """Give a new price: a flat monthly amount in advance, still without terms."""
    return Price(0, "", product_id, "", "flat", Interval(Unit.MONTH), Timing.ADVANCE, QuantitySource.ONE, ())


def to_values(record: Price) -> dict[str, object]:
    """Give what the form shows of a price, without its terms."""
    interval = record.interval
    return {
        "code": record.code or None,
        "name": record.name or None,
        "product_id": str(record.product_id) if record.product_id else None,
        "model": record.model,
        "interval": interval.unit.value if interval else ONCE,
        "count": interval.count if interval else 1,
        "timing": record.timing.value,
        "quantity_source": record.quantity_source.value,
        "metric": str(record.metric_id) if record.metric_id else None,
        "proration": record.proration.value,
        "proration_days": record.proration_days,
        "late_usage": record.late_usage.value,
        "grace_days": record.grace_days,
        "days_before": record.days_before,
        "tax_inclusive": record.tax_inclusive,
        "skip_zero": record.skip_zero,
        "bill_in_trial": record.bill_in_trial,
        "tiers_restart": record.tiers_restart,
    }


def to_record(values: Values, terms: Mapping[str, TermsValues], before: Price) -> Price:
    """Give the price that the form describes."""
    unit, count = values["interval"], values.get("count") or 1
    metric = values.get("metric")
    return replace(
        before,
        code=str(values.get("code") or "").strip(),
        name=str(values.get("name") or "").strip(),
        product_id=int(values.get("product_id") or 0),
        model=str(values["model"]),
        interval=None if unit == ONCE else Interval(Unit(unit), max(int(count), 1)),
        timing=Timing(values["timing"]),
        quantity_source=QuantitySource(values["quantity_source"]),
        metric_id=int(metric) if metric else None,
        terms=tuple(PriceTerms(code, t.parameters, t.minimum, t.maximum) for code, t in terms.items()),
        proration=Proration(values["proration"]),
        proration_days=int(values.get("proration_days") or before.proration_days),
        late_usage=LateUsage(values["late_usage"]),
        grace_days=int(values.get("grace_days") or 0),
        days_before=int(values.get("days_before") or 0),
        tax_inclusive=bool(values["tax_inclusive"]),
        skip_zero=bool(values["skip_zero"]),
        bill_in_trial=bool(values["bill_in_trial"]),
        tiers_restart=bool(values["tiers_restart"]),
    )


def terms_of(record: Price) -> dict[str, TermsValues]:
    """Give the terms of a price by currency."""
    return {one.currency: TermsValues(one.parameters, one.minimum, one.maximum) for one in record.terms}


def own_problems(record: Price, currency: str) -> list[Problem]:
    """Say what is wrong with a price as far as one currency goes, for the form that shows that currency."""
    shown = record.terms_in(currency)
    return check_price(replace(record, terms=(shown,) if shown else ()))


def curve_points(record: Price, currency: str) -> Points:
    """Give amounts of whole periods by quantity; nothing when it cannot be drawn from quantities alone."""
    terms = record.terms_in(currency)
    if terms is None or own_problems(record, currency):
        return ()
    if charge_models().get(record.model).compile(terms.parameters).needs != NO_NEEDS:
        return ()
    quantities = _quantities(terms.parameters)
    return tuple((quantity, amount.major) for quantity, amount in price_curve(record, currency, quantities))


def _quantities(parameters: Mapping[str, object]) -> list[Decimal]:
    """Give positions that show every edge of a tariff, with some room beyond the last."""
    edges = sorted({*_edges(parameters.get("tiers")), *_scaled(parameters)})
    reach = edges[-1] * _BEYOND if edges else _PLAIN_REACH
    step = max(Decimal(1), (reach / _STEPS).to_integral_value())
    even = [step * place for place in range(int(reach / step) + 1)]
    return sorted({*even, *edges, *(edge + 1 for edge in edges)})


def _edges(tiers: object) -> Iterable[Decimal]:
    for row in tiers if isinstance(tiers, list | tuple) else ():
        edge = row.get("up_to") if isinstance(row, Mapping) else None
        if edge:
            yield from_text(str(edge))


def _scaled(parameters: Mapping[str, object]) -> Iterable[Decimal]:
    """Give reaches for tariffs without tiers: some packages, some free units."""
    for name, times in (("size", _PACKAGES), ("free", 3), ("free_units", 3)):
        text = parameters.get(name)
        if text:
            yield from_text(str(text)) * times
