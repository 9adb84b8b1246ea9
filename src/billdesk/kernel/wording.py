"""The form of a sentence about a failure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """The msgids of one code: what happened and the remedy. `{value}` and the details fill the places."""

    what: str
    next: str = ""
