"""Temporary folders with copies of a book or its usage: gone after use, or after a while if the process was killed."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_NAME: Final = "billdesk-"
_KEPT_SECONDS: Final = 2 * 24 * 60 * 60
"""Longer than any job works: an older folder has lost its process."""


def working_folder(purpose: str) -> TemporaryDirectory[str]:
    """Give a folder that goes with its last user, after sweeping what processes that were killed left behind."""
    folder = TemporaryDirectory(prefix=f"{_NAME}{purpose}-", ignore_cleanup_errors=True)
    made = Path(folder.name)
    sweep(made.parent, made.stat().st_mtime - _KEPT_SECONDS)
    return folder


def sweep(place: Path, before: float) -> None:
    """Delete our folders in a place that nothing was put into since an instant (seconds of the epoch)."""
    for folder in place.glob(f"{_NAME}*"):
        try:
            left_behind = not folder.is_symlink() and folder.is_dir() and folder.stat().st_mtime < before
        except OSError:
            continue
        if left_behind:
            shutil.rmtree(folder, ignore_errors=True)
