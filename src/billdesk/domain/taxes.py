"""Tax: a table of rules picks the outcome, a table of rates with validity gives the percent (billing rules §8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from billdesk.domain.customers import CustomerKind
from billdesk.domain.entities import Entity, TaxRegistration, TaxScheme
from billdesk.domain.invoices import LineTax, TaxCategory, TaxPart
from billdesk.domain.taxtexts import legal_text
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem, RuleBroken
from billdesk.kernel.records import quick

_ZERO: Final = Decimal(0)
STANDARD_CLASS: Final = "standard"
EXEMPT_CLASS: Final = "exempt"
_OWN_RATE: Final = frozenset({"zero"})
"""Classes that never fall back on the standard rate: a mistake there would charge tax that nobody owes."""

EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)  # fmt: skip
_BREXIT: Final = date(2021, 1, 1)
_ONE_STOP: Final = frozenset({TaxScheme.OSS, TaxScheme.OSS_ABOVE})


def in_eu(country: str, day: date) -> bool:
    """Whether a country belongs to the VAT area of the Union on a day; Britain left it on 1 January 2021."""
    return country in EU or (country == "GB" and day < _BREXIT)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of a country for a tax class, valid `[since, until)`; `region` narrows it to a state or postcode.

    `parts` add up to `percent` where several authorities share a rate (state + county + city).
    """

    id: int
    country: str
    percent: Decimal
    since: date
    tax_class: str = STANDARD_CLASS
    category: TaxCategory = TaxCategory.STANDARD
    until: date | None = None
    parts: tuple[TaxPart, ...] = ()
    region: str = ""
    reason_code: str = ""
    reason: str = ""
    version: int = 1

    def holds_on(self, day: date) -> bool:
        """Whether the rate is valid on a day."""
        return self.since <= day and (self.until is None or day < self.until)


class Outcome(StrEnum):
    """What the rules may decide; each prints the legal text it needs."""

    DOMESTIC = "domestic"
    DOMESTIC_REVERSE_CHARGE = "domestic_reverse_charge"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY = "intra_community"
    OSS = "oss"
    SELLER_RATE = "seller_rate"
    EXPORT = "export"
    EXEMPT = "exempt"
    SMALL_BUSINESS = "small_business"
    OUTSIDE = "outside"


class Whereabouts(StrEnum):
    """Where the buyer is, as the seller sees it."""

    HOME = "home"
    REGISTERED = "registered"
    UNION = "union"
    WORLD = "world"


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """What the rules look at. `exempt_reason` comes from the customer; `tax_id` counts when it is valid."""

    place: Whereabouts
    seller_scheme: TaxScheme
    seller_has_oss: bool
    seller_in_eu: bool
    home_scheme: TaxScheme
    is_past_threshold: bool
    is_business: bool
    has_tax_id: bool
    is_exempt: bool
    tax_class: str
    is_goods: bool


@dataclass(frozen=True, slots=True)
class TaxRule:
    """A row of the rule table: an empty condition does not matter; the first row that fits decides."""

    outcome: Outcome
    places: frozenset[Whereabouts] = frozenset()
    schemes: frozenset[TaxScheme] = frozenset()
    classes: frozenset[str] = frozenset()
    business: bool | None = None
    tax_id: bool | None = None
    exempt: bool | None = None
    goods: bool | None = None
    oss: bool | None = None
    past_threshold: bool | None = None
    seller_in_eu: bool | None = None
    home_schemes: frozenset[TaxScheme] = frozenset()

    def fits(self, facts: TaxFacts) -> bool:
        """Whether every condition of the row holds."""
        wanted: tuple[tuple[bool | None, bool], ...] = (
            (self.business, facts.is_business),
            (self.tax_id, facts.has_tax_id),
            (self.exempt, facts.is_exempt),
            (self.goods, facts.is_goods),
            (self.oss, facts.seller_has_oss),
            (self.past_threshold, facts.is_past_threshold),
            (self.seller_in_eu, facts.seller_in_eu),
        )
        return (
            (not self.places or facts.place in self.places)
            and (not self.schemes or facts.seller_scheme in self.schemes)
            and (not self.home_schemes or facts.home_scheme in self.home_schemes)
            and (not self.classes or facts.tax_class in self.classes)
            and all(want is None or want is found for want, found in wanted)
        )


_HOME: Final = frozenset({Whereabouts.HOME, Whereabouts.REGISTERED})
_UNION: Final = frozenset({Whereabouts.UNION})
_WORLD: Final = frozenset({Whereabouts.WORLD})
_SMALL: Final = frozenset({TaxScheme.SMALL_BUSINESS})

