"""Where the shipped files are: resources and translations, in a checkout, a wheel or a frozen app."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def install_root() -> Path:
    """Give the folder that holds `resources/` and `translations/`."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    package = Path(__file__).resolve().parents[1]
    shipped = package / "_shipped"
    return shipped if shipped.is_dir() else package.parents[1]


def resource(*parts: str) -> Path:
    """Give the path of a shipped resource, such as `resource("fonts", "Inter-Regular.ttf")`."""
    return install_root().joinpath("resources", *parts)


def translations() -> Path:
    """Give the folder of the gettext catalogues."""
    return install_root() / "translations"
