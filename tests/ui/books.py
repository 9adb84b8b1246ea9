"""Screens over real books: opened in the lane, shown, told of changes, with a note of where they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from billdesk.services.book import Book
from billdesk.ui.core.screen import Context, Screen

V = TypeVar("V", bound=Screen)
Went = list[tuple[str, str, str]]


def idle(qtbot: QtBot, context: Context) -> None:
    """Wait until nothing runs, and let what was taken away go."""
    qtbot.waitUntil(lambda: context.tasks.is_idle, timeout=20_000)
    qtbot.wait(1)  # a widget that joins a visible layout is shown by an event of its own
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def show(qtbot: QtBot, context: Context, view: Callable[[Context], V], make: Callable[[], Book]) -> tuple[V, Went]:
    """Open a book and show a screen over it; gives the screen and the places it navigated to."""
    went: Went = []

    def navigate(screen: str, *, record: str = "", view: str = "") -> None:
        went.append((screen, record, view))

    context.tasks.open_book(make)
    idle(qtbot, context)
    made = view(replace(context, navigate=navigate))
    qtbot.addWidget(made)
    context.tasks.changed.connect(made.handle_changes)
    made.resize(1280, 800)
    made.show()
    idle(qtbot, context)
    return made, went


def press(root: QWidget, text: str) -> None:
    """Click the visible button with these words."""
    named = [one for one in root.findChildren(QAbstractButton) if text in {one.text().strip(), one.accessibleName()}]
    next(one for one in named if one.isVisible()).click()


def words(root: QWidget) -> str:
    """Give all that is written on screen, one label per line."""
    return "\n".join(one.text() for one in root.findChildren(QLabel) if one.isVisible())
