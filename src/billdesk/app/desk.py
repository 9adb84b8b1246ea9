"""The desk: one window, the lanes of work, and the books that are opened, made and restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from billdesk.app.demo_book import make_demo_book
from billdesk.app.providers import providers, tidy_up
from billdesk.kernel.errors import BillDeskError, BookLocked, BookNotWritable
from billdesk.kernel.i18n import _, use_language
from billdesk.kernel.messages import sentence
from billdesk.services.backups import back_up_daily, restore
from billdesk.services.book import Book, system_clock
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.settings import load_settings
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import Theme
from billdesk.ui.shell.window import MainWindow, WindowParts


class Desk(QObject):
    """Holds what outlives a window: a change of language replaces the window and keeps the book open."""

    def __init__(self, app: QApplication, theme: Theme, preferences: PreferenceStore) -> None:
        super().__init__(app)
        self._theme = theme
        self._preferences = preferences
        self.tasks = Tasks(self)
        self._path: Path | None = None
        self._wanted: Path | None = None
        self._is_read_only = False
        self.window = self._make_window()
        app.aboutToQuit.connect(self.tasks.stop)

    @property
    def path(self) -> Path | None:
        """The file of the open book, None while none is open."""
        return self._path

    def start(self, book: Path | None = None) -> None:
        """Show the window; with a book, open it."""
        self.window.show_start()
        self.window.show()
        if book is not None:
            self.open_book(book)

    def open_book(self, path: Path) -> None:
        """Open a book and show its home."""
        self._open(path, partial(Book.open, path), _("Opening {name}", name=path.name))

    def create_book(self, path: Path, company: NewCompany) -> None:
        """Make a book for a company and open it."""
        self._open(path, partial(_create, path, company), _("Making {name}", name=path.name))

    def create_demo(self, folder: Path) -> None:
        """Make the demo book from its spreadsheets in the files lane, then open it."""
        self.tasks.files(make_demo_book, folder, label=_("Making the demo book"), then=self.open_book)

    def restore_backup(self, backup: Path, target: Path) -> None:
        """Restore a backup as a new book and open it."""
        label = _("Restoring {name}", name=backup.name)
        self.tasks.files(restore, backup, target, label=label, then=self.open_book)

    def close_book(self) -> None:
        """Close the book and show the start screen."""
        self._path = self._wanted = None
        self.tasks.close_book()
        self.window.show_start()

    def change_language(self, code: str) -> None:
        """Show the window in another language; the book stays open."""
        use_language(code)
        self._preferences.change(language=code)
        old = self.window
        self.window = self._make_window()
        self.window.restoreGeometry(old.saveGeometry())
        if self._path is None:
            self.window.show_start()
        else:
            self.window.show_book(self._path.stem, is_read_only=self._is_read_only)
        self.window.show()
        old.hide()
        old.deleteLater()

    def show_crash(self, error: BaseException) -> None:
        """Show an error that nobody expected."""
        self.window.messages.crash(error)

    def _make_window(self) -> MainWindow:
        return MainWindow(WindowParts(self.tasks, self._theme, self._preferences, self, providers()))

    def _open(self, path: Path, opener: Callable[[], Book], label: str, *, is_read_only: bool = False) -> None:
        self._wanted = path
        failed = partial(self._not_opened, path)
        self.tasks.open_book(opener, label=label, then=partial(self._opened, path, is_read_only), failed=failed)

    def _open_for_reading(self, path: Path) -> None:
        opener = partial(Book.open, path, read_only=True)
        self._open(path, opener, _("Opening {name}", name=path.name), is_read_only=True)

    def _not_opened(self, path: Path, error: BillDeskError) -> None:
        if not isinstance(error, BookLocked | BookNotWritable):
            self.window.messages.fail(error)
            return
        message = sentence(error)
        is_taken = isinstance(error, BookLocked)
        self.window.messages.confirm(
            message.what,
            _("You can look at it; changes are made there.") if is_taken else _("You can look at it."),
            yes=_("Open for reading only"),
            on_yes=partial(self._open_for_reading, path),
        )

    def _opened(self, path: Path, is_read_only: bool, _nothing: None) -> None:  # noqa: FBT001 - bound by `_open`
        if path != self._wanted:
            return  # another book was asked for, or none, while this one was being opened
        self._path, self._is_read_only = path, is_read_only
        self._preferences.remember_book(path)
        self.window.show_book(path.stem, is_read_only=is_read_only)
        if not is_read_only:
            self.tasks.command(tidy_up)
            self.tasks.query(load_settings, then=partial(self._back_up_daily, path))

    def _back_up_daily(self, path: Path, settings: Mapping[str, object]) -> None:
        """Make the day's verified backup beside the book, away from the window."""
        if settings["backup_daily"] and path == self._path:
            self.tasks.files(back_up_daily, path, system_clock())


def _create(path: Path, company: NewCompany) -> Book:
    """Make a book with its company; a company that cannot be entered leaves no file behind."""
    book = Book.create(path)
    try:
        book.run(set_up_company, company)
    except BaseException:
        book.close()
        path.unlink(missing_ok=True)
        raise
    return book
