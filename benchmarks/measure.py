"""What a benchmark reports, and how to time work fairly."""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Ours against a raw limit; the promise is ours ≤ limit × raw, or with `at_least` ours ≥ limit × raw."""

    name: str
    ours: float
    raw: float
    limit: float
    unit: str = "s"
    raw_is: str = ""
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Ours ÷ raw."""
        return self.ours / self.raw

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def seconds(work: Callable[[], object]) -> float:
    """Time one call, with the garbage of what came before collected first."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(ours: Callable[[], object], raw: Callable[[], object], rounds: int = 3) -> tuple[float, float]:
    """Time both in turn, so that a slow moment of the machine meets both; gives the medians."""
    times = [(seconds(ours), seconds(raw)) for _round in range(rounds)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def peak_mib() -> float:
    """Give the largest resident size of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
