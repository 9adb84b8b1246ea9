"""The frame of a wizard: steps at the top, one page at a time, what runs now, and Back, Cancel, Next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _
from billdesk.ui.core.busy_bar import BusyBar
from billdesk.ui.core.file_names import with_ending
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tasks import Job
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Stepper, button, dropped_files, label, primary

_WIDTH: Final = 1120
_HEIGHT: Final = 760
_MARGIN: Final = 48
_WORKBOOK: Final = "Excel (*.xlsx)"


@dataclass(frozen=True, slots=True)
class Foot:
    """What the foot of a page offers; an empty `next_text` hides that button, `is_over` the others."""

    next_text: str
    is_ready: bool = True
    can_go_back: bool = False
    note: str = ""
    is_over: bool = False


class WizardFrame(QDialog):
    """A dialog of pages; subclasses say what Back and Next do."""

    files_dropped = Signal(object)

    def __init__(self, context: Context, title: str, steps: Sequence[str]) -> None:
        parent = context.messages.parent()
        super().__init__(parent if isinstance(parent, QWidget) else None)
        self.setWindowTitle(title)
        self.setAcceptDrops(True)
        self.context = context
        self.messages = Messages(self)
        self._foot = Foot("")
        self._keyboard: QWidget | None = None
        self._stepper = Stepper(steps)
        self._pages = QStackedWidget()
        self._note = label("", "second", wrap=True)
        self._back = button(_("Back"), self.go_back, "chevron-left")
        self._next = primary(_("Next"), self.go_on)
        self._close = button(_("Cancel"), self.reject)
        self._busy = BusyBar(context.tasks, in_percent=True)
        self._build()
        self._fit()
        self.finished.connect(self._busy.stop)
        self.finished.connect(self.deleteLater)

    def go_back(self) -> None:
        """Show the page before this one."""

    def go_on(self) -> None:
        """Do what the primary button says."""

    def add_page(self, page: QWidget) -> None:
        """Make a page known."""
        self._pages.addWidget(page)

    def show_page(self, page: QWidget, step: int, foot: Foot) -> None:
        """Show a page and what its foot offers."""
        self._stepper.show_step(step)
        is_new = self._pages.currentWidget() is not page or not self.isVisible()
        if is_new:
            self._pages.setCurrentWidget(page)
        self.show_foot(foot)
        if is_new:
            (self._next if foot.next_text else page).setFocus()

    @property
    def page(self) -> QWidget | None:
        """The page on screen."""
        return self._pages.currentWidget()

    def show_foot(self, foot: Foot) -> None:
        """Change what the foot of the page offers."""
        self._foot = foot
        self._next.setVisible(bool(foot.next_text))
        self._next.set_text(foot.next_text)
        self._note.setText(foot.note)
        self._back.setVisible(not foot.is_over)
        self._close.setVisible(not foot.is_over)
        self._enable()

    def watch(self, job: Job, doing: str) -> None:
        """Show a running job until `settle`, with a button that stops it."""
        self._busy.watch(job, doing)
        self._enable()

    def settle(self) -> None:
        """Say that nothing runs any more."""
        self._busy.settle()
        self._enable()

    def settle_with(self, error: BillDeskError) -> None:
        """Say that what ran has failed."""
        self.settle()
        self.messages.fail(error)

    def save(self, name: str, write: Callable[[Path, Callable[[Path], object]], object]) -> None:
        """Ask where a workbook goes and have it written."""
        chosen, _filter = QFileDialog.getSaveFileName(self, name, f"{name}.xlsx", _WORKBOOK)
        if chosen:
            write(with_ending(chosen, ".xlsx"), self._saved)

    def _saved(self, path: Path) -> None:
        self.messages.note(_("Saved as {name}", name=path.name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.files_dropped.emit(dropped_files(event.mimeData()))

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(Space.THREE, Space.TWO, Space.THREE, Space.ONE_HALF)
        head.addWidget(self._stepper)
        middle = QVBoxLayout()
        middle.setContentsMargins(Space.THREE, Space.ONE, Space.THREE, Space.TWO)
        middle.addWidget(self._pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(middle, 1)
        layout.addWidget(self._busy)
        layout.addWidget(self._build_foot())

    def _build_foot(self) -> QFrame:
        frame = QFrame()
        set_look(frame, "footer")
        buttons = QHBoxLayout(frame)
        buttons.setContentsMargins(Space.THREE, Space.ONE_HALF, Space.THREE, Space.TWO)
        buttons.setSpacing(Space.ONE)
        self._back.setShortcut("Alt+Left")
        self._next.setDefault(True)
        for other in (self._back, self._close):
            other.setAutoDefault(False)
        buttons.addWidget(self._note, 1)
        for made in (self._close, self._back, self._next):
            buttons.addWidget(made)
        return frame

    def _fit(self) -> None:
        room = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(_WIDTH, room.width() - _MARGIN), min(_HEIGHT, room.height() - _MARGIN))

    def _enable(self) -> None:
        is_free = not self._busy.is_busy
        here = self.focusWidget()
        if not is_free and here is not None and (self._pages.isAncestorOf(here) or here in {self._back, self._next}):
            self._keyboard = here
        self._next.setEnabled(is_free and self._foot.is_ready)
        self._back.setEnabled(is_free and self._foot.can_go_back)
        self._pages.setEnabled(is_free)
        if is_free:
            self._give_keyboard_back()

    def _give_keyboard_back(self) -> None:
        """Let the person type on where they were; a page that cannot be used had lost the keyboard to Cancel."""
        here, self._keyboard = self._keyboard, None
        if here is not None and shiboken6.isValid(here) and here.isVisible() and here.isEnabled():
            here.setFocus()
