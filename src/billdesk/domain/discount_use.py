"""What is left of a discount after the documents that had it (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billdesk.domain.discounts import (
    Discount,
    DiscountFrequency,
    Span,
    gives_amount_per_period,
    span_at,
    spans_of,
)
from billdesk.domain.invoices import DiscountedPeriod, Document
from billdesk.kernel.money import Money, allocate


@dataclass(frozen=True, slots=True)
class Use:
    """That documents took a discount from lines which fell due on `day`, for service up to `until`.

    `minor` is what it took; `times` is how many documents took it, less those that gave it back.
    """

    day: date
    until: date
    minor: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Granted:
    """A discount as agreed, with what was used of it; without `customer_id` it belongs to its contract."""

    discount: Discount
    customer_id: int | None = None
    uses: tuple[Use, ...] = ()


def uses_of(document: Document) -> list[tuple[int, Use]]:
    """Give what a document uses of discounts, each with the discount's id."""
    return [
        (shown.discount_id, Use(period.day, period.until, period.minor))
        for shown in document.discounts
        if shown.discount_id is not None
        for period in shown.periods
    ]


def with_uses(granted: Granted, uses: Sequence[Use]) -> Granted:
    """Give a discount after it was used again."""
    return replace(granted, uses=(*granted.uses, *uses))


def terms_left(granted: Granted) -> tuple[Discount, ...]:
    """Give what a discount still does: nothing when it is used up.

    A percentage that counts periods stays in force for the whole of a period that it was used for, so that a change
    in the middle of it is discounted like the start was. Of an amount, such a period has what is left of it.
    """
    discount = granted.discount
    if is_amount_once(discount):
        return _rest(granted)
    if gives_amount_per_period(discount):
        return _amounts_left(granted)
    if discount.frequency is DiscountFrequency.FOREVER:
        return (discount,)
    left = periods_allowed(discount) - used_periods(granted)
    spans = used_spans(granted.uses)
    found = []
    if spans and max(end for _start, end in spans) > spans[0][0]:
        since, until = spans[0][0], max(end for _start, end in spans)
        covered = replace(discount, frequency=DiscountFrequency.FOREVER, since=_later(discount.since, since))
        found.append(replace(covered, until=_earlier(discount.until, until), periods_left=None))
        discount = replace(discount, since=_later(discount.since, until))
    if left > 0:
        found.append(replace(discount, frequency=DiscountFrequency.PERIODS, periods_left=left))
    return tuple(found)


def _amounts_left(granted: Granted) -> tuple[Discount, ...]:
    """Give an amount per period with what its periods had, as long as one of them or another one may have any."""
    discount, used = granted.discount, amounts_used(granted.uses)
    if discount.frequency is DiscountFrequency.FOREVER:
        return (replace(discount, used=used),)
    left = max(0, periods_allowed(discount) - len(used))
    is_open = discount.amount is not None and any(period.minor < discount.amount.minor for period in used)
    return (replace(discount, periods_left=left, used=used),) if left or is_open else ()


def amounts_used(uses: Sequence[Use]) -> tuple[DiscountedPeriod, ...]:
    """Give the periods that had an amount, with how much of it is not given back."""
    spans = used_spans(uses)
    minors = dict.fromkeys(spans, 0)
    for use in uses:
        span = span_at(spans, use.day)
        if span is not None:
            minors[span] += use.minor
    return tuple(DiscountedPeriod(*span, minor) for span, minor in minors.items())


def _rest(granted: Granted) -> tuple[Discount, ...]:
    discount, amount = granted.discount, granted.discount.amount
    if amount is None:
        return ()
    rest = amount.minor - used_minor(granted)
    return (replace(discount, left=Money(rest, amount.currency)),) if rest > 0 else ()


def used_minor(granted: Granted) -> int:
    """Give what a discount took so far, less what was given back."""
    return sum(use.minor for use in granted.uses)


def periods_allowed(discount: Discount) -> int:
    """Give for how many periods a discount was agreed."""
    return discount.periods_left or 1


def used_periods(granted: Granted) -> int:
    """Give how many periods of a discount were used."""
    return len(used_spans(granted.uses))


def used_spans(uses: Sequence[Use]) -> list[Span]:
    """Give the periods used, in order: a day inside one is not another one, what was given back is none."""
    days: dict[date, tuple[date, int]] = {}
    for use in uses:
        until, times = days.get(use.day, (use.until, 0))
        days[use.day] = (max(until, use.until), times + use.times)
    return spans_of((day, until) for day, (until, times) in days.items() if times > 0)


def is_amount_once(discount: Discount) -> bool:
    """Whether a discount is an amount whose rest stays for the next document."""
    return discount.percent is None and discount.frequency is DiscountFrequency.ONCE


def is_amount(discount: Discount) -> bool:
    """Whether a discount is an amount, of which a credit gives back what its lines had."""
    return discount.percent is None


def returned_shares(minor: int, shown: Mapping[int, int]) -> dict[int, int]:
    """Spread the discount that a credit returns over the discounts that the credited document shows."""
    if not shown:
        return {}
    return dict(zip(shown, allocate(minor, list(shown.values())), strict=True))


def is_overused(granted: Granted) -> bool:
    """Whether documents took more than was agreed."""
    discount = granted.discount
    if discount.frequency is DiscountFrequency.FOREVER:
        return False
    if is_amount_once(discount):
        return discount.amount is not None and used_minor(granted) > discount.amount.minor
    return used_periods(granted) > periods_allowed(discount)


def is_used_up(granted: Granted) -> bool:
    """Whether nothing of a discount is left for another period."""
    if granted.discount.frequency is DiscountFrequency.FOREVER:
        return False
    left = (one for one in terms_left(granted) if one.periods_left != 0)
    return not any(one.frequency is not DiscountFrequency.FOREVER for one in left)


def _later(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)
