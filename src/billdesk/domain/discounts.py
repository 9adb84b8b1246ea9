"""Discounts and coupons: in their order, each on what the ones before left, never below zero (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from billdesk.domain.catalog import Catalog, Price
from billdesk.domain.invoices import DiscountShown
from billdesk.kernel.decimals import round_exact, to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.money import Money, allocate

_HUNDRED: Final = Decimal(100)


class DiscountScope(StrEnum):
    """Which lines a discount takes from."""

    ALL = "all"
    PLANS = "plans"
    PRODUCTS = "products"
    METRICS = "metrics"
    PRICES = "prices"


class DiscountFrequency(StrEnum):
    """How often a discount applies."""

    ONCE = "once"
    PERIODS = "periods"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount of a customer or one subscription: a percent, or an amount in one currency.

    `left` is what remains of a fixed amount that applies once, and stays for the next document; `periods_left`
    counts the periods that may still have it. `since`/`until` bound the day on which a line fell due.
    """

    id: int
    label: str
    percent: Decimal | None = None
    amount: Money | None = None
    scope: DiscountScope = DiscountScope.ALL
    scope_ids: frozenset[int] = frozenset()
    frequency: DiscountFrequency = DiscountFrequency.FOREVER
    periods_left: int | None = None
    left: Money | None = None
    since: date | None = None
    until: date | None = None
    subscription_id: int | None = None
    position: int = 0
    coupon_code: str = ""


@dataclass(frozen=True, slots=True)
class DiscountedLine:
    """What a discount looks at in a line; `amount` is minor units and positive."""

    amount: int
    price_id: int | None
    subscription_id: int | None
    due: date


@dataclass(frozen=True, slots=True)
class DiscountUse:
    """What a discount took off a document, and how many of its periods that used."""

    discount_id: int
    amount: Money
    periods: int


@dataclass(slots=True)
class Discounted:
    """Discounts per line (in the order of the lines), as shown, and what was used of each."""

    shares: list[int]
    shown: list[DiscountShown] = field(default_factory=list)
    uses: list[DiscountUse] = field(default_factory=list)


def apply_discounts(
    lines: Sequence[DiscountedLine], discounts: Sequence[Discount], catalog: Catalog, currency: str
) -> Discounted:
    """Spread each discount over its lines by largest remainder; shares never exceed a line."""
    result = Discounted([0] * len(lines))
    for discount in sorted(discounts, key=lambda one: (one.position, one.id)):
        chosen = _chosen(lines, discount, catalog)
        rests = [lines[index].amount - result.shares[index] for index in chosen]
        taken = _taken(discount, sum(rests), currency, _periods(lines, chosen))
        if not taken:
            continue
        for index, share in zip(chosen, allocate(taken, rests), strict=True):
            result.shares[index] += share
        amount = Money(taken, currency)
        days = tuple(sorted({lines[index].due for index in chosen}))
        result.shown.append(DiscountShown(discount.label, amount, discount.id, days))
        result.uses.append(DiscountUse(discount.id, amount, len(days)))
    return result


def _chosen(lines: Sequence[DiscountedLine], discount: Discount, catalog: Catalog) -> list[int]:
    """Give the positions of the lines a discount takes from; with periods left, the earliest periods only."""
    fitting = [index for index, line in enumerate(lines) if line.amount > 0 and _fits(line, discount, catalog)]
    allowed = 1 if discount.frequency is DiscountFrequency.ONCE and discount.percent else discount.periods_left
    if allowed is None or discount.frequency is DiscountFrequency.FOREVER:
        return fitting
    dues = set(sorted({lines[index].due for index in fitting})[:allowed])
    return [index for index in fitting if lines[index].due in dues]


def _fits(line: DiscountedLine, discount: Discount, catalog: Catalog) -> bool:
    if discount.subscription_id is not None and discount.subscription_id != line.subscription_id:
        return False
    if discount.since is not None and line.due < discount.since:
        return False
    if discount.until is not None and line.due >= discount.until:
        return False
    return discount.scope is DiscountScope.ALL or _in_scope(catalog.prices.get(line.price_id or 0), discount, catalog)


def _in_scope(price: Price | None, discount: Discount, catalog: Catalog) -> bool:
    if price is None:
        return False
    ids = discount.scope_ids
    match discount.scope:
        case DiscountScope.PRODUCTS:
            return price.product_id in ids
        case DiscountScope.METRICS:
            return price.metric_id in ids
        case DiscountScope.PLANS:
            versions = catalog.plan_versions.values()
            return any(v.plan_id in ids and any(item.price_id == price.id for item in v.items) for v in versions)
        case _:
            return price.id in ids


def _periods(lines: Sequence[DiscountedLine], chosen: Sequence[int]) -> int:
    return len({lines[index].due for index in chosen})


def _taken(discount: Discount, rest: int, currency: str, periods: int) -> int:
    """Give what a discount takes of what is left: a percent of it, or its amount per period, at most all."""
    if discount.percent is not None:
        return min(rest, round_exact(Fraction(rest) * Fraction(discount.percent) / 100))
    amount = discount.amount
    if amount is None or amount.currency != currency:
        return 0
    if discount.frequency is DiscountFrequency.ONCE:
        amount = discount.left if discount.left is not None else amount
        return min(rest, amount.minor)
    return min(rest, amount.minor * max(1, periods))


def check_discount(discount: Discount) -> list[Problem]:
    """Refuse a discount above 100 %, below nothing, with both or neither percent and amount, or an empty window."""
    problems = []
    if (discount.percent is None) is (discount.amount is None):
        problems.append(Problem("discount_percent_or_amount", Place(field="percent")))
    if discount.percent is not None and not 0 < discount.percent <= _HUNDRED:
        problems.append(Problem("percent_out_of_range", Place(field="percent"), to_text(discount.percent)))
    if discount.amount is not None and discount.amount.minor <= 0:
        problems.append(Problem("amount_not_positive", Place(field="amount"), str(discount.amount)))
    if discount.since is not None and discount.until is not None and discount.until <= discount.since:
        problems.append(Problem("validity_ends_before_start", Place(field="until"), discount.until.isoformat()))
    if discount.frequency is DiscountFrequency.PERIODS and not discount.periods_left:
        problems.append(Problem("value_missing", Place(field="periods_left")))
    return problems


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that gives a discount to whoever may use it, within a window and limits."""

    id: int
    code: str
    discount: Discount
    since: date | None = None
    until: date | None = None
    most_uses: int | None = None
    most_per_customer: int | None = 1
    first_time_only: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True)
class CouponFacts:
    """What is known when a customer uses a code."""

    day: date
    currency: str
    uses: int = 0
    uses_of_customer: int = 0
    has_been_billed: bool = False


def check_coupon(coupon: Coupon, facts: CouponFacts) -> list[Problem]:
    """Say why a code cannot be used now; an empty list lets it in."""
    spot = Place(field="coupon")
    amount = coupon.discount.amount
    reasons = (
        ("coupon_archived", coupon.archived),
        ("coupon_not_yet", coupon.since is not None and facts.day < coupon.since),
        ("coupon_expired", coupon.until is not None and facts.day >= coupon.until),
        ("coupon_other_currency", amount is not None and amount.currency != facts.currency),
        ("coupon_used_up", coupon.most_uses is not None and facts.uses >= coupon.most_uses),
        (
            "coupon_used_by_customer",
            coupon.most_per_customer is not None and facts.uses_of_customer >= coupon.most_per_customer,
        ),
        ("coupon_first_time_only", coupon.first_time_only and facts.has_been_billed),
    )
    return [Problem(code, spot, coupon.code) for code, holds in reasons if holds]
