"""Prices between the form and the book, and the curve of what they charge; nothing here knows a widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import (
    Conversion,
    Ending,
    LateUsage,
    Price,
    PriceTerms,
    Proration,
    QuantitySource,
    Timing,
)
from billdesk.domain.conversion import check_conversion
from billdesk.domain.curves import PriceLine, price_lines
from billdesk.kernel.errors import Problem
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import check_price

Values = Mapping[str, Any]

ONCE: Final = "once"
NO_CONVERSION: Final = "error"


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
        "convert_from": record.conversion.base if record.conversion else NO_CONVERSION,
        "ending": (record.conversion.ending if record.conversion else Ending.WHOLE).value,
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
        conversion=_conversion(values),
    )


def _conversion(values: Values) -> Conversion | None:
    base = str(values.get("convert_from") or NO_CONVERSION)
    return None if base == NO_CONVERSION else Conversion(base, Ending(values.get("ending") or Ending.WHOLE))


def terms_of(record: Price) -> dict[str, TermsValues]:
    """Give the terms of a price by currency."""
    return {one.currency: TermsValues(one.parameters, one.minimum, one.maximum) for one in record.terms}


def own_problems(record: Price, currency: str) -> list[Problem]:
    """Say what is wrong with a price as far as one currency goes, for the form that shows that currency."""
    shown = record.terms_in(currency)
    conversion = record.conversion if currency == first_currency(record) else None
    return check_price(replace(record, terms=(shown,) if shown else (), conversion=None)) + (
        check_conversion(replace(record, conversion=conversion))
    )


def first_currency(record: Price) -> str:
    """Give the currency with which what concerns the whole price is told."""
    return record.terms[0].currency if record.terms else ""


def curve_lines(record: Price, currency: str) -> tuple[PriceLine, ...]:
    """Give the curve of a price in a currency; nothing when it cannot be drawn from quantities alone."""
    terms = record.terms_in(currency)
    return () if terms is None or own_problems(record, currency) else price_lines(record, terms)
