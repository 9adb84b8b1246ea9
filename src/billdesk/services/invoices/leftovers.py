"""What is left of an issued document's lines after the credits that name them, as lines of a new draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from billdesk.domain.billing.leftovers import without
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import DiscountShown, Document, Line, LineKind
from billdesk.kernel.decimals import to_text
from billdesk.kernel.money import Money, allocate
from billdesk.kernel.period import Period
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import Credited


def lines_left(db: Db, invoice: Document) -> list[Line]:
    """Give the lines of an issued invoice with the days and money that are still charged, ids kept.

    A charge that later credits cut short comes back as its remaining days; one that is gone does not come back.
    """
    ids = [line.id for line in invoice.lines]
    credited, days = storage.credited_lines(db, ids), storage.credited_days(db, ids)
    return [part for line in invoice.lines for part in _left(line, credited.get(line.id), days.get(line.id, ()))]


def _left(line: Line, credited: Credited | None, gone: Sequence[Period]) -> list[Line]:
    if credited is None:
        return [line]
    amount = line.amount.minor + credited.amount_minor
    discount = line.discount.minor + credited.discount_minor
    if not amount:
        return []
    spans = [line.period] if line.period is not None else []
    for period in gone:
        spans = without(spans, period)
    if line.kind is not LineKind.CHARGE or not spans:
        return [_given(line, amount, discount)]
    weights = [span.days for span in spans]
    shares = zip(spans, allocate(amount, weights), allocate(discount, weights), strict=True)
    return [_of_days(_given(line, money, less), span) for span, money, less in shares if money]


def _given(line: Line, amount: int, discount: int) -> Line:
    money = Money(amount, line.amount.currency)
    trace = Trace((Step(StepKind.GIVEN, {"given": to_text(money.major)}), Step(StepKind.FULL, {})))
    return replace(line, amount=money, discount=Money(discount, money.currency), unit_price=None, trace=trace)


def _of_days(line: Line, span: Period) -> Line:
    if line.period is None or span == line.period:
        return line
    return replace(line, period=span, days=span.days, of_days=line.of_days or line.period.days)


def discounts_left(invoice: Document, lines: Sequence[Line]) -> tuple[DiscountShown, ...]:
    """Give the discounts to show for what is left: as before, or each by its share."""
    given = sum(line.discount.minor for line in lines if line.discount.minor > 0)
    if given == sum(shown.amount.minor for shown in invoice.discounts):
        return invoice.discounts
    shares = allocate(given, [shown.amount.minor for shown in invoice.discounts])
    pairs = zip(invoice.discounts, shares, strict=True)
    return tuple(_share_of(shown, share) for shown, share in pairs if share)


def _share_of(shown: DiscountShown, minor: int) -> DiscountShown:
    weights = [period.minor for period in shown.periods]
    parts = allocate(minor, weights) if weights else []
    periods = tuple(replace(period, minor=part) for period, part in zip(shown.periods, parts, strict=True) if part)
    return replace(shown, amount=Money(minor, shown.amount.currency), periods=periods)


def corrected_line(line: Line, recharged: Mapping[tuple[int | None, Period | None], int]) -> int | None:
    """Give what a credit on the new draft takes back: the line that charged its days again."""
    if line.corrects_line_id is None:
        return None
    return recharged.get((line.price_id, line.period), line.corrects_line_id)
