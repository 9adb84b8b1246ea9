"""Fixtures for everything with a window: one application, offscreen, lanes that end with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from billdesk.ui.core.changes import ChangeBus
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.preferences import PreferenceStore
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import Theme, ThemeChoice
from ui.fakes import FakeBook, FakeDesk


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, ThemeChoice.LIGHT)


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    """Both lanes, with a fake book open."""
    lanes = Tasks()
    lanes.open_book(FakeBook)
    qtbot.waitUntil(lambda: lanes.is_idle)
    yield lanes
    lanes.stop()


@pytest.fixture
def context(qtbot: QtBot, tasks: Tasks, theme: Theme) -> Context:
    """A context over the fake book; `navigate` and `books` only note what was asked."""
    window = QWidget()
    qtbot.addWidget(window)
    return Context(
        tasks, ChangeBus(window), theme, Messages(window), PreferenceStore(), lambda *_args, **_named: None, FakeDesk()
    )
