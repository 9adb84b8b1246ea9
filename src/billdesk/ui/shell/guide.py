"""Help for the page and the cheat-sheet of shortcuts, both made from what is there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.buttons import primary
from billdesk.ui.core.widgets.layouts import row, scrolled
from billdesk.ui.core.widgets.texts import label

Shortcuts = Sequence[tuple[str, str]]
"""Pairs of what is done and its keys."""


def shortcuts_of(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    """Give the actions that have keys, as people read them."""
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (action.text(), action.shortcut().toString(native)) for action in actions if not action.shortcut().isEmpty()
    ]


def list_keys() -> list[tuple[str, str]]:
    """Give the keys that every list understands."""
    return [
        (_("Open the record"), _("Enter")),
        (_("Select or unselect the row"), _("Space")),
        (_("Select several rows"), _("Shift+↑ ↓")),
        (_("Copy the selection for a spreadsheet"), "Ctrl+C"),
        (_("Close the panel"), _("Esc")),
    ]


class GuideDialog(QDialog):
    """A title, a text, and groups of shortcuts."""

    def __init__(self, parent: QWidget, title: str, text: str, groups: Sequence[tuple[str, Shortcuts]]) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(560, 620 if sum(len(keys) for _name, keys in groups) > Space.ONE else 360)
        content = QWidget()
        inside = QVBoxLayout(content)
        inside.setContentsMargins(0, 0, Space.TWO, 0)
        inside.setSpacing(Space.ONE)
        if text:
            inside.addWidget(label(text, "second", wrap=True))
        for name, keys in groups:
            if keys:
                inside.addSpacing(Space.ONE)
                inside.addWidget(label(name, "heading"))
                inside.addLayout(_table(keys))
        inside.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.THREE, Space.THREE, Space.THREE, Space.THREE)
        layout.setSpacing(Space.TWO)
        layout.addWidget(label(title, "title"))
        layout.addWidget(scrolled(content), 1)
        layout.addLayout(row(None, primary(_("Close"), self.accept)))


def _table(keys: Shortcuts) -> QGridLayout:
    grid = QGridLayout()
    grid.setColumnStretch(0, 1)
    grid.setVerticalSpacing(6)
    for line, (words, combination) in enumerate(keys):
        grid.addWidget(label(words), line, 0)
        grid.addWidget(label(combination, "key"), line, 1, Qt.AlignmentFlag.AlignRight)
    return grid
