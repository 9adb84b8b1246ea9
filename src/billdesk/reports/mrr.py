"""MRR movements: monthly recurring revenue at two days, and what made the difference, per customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.standing import standing
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.kernel.money import Money
from billdesk.reports.parameters import FIRST, LAST, period_of
from billdesk.reports.registry import Cell, CellKind, ReportColumn
from billdesk.storage import catalog, customers, subscriptions
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class Movements:
    """What changed between two days: MRR then = before + new + expansion − contraction − churn.

    A customer without MRR before is new (or came back), one without afterwards is churn; all else is expansion
    or contraction of the sum of its contracts in one currency.
    """

    before: int = 0
    new: int = 0
    expansion: int = 0
    contraction: int = 0
    churn: int = 0

    @property
    def after(self) -> int:
        """MRR at the end."""
        return self.before + self.new + self.expansion - self.contraction - self.churn

    @classmethod
    def between(cls, before: int, after: int) -> Movements:
        """Give the one movement of a customer."""
        change = after - before
        if not before:
            return cls(0, new=after)
        if not after:
            return cls(before, churn=before)
        return cls(before, expansion=max(change, 0), contraction=max(-change, 0))


@dataclass(frozen=True, slots=True)
class Mrr:
    """The plugin."""

    key: str = "mrr"
    label: str = N_("MRR movements")
    fields: tuple[Field, ...] = (FIRST, LAST)
    columns: tuple[ReportColumn, ...] = (
        ReportColumn("customer", N_("Customer")),
        ReportColumn("before", N_("Before"), CellKind.MONEY),
        ReportColumn("new", N_("New"), CellKind.MONEY),
        ReportColumn("expansion", N_("Expansion"), CellKind.MONEY),
        ReportColumn("contraction", N_("Contraction"), CellKind.MONEY),
        ReportColumn("churn", N_("Churn"), CellKind.MONEY),
        ReportColumn("after", N_("After"), CellKind.MONEY),
    )

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Give a row per customer and currency that had MRR on either day: the first one, and the last one."""
        period = period_of(db, parameters)
        for (customer_id, currency), moved in _movements(db, period.start, period.last_day).items():
            figures = (moved.before, moved.new, moved.expansion, moved.contraction, moved.churn, moved.after)
            yield customers.load(db, customer_id).name, *(Money(minor, currency) for minor in figures)


def _movements(db: Db, first: date, last: date) -> dict[tuple[int, str], Movements]:
    sold = catalog.load_catalog(db)
    sums: dict[tuple[int, str], list[int]] = {}
    for contract in subscriptions.load_all(db):
        known = sums.setdefault((contract.customer_id, contract.currency), [0, 0])
        known[0] += standing(contract, sold, first).mrr_minor
        known[1] += standing(contract, sold, last).mrr_minor
    return dict(_moved(sums))


def _moved(sums: Mapping[tuple[int, str], list[int]]) -> Iterator[tuple[tuple[int, str], Movements]]:
    for key, (before, after) in sorted(sums.items()):
        if before or after:
            yield key, Movements.between(before, after)


PLUGIN: Final = Mrr()
