"""`billdesk` alone opens the window; anything after it is a command."""

from __future__ import annotations

import importlib
import sys


def main() -> int:
    """Start the window or the command line; gives the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        return int(importlib.import_module("billdesk.app.self_test").main())
    if arguments:
        return int(importlib.import_module("billdesk.cli.main").main() or 0)
    return int(importlib.import_module("billdesk.app.start").main())


if __name__ == "__main__":
    sys.exit(main())
