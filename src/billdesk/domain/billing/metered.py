"""Usage prices: what a grid period's usage should cost less what was billed for that period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.billing.crediting import credit_line, give_back
from billdesk.domain.billing.desk import Cell, Desk, Part, cells, first_day, frame_at
from billdesk.domain.billing.leftovers import Left, Leftovers
from billdesk.domain.billing.proration import part_of
from billdesk.domain.billing.records import LateAmount, ProposedLine, Usage
from billdesk.domain.catalog import LateUsage, Price, PriceTerms
from billdesk.domain.explain import Step, StepKind, Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import CompiledTerms, compiled
from billdesk.domain.tariffs import ONE, ZERO, Rated, exact_text, part
from billdesk.domain.timeline import Billing, Term
from billdesk.domain.usage import NO_USAGE, Aggregation, UsageTotal, UsageWindow
from billdesk.kernel.decimals import round_exact, round_ratio
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.period import Period
from billdesk.kernel.records import quick

KINDS: Final = (LineKind.USAGE, LineKind.MINIMUM, LineKind.MAXIMUM)
_DAY: Final = timedelta(days=1)
_NONE: Final[Sequence[Left]] = ()
_NOTHING_LEFT: Final[Mapping[LineKind, Sequence[Left]]] = dict.fromkeys(KINDS, _NONE)
_LEFT_ALONE: Final = frozenset({LateUsage.ASK, LateUsage.IGNORE})
_ADDS_UP: Final = frozenset({Aggregation.SUM, Aggregation.COUNT})


@dataclass(slots=True)
class Segment:
    """Days of a grid period on which one set of terms prices the usage."""

    days: Period
    terms: CompiledTerms
    window: UsageWindow


@dataclass(slots=True)
class Metered:
    """A grid period of a usage price: its segments, when it falls due, the days in it that are billed."""

    cell: Cell
    segments: list[Segment]
    due: date
    days: Period
    adds_up: bool
    hold: bool


def metered_periods(desk: Desk, price: Price, run: list[Term], lefts: Sequence[Left]) -> list[Metered]:
    """Give the grid periods of a usage price that are due, or billed before, or asked for progressively."""
    if not run:
        return []
    since = usage_since(desk, price)
    until = max([desk.as_of + timedelta(days=1), *(left.line.period.end for left in lefts)])
    found = []
    for cell in cells(desk, run, since, until):
        due = cell.ends + timedelta(days=price.grace_days)
        desk.expect(due)
        is_running = price.id in desk.progressive and cell.whole.start <= desk.as_of
        if due <= desk.as_of or is_running:
            metered = _metered(desk, price, cell, due)
            if metered is not None:
                found.append(metered)
    return found


def usage_since(desk: Desk, price: Price) -> date:
    """Give the first day that is looked at: a grace period lets a period fall due long after it ended."""
    since = desk.since
    if price.grace_days and since != date.min:
        since -= min(timedelta(days=price.grace_days), since - date.min)
    return first_day(desk, price, since)


def _metered(desk: Desk, price: Price, cell: Cell, due: date) -> Metered | None:
    parts = [(days, term) for days, term in cell.parts if term.billing is not Billing.FREE]
    metric = desk.catalog.metrics.get(price.metric_id or 0)
    if not parts or metric is None:
        if metric is None:
            desk.warnings.append(Problem("metric_missing", Place(field="metric_id"), price.code))
        return None
    # A level that carries over is one level for the period, not what was added in each part of it.
    adds_up = metric.aggregation in _ADDS_UP and not metric.recurring
    days = parts[0][0] if len(parts) == 1 else Period(parts[0][0].start, parts[-1][0].end)
    spans = _joined(parts)
    segments = []
    for span, terms in spans:
        tariff = compiled(desk.catalog, price, terms, cell.whole.start)
        window = _window(desk, price, tariff, span if adds_up else days, cell.whole)
        segments.append(Segment(span, tariff, window))
    return Metered(cell, segments, due, days, adds_up, parts[-1][1].billing is Billing.HOLD)


def _joined(parts: list[Part]) -> list[tuple[Period, PriceTerms]]:
    """Join neighbouring days with equal terms; a change of quantity does not split usage."""
    if len(parts) == 1:
        return [(parts[0][0], parts[0][1].terms)]
    spans: list[tuple[Period, PriceTerms]] = []
    for days, term in parts:
        if spans and spans[-1][0].end == days.start and spans[-1][1] == term.terms:
            spans[-1] = (Period(spans[-1][0].start, days.end), term.terms)
        else:
            spans.append((days, term.terms))
    return spans


def _window(desk: Desk, price: Price, terms: CompiledTerms, days: Period, whole: Period) -> UsageWindow:
    needs = terms.tariff.needs
    metric = desk.catalog.metrics[price.metric_id or 0]
    return UsageWindow(
        desk.subscription.id, price.metric_id or 0, price.id, days, whole.start,
        needs.dimensions, needs.fee, needs.amount_property,
        counted_until=whole.end if metric.aggregation is Aggregation.WEIGHTED_SUM else None,
    )  # fmt: skip


def settle_metered(
    desk: Desk,
    price: Price,
    run: list[Term],
    leftovers: Leftovers,
    usage: Usage,
    known: list[Metered] | None = None,
) -> None:
    """Propose the true-up of each usage period, then of its minimum and maximum.

    `known` are the periods if nothing is billed for them, where they were looked for before.
    """
    since = usage_since(desk, price)
    lefts: Mapping[LineKind, Sequence[Left]] = _NOTHING_LEFT
    if leftovers:
        lefts = {kind: _since(leftovers.get((price.id, kind), _NONE), since) for kind in KINDS}
    everything = [left for found in lefts.values() for left in found]
    done: set[int] = set()
    periods = metered_periods(desk, price, run, everything) if known is None or everything else known
    for metered in periods:
        frame = metered.cell.frame
        billed = lefts
        if everything:
            billed = {kind: [left for left in lefts[kind] if left.line.period.start in frame] for kind in KINDS}
            done.update(left.line.line_id for found in billed.values() for left in found)
        if not _is_left_alone(desk, price, metered, billed, usage):
            _settle_period(desk, price, metered, billed, usage)
    for left in everything:
        if left.line.line_id not in done and not _is_held(desk, price, run, left.line.period):
            credit_line(desk, left, left.line.period, 0)


def _is_held(desk: Desk, price: Price, run: list[Term], days: Period) -> bool:
    """Whether a price is in force on days that were billed, and in the grid period in which they begin.

    Days whose grid period went with a new anchor are billed anew in that of the new one.
    """
    frame = frame_at(desk, price, days.start)
    in_force = [term.period for term in run]
    return any(one.intersect(days) for one in in_force) and any(one.intersect(frame) for one in in_force)


def _since(lefts: Sequence[Left], since: date) -> Sequence[Left]:
    return [left for left in lefts if left.line.period.end > since] if lefts else lefts


@quick
@dataclass(frozen=True, slots=True)
class _Should:
    """What a period should cost for one kind of line: minor units, how they came about, and of what."""

    kind: LineKind
    amount: int
    steps: tuple[Step, ...]
    quantity: Decimal = ONE
    unit_price: Decimal | None = None


def _settle_period(
    desk: Desk, price: Price, metered: Metered, billed: Mapping[LineKind, Sequence[Left]], usage: Usage
) -> None:
    should = _should(desk, metered, usage)
    _true_up(desk, price, metered, should, billed[LineKind.USAGE])
    terms = metered.segments[-1].terms
    is_over = metered.due <= desk.as_of
    for kind, limit in ((LineKind.MINIMUM, terms.terms.minimum), (LineKind.MAXIMUM, terms.terms.maximum)):
        if limit is not None and is_over:
            _true_up(desk, price, metered, _limit(desk, metered, kind, limit, should.amount), billed[kind])
        elif limit is None and billed[kind]:
            _true_up(desk, price, metered, _Should(kind, 0, ()), billed[kind])


def _should(desk: Desk, metered: Metered, usage: Usage) -> _Should:
    """Rate a period's usage; one segment has one unit price, several have none."""
    segments = metered.segments
    totals = [_clamped(usage.get(segment.window, NO_USAGE)) for segment in segments]
    quantity, unit_price = totals[0].quantity, None
    if len(segments) == 1:
        rated = _rated(segments[0].terms, totals[0])
        steps = (*_head(desk, segments[0], totals[0]), *rated.steps, _full(rated.amount))
        exact, unit_price = _minor(desk, rated.amount), rated.unit_price
    elif metered.adds_up:
        quantity = sum((total.quantity for total in totals), ZERO)
        first = segments[0].terms
        by_units = quantity and first.tariff.needs.whole_quantity and not first.price.tiers_restart
        exact, steps = (_rate_by_units if by_units else _rate_counting_on)(desk, segments, totals)
    else:
        exact, steps = _rate_by_days(desk, metered, totals)
    amount = round_ratio(*exact)
    steps = (*steps, Step(StepKind.ROUND, {}, desk.text(amount)))
    return _Should(LineKind.USAGE, amount, steps, quantity, unit_price)


