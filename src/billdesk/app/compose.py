"""The composition root of the window: settings, language, theme, desk."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication

from billdesk.app.desk import Desk
from billdesk.app.logs import catch_crashes, start_log
from billdesk.kernel.i18n import use_language
from billdesk.ui.core.languages import SOURCE, offered_languages
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.theme import Theme, ThemeChoice


def make_app(arguments: list[str]) -> QApplication:
    """Make the Qt application with the program's name."""
    app = QApplication(arguments)
    app.setApplicationName("billdesk")
    app.setApplicationDisplayName("BillDesk")
    app.setDesktopFileName("billdesk")
    return app


def compose(app: QApplication, preferences: PreferenceStore) -> Desk:
    """Build everything that a window needs; nothing is shown yet."""
    use_language(preferences.now.language or _system_language())
    known = {choice.value for choice in ThemeChoice}
    chosen = preferences.now.theme if preferences.now.theme in known else ThemeChoice.SYSTEM.value
    return Desk(app, Theme(app, ThemeChoice(chosen)), preferences)


def run_window(book: Path | None = None) -> int:
    """Open the window and stay until it is closed; gives the exit code."""
    app = make_app(sys.argv[:1])
    preferences = PreferenceStore()
    start_log(preferences.folder)
    desk = compose(app, preferences)
    catch_crashes(desk.show_crash)
    # Shown before the event loop so that the first frame does not wait for a timer.
    desk.start(book)
    QTimer.singleShot(0, desk.window.raise_)
    return app.exec()


def _system_language() -> str:
    code = QLocale.system().name().partition("_")[0]
    return code if code in offered_languages() else SOURCE
