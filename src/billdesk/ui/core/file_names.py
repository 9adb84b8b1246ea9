"""Names of files that people choose to save under."""

from __future__ import annotations

import re
from itertools import chain, count
from pathlib import Path
from typing import Final

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
"""What no file may be called on one of the systems; a slash would name a folder."""


def file_name(text: str) -> str:
    """Give a name for a file from what something is called, such as a company “A/B Consulting”."""
    return _FORBIDDEN.sub("-", text).strip(" .-") or "BillDesk"


def with_ending(chosen: str, ending: str) -> Path:
    """Give the path for a name that a person chose: with its ending, and never over a file that nobody asked about.

    The dialog asks before a file is replaced, but only about the name as it was typed. A point in a name such as
    “Q4. 2026” begins no ending.
    """
    if chosen.casefold().endswith(ending):
        return Path(chosen)
    names = chain([chosen], (f"{chosen} ({turn})" for turn in count(2)))
    return next(path for path in (Path(name + ending) for name in names) if not path.exists())
