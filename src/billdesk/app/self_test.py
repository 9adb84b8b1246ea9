"""Tells what this installation can do: every kind of plugin with its count. For packagers and support."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from billdesk.kernel.paths import resource
from billdesk.ui.shell.screens import ALL_SCREENS

_REGISTRIES: Final = {
    "charge models": "billdesk.domain.rating:charge_models",
    "document formats": "billdesk.documents.registry:document_formats",
}
"""Registries by what they hold, as `module:function`; the function loads the plugins and gives the registry."""


def count_plugins() -> dict[str, int]:
    """Load every registry and count what it holds."""
    counts = {}
    for name, place in _REGISTRIES.items():
        module, _colon, function = place.partition(":")
        counts[name] = len(getattr(importlib.import_module(module), function)())
    return counts


def _version() -> str:
    try:
        return version("billdesk")
    except PackageNotFoundError:
        return "from source"


def main() -> int:
    """Print the counts; 0 when no kind of plugin is missing."""
    counts = count_plugins() | {
        "screens": len(ALL_SCREENS),
        "icons": len(list(resource("icons").glob("*.svg"))),
        "fonts": len(list(resource("fonts").glob("*.ttf"))),
    }
    lines = [f"BillDesk {_version()}, Python {sys.version.split()[0]}"]
    lines += [f"{count:4} {name}" for name, count in counts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(counts.values()) else 1
