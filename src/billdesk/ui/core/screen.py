"""What a screen is: a widget that reads on first sight and again when its nouns change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from billdesk.kernel.changes import NOTHING, Changes
from billdesk.services.company import NewCompany
from billdesk.ui.core.changes import ChangeBus
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import Theme, set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.panel import SlideOver


class Navigate(Protocol):
    """Goes to a screen, there to a record, or to a preset view such as `overdue`."""

    def __call__(self, screen: str, *, record: str = "", view: str = "") -> None:
        """Go there."""


class BookDesk(Protocol):
    """What the start screen can do with books; each shows its own progress and failures."""

    @property
    def path(self) -> Path | None:
        """The file of the open book, None while none is open."""

    def open_book(self, path: Path) -> None:
        """Open a book and show its home."""

    def create_book(self, path: Path, company: NewCompany) -> None:
        """Make a book for a company and open it."""

    def close_book(self) -> None:
        """Close the book and show the start screen."""

    def create_demo(self, folder: Path) -> None:
        """Make the demo book from its spreadsheets and open it."""

    def restore_backup(self, backup: Path, target: Path) -> None:
        """Restore a backup as a new book and open it."""

    def change_language(self, code: str) -> None:
        """Show the window in another language."""


@dataclass(frozen=True, slots=True)
class Context:
    """All that a screen may use of the window."""

    tasks: Tasks
    bus: ChangeBus
    theme: Theme
    messages: Messages
    preferences: PreferenceStore
    navigate: Navigate
    books: BookDesk


class Screen(QWidget):
    """Base of all screens. Build widgets in `__init__`; ask for data in `refresh`, never before.

    `nouns` are the kinds of data the screen shows: after a change of one of them it refreshes, at once
    when it is on screen, else when it is next shown. `help_text` is what F1 explains, an English msgid.
    """

    nouns: ClassVar[Changes] = NOTHING
    help_text: ClassVar[str] = ""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.tasks = context.tasks.of(self)
        self._is_stale = True
        self._panel: SlideOver | None = None
        set_look(self, "page")

    @property
    def has_unsaved(self) -> bool:
        """Whether a form of this screen holds what is not saved; screens with forms override this."""
        return False

    def refresh(self) -> None:
        """Read everything on screen again."""

    def handle_changes(self, changes: Changes) -> None:
        """Take note of a change; screens with a finer idea of what to reload override this."""
        if not changes & self.nouns:
            return
        self._is_stale = True
        if self.isVisible():
            self._freshen()

    def open_record(self, key: str) -> None:
        """Show one record, as after a click in the palette or in another screen."""

    def show_view(self, view: str) -> None:
        """Show a preset filter, as after a click on a tile of the home screen."""

    def drop(self, paths: Sequence[Path]) -> bool:
        """Take files that were dropped on the window; False lets other screens try."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._panel is not None and self._panel.isVisible():
            self._panel.close_panel()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._freshen()

    def _freshen(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def build_page(self, *parts: QWidget, panel: SlideOver | None = None) -> QVBoxLayout:
        """Lay parts out below one another in the page's margins; the last one takes the room. `panel` stands right."""
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        page = QVBoxLayout()
        page.setContentsMargins(Space.THREE + 4, Space.THREE, Space.THREE + 4, Space.THREE)
        page.setSpacing(Space.TWO)
        for part in parts:
            page.addWidget(part)
        if parts:
            page.setStretchFactor(parts[-1], 1)
        outer.addLayout(page, 1)
        if panel is not None:
            self._panel = panel
            outer.addWidget(panel)
        return page
