"""Where the published vectors of other engines are, when they are there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Case = dict[str, Any]


class NotCovered(Exception):
    """The engine has no such question; the case stands in docs/vectors.md."""


def folder() -> Path | None:
    """Give the folder of vectors: `BILLDESK_VECTORS`, else `shared/vectors` beside the repository."""
    named = os.environ.get("BILLDESK_VECTORS")
    place = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "vectors"
    return place if place.is_dir() else None


def cases(name: str) -> Iterator[Case]:
    """Give the cases of one file."""
    place = folder()
    if place is not None and (place / f"{name}.json").is_file():
        yield from json.loads((place / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def names() -> list[str]:
    """Give the names of all vector files."""
    place = folder()
    return [] if place is None else sorted(path.stem for path in place.glob("*.json"))
