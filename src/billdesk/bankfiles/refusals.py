"""Errors that say what is wrong with a bank file and where."""

from __future__ import annotations

from billdesk.kernel.errors import Place, Problem, UnreadableFile


def unreadable(
    code: str, file: str, value: object = "", /, *, row: int | None = None, **details: object
) -> UnreadableFile:
    """Build the error for a file that cannot be read at all."""
    facts = tuple((name, str(text)) for name, text in details.items())
    return UnreadableFile(Problem(code, Place(file=file, row=row), str(value), facts))
