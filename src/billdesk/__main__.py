"""`billdesk` alone, or with one book, opens the window; anything else after it is a command."""

from __future__ import annotations

import importlib
import multiprocessing
import sys


def main() -> int:
    """Start the window or the command line; gives the exit code."""
    # The processes that write many PDFs are started anew from a frozen program by this same entry.
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        return int(importlib.import_module("billdesk.app.self_test").main() or 0)
    # A file manager starts the program with the book that was double-clicked.
    is_book = len(arguments) == 1 and arguments[0].endswith(".billdesk")
    if arguments and not is_book:
        return int(importlib.import_module("billdesk.cli.main").main(_open_window) or 0)
    return int(importlib.import_module("billdesk.app.start").main(*arguments) or 0)


def _open_window(book: str) -> int:
    """Open the window on a book, for commands that end with it."""
    return int(importlib.import_module("billdesk.app.start").main(book) or 0)


if __name__ == "__main__":
    sys.exit(main())
