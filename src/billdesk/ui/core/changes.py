"""The change bus: says once, to every screen, which nouns a command touched."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from billdesk.kernel.changes import Changes


class ChangeBus(QObject):
    """Announces changes on the GUI thread; each screen decides whether to reload."""

    changed = Signal(object)
    """Carries a `frozenset[Noun]`."""

    def announce(self, changes: Changes) -> None:
        """Tell everybody, unless nothing was touched."""
        if changes:
            self.changed.emit(changes)
