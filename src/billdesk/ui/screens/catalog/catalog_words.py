"""Words for what the catalog holds: models, intervals, sources, units; choices for its forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.catalog import (
    LateUsage,
    PlanItem,
    PlanVersion,
    Price,
    Product,
    Proration,
    QuantitySource,
    Recognition,
    RunningPolicy,
    Timing,
)
from billdesk.domain.usage import Aggregation, RoundingMode
from billdesk.kernel.decimals import from_text
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from billdesk.services.catalog import VersionChange, list_charge_models

Choices = tuple[tuple[str, str], ...]

SOURCES: Final[Choices] = (
    (QuantitySource.ONE, N_("One")),
    (QuantitySource.SUBSCRIPTION, N_("From the contract")),
    (QuantitySource.USAGE, N_("Measured usage")),
)
TIMINGS: Final[Choices] = ((Timing.ADVANCE, N_("In advance")), (Timing.ARREARS, N_("Afterwards")))
PRORATIONS: Final[Choices] = (
    (Proration.BY_DAY, N_("By day")),
    (Proration.NONE, N_("Whole periods only")),
    (Proration.THIRTY_360, N_("30/360")),
    (Proration.ACTUAL_360, N_("Actual/360")),
    (Proration.FIXED_DAYS, N_("Fixed number of days")),
)
LATE: Final[Choices] = (
    (LateUsage.NEXT_INVOICE, N_("On the next invoice")),
    (LateUsage.CORRECTIVE, N_("On a corrective invoice")),
    (LateUsage.ASK, N_("Ask")),
    (LateUsage.IGNORE, N_("Not billed")),
)
INTERVALS: Final[Choices] = (
    ("once", N_("Once")),
    (Unit.DAY, N_("Days")),
    (Unit.WEEK, N_("Weeks")),
    (Unit.MONTH, N_("Months")),
    (Unit.QUARTER, N_("Quarters")),
    (Unit.HALF_YEAR, N_("Half-years")),
    (Unit.YEAR, N_("Years")),
)
AGGREGATIONS: Final[Choices] = (
    (Aggregation.SUM, N_("Sum")),
    (Aggregation.COUNT, N_("Number of events")),
    (Aggregation.COUNT_UNIQUE, N_("Number of different values")),
    (Aggregation.MAX, N_("Highest")),
    (Aggregation.LATEST, N_("Latest")),
    (Aggregation.WEIGHTED_SUM, N_("Weighted by time")),
    (Aggregation.PERCENTILE, N_("Percentile")),
)
ROUNDINGS: Final[Choices] = (
    (RoundingMode.NONE, N_("Not rounded")),
    (RoundingMode.ROUND, N_("To the nearest")),
    (RoundingMode.CEIL, N_("Up")),
    (RoundingMode.FLOOR, N_("Down")),
)
RECOGNITIONS: Final[Choices] = (
    (Recognition.OVER_PERIOD, N_("Spread over the period")),
    (Recognition.AT_ONCE, N_("At once")),
    (Recognition.AS_USED, N_("As it is used")),
)
POLICIES: Final[Choices] = (
    (RunningPolicy.KEEP, N_("Running contracts keep their version")),
    (RunningPolicy.AT_RENEWAL, N_("Running contracts change when their period ends")),
    (RunningPolicy.FROM_DATE, N_("Running contracts change on the effective date")),
)
TAX_CLASSES: Final[Choices] = (
    ("standard", N_("Standard")),
    ("reduced", N_("Reduced")),
    ("super_reduced", N_("Super-reduced")),
    ("zero", N_("Zero")),
    ("exempt", N_("Exempt")),
    ("reverse_charge", N_("Reverse charge at home")),
)
UNITS: Final[Choices] = (
    ("C62", N_("piece")),
    ("HUR", N_("hour")),
    ("DAY", N_("day")),
    ("MON", N_("month")),
    ("ANN", N_("year")),
    ("E34", N_("gigabyte")),
    ("KWH", N_("kilowatt hour")),
    ("KGM", N_("kilogram")),
    ("LTR", N_("litre")),
    ("MTR", N_("metre")),
)
_EVERY: Final = {
    Unit.DAY: N_("daily"),
    Unit.WEEK: N_("weekly"),
    Unit.MONTH: N_("monthly"),
    Unit.QUARTER: N_("quarterly"),
    Unit.HALF_YEAR: N_("half-yearly"),
    Unit.YEAR: N_("yearly"),
}


def word(choices: Iterable[tuple[str, str]], key: str) -> str:
    """Give the word of a choice; an unknown key stays as it is."""
    return next((_(text) for value, text in choices if value == key), key)


def offered(choices: Iterable[tuple[str, str]], *known: str) -> list[tuple[str, str]]:
    """Give choices in the language of the person, with values of the record that are not among them."""
    found = [(str(key), _(text)) for key, text in choices]
    return found + [(key, key) for key in known if key and key not in {value for value, _text in found}]


def unit_text(code: str) -> str:
    """Give the word for a unit of UN/ECE recommendation 20."""
    return word(UNITS, code)


def model_label(key: str) -> str:
    """Give the name of a charge model; one that is not installed keeps its key."""
    return next((_(model.label) for model in list_charge_models() if model.key == key), key)


def interval_text(interval: Interval | None) -> str:
    """Say how often something is billed."""
    if interval is None:
        return _("once")
    if interval.count == 1:
        return _(_EVERY[interval.unit])
    return _("every {n} {units}", n=interval.count, units=word(INTERVALS, interval.unit).lower())


def price_text(price: Price, currency: str = "") -> str:
    """Say in a few words what a price costs, in one of its currencies."""
    terms = price.terms_in(currency) or (price.terms[0] if price.terms else None)
    if terms is None:
        return model_label(price.model)
    amount = terms.parameters.get("amount") or terms.parameters.get("unit_price")
    if not isinstance(amount, str):
        return f"{model_label(price.model)}, {interval_text(price.interval)}"
    cost, often = unit_price(from_text(amount), terms.currency), interval_text(price.interval)
    if "unit_price" in terms.parameters:
        return _("{price} per unit, {interval}", price=cost, interval=often)
    return f"{cost}, {often}"


def unit_price(amount: Decimal, currency: str) -> str:
    """Write an amount that may have more decimals than its currency."""
    rounded = Money.of(amount, currency)
    return current().money(rounded) if rounded.major == amount else f"{current().number(amount)} {currency}"


def item_text(item: PlanItem, price: Price | None, products: Mapping[int, Product]) -> str:
    """Say what a plan holds: a price and the quantity it starts with."""
    if price is None:
        return str(item.price_id)
    times = "" if item.quantity == 1 else f"{current().number(item.quantity)} × "
    return times + full_name(price, products)


def full_name(price: Price, products: Mapping[int, Product]) -> str:
    """Give the name of a price behind that of its product, for names such as "per year" say little alone."""
    product = products.get(price.product_id)
    return price.name if product is None or product.name == price.name else f"{product.name} · {price.name}"


def change_text(change: VersionChange, prices: Mapping[int, Price], products: Mapping[int, Product]) -> str:
    """Say one difference between two versions."""
    known = prices.get(change.price_id or 0)
    name = full_name(known, products) if known else ""
    cost = f", {price_text(known)}" if known else ""
    if change.what == "effective":
        days = [current().day(date.fromisoformat(text)) for text in (change.before, change.after)]
        return _("Effective: {before} → {after}", before=days[0], after=days[1])
    texts = {
        "added": _("+ {name}", name=name + cost),
        "removed": _("− {name}", name=name + cost),
        "quantity": _("{name}: {before} → {after}", name=name, before=change.before, after=change.after),
        "trial_days": _("Trial: {before} → {after} days", before=change.before, after=change.after),
        "running_policy": word(POLICIES, change.after),
        "commitment": _(
            "Committed: {before} → {after}", before=change.before or _("nothing"), after=change.after or _("nothing")
        ),
    }
    return texts.get(change.what, change.what)


def version_title(version: PlanVersion) -> str:
    """Give the title of a version."""
    return _("Version {n} from {day}", n=version.number, day=current().day(version.effective))


def contracts_text(count: int) -> str:
    """Say how many contracts are on something."""
    return ngettext("{n} contract", "{n} contracts", count)
