"""The stack of screens: each is built at its first visit and told what changes."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from billdesk.kernel.changes import Changes
from billdesk.kernel.i18n import _
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.widgets.page import EmptyState
from billdesk.ui.shell.screens import ALL_SCREENS, ScreenSpec


class Pages(QStackedWidget):
    """Shows one screen; remembers the way back."""

    shown = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._specs = {spec.key: spec for spec in ALL_SCREENS}
        self._built: dict[str, QWidget] = {}
        self._way: list[str] = []
        set_look(self, "page")
        context.bus.changed.connect(self._announce)

    @property
    def key(self) -> str:
        """Key of the screen on display."""
        return self._way[-1] if self._way else ""

    def spec(self) -> ScreenSpec | None:
        """Give the spec of the screen on display."""
        return self._specs.get(self.key)

    def screen_shown(self) -> Screen | None:
        """Give the screen on display."""
        shown = self._built.get(self.key)
        return shown if isinstance(shown, Screen) else None

    def go(self, key: str, *, record: str = "", view: str = "") -> None:
        """Show a screen, there a preset view or a record."""
        if key not in self._built:
            self._built[key] = self._build(self._specs[key])
            self.addWidget(self._built[key])
        if key != self.key:
            self._way.append(key)
        self.setCurrentWidget(self._built[key])
        screen = self._built[key]
        if isinstance(screen, Screen):
            if view:
                screen.show_view(view)
            if record:
                screen.open_record(record)
            elif screen.focusProxy() is not None:
                screen.setFocus(Qt.FocusReason.OtherFocusReason)
        self.shown.emit(key)

    def back(self) -> None:
        """Show the screen before this one."""
        if len(self._way) > 1:
            self._way.pop()
            self.go(self._way[-1])

    def close_all(self) -> None:
        """Forget all screens, as another book is opened."""
        for screen in self._built.values():
            self.removeWidget(screen)
            screen.hide()
            screen.deleteLater()
        self._built.clear()
        self._way.clear()

    def unsaved(self) -> list[str]:
        """Give the titles of the screens whose forms hold what is not saved."""
        built = [(key, screen) for key, screen in self._built.items() if isinstance(screen, Screen)]
        return [_(self._specs[key].title) for key, screen in built if screen.has_unsaved]

    def takers(self, paths: Sequence[Path]) -> list[ScreenSpec]:
        """Give the screens that can take all of these files."""
        endings = {path.suffix.casefold() for path in paths}
        return [spec for spec in self._specs.values() if endings and endings <= set(spec.takes)]

    def drop_on(self, key: str, paths: Sequence[Path]) -> bool:
        """Go to a screen and hand it files."""
        self.go(key)
        screen = self.screen_shown()
        return screen is not None and screen.drop(paths)

    def _announce(self, changes: Changes) -> None:
        for screen in list(self._built.values()):
            if isinstance(screen, Screen):
                screen.handle_changes(changes)

    def _build(self, spec: ScreenSpec) -> QWidget:
        if not _is_shipped(spec.factory.partition(":")[0]):
            return EmptyState(spec.icon, _(spec.title), _("This screen is not part of this build of BillDesk."))
        return spec.build(self._context)


def _is_shipped(module: str) -> bool:
    """Tell whether a screen's module exists; a build may leave screens out."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
