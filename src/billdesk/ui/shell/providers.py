"""What the shell asks of the book: records for the palette, the outbox, the entity on the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Hit(Protocol):
    """A record that the palette found: where it is shown, and by which key."""

    @property
    def title(self) -> str:
        """The record's number or name."""

    @property
    def detail(self) -> str:
        """One line about it."""

    @property
    def screen(self) -> str:
        """Key of its screen."""

    @property
    def key(self) -> str:
        """What `Screen.open_record` is given."""


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """The company on the card."""

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Providers:
    """Queries of the services; each is called with the open `db` in the `db` lane. None means: not offered."""

    search: Callable[[Any, str, int], Sequence[Hit]] | None = None
    count_outbox: Callable[[Any], int] | None = None
    load_entity: Callable[[Any], EntityFacts] | None = None
