"""All kinds of import, ours and those of installed plugins."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.registry import Registry
from billdesk.services.imports import kinds
from billdesk.services.imports.model import ImportKind

_KINDS: Final[Registry[ImportKind]] = Registry("importers")


def import_kinds() -> list[ImportKind]:
    """Give the kinds in the order in which the sheets of one file go in."""
    _KINDS.load(kinds)
    return sorted(_KINDS, key=lambda kind: kind.order)


def import_kind(key: str) -> ImportKind:
    """Give one kind; raises KeyError."""
    _KINDS.load(kinds)
    return _KINDS.get(key)