def _rate_counting_on(
    desk: Desk, segments: list[Segment], totals: list[UsageTotal]
) -> tuple[tuple[int, int], tuple[Step, ...]]:
    """Price each segment at its own terms, with tiers that go on counting where the segment before stopped.

    A segment costs what its units add to those before it.
    """
    steps: list[Step] = []
    exact, before = ZERO, NO_USAGE
    for number, (segment, total) in enumerate(zip(segments, totals, strict=True)):
        restart = segment.terms.price.tiers_restart
        after = total if restart else _sum(before, total)
        steps += _head(desk, segment, total)
        if number and not restart:
            less = _rated(segment.terms, before)
            steps += [*less.steps, Step(StepKind.LESS, {}, exact_text(-less.amount))]
            exact -= less.amount
        rated = _rated(segment.terms, after)
        steps += [*rated.steps, _full(rated.amount)]
        exact += rated.amount
        before = after
    return _minor(desk, exact), tuple(steps)


def _rate_by_units(
    desk: Desk, segments: list[Segment], totals: list[UsageTotal]
) -> tuple[tuple[int, int], tuple[Step, ...]]:
    """Price each segment's units at its own terms, in the tier that holds the quantity of the whole period.

    Where one tier prices all units, more of them can cost less. What a segment adds would then take back units
    that were used before at another price, and a period could cost less than nothing.
    """
    steps: list[Step] = []
    exact, whole = Fraction(0), NO_USAGE
    for total in totals:
        whole = _sum(whole, total)
    for segment, total in zip(segments, totals, strict=True):
        steps += _head(desk, segment, total)
        if not total.quantity:
            continue
        rated = _rated(segment.terms, whole)
        share = Fraction(rated.amount) * 10**desk.places * Fraction(total.quantity) / Fraction(whole.quantity)
        values = {"days": exact_text(total.quantity), "of": exact_text(whole.quantity), "counted": "units"}
        steps += [*rated.steps, _full(rated.amount), Step(StepKind.PRORATE, values, desk.ratio_text(share))]
        exact += share
    return exact.as_integer_ratio(), tuple(steps)


