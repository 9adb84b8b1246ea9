"""The main window: rail, screens, progress, palette; it wires and knows nothing about billing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.ui.core.changes import ChangeBus
from billdesk.ui.core.icons import pixmap
from billdesk.ui.core.languages import offered_languages
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.screen import BookDesk, Context
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import Theme, ThemeChoice, set_look, tokens
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets.drop_zone import dropped_files
from billdesk.ui.core.widgets.layouts import boxed, column
from billdesk.ui.core.widgets.page import Banner
from billdesk.ui.shell.guide import GuideDialog, list_keys, shortcuts_of
from billdesk.ui.shell.pages import Pages
from billdesk.ui.shell.palette import Entry, Palette
from billdesk.ui.shell.progress_strip import ProgressStrip
from billdesk.ui.shell.providers import EntityFacts, Hit, Providers
from billdesk.ui.shell.rail import Rail
from billdesk.ui.shell.screens import ALL_SCREENS, FOOT, HOME, SCREENS, START, ScreenSpec

_OUTBOX_EVERY_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class WindowParts:
    """What the composition root hands to the window."""

    tasks: Tasks
    theme: Theme
    preferences: PreferenceStore
    books: BookDesk
    providers: Providers


class _Offers(Protocol):
    def offer(self, place: QWidget) -> QMenu: ...


class MainWindow(QMainWindow):
    """One window over one book, or over the start screen."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._may_close = False
        self._outbox: _Offers | None = None
        self._tasks = parts.tasks.of(self)
        self.bus = ChangeBus(self)
        self.setWindowTitle("BillDesk")
        self.setWindowIcon(QIcon(pixmap("receipt", tokens().accent, 64)))
        self.setAcceptDrops(True)
        self.messages = Messages(self)
        self.pages = Pages(self._context())
        self.rail = Rail(SCREENS, FOOT)
        self.strip = ProgressStrip(parts.tasks)
        self._notice = Banner(
            _("This book is open for reading only; it cannot be changed."), Tone.AMBER, can_close=False
        )
        self._notice_room = boxed(column(self._notice, margins=(Space.THREE + 4, Space.TWO, Space.THREE + 4, 0)))
        self._notice_room.hide()
        self.palette_box = Palette(self, parts.tasks, parts.providers, self._open_hit)
        self._build()
        self._actions = self._make_actions()
        self.rail.set_menu(self._book_menu())
        self._connect()
        self._restore_geometry()

    def show_start(self) -> None:
        """Show the start screen, without the rail."""
        self.rail.hide()
        self._notice_room.hide()
        self.pages.close_all()
        self.setWindowTitle("BillDesk")
        self.pages.go(START)

    def show_book(self, name: str, *, is_read_only: bool = False) -> None:
        """Show the home of the book that was opened."""
        self.pages.close_all()
        self.rail.entity.show_entity(name, "")
        self._notice_room.setVisible(is_read_only)
        self.setWindowTitle(f"{name} – BillDesk")
        self.rail.show()
        self.pages.go(HOME)
        self._read_entity()
        self._read_outbox()

    def go(self, screen: str, *, record: str = "", view: str = "") -> None:
        """Go to a screen; while no book is open there is only the start screen."""
        if self.rail.isHidden() and screen != START:
            return
        self.pages.go(screen, record=record, view=view)

    def actions_here(self) -> list[QAction]:
        """Give the actions of the window and of the screen on display."""
        screen = self.pages.screen_shown()
        return [*self._actions, *(screen.actions() if screen else [])]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.take_files(dropped_files(event.mimeData()))

    def take_files(self, paths: Sequence[Path]) -> None:
        """Hand dropped files to the screen on display, else to the one that can take them, else ask which."""
        books = [path for path in paths if path.suffix.casefold() == ".billdesk"]
        if books:
            self._unless_unsaved(partial(self._parts.books.open_book, books[0]))
            return
        screen = self.pages.screen_shown()
        if screen is not None and screen.drop(paths):
            return
        takers = [] if self.rail.isHidden() else self.pages.takers(paths)
        if not takers:
            self.messages.note(_("BillDesk has no use for this kind of file here."))
        elif len(takers) == 1:
            self.pages.drop_on(takers[0].key, paths)
        else:
            self._ask_taker(takers, paths)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Outside of dialogs Qt lets only the space bar press a button.
        focus = self.focusWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(focus, QPushButton | QToolButton):
            focus.click()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._parts.tasks.jobs() and not self._may_close:
            event.ignore()
            self._ask_to_close()
            return
        if self.pages.unsaved() and not self._may_close:
            event.ignore()
            self._unless_unsaved(self._close_now)
            return
        self._settings().setValue("geometry", self.saveGeometry())
        super().closeEvent(event)

    def _ask_to_close(self) -> None:
        jobs = self._parts.tasks.jobs()
        self.messages.confirm(
            _("Work is still going on"),
            "\n".join(job.label for job in jobs),
            _("If you quit now, it is stopped and nothing of it is kept."),
            yes=_("Stop and quit"),
            on_yes=self._close_now,
            is_dangerous=True,
        )

    def _unless_unsaved(self, go: Callable[[], object]) -> None:
        """Do what would close the forms; when something in them is not saved, ask first."""
        titles = self.pages.unsaved()
        if not titles:
            go()
            return
        self.messages.confirm(
            _("Leave without saving?"),
            _("What you typed is lost: {screens}.", screens=", ".join(titles)),
            yes=_("Leave"),
            on_yes=go,
            is_dangerous=True,
        )

    def _close_now(self) -> None:
        self._may_close = True
        self.close()

    def _context(self) -> Context:
        parts = self._parts
        return Context(parts.tasks, self.bus, parts.theme, self.messages, parts.preferences, self.go, parts.books)

    def _build(self) -> None:
        root = QWidget()
        set_look(root, "page")
        right = QVBoxLayout()
        right.setSpacing(0)
        # A frame, not a layout: the distance above the notice hides with it.
        right.addWidget(self._notice_room)
        right.addWidget(self.pages, 1)
        right.addWidget(self.strip)
        layout = QHBoxLayout(root)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)
        self.setCentralWidget(root)
        self.setMinimumSize(1024, 640)

    def _make_actions(self) -> list[QAction]:
        made = [self._action(_(spec.title), spec.shortcut, partial(self.go, spec.key)) for spec in (*SCREENS, FOOT)]
        toggle = self._parts.theme.toggle
        return [
            *made,
            self._action(_("Find anything"), "Ctrl+K", self.palette_box.open_palette),
            self._action(_("Go back"), "Alt+Left", self.pages.back),
            self._action(_("Undo the last step"), "Ctrl+Z", self._undo),
            self._action(_("Read again"), "F5", self._refresh),
            self._action(_("Open another book"), "Ctrl+O", partial(self._unless_unsaved, self._parts.books.close_book)),
            self._action(_("Light or dark"), "Ctrl+Shift+L", toggle),
            self._action(_("Help for this page"), "F1", self._explain),
            self._action(_("All shortcuts"), "Ctrl+F1", self._show_shortcuts),
            self._action(_("Quit"), QKeySequence(QKeySequence.StandardKey.Quit).toString() or "Ctrl+Q", self.close),
        ]

    def _action(self, text: str, keys: str, run: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda *_: run())
        self.addAction(action)
        return action

    def _connect(self) -> None:
        tasks = self._parts.tasks
        tasks.changed.connect(self.bus.announce)
        tasks.failed.connect(self.messages.fail)
        tasks.crashed.connect(self.messages.crash)
        self.rail.chosen.connect(self.go)
        self.pages.shown.connect(self.rail.mark)
        self.bus.changed.connect(self._take_changes)
        self.rail.outbox.clicked.connect(lambda *_: self._open_outbox())
        self.palette_box.offer(self._entries, {spec.key: spec.icon for spec in ALL_SCREENS})
        self._timer = QTimer(self, interval=_OUTBOX_EVERY_MS)
        self._timer.timeout.connect(self._read_outbox)
        self._timer.start()

    def _entries(self) -> list[Entry]:
        is_open = not self.rail.isHidden()
        screens = [
            Entry(_(spec.title), spec.icon, partial(self.go, spec.key), keys=spec.shortcut)
            for spec in (*SCREENS, FOOT)
            if is_open
        ]
        titles = {entry.title for entry in screens}
        native = QKeySequence.SequenceFormat.NativeText
        others = [
            Entry(action.text(), "chevron-right", action.trigger, keys=action.shortcut().toString(native))
            for action in self.actions_here()
            if action.text() not in titles and (is_open or action not in self._actions[: len(SCREENS) + 1])
        ]
        return [*screens, *others]

    def _open_hit(self, hit: Hit) -> None:
        self.go(hit.screen, record=hit.key)

    def _book_menu(self) -> QMenu:
        menu = QMenu(self)
        for action in self._actions[-5:-3]:
            menu.addAction(action)
        languages = menu.addMenu(_("Language"))
        for code, name in offered_languages().items():
            action = languages.addAction(name)
            action.setCheckable(True)
            action.setChecked(code == current().code)
            change = partial(self._parts.books.change_language, code)
            action.triggered.connect(lambda *_, change=change: self._unless_unsaved(change))
        themes = menu.addMenu(_("Theme"))
        names = {ThemeChoice.SYSTEM: _("Like the system"), ThemeChoice.LIGHT: _("Light"), ThemeChoice.DARK: _("Dark")}
        for choice, name in names.items():
            themes.addAction(name).triggered.connect(lambda *_, choice=choice: self._choose_theme(choice))
        menu.addSeparator()
        for action in self._actions[-3:]:
            menu.addAction(action)
        return menu

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._parts.theme.choose(choice)
        self._parts.preferences.change(theme=choice.value)

    def _ask_taker(self, takers: Sequence[ScreenSpec], paths: Sequence[Path]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for spec in takers:
            menu.addAction(_(spec.drop_label)).triggered.connect(
                lambda *_, key=spec.key: self.pages.drop_on(key, paths)
            )
        menu.popup(self.cursor().pos())

    def _undo(self) -> None:
        """Take back what was just done; what lies further back is undone where it is shown with what it touches."""
        if not self.messages.undo():
            self.messages.note(_("There is nothing to take back at once. Imports are undone in History."))

    def _refresh(self) -> None:
        screen = self.pages.screen_shown()
        if screen is not None:
            screen.refresh()

    def _take_changes(self, changes: Changes) -> None:
        if Noun.INVOICES in changes:
            self._read_outbox()
        if changes & {Noun.ENTITIES, Noun.SETTINGS}:
            self._read_entity()

    def _open_outbox(self) -> None:
        outbox = self._outbox
        if outbox is None:
            # Mails load documents and their libraries, which the first frame does not wait for.
            module = importlib.import_module("billdesk.ui.shell.outbox")
            outbox = self._outbox = module.Outbox(self, self._parts.tasks, self.messages, self.go)
        outbox.offer(self.rail.outbox)

    def _read_outbox(self) -> None:
        count = self._parts.providers.count_outbox
        if count is not None and not self.rail.isHidden():
            self._tasks.query(count, then=self._show_outbox, latest="outbox")

    def _show_outbox(self, count: int) -> None:
        self.rail.show_outbox(ngettext("{n} mail to send", "{n} mails to send", count) if count else "")

    def _read_entity(self) -> None:
        if self._parts.providers.load_entity is not None:
            self._tasks.query(self._parts.providers.load_entity, then=self._show_entity, latest="entity")

    def _show_entity(self, facts: EntityFacts) -> None:
        if facts.name:
            self.rail.entity.show_entity(facts.name, facts.detail)
            self.setWindowTitle(f"{facts.name} – BillDesk")

    def _explain(self) -> None:
        spec, screen = self.pages.spec(), self.pages.screen_shown()
        if spec is None:
            return
        text = _(screen.help_text) if screen is not None and screen.help_text else ""
        keys = shortcuts_of(screen.actions()) if screen is not None else []
        GuideDialog(self, _(spec.title), text, [(_("On this page"), keys), (_("In lists"), list_keys())]).open()

    def _show_shortcuts(self) -> None:
        screen = self.pages.screen_shown()
        groups = [
            (_("Everywhere"), shortcuts_of(self._actions)),
            (_("On this page"), shortcuts_of(screen.actions()) if screen is not None else []),
            (_("In lists"), list_keys()),
        ]
        GuideDialog(self, _("Shortcuts"), "", groups).open()

    def _settings(self) -> QSettings:
        return QSettings(str(self._parts.preferences.folder / "window.ini"), QSettings.Format.IniFormat)

    def _restore_geometry(self) -> None:
        geometry = self._settings().value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1440, 900)
