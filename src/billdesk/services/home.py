"""What the home screen shows: figures in the company's currency, what waits today, and the first steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.invoices import DocumentKind, DocumentStatus
from billdesk.kernel.money import Money
from billdesk.services import entities, invoices
from billdesk.services.reports import HomeFigures, load_home_figures
from billdesk.storage import home as storage
from billdesk.storage.database import Db
from billdesk.storage.home import Beginnings, Unpaid

__all__ = ["Beginnings", "Overview", "Sum", "load_beginnings", "load_overview"]

AGE_EDGES: Final = (0, 30, 60)
"""Days after which an open document is in the next age: not due, 1–30, 31–60, older."""

_OVERDUE_SHOWN: Final = 6
_NO_COMPANY: Final = "EUR"


@dataclass(frozen=True, slots=True)
class Sum:
    """How many documents and what is open on them, in the company's currency."""

    documents: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures in `currency`, that of the first company and of all that share it.

    Documents in other currencies count at their own frozen rate; `left_out` are codes of companies that keep
    their books in another currency. `received` and `contracts` go by month, oldest first, as `figures.months`.
    """

    figures: HomeFigures
    currency: str
    left_out: tuple[str, ...]
    open: Sum
    overdue: Sum
    ages: tuple[Money, ...]
    received: tuple[Money, ...]
    contracts: tuple[int, ...]
    recently_overdue: tuple[invoices.DocumentRow, ...]


def load_beginnings(db: Db) -> Beginnings:
    """Tell which first steps of a new book were taken."""
    return storage.load_beginnings(db)


def load_overview(db: Db) -> Overview:
    """Give what the home screen shows, as of today."""
    known = entities.list_entities(db)
    currency = known[0].currency if known else _NO_COMPANY
    ids = [one.id for one in known if one.currency == currency]
    figures = load_home_figures(db)
    months = [bar.month for bar in figures.months]
    unpaid = storage.sum_unpaid(db, ids, currency)
    return Overview(
        figures=figures,
        currency=currency,
        left_out=tuple(one.code for one in known if one.currency != currency),
        open=_sum(unpaid, currency),
        overdue=_sum((row for row in unpaid if _is_late(row, db.today)), currency),
        ages=_ages(unpaid, db.today, currency),
        received=_received(db, ids, months, currency),
        contracts=_running(db, months),
        recently_overdue=_recently_overdue(db),
    )


def _is_late(row: Unpaid, today: date) -> bool:
    """Whether customers should have paid by now; a credit note waits for us."""
    return row.due_date < today and row.kind is DocumentKind.INVOICE


def _sum(rows: Iterable[Unpaid], currency: str) -> Sum:
    found = list(rows)
    return Sum(sum(row.documents for row in found), Money(sum(row.minor for row in found), currency))


def _ages(unpaid: Iterable[Unpaid], today: date, currency: str) -> tuple[Money, ...]:
    sums = [0] * (len(AGE_EDGES) + 1)
    for row in unpaid:
        sums[sum((today - row.due_date).days > edge for edge in AGE_EDGES)] += row.minor
    return tuple(Money(minor, currency) for minor in sums)


def _received(db: Db, entity_ids: list[int], months: list[date], currency: str) -> tuple[Money, ...]:
    sums = dict.fromkeys(months, 0)
    for day, minor in storage.sum_received(db, entity_ids, months[0]).items() if months else ():
        # A payment may be dated ahead of today; it belongs to no month on screen.
        if day.replace(day=1) in sums:
            sums[day.replace(day=1)] += minor
    return tuple(Money(minor, currency) for minor in sums.values())


def _running(db: Db, months: list[date]) -> tuple[int, ...]:
    """Count the contracts that ran at the end of each month, and today for the present one."""
    starts, ends = storage.count_starts(db), storage.count_ends(db)
    return tuple(_until(starts, edge) - _until(ends, edge) for edge in [*months[1:], db.today][: len(months)])


def _until(counts: Mapping[date, int], edge: date) -> int:
    return sum(n for day, n in counts.items() if day <= edge)


def _recently_overdue(db: Db) -> tuple[invoices.DocumentRow, ...]:
    wanted = invoices.DocumentFilter(statuses=frozenset({DocumentStatus.OVERDUE}))
    return tuple(invoices.list_documents(db, wanted, sort=invoices.DocumentSort.DUE_DATE, limit=_OVERDUE_SHOWN))