DEFAULT_RULES: Final = (
    TaxRule(Outcome.EXEMPT, exempt=True),
    TaxRule(Outcome.SMALL_BUSINESS, places=_HOME, schemes=_SMALL),
    TaxRule(Outcome.EXEMPT, places=_HOME, classes=frozenset({EXEMPT_CLASS})),
    TaxRule(Outcome.DOMESTIC_REVERSE_CHARGE, places=_HOME, classes=frozenset({"reverse_charge"}), tax_id=True),
    TaxRule(Outcome.DOMESTIC, places=_HOME),
    # 2006/112/EC art. 138 (goods) and 44/196 (services) between taxable persons of two member states
    TaxRule(Outcome.INTRA_COMMUNITY, places=_UNION, tax_id=True, goods=True, seller_in_eu=True),
    TaxRule(Outcome.REVERSE_CHARGE, places=_UNION, tax_id=True, seller_in_eu=True),
    TaxRule(Outcome.EXEMPT, places=_UNION, classes=frozenset({EXEMPT_CLASS}), seller_in_eu=True),
    TaxRule(Outcome.OSS, places=_UNION, oss=True),
    TaxRule(Outcome.OSS, places=_UNION, past_threshold=True, seller_in_eu=True),
    TaxRule(Outcome.SMALL_BUSINESS, places=_UNION, home_schemes=_SMALL),
    TaxRule(Outcome.SELLER_RATE, places=_UNION, seller_in_eu=True),
    TaxRule(Outcome.EXPORT, places=_WORLD, goods=True),
    TaxRule(Outcome.OUTSIDE),
)
"""What holds for services and goods of a European seller when nothing else is set."""

_CATEGORIES: Final = {
    Outcome.REVERSE_CHARGE: (TaxCategory.REVERSE_CHARGE, "VATEX-EU-AE"),
    Outcome.DOMESTIC_REVERSE_CHARGE: (TaxCategory.REVERSE_CHARGE, "VATEX-EU-AE"),
    Outcome.INTRA_COMMUNITY: (TaxCategory.INTRA_COMMUNITY, "VATEX-EU-IC"),
    Outcome.EXPORT: (TaxCategory.EXPORT, "VATEX-EU-G"),
    Outcome.EXEMPT: (TaxCategory.EXEMPT, ""),
    Outcome.SMALL_BUSINESS: (TaxCategory.EXEMPT, ""),
    Outcome.OUTSIDE: (TaxCategory.OUTSIDE, "VATEX-EU-O"),
}
_NATIONAL_CODES: Final = {(Outcome.SMALL_BUSINESS, "FR"): "VATEX-FR-FRANCHISE"}
"""Codes of the CEF's VATEX list that stand for a country's own law."""


@dataclass(frozen=True, slots=True)
class TaxTable:
    """Rates and rules; `goods` are the tax classes of things rather than services. Share one per run."""

    rates: tuple[TaxRate, ...] = ()
    rules: tuple[TaxRule, ...] = DEFAULT_RULES
    goods: frozenset[str] = frozenset({"goods", "reduced_goods"})
    remembered: dict[object, LineTax] = field(default_factory=dict, compare=False, repr=False)

    def rate(self, country: str, tax_class: str, day: date, *places: str) -> TaxRate | None:
        """Give the rate valid on a day: the narrowest that holds for a region or postcode, then the whole country's."""
        fitting = [
            rate
            for rate in self.rates
            if rate.country == country
            and rate.tax_class == tax_class
            and rate.holds_on(day)
            and (not rate.region or any(place.startswith(rate.region) for place in places))
        ]
        return max(fitting, key=lambda rate: (len(rate.region), rate.since), default=None)


@quick
@dataclass(frozen=True, slots=True)
class Buyer:
    """What tax wants to know of who is billed; `tax_id` is empty when it is missing or known to be invalid.

    `past_threshold` tells that with this sale the seller's distance sales pass the threshold, or did before.
    """

    country: str
    kind: CustomerKind = CustomerKind.BUSINESS
    tax_id: str = ""
    region: str = ""
    exempt_reason: str = ""
    language: str = "en"
    past_threshold: bool = False
    postcode: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """What may narrow a rate: region and postcode."""
        return self.region, self.postcode


def determine(seller: Entity, buyer: Buyer, tax_class: str, day: date, table: TaxTable) -> LineTax:
    """Give the tax of a line: outcome by the rules, percent by the rates, text in the buyer's language.

    Raises RuleBroken `tax_rate_missing` when no rate is valid on the day.
    """
    key = (seller.id, seller.version, buyer, tax_class, day)
    found = table.remembered.get(key)
    if found is None:
        facts = facts_of(seller, buyer, tax_class, day, table)
        rule = next((rule for rule in table.rules if rule.fits(facts)), DEFAULT_RULES[-1])
        found = table.remembered[key] = _line_tax(rule.outcome, seller, buyer, tax_class, day, table=table)
    return found


