"""Wrong configurations of the catalogue, each as a person types it into a form and as it stands in a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from billdesk.domain.catalog import Conversion, PlanItem, PlanVersion, Price, PriceTerms, VersionState
from billdesk.domain.usage import Metric
from builders.catalog import a_price
from builders.sheets import Rows

PRODUCT, BASE, POUNDS, BASIC = 1, 1, 4, 1
"""Ids of the test catalogue with a price in pounds added."""

Record = Price | PlanVersion | Metric

_PRICE_HEADER: Final = ("Price code", "Product code", "Charge model", "Billed per", "Currency", "Amount", "Tier up to",
                        "Tier price per unit", "Other parameters", "Converted from")  # fmt: skip
_PLAN_HEADER: Final = ("Plan code", "Name", "Version", "Effective from", "Price code")
_METRIC_HEADER: Final = ("Metric code", "Name", "Aggregation", "Decimals")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wrong record, the same in a sheet of a kind, and what people are told: what is wrong and what helps.

    `can_be_chosen`: the window lets a person enter it; some things it does not offer in the first place.
    """

    record: Record
    kind: str
    rows: Rows
    says: str
    remedy: str
    can_be_chosen: bool = True


def tiered(*tiers: Mapping[str, str], model: str = "graduated") -> Price:
    """Give a price with these tiers."""
    return replace(a_price(PRODUCT, "NEW"), model=model, terms=(PriceTerms("EUR", {"tiers": list(tiers)}),))


def tier_rows(*tiers: tuple[str, str], model: str = "graduated") -> Rows:
    """Give the same tiers as rows of a sheet."""
    lines = [("NEW", "HOST", model, "month", "EUR", "", up_to, price, "", "") for up_to, price in tiers]
    return (_PRICE_HEADER, *lines)


def _version(effective: date, *prices: int) -> PlanVersion:
    return PlanVersion(0, BASIC, 0, VersionState.DRAFT, effective, tuple(PlanItem(one) for one in prices))


REFUSALS: Final = {
    "a closed last tier": Refusal(
        tiered({"up_to": "10", "unit_price": "2"}, {"up_to": "20", "unit_price": "1"}),
        "prices", tier_rows(("10", "2"), ("20", "1")),
        "The last tier ends at 20", "Leave the upper edge of the last tier empty.",
    ),
    "overlapping tiers": Refusal(
        tiered({"up_to": "10", "unit_price": "2"}, {"up_to": "10", "unit_price": "1"}, {"unit_price": "0.5"},
               model="volume"),
        "prices", tier_rows(("10", "2"), ("10", "1"), ("", "0.5"), model="volume"),
        "not above the one before (10)", "Put the tiers in rising order.",
    ),
    "a tier that is open inside": Refusal(
        tiered({"unit_price": "2"}, {"unit_price": "1"}),
        "prices", tier_rows(("", "2"), ("", "1")),
        "Only the last tier may be without an upper edge.", "Enter up to where this tier goes.",
    ),
    "a price without an amount": Refusal(
        replace(a_price(PRODUCT, "NEW"), terms=(PriceTerms("EUR", {}),)),
        "prices", (_PRICE_HEADER, ("NEW", "HOST", "flat", "month", "EUR", "", "", "", "", "")),
        "A value is missing.", "Fill it in.",
    ),
    "too many decimals of an amount": Refusal(
        replace(a_price(PRODUCT, "NEW"), terms=(PriceTerms("EUR", {"amount": "0.1234567890123"}),)),
        "prices", (_PRICE_HEADER, ("NEW", "HOST", "flat", "month", "EUR", "0.1234567890123", "", "", "", "")),
        "has too many decimals", "Use at most 12 decimals.",
    ),
    "a conversion from a currency the price lacks": Refusal(
        replace(a_price(PRODUCT, "NEW"), conversion=Conversion("USD")),
        "prices", (_PRICE_HEADER, ("NEW", "HOST", "flat", "month", "EUR", "50", "", "", "", "USD")),
        "no amount in USD to convert from", "Add its amount in that currency, or convert from another one.",
        can_be_chosen=False,
    ),
    "unreadable tiers in a price table": Refusal(
        replace(a_price(PRODUCT, "NEW"), model="matrix", terms=(PriceTerms(
            "EUR", {"first": "region", "rows": [{"value": "eu", "model": "volume", "tiers": "100: 1"}]}),)),
        "prices", (_PRICE_HEADER, ("NEW", "HOST", "matrix", "month", "EUR", "", "", "", (
            '{"first": "region", "rows": [{"value": "eu", "model": "volume", "tiers": "100: 1"}]}'), "")),
        "100: 1", "100: 1.00 + 5 | 500: 0.80 | 0.60",
    ),
    "a version that starts in the past": Refusal(
        _version(date(2026, 3, 15), BASE),
        "plans", (_PLAN_HEADER, ("BASIC", "Basic plan", "2", "2026-03-15", "BASE-M")),
        "which is past", "Give it a date from today on.",
    ),
    "a version without a currency in common": Refusal(
        _version(date(2026, 4, 1), BASE, POUNDS),
        "plans", (_PLAN_HEADER, ("BASIC", "Basic plan", "2", "2026-04-01", "BASE-M"),
                  ("BASIC", "Basic plan", "2", "2026-04-01", "POUNDS")),
        "no currency in common", "Add the missing currency to its prices, or let them be converted.",
    ),
    "a metric with too many decimals": Refusal(
        Metric(0, "GB", "Gigabytes", decimals=13),
        "metrics", (_METRIC_HEADER, ("GB", "Gigabytes", "sum", "13")),
        "13", "at most 12",
    ),
}  # fmt: skip
