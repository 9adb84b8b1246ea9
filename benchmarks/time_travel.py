"""Time travel of 1,000 contracts with five prices over 24 months: a run, its invoices and the figures of each month."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from benchmarks.measure import Ratio, peak_mib, seconds
from benchmarks.metered_book import days_from, fill
from billdesk.kernel.progress import Progress
from billdesk.services.book import Book
from billdesk.services.simulation import Simulation, SimulationOptions, simulate

CONTRACTS: Final = 1_000
MONTHS: Final = 24
START, UNTIL = date(2026, 1, 1), date(2028, 1, 1)
NOW: Final = datetime(2026, 1, 31, 9, tzinfo=UTC)


def run() -> list[Ratio]:
    """Measure one journey against its promise of a minute, and the memory of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "now.billdesk"
        with Book.create(path, clock=lambda: NOW) as book:
            fill(book, CONTRACTS, START, days_from(START, 720))
        taken = seconds(lambda: _travel(path))
    return [
        Ratio("24 months of 1,000 contracts", taken, 60.0, 1.0, raw_is="a minute"),
        Ratio("memory of time travel", peak_mib(), 500.0, 1.0, "MiB", "500 MiB"),
    ]


def _travel(path: Path) -> Simulation:
    found = simulate(path, SimulationOptions(UNTIL), clock=lambda: NOW, progress=Progress())
    assert found.documents == CONTRACTS * MONTHS
    return found