def facts_of(seller: Entity, buyer: Buyer, tax_class: str, day: date, table: TaxTable) -> TaxFacts:
    """Gather what the rules look at."""
    home = seller.address.country
    country = buyer.country or home
    oss = any(r.scheme is TaxScheme.OSS and _holds(r.since, r.until, day) for r in seller.registrations)
    registered = _registered(seller, country, day)
    at_home = registered if country == home else _registered(seller, home, day)
    if country == home:
        place = Whereabouts.HOME
    elif registered is not None:
        place = Whereabouts.REGISTERED
    else:
        place = Whereabouts.UNION if in_eu(country, day) else Whereabouts.WORLD
    return TaxFacts(
        place=place,
        seller_scheme=registered.scheme if registered is not None else TaxScheme.STANDARD,
        seller_has_oss=oss,
        seller_in_eu=in_eu(home, day),
        home_scheme=at_home.scheme if at_home is not None else TaxScheme.STANDARD,
        is_past_threshold=buyer.past_threshold,
        is_business=buyer.kind is CustomerKind.BUSINESS,
        has_tax_id=bool(buyer.tax_id) and buyer.kind is CustomerKind.BUSINESS,
        is_exempt=bool(buyer.exempt_reason),
        tax_class=tax_class,
        is_goods=tax_class in table.goods,
    )


def _registered(seller: Entity, country: str, day: date) -> TaxRegistration | None:
    """Give the seller's own registration in a country; the one-stop shop is none."""
    found = (
        one
        for one in seller.registrations
        if one.country == country and one.scheme not in _ONE_STOP and _holds(one.since, one.until, day)
    )
    return next(found, None)


def _holds(since: date | None, until: date | None, day: date) -> bool:
    return (since is None or since <= day) and (until is None or day < until)


def _line_tax(outcome: Outcome, seller: Entity, buyer: Buyer, tax_class: str, day: date, *, table: TaxTable) -> LineTax:
    category = _CATEGORIES.get(outcome)
    home = seller.address.country
    if outcome is Outcome.EXEMPT:
        return _exempt(seller, buyer, tax_class, day, table)
    if category is not None:
        code = _NATIONAL_CODES.get((outcome, home), category[1])
        place = home if outcome is Outcome.SMALL_BUSINESS else buyer.country or home
        return LineTax(category[0], _ZERO, code, legal_text(outcome.value, buyer.language, home), place, tax_class)
    country = home if outcome is Outcome.SELLER_RATE else buyer.country or home
    rate = table.rate(country, tax_class, day, *buyer.places) or _standard(table, country, tax_class, day, buyer.places)
    return LineTax(rate.category, rate.percent, rate.reason_code, rate.reason, country, tax_class, rate.parts)


def _exempt(seller: Entity, buyer: Buyer, tax_class: str, day: date, table: TaxTable) -> LineTax:
    """Give the tax of what is exempt: the customer's reason, the one kept with the class, or the directive's."""
    country = buyer.country or seller.address.country
    kept = table.rate(country, EXEMPT_CLASS, day, *buyer.places) if tax_class == EXEMPT_CLASS else None
    text = buyer.exempt_reason or (kept.reason if kept is not None else "")
    code = kept.reason_code if kept is not None and not buyer.exempt_reason else ""
    words = text or legal_text(Outcome.EXEMPT.value, buyer.language, seller.address.country)
    return LineTax(TaxCategory.EXEMPT, _ZERO, code, words, country, tax_class)


def _standard(table: TaxTable, country: str, tax_class: str, day: date, places: tuple[str, ...]) -> TaxRate:
    """Give the standard rate for a class that the country has no rate of its own for."""
    rate = None if tax_class in _OWN_RATE else table.rate(country, STANDARD_CLASS, day, *places)
    if rate is None:
        details = (("country", country), ("class", tax_class), ("day", day.isoformat()))
        raise RuleBroken("tax_rate_missing", details)
    return rate


def change_rate(rates: Iterable[TaxRate], old: TaxRate, percent: Decimal, since: date) -> tuple[TaxRate, ...]:
    """End a rate and let a new percent follow on `since`, as one entry (7.7 → 8.1 %)."""
    ended = tuple(replace(rate, until=since) if rate == old else rate for rate in rates)
    return (*ended, replace(old, id=0, percent=percent, since=since, until=old.until, parts=(), version=1))


def check_rates(rates: Iterable[TaxRate]) -> list[Problem]:
    """Refuse rates out of 0–100 %, validity that ends before it starts, parts that do not add up, and overlaps."""
    problems: list[Problem] = []
    seen: list[TaxRate] = []
    for rate in rates:
        spot = Place(field=f"{rate.country} {rate.tax_class}")
        if not _ZERO <= rate.percent <= 100:  # noqa: PLR2004 - per cent
            problems.append(Problem("percent_out_of_range", spot, to_text(rate.percent)))
        if rate.until is not None and rate.until <= rate.since:
            problems.append(Problem("validity_ends_before_start", spot, rate.until.isoformat()))
        if rate.parts and sum((part.percent for part in rate.parts), _ZERO) != rate.percent:
            problems.append(Problem("tax_parts_do_not_add_up", spot, to_text(rate.percent)))
        if any(_overlap(rate, other) for other in seen):
            problems.append(Problem("tax_rates_overlap", spot, rate.since.isoformat()))
        seen.append(rate)
    return problems


def _overlap(one: TaxRate, other: TaxRate) -> bool:
    same = (one.country, one.region, one.tax_class) == (other.country, other.region, other.tax_class)
    return (
        same
        and (one.until is None or other.since < one.until)
        and (other.until is None or one.since < other.until)
    )  # fmt: skip