def _rate_by_days(desk: Desk, metered: Metered, totals: list[UsageTotal]) -> tuple[tuple[int, int], tuple[Step, ...]]:
    """Price one level of the whole period at each segment's terms for its share of the days."""
    steps = [_counted(desk, metered.segments[0].window, totals[0])]
    days = sum(segment.days.days for segment in metered.segments)
    exact = Fraction(0)
    for segment, total in zip(metered.segments, totals, strict=True):
        rated = _rated(segment.terms, total)
        share = Fraction(rated.amount) * 10**desk.places * segment.days.days / days
        values = {"days": str(segment.days.days), "of": str(days)}
        steps += [*segment.terms.origin, *rated.steps, _full(rated.amount)]
        steps += [Step(StepKind.PRORATE, values, desk.ratio_text(share))]
        exact += share
    return exact.as_integer_ratio(), tuple(steps)


def _rated(terms: CompiledTerms, total: UsageTotal) -> Rated:
    if terms.price.skip_zero and not total.quantity and not total.events:
        return Rated(ZERO, ())
    return terms.tariff.rate(total)


def _clamped(total: UsageTotal) -> UsageTotal:
    """Bill nothing for a total below zero, which only corrections can bring about."""
    return total if total.quantity >= 0 else NO_USAGE


def _sum(one: UsageTotal, other: UsageTotal) -> UsageTotal:
    cells = dict(one.cells)
    for key, quantity in other.cells:
        cells[key] = cells.get(key, ZERO) + quantity
    return UsageTotal(
        one.quantity + other.quantity, one.events + other.events, tuple(sorted(cells.items())),
        one.fees + other.fees, one.amount + other.amount,
    )  # fmt: skip


def _full(amount: Decimal) -> Step:
    return Step(StepKind.FULL, {}, exact_text(amount))


def _minor(desk: Desk, amount: Decimal) -> tuple[int, int]:
    return amount.scaleb(desk.places).as_integer_ratio()


def _head(desk: Desk, segment: Segment, total: UsageTotal) -> tuple[Step, ...]:
    """Say what was counted, and where the terms come from when they are not the price's own."""
    return (_counted(desk, segment.window, total), *segment.terms.origin)


def _counted(desk: Desk, window: UsageWindow, total: UsageTotal) -> Step:
    metric = desk.catalog.metrics[window.metric_id]
    values = {
        "quantity": exact_text(total.quantity), "source": "usage", "metric": metric.code, "unit": metric.unit,
        "events": str(total.events),
        "from": window.period.start.isoformat(), "until": window.period.end.isoformat(),
    }  # fmt: skip
    return Step(StepKind.QUANTITY, values)


