"""Runs the benchmarks, each in a process of its own: python -m benchmarks [name …]."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
NOT_BENCHMARKS = {"__init__", "__main__", "measure", "metered_book", "worker"}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all, and print one line for each promise."""
    RESULTS.mkdir(exist_ok=True)
    every = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHMARKS)
    failures = 0
    print(f"{'':2} {'what':52} {'ours':>10} {'raw':>10} {'ratio':>7} {'promise':>8}  raw limit")
    for name in names or every:
        subprocess.run([sys.executable, "-m", "benchmarks.worker", name], check=True, cwd=HERE.parent)  # noqa: S603 - our own modules
        for row in json.loads((RESULTS / f"{name}.json").read_text()):
            failures += not row["holds"]
            print(_line(row))
    return 1 if failures else 0


def _line(row: dict[str, object]) -> str:
    mark = "ok" if row["holds"] else "!!"
    sign = "≥" if row["at_least"] else "≤"
    ours, raw, unit = row["ours"], row["raw"], row["unit"]
    promise = f"{sign} {row['limit']}"
    figures = f"{ours:>8.3g} {unit} {raw:>8.3g} {unit} {row['ratio']:>7.2f}"
    return f"{mark:2} {row['name']:52} {figures} {promise:>8}  {row['raw_is']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
