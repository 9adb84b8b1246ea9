"""Frozen records that are made quickly behave as those of the standard library."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from inspect import signature

import pytest

from billdesk.kernel.records import quick


@dataclass(frozen=True, slots=True)
class Plain:
    """A record as the standard library makes it."""

    number: int
    name: str = "none"
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("negative")


@quick
@dataclass(frozen=True, slots=True)
class Quick(Plain):
    """The same, made quickly."""


@quick
@dataclass(frozen=True, slots=True)
class Mark:
    """A record without check."""

    number: int
    name: str = "none"
    tags: list[str] = field(default_factory=list)


def test_fields_come_by_place_by_name_and_by_default() -> None:
    made = Mark(1, name="one")
    assert (made.number, made.name, made.tags) == (1, "one", [])
    assert made == Mark(1, "one", [])


def test_each_record_has_a_default_of_its_own() -> None:
    assert Mark(1).tags is not Mark(1).tags


def test_a_quick_record_stays_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Mark(1).number = 2  # type: ignore[misc]


def test_a_missing_or_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="number"):
        Mark()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Mark(1, colour="red")  # type: ignore[call-arg]


def test_the_check_after_making_runs() -> None:
    with pytest.raises(ValueError, match="negative"):
        Quick(-1)


def test_a_quick_record_is_replaced_pickled_and_described_as_usual() -> None:
    made = Mark(1, tags=["a"])
    assert replace(made, name="two") == Mark(1, "two", ["a"])
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes
    assert list(signature(Mark).parameters) == ["number", "name", "tags"]
    assert repr(made) == "Mark(number=1, name='none', tags=['a'])"
