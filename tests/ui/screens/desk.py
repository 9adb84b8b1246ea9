"""A window's context over a small real book, for screens that are driven as a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from billdesk.ui.core.screen import Context, Screen
from builders.desk_book import a_desk_book


def open_desk(qtbot: QtBot, context: Context, folder: Path) -> None:
    """Open the small book in the lanes and pass changes on, as the window does."""
    context.tasks.open_book(lambda: a_desk_book(folder))
    settle(qtbot, context)


def settle(qtbot: QtBot, context: Context) -> None:
    """Wait until nothing runs."""
    qtbot.waitUntil(lambda: context.tasks.is_idle, timeout=30_000)


def close_dialogs() -> None:
    """Close what a test left open, so that nothing is asked of lanes that have ended."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog):
            widget.reject()


def show(qtbot: QtBot, context: Context, screen: Screen) -> Any:
    """Show a screen, hand it the changes of the book, and wait for its data."""
    context.tasks.changed.connect(screen.handle_changes)
    qtbot.addWidget(screen)
    screen.resize(1200, 800)
    screen.show()
    settle(qtbot, context)
    return screen
