"""Discounts and coupons: in their order, each on what the ones before left, never below zero (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from billdesk.domain.catalog import Catalog, Price
from billdesk.domain.invoices import DiscountedPeriod, DiscountShown
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


Span = tuple[date, date]
"""A period as a discount counts them: from the day on which it fell due, to the end of what was billed in advance."""


def spans_of(days: Iterable[Span]) -> list[Span]:
    """Give the periods that days open, in order; a day inside a period is not another one, nor does it extend it."""
    ends: dict[date, date] = {}
    for day, until in days:
        ends[day] = max(until, ends.get(day, until))
    spans: list[Span] = []
    for day, until in sorted(ends.items()):
        if not spans or not spans[-1][0] < day < spans[-1][1]:
            spans.append((day, until))
    return spans


def span_at(spans: Sequence[Span], day: date) -> Span | None:
    """Give the period in which a day is, or which it opens."""
    found = [span for span in spans if span[0] <= day]
    return found[-1] if found and (found[-1][0] == day or day < found[-1][1]) else None


class DiscountFrequency(StrEnum):
    """How often a discount applies."""

    ONCE = "once"
    PERIODS = "periods"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount of a customer or one subscription: a percent, or an amount in one currency.

    `left` is what remains of a fixed amount that applies once, and stays for the next document; `periods_left`
    counts the periods that may still have it. `used` are the periods that had a fixed amount, with how much of it:
    each has it once. `since`/`until` bound the day on which a line fell due.
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
    used: tuple[DiscountedPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscountedLine:
    """What a discount looks at in a line; `amount` is minor units and positive.

    `until` ends the grid period of a charge in advance, of which the line may be a part only.
    """

    amount: int
    price_id: int | None
    subscription_id: int | None
    due: date
    until: date | None = None

    @property
    def span(self) -> Span:
        """From the day on which it fell due to the end of what that covers."""
        return self.due, self.until or self.due


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
        groups = _chosen(lines, discount, catalog)
        periods = _take(result, lines, discount, groups, currency)
        if not periods:
            continue
        amount = Money(sum(period.minor for period in periods), currency)
        result.shown.append(DiscountShown(discount.label, amount, discount.id, periods))
        result.uses.append(DiscountUse(discount.id, amount, len(periods)))
    return result


@dataclass(frozen=True, slots=True)
class _Group:
    """The positions of lines of one period, and what of an amount the period had before, in minor units."""

    indexes: list[int]
    had: int = 0


def _take(
    result: Discounted, lines: Sequence[DiscountedLine], discount: Discount, groups: list[_Group], currency: str
) -> tuple[DiscountedPeriod, ...]:
    """Take a discount from its lines; give what it took in each period."""
    before = list(result.shares)
    together = [_Group(sorted(index for group in groups for index in group.indexes))]
    for group in groups if gives_amount_per_period(discount) else together:
        rests = [lines[index].amount - result.shares[index] for index in group.indexes]
        taken = _taken(discount, sum(rests), currency, group.had)
        if taken:
            for index, share in zip(group.indexes, allocate(taken, rests), strict=True):
                result.shares[index] += share
    periods = []
    for group in groups:
        minor = sum(result.shares[index] - before[index] for index in group.indexes)
        if minor:
            day, until = spans_of(lines[index].span for index in group.indexes)[0]
            periods.append(DiscountedPeriod(day, until, minor))
    return tuple(periods)


def gives_amount_per_period(discount: Discount) -> bool:
    """Whether a discount is an amount that each period has once."""
    return discount.percent is None and discount.frequency is not DiscountFrequency.ONCE


def _chosen(lines: Sequence[DiscountedLine], discount: Discount, catalog: Catalog) -> list[_Group]:
    """Give the lines a discount takes from, by period; with periods left, the earliest new ones only.

    Parts of one grid period, such as those around a change of plan, are the same period.
    """
    fitting = [index for index, line in enumerate(lines) if line.amount > 0 and _fits(line, discount, catalog)]
    spans = spans_of([*((had.day, had.until) for had in discount.used), *(lines[index].span for index in fitting)])
    found: dict[Span | None, list[int]] = {}
    for index in fitting:
        found.setdefault(span_at(spans, lines[index].due), []).append(index)
    had: dict[Span | None, int] = {}
    for period in discount.used:
        span = span_at(spans, period.day)
        had[span] = had.get(span, 0) + period.minor
    allowed = 1 if discount.frequency is DiscountFrequency.ONCE and discount.percent else discount.periods_left
    if allowed is not None and discount.frequency is not DiscountFrequency.FOREVER:
        new = [span for span in spans if span in found and span not in had][:allowed]
        found = {span: group for span, group in found.items() if span in had or span in new}
    return [_Group(found[span], had.get(span, 0)) for span in spans if span in found]


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


def _taken(discount: Discount, rest: int, currency: str, had: int) -> int:
    """Give what a discount takes of what is left: a percent, or its amount less what the period had, at most all."""
    if discount.percent is not None:
        return min(rest, round_exact(Fraction(rest) * Fraction(discount.percent) / 100))
    amount = discount.amount
    if amount is None or amount.currency != currency:
        return 0
    if discount.frequency is DiscountFrequency.ONCE:
        amount = discount.left if discount.left is not None else amount
        return min(rest, amount.minor)
    return min(rest, max(0, amount.minor - had))


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


class CouponState(StrEnum):
    """Whether a code can be used on a day, by anybody at all."""

    OPEN = "open"
    PLANNED = "planned"
    EXPIRED = "expired"
    USED_UP = "used_up"
    ENDED = "ended"


def coupon_state(coupon: Coupon, day: date, uses: int) -> CouponState:
    """Give the state of a coupon that was used so often; why one customer cannot use it is `check_coupon`'s to say."""
    if coupon.archived:
        return CouponState.ENDED
    if coupon.until is not None and day >= coupon.until:
        return CouponState.EXPIRED
    if coupon.most_uses is not None and uses >= coupon.most_uses:
        return CouponState.USED_UP
    return CouponState.PLANNED if coupon.since is not None and day < coupon.since else CouponState.OPEN


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
