"""Makes the demo book with the same use cases that a person would use."""

from __future__ import annotations

import importlib
from pathlib import Path

from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.progress import Progress

_MAKER = "billdesk.services.demo"


def make_demo_book(folder: Path, progress: Progress) -> Path:
    """Build the demo in a folder and give its book; raises RuleBroken where a build leaves the demo out."""
    try:
        maker = importlib.import_module(_MAKER)
    except ModuleNotFoundError as error:
        if error.name != _MAKER:
            raise
        raise RuleBroken("demo_left_out") from None
    book: Path = maker.make_demo(folder, progress=progress)
    return book
