"""Makes the demo book; the use cases it goes through load libraries that a start does without."""

from __future__ import annotations

import importlib
from pathlib import Path

from billdesk.kernel.progress import Progress


def make_demo_book(folder: Path, progress: Progress) -> Path:
    """Build the demo in a folder, or find the one that is there, and give its book."""
    book: Path = importlib.import_module("billdesk.services.demo").make_demo(folder, progress=progress)
    return book
