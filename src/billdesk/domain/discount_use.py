"""What is left of a discount after the documents that had it (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.domain.invoices import Document
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
    """Give what a document uses of discounts, each with the discount's id; the first day bears the amount."""
    found = []
    for shown in document.discounts:
        if shown.discount_id is None:
            continue
        for place, day in enumerate(shown.days):
            minor = 0 if place else shown.amount.minor
            found.append((shown.discount_id, Use(day, _served_until(document, day), minor)))
    return found


def _served_until(document: Document, day: date) -> date:
    """Give until when charges in advance that fell due on a day run."""
    spans = [
        line.period
        for line in document.lines
        if line.period is not None and line.corrects_line_id is None and line.amount.minor > 0
    ]
    return max([day, *(span.end for span in spans if span.start <= day < span.end)])


def with_uses(granted: Granted, uses: Sequence[Use]) -> Granted:
    """Give a discount after it was used again."""
    return replace(granted, uses=(*granted.uses, *uses))


def terms_left(granted: Granted) -> tuple[Discount, ...]:
    """Give what a discount still does: nothing when it is used up.

    A percentage that counts periods stays in force for the whole of a period that it was used for, so that a change
    in the middle of it is discounted like the start was.
    """
    discount = granted.discount
    if discount.frequency is DiscountFrequency.FOREVER:
        return (discount,)
    if is_amount_once(discount):
        return _rest(granted)
    left = periods_allowed(discount) - used_periods(granted)
    if discount.percent is None:
        return (replace(discount, periods_left=left),) if left > 0 else ()
    spans = used_spans(granted.uses)
    found = []
    if spans and spans[-1][1] > spans[0][0]:
        since, until = spans[0][0], max(end for _start, end, _days in spans)
        covered = replace(discount, frequency=DiscountFrequency.FOREVER, since=_later(discount.since, since))
        found.append(replace(covered, until=_earlier(discount.until, until), periods_left=None))
        discount = replace(discount, since=_later(discount.since, until))
    if left > 0:
        found.append(replace(discount, frequency=DiscountFrequency.PERIODS, periods_left=left))
    return tuple(found)


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
    """Give how many periods of a discount were used; an amount is given once for each day on which it was taken."""
    spans = used_spans(granted.uses)
    return len(spans) if granted.discount.percent is not None else sum(days for _start, _end, days in spans)


def used_spans(uses: Sequence[Use]) -> list[tuple[date, date, int]]:
    """Give the periods used, in order, with how many days they were used on: a day inside one is not another one."""
    days: dict[date, tuple[date, int]] = {}
    for use in uses:
        until, times = days.get(use.day, (use.until, 0))
        days[use.day] = (max(until, use.until), times + use.times)
    spans: list[tuple[date, date, int]] = []
    for day, (until, times) in sorted(days.items()):
        if times <= 0:
            continue
        if spans and spans[-1][0] < day < spans[-1][1]:
            start, end, count = spans[-1]
            spans[-1] = (start, max(end, until), count + 1)
        else:
            spans.append((day, until, 1))
    return spans


def is_amount_once(discount: Discount) -> bool:
    """Whether a discount is an amount whose rest stays for the next document."""
    return discount.percent is None and discount.frequency is DiscountFrequency.ONCE


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
    return not any(one.frequency is not DiscountFrequency.FOREVER for one in terms_left(granted))


def _later(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)


def _earlier(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)
