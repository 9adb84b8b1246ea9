"""What history costs: a month's run and the preview of a change, after ten years of invoices and in a new book.

Both runs are rolled back, so that each round finds the same book.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.measure import Ratio, paired, peak_mib, seconds
from benchmarks.metered_book import fill
from billdesk.domain.contract_changes import Change, When
from billdesk.domain.subscriptions import EntryKind
from billdesk.kernel.period import add_months
from billdesk.kernel.progress import Progress
from billdesk.services.billing import preview_changed_contract, run_billing
from billdesk.services.book import Book
from billdesk.services.invoices import issue_run

CONTRACTS: Final = 400
MONTHS: Final = 120
LAST: Final = date(2026, 1, 1)
FEBRUARY: Final = date(2026, 2, 1)
NOW: Final = datetime(2026, 1, 20, 9, tzinfo=UTC)
SEATS: Final = 2
_IN_MID_MONTH: Final = tuple(add_months(date(2016, 1, 15), n) for n in range(MONTHS + 1))


def run() -> list[Ratio]:
    """Measure the run of a month and the preview of a change."""
    with tempfile.TemporaryDirectory() as name, _new(Path(name)) as new, _old(Path(name)) as old:
        ours, raw = paired(lambda: _run(old), lambda: _run(new), rounds=21)
        previews = min(seconds(lambda: old.query(preview_changed_contract, 7, _more_seats())) for _round in range(7))
        memory = peak_mib()
    return [
        Ratio("a month's run after ten years, 400 contracts", ours, raw, 1.3, raw_is="the same run in a new book"),
        Ratio("preview of one change after ten years", previews, 0.1, 1.0, raw_is="a tenth of a second"),
        Ratio("memory of ten years", memory, 500.0, 1.0, "MiB", "500 MiB"),
    ]


def _run(book: Book) -> None:
    outcome = book.query(run_billing, FEBRUARY, progress=Progress()).value
    assert outcome.created == CONTRACTS


def _more_seats() -> Change:
    return Change(EntryKind.CHANGE_QUANTITY, When.NOW, quantities={SEATS: Decimal(9)})


@contextmanager
def _new(folder: Path) -> Iterator[Book]:
    with Book.create(folder / "new.billdesk", clock=lambda: NOW) as book:
        fill(book, CONTRACTS, LAST, _IN_MID_MONTH[-1:])
        yield book


@contextmanager
def _old(folder: Path) -> Iterator[Book]:
    with Book.create(folder / "old.billdesk", clock=lambda: NOW) as book:
        fill(book, CONTRACTS, _IN_MID_MONTH[0].replace(day=1), _IN_MID_MONTH)
        for month in range(1, MONTHS + 1):
            day = add_months(date(2016, 1, 1), month)
            outcome = book.run(run_billing, day, progress=Progress()).value
            assert outcome.run_id is not None
            book.run(issue_run, outcome.run_id, day, deliver=False, progress=Progress())
        yield book
