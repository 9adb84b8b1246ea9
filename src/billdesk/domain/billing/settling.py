"""Should − billed for one subscription: the heart of BillDesk, and what it wants to know of usage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import localcontext

from billdesk.domain.billing.commitments import commitments_since, settle_commitments
from billdesk.domain.billing.desk import Desk, first_day
from billdesk.domain.billing.fees import settle_fees
from billdesk.domain.billing.leftovers import Leftovers, net
from billdesk.domain.billing.metered import Metered, metered_periods, settle_metered, usage_since
from billdesk.domain.billing.oneoff import settle_one_off
from billdesk.domain.billing.periodic import settle_periodic
from billdesk.domain.billing.records import (
    EVERYTHING,
    BilledLine,
    SettledState,
    Settlement,
    SettleOptions,
    Usage,
)
from billdesk.domain.catalog import Catalog, Price, QuantitySource
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.tariffs import EXACT
from billdesk.domain.timeline import Term, has_term, lay_out
from billdesk.domain.uplifts import unknown_figures
from billdesk.domain.usage import UsageWindow
from billdesk.kernel.errors import Place, Problem


@dataclass(slots=True)
class Case:
    """One subscription as of a day, laid out once: to say which lines and usage it needs, then to settle it."""

    subscription: Subscription
    catalog: Catalog
    as_of: date
    options: SettleOptions = EVERYTHING
    _desk: Desk | None = None
    _metered: dict[int, list[Metered]] = field(default_factory=dict)

    def looks_from(self) -> date | None:
        """Give the day after which issued lines must be read (`period_end > day`), or None for all of them."""
        settled = self.options.settled
        if settled is None:
            return None
        if settled.through > self.as_of:
            return looks_from(self.subscription, self.catalog, settled)
        with localcontext(EXACT):
            return _looks_from(self._laid_out())

    def needed_usage(self) -> tuple[UsageWindow, ...]:
        """Say which usage `settle` needs; windows that nobody asks for are never read."""
        with localcontext(EXACT):
            desk = self._laid_out()
            windows: dict[UsageWindow, None] = {}
            for price_id, price, run in _prices(desk, {}):
                if price is not None and price.interval is not None and price.quantity_source is QuantitySource.USAGE:
                    found = self._metered[price_id] = metered_periods(desk, price, run, ())
                    windows.update((segment.window, None) for metered in found for segment in metered.segments)
            return tuple(windows)

    def settle(self, usage: Usage, billed: Iterable[BilledLine]) -> Settlement:
        """Propose what lacks between what should be billed up to `as_of` and what issued lines say.

        `billed` holds every issued line of the subscription since `looks_from` and the lines that correct those.
        Running it again with its own result as billed proposes nothing.
        """
        with localcontext(EXACT):
            known = list(billed)
            desk = self._take_desk(known)
            leftovers: Leftovers = net(known)
            for price_id, price, run in _prices(desk, leftovers):
                if price is None:
                    desk.warnings.append(Problem("price_missing", Place(field="prices"), str(price_id)))
                elif price.interval is None:
                    settle_one_off(desk, price, run, leftovers)
                elif price.quantity_source is QuantitySource.USAGE:
                    settle_metered(desk, price, run, leftovers, usage, self._metered.get(price_id))
                else:
                    settle_periodic(desk, price, run, leftovers)
            settle_commitments(desk, leftovers)
            settle_fees(desk, leftovers)
            desk.warnings += unknown_figures(desk.timeline.renewals, self.catalog, self.as_of)
            # A missing metric may have been noticed twice.
            warnings = (*desk.timeline.problems, *dict.fromkeys(desk.warnings))
            return Settlement(
                self.subscription.id,
                tuple(desk.lines),
                warnings,
                desk.next_due,
                tuple(desk.late),
                tuple(desk.commitments),
            )

    def _laid_out(self) -> Desk:
        if self._desk is None:
            self._desk = _desk(self.subscription, self.catalog, self.as_of, self.options)
        return self._desk

    def _take_desk(self, billed: Sequence[BilledLine]) -> Desk:
        """Take the desk at which usage was asked for, or lay out a new one, farther ahead where lines reach there."""
        desk, self._desk = self._desk, None
        is_far = any(line.period.end > self.as_of for line in billed) and has_term(self.subscription.entries)
        if desk is None or is_far:
            self._metered.clear()
            desk = _desk(self.subscription, self.catalog, self.as_of, self.options, billed)
        return desk


def settle(
    subscription: Subscription,
    catalog: Catalog,
    usage: Usage,
    billed: Iterable[BilledLine],
    as_of: date,
    *,
    options: SettleOptions = EVERYTHING,
) -> Settlement:
    """Settle a subscription whose usage is at hand; see `Case.settle`."""
    return Case(subscription, catalog, as_of, options).settle(usage, billed)


def needed_usage(
    subscription: Subscription,
    catalog: Catalog,
    settled: SettledState | None,
    as_of: date,
    *,
    progressive: frozenset[int] = frozenset(),
) -> tuple[UsageWindow, ...]:
    """Say which usage `settle` needs as of a day; see `Case.needed_usage`."""
    return Case(subscription, catalog, as_of, SettleOptions(settled, progressive)).needed_usage()


def looks_from(subscription: Subscription, catalog: Catalog, settled: SettledState | None) -> date | None:
    """Give the day after which issued lines must be read (`period_end > day`), or None for all of them."""
    if settled is None:
        return None
    return _looks_from(_desk(subscription, catalog, settled.through, SettleOptions(settled)))


def _looks_from(desk: Desk) -> date:
    found = [desk.since, commitments_since(desk)]
    for _price_id, price, _run in _prices(desk, {}):
        if price is not None and price.interval is not None:
            metered = price.quantity_source is QuantitySource.USAGE
            found.append(usage_since(desk, price) if metered else first_day(desk, price, desk.since))
    return min(found)


def _desk(
    subscription: Subscription,
    catalog: Catalog,
    as_of: date,
    options: SettleOptions,
    billed: Sequence[BilledLine] = (),
) -> Desk:
    settled = options.settled
    since = date.min if settled is None else settled.looks_from
    # What was billed further ahead has prices of renewals that lie further ahead.
    timeline = lay_out(subscription, catalog, max([as_of, *(line.period.end for line in billed)]))
    through = None if settled is None else settled.through
    return Desk(
        subscription, catalog, timeline, as_of, since, options.progressive, through=through, accepted=options.accepted
    )


def _prices(desk: Desk, leftovers: Leftovers) -> list[
    tuple[int, Price | None, list[Term]]
]:  # fmt: skip
    """Give each price in force or billed, with its terms in date order (none when it is billed only)."""
    terms, prices = desk.timeline.terms, desk.catalog.prices
    found = [(price_id, prices.get(price_id), run) for price_id, run in terms.items()]
    others = {price_id for price_id, _kind in leftovers if price_id is not None and price_id not in terms}
    return found + [(price_id, prices.get(price_id), []) for price_id in sorted(others)]
