"""State of the start screen: the recent books and what their files tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from billdesk.kernel.i18n import Language, _
from billdesk.services.backups import backup_folder, list_backups
from billdesk.ui.core.preferences import PreferenceStore, RecentBook
from billdesk.ui.core.tasks import OwnedTasks

_KILO = 1024
_UNITS = ("B", "kB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class BookLine:
    """One recent book as the start screen shows it; times are local, None where unknown."""

    path: str
    company: str
    is_there: bool
    changed_at: datetime | None = None
    size: int = 0
    backup_at: datetime | None = None


class StartPresenter:
    """Reads the recent books in the files lane, for a network drive may be slow."""

    def __init__(self, preferences: PreferenceStore, tasks: OwnedTasks) -> None:
        self._preferences = preferences
        self._tasks = tasks
        self.lines: tuple[BookLine, ...] = ()

    def load(self, then: Callable[[], object]) -> None:
        """Look at the files of the recent books."""

        def take(lines: tuple[BookLine, ...]) -> None:
            self.lines = lines
            then()

        self._tasks.files(describe_books, self._preferences.now.recent, then=take, latest="books")

    def forget(self, path: str) -> None:
        """Take a book off the list; its file stays."""
        self._preferences.forget_book(path)
        self.lines = tuple(line for line in self.lines if line.path != path)


def describe_books(recent: Sequence[RecentBook]) -> tuple[BookLine, ...]:
    """Look at the files of recent books and at their backups."""
    return tuple(_describe(book) for book in recent)


def _describe(book: RecentBook) -> BookLine:
    path = Path(book.path)
    company = book.company or path.stem
    try:
        facts = path.stat()
    except OSError:
        return BookLine(book.path, company, is_there=False)
    backups = list_backups(backup_folder(path))
    return BookLine(
        book.path,
        company,
        is_there=True,
        changed_at=datetime.fromtimestamp(facts.st_mtime).astimezone(),
        size=facts.st_size,
        backup_at=backups[0].made_at.astimezone() if backups else None,
    )


def facts_text(line: BookLine, language: Language) -> str:
    """Give the second line of a book: when it was changed, how large it is, its last backup."""
    if not line.is_there or line.changed_at is None:
        return _("The file is not there")
    backup = _("no backup yet")
    if line.backup_at is not None:
        backup = _("backup {day}", day=language.day(line.backup_at.date()))
    return " · ".join((language.day(line.changed_at.date()), size_text(line.size), backup))


def size_text(size: int) -> str:
    """Write a file size."""
    place, amount = 0, size
    while amount >= _KILO and place < len(_UNITS) - 1:
        amount, place = amount // _KILO, place + 1
    return f"{amount} {_UNITS[place]}"
