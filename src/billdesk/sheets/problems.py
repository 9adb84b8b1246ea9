"""What can be wrong with a data file, told as `Problem` records with their place."""

from __future__ import annotations

from pathlib import Path

from billdesk.kernel.errors import Place, Problem, UnreadableFile


class CellError(ValueError):
    """One cell cannot be used: `code` names the reason, `details` fill its sentence."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = tuple((name, str(value)) for name, value in details.items())

    def at(self, place: Place, value: object) -> Problem:
        """Tell where it happened."""
        return Problem(self.code, place, str(value), self.details)


def unreadable(
    code: str, path: Path | str, value: object = "", /, *, row: int | None = None, **details: object
) -> UnreadableFile:
    """Build the error for a file that cannot be read at all."""
    facts = tuple((name, str(text)) for name, text in details.items())
    return UnreadableFile(Problem(code, Place(file=Path(path).name, row=row), str(value), facts))
