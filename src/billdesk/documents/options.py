"""How a document is rendered, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What a format may take into account; it ignores what does not concern it.

    `language` replaces the customer's; `logo` is the seller's picture; `explain` shows how amounts came about.
    """

    language: str | None = None
    logo: bytes = b""
    explain: bool = False
