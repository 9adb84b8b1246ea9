"""Offers: one form that builds the prices people think of as one, such as a fee with included units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from billdesk.domain.catalog import Price, PriceTerms, QuantitySource, Timing
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem


@dataclass(frozen=True, slots=True)
class IncludedOverage:
    """A fee per period in advance with units included, and a price for each unit above, in one currency."""

    currency: str
    fee: Decimal
    included: Decimal
    unit_price: Decimal


def build_included_overage(usage_price: Price, offers: tuple[IncludedOverage, ...]) -> tuple[Price, Price]:
    """Give the flat price in advance and the graduated price in arrears whose first tier is free.

    `usage_price` gives names, interval, product and metric; its code gets `-FEE` for the flat price.
    """
    flat = replace(
        usage_price,
        id=0,
        code=f"{usage_price.code}-FEE",
        model="flat",
        timing=Timing.ADVANCE,
        quantity_source=QuantitySource.ONE,
        metric_id=None,
        terms=tuple(PriceTerms(offer.currency, {"amount": to_text(offer.fee)}) for offer in offers),
    )
    overage = replace(
        usage_price,
        id=0,
        model="graduated",
        timing=Timing.ARREARS,
        quantity_source=QuantitySource.USAGE,
        terms=tuple(PriceTerms(offer.currency, {"tiers": _tiers(offer)}) for offer in offers),
    )
    return flat, overage


def _tiers(offer: IncludedOverage) -> list[dict[str, str]]:
    free = {"up_to": to_text(offer.included), "unit_price": "0"}
    return [*([free] if offer.included else []), {"unit_price": to_text(offer.unit_price)}]


def check_included_overage(offers: tuple[IncludedOverage, ...]) -> list[Problem]:
    """Refuse a currency twice and negative units."""
    problems = []
    currencies = [offer.currency for offer in offers]
    for offer in offers:
        if offer.included < 0:
            problems.append(Problem("too_small", Place(field="included"), to_text(offer.included), (("minimum", "0"),)))
        if currencies.count(offer.currency) > 1:
            problems.append(Problem("currency_twice", Place(field="currency"), offer.currency))
    return problems
