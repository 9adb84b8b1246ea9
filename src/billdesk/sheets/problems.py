"""What can be wrong with a data file, told as `Problem` records with their place."""

from __future__ import annotations

from pathlib import Path

from billdesk.kernel.errors import Place, Problem, UnreadableFile


def unreadable(
    code: str, path: Path | str, value: object = "", /, *, row: int | None = None, **details: object
) -> UnreadableFile:
    """Build the error for a file that cannot be read at all."""
    facts = tuple((name, str(text)) for name, text in details.items())
    return UnreadableFile(Problem(code, Place(file=Path(path).name, row=row), str(value), facts))
