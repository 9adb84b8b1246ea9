"""What a use case gives back: a value and the nouns it touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from billdesk.kernel.changes import NOTHING, Changes

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Result(Generic[T_co]):
    """The outcome of a command; `changes` tells the screens what to read again."""

    value: T_co
    changes: Changes = NOTHING