def _limit(desk: Desk, metered: Metered, kind: LineKind, limit: Decimal, charged: int) -> _Should:
    """Give what a minimum adds or a maximum takes, for the share of the period that was billed."""
    share, of = _active_share(metered)
    exact = Fraction(limit.scaleb(desk.places)) * share / of
    over = round_exact(exact) - charged
    over = max(0, over) if kind is LineKind.MINIMUM else min(0, over)
    amount, step = part(ZERO, ZERO, limit, {"label": kind.value})
    steps = [step, _full(amount)]
    if share != of:
        steps.append(Step(StepKind.PRORATE, {"days": str(share), "of": str(of)}, desk.ratio_text(exact)))
    values = {"limit": kind.value, "base": desk.text(charged)}
    rounded = Step(StepKind.ROUND, {}, desk.text(round_exact(exact)))
    return _Should(kind, over, (*steps, rounded, Step(StepKind.LIMIT, values, desk.text(over))))


def _active_share(metered: Metered) -> tuple[int, int]:
    """Give the part of the grid period that was in force; the days of a pause in it count for no limit."""
    price, whole = metered.segments[0].terms.price, metered.cell.whole
    parts = [part_of(price, whole, segment.days) for segment in metered.segments]
    of = max(of for _share, of in parts)
    return sum(share * of // own for share, own in parts), of


def _true_up(desk: Desk, price: Price, metered: Metered, should: _Should, lefts: Sequence[Left]) -> None:
    """Propose what a period's amount lacks against what was billed for it, or credit what is too much."""
    billed = sum(left.amount for left in lefts)
    lacks, steps = should.amount - billed, should.steps
    if not lacks:
        return
    is_late = _is_late(desk, metered, lefts)
    separate = is_late and price.late_usage is LateUsage.CORRECTIVE
    if billed and (lacks < 0) is (billed > 0):
        before = len(desk.lines)
        give_back(desk, lefts, should.amount, steps)
        desk.lines[before:] = [replace(line, separate=separate) for line in desk.lines[before:]]
        if (should.amount > 0) is (billed > 0) or not should.amount:
            return
        # A rebate that became a charge (or the other way round) is given back in full, then billed.
        billed, lacks = 0, should.amount
    if billed:
        steps = (*steps, Step(StepKind.BILLED, {"billed": desk.text(billed)}, desk.text(lacks)))
    desk.lines.append(
        ProposedLine(
            kind=should.kind,
            subscription_id=desk.subscription.id,
            price_id=price.id,
            period=_span_of(desk, metered),
            quantity=should.quantity,
            unit_price=None if billed else should.unit_price,
            amount=desk.money(lacks),
            # What is billed while the period runs falls due at once.
            due=min(metered.due, desk.as_of),
            terms=metered.segments[-1].terms.fingerprint(should.quantity),
            trace=Trace(steps),
            hold=metered.hold,
            separate=separate,
            supplements=tuple(left.line for left in lefts) if is_late else (),
        )
    )


def _span_of(desk: Desk, metered: Metered) -> Period:
    """Give the days that a line is about: all of the period once it is due, those so far while it runs."""
    days = metered.days
    if metered.due <= desk.as_of:
        return days
    return Period(days.start, max(days.start + _DAY, min(days.end, desk.as_of + _DAY)))


def _is_late(desk: Desk, metered: Metered, lefts: Sequence[Left]) -> bool:
    """Whether the period was billed to its end, or an earlier run saw that end."""
    if metered.due > desk.as_of:
        return False
    if any(left.line.period.end >= metered.days.end for left in lefts):
        return True
    return desk.through is not None and metered.due <= desk.through


def _is_left_alone(
    desk: Desk, price: Price, metered: Metered, billed: Mapping[LineKind, Sequence[Left]], usage: Usage
) -> bool:
    """Whether late usage of a billed period waits for a person or is only listed.

    A period of which nothing was billed is not late: whoever forgot a file still bills all of it.
    """
    lefts = billed[LineKind.USAGE]
    if price.late_usage not in _LEFT_ALONE or not lefts or not _is_late(desk, metered, lefts):
        return False
    should = _should(desk, metered, usage).amount
    if (price.id, metered.days.start, should) in desk.accepted:
        return False
    lacks = should - sum(left.amount for left in lefts)
    desk.late.append(LateAmount(price.id, metered.days, lacks, should))
    if lacks:
        code = "late_usage_ask" if price.late_usage is LateUsage.ASK else "late_usage_ignored"
        details = (
            ("amount", desk.text(lacks)),
            ("from", metered.days.start.isoformat()),
            ("until", metered.days.end.isoformat()),
        )
        desk.warnings.append(Problem(code, Place(field=price.code), desk.text(lacks), details, blocking=False))
    return True
