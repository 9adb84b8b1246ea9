"""Opens the window. What is heavy and needed at once is imported before PySide6.

PySide6's import hook doubles the time of every import after it (SQLAlchemy: 0.4 s before, 0.8 s after).
"""

from __future__ import annotations

from pathlib import Path

import billdesk.services.backups
import billdesk.services.book
import billdesk.services.company  # noqa: F401 - before PySide6, see above
from billdesk.app.compose import run_window


def main(book: str = "") -> int:
    """Open the window, with a book when one is named; gives the exit code."""
    return run_window(Path(book) if book else None)
