"""Names of files that people choose to save under."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path


def with_ending(chosen: str, ending: str) -> Path:
    """Give the path for a name that a person chose: with its ending, and never over a file that nobody asked about.

    The dialog asks before a file is replaced, but only about the name as it was typed. A point in a name such as
    “Q4. 2026” begins no ending.
    """
    if chosen.casefold().endswith(ending):
        return Path(chosen)
    names = chain([chosen], (f"{chosen} ({turn})" for turn in count(2)))
    return next(path for path in (Path(name + ending) for name in names) if not path.exists())
