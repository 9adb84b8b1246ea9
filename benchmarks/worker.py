"""Runs one benchmark module's `run()` in this process and writes its ratios as JSON."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

if __name__ == "__main__":
    name = sys.argv[1]
    ratios = importlib.import_module(f"benchmarks.{name}").run()
    rows = [{**asdict(ratio), "ratio": ratio.ratio, "holds": ratio.holds} for ratio in ratios]
    (Path(__file__).parent / "results" / f"{name}.json").write_text(json.dumps(rows, indent=1))
