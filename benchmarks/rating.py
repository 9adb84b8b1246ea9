"""Totals of a million stored events for ten thousand contracts, beside the bare GROUP BY on the same table."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.measure import Ratio, paired
from benchmarks.usage_import import CONTRACTS, METRICS, ROWS, bring_in, write_file
from billdesk.domain.usage import UsageWindow
from billdesk.kernel.period import Period
from billdesk.services import usage
from billdesk.services.book import Book

MONTH = Period(date(2026, 3, 1), date(2026, 4, 1))
BARE = (
    "SELECT subscription_id, metric_id, count(*), sum(quantity / 1000000000), sum(quantity % 1000000000)"
    " FROM usage_event GROUP BY subscription_id, metric_id"
)


def windows() -> list[UsageWindow]:
    """Ask for the month of every contract, as a billing run does."""
    return [UsageWindow(contract, 1, 1, MONTH, MONTH.start) for contract in range(1, CONTRACTS + 1)]


def run() -> list[Ratio]:
    """Compare the totals that the engine gets with the bare query."""
    with tempfile.TemporaryDirectory(prefix="billdesk-bench-") as name:
        folder = Path(name)
        bring_in(folder, write_file(folder / "usage.csv", ROWS, METRICS[:1]))
        path = folder / "ours.billdesk"
        bare = sqlite3.connect(path)
        bare.execute("PRAGMA cache_size=-65536")
        with Book.open(path) as book:
            wanted = windows()
            found = book.query(usage.usage_totals, wanted)
            assert sum(total.events for total in found.values()) > ROWS * 0.99
            ours, raw = paired(
                lambda: book.query(usage.usage_totals, wanted), lambda: bare.execute(BARE).fetchall(), rounds=7
            )
        bare.close()
    return [Ratio("totals of 1,000,000 events, 10,000 contracts", ours, raw, 1.5, raw_is="SQL GROUP BY")]
