"""Where the published vectors of other engines are, when they are there at all, and how answers are compared."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Case = dict[str, Any]
Answer = tuple[object, object]
"""Ours and theirs; equal when the case is ours."""


class NotCovered(Exception):
    """The case asks something that its adapter cannot say in our words; it fails unless it is named as not ours."""


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


def compared(found: Mapping[str, object], expected: Mapping[str, object]) -> Answer:
    """Give both answers for every key that is expected; a key we have no answer for is not passed over."""
    missing = expected.keys() - found.keys()
    if missing:
        raise NotCovered(", ".join(sorted(missing)))
    return {key: found[key] for key in expected}, dict(expected)


def known(given: Mapping[str, object], *names_: str) -> None:
    """Raise when a case carries an input that its adapter would pass over in silence."""
    unknown = given.keys() - set(names_)
    if unknown:
        raise NotCovered(", ".join(sorted(unknown)))
