"""What can be wrong with a data file, told as `Problem` records with their place."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Final

from billdesk.kernel.errors import OutOfRoom, Place, Problem, UnreadableFile

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def unreadable(
    code: str, path: Path | str, value: object = "", /, *, row: int | None = None, **details: object
) -> UnreadableFile:
    """Build the error for a file that cannot be read at all."""
    facts = tuple((name, str(text)) for name, text in details.items())
    return UnreadableFile(Problem(code, Place(file=Path(path).name, row=row), str(value), facts))


def is_out_of_room(error: BaseException) -> bool:
    """Tell a full memory or disk from everything else; DuckDB writes nothing but working files."""
    import duckdb

    is_full = isinstance(error, OSError) and error.errno in _FULL
    return is_full or isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException | MemoryError)


def out_of_room(error: BaseException) -> OutOfRoom:
    """Build the error for a file that is too large for the memory, or for the disk its working files are on."""
    return OutOfRoom(tempfile.gettempdir(), str(error).partition("\n")[0])
