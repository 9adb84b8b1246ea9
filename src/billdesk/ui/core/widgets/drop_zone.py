"""A place to drop files on, with a button for people who do not drag."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout

from billdesk.kernel.i18n import _
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.buttons import button
from billdesk.ui.core.widgets.icon_label import IconLabel
from billdesk.ui.core.widgets.texts import label


def dropped_files(data: QMimeData) -> tuple[Path, ...]:
    """Give the local files of a drag."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


class DropZone(QFrame):
    """Takes files by drop or by choice and announces them; `patterns` such as `*.csv` narrow the choice."""

    dropped = Signal(object)

    def __init__(self, text: str, detail: str = "", patterns: Sequence[str] = ()) -> None:
        super().__init__()
        self._kinds = detail or text
        self._patterns = tuple(patterns)
        set_look(self, "drop")
        self.setAcceptDrops(True)
        self.setAccessibleName(text)
        self.setMinimumHeight(176)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.THREE, Space.THREE, Space.THREE, Space.THREE)
        layout.setSpacing(Space.ONE)
        layout.addStretch(1)
        layout.addWidget(IconLabel("download", "text_faint", 32))
        for words, look in ((text, "heading"), (detail, "second")):
            line = label(words, look, wrap=True)
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line.setVisible(bool(words))
            layout.addWidget(line)
        layout.addWidget(button(_("Choose a file…"), self.choose), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)

    def choose(self) -> None:
        """Ask for files with the system's dialog."""
        filters = _("All files") + " (*)"
        if self._patterns:
            filters = f"{self._kinds} ({' '.join(self._patterns)});;{filters}"
        paths, _filter = QFileDialog.getOpenFileNames(self, _("Choose a file"), "", filters)
        if paths:
            self.dropped.emit(tuple(Path(path) for path in paths))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_files(event.mimeData()):
            set_look(self, "drop-over")
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_look(self, "drop")

    def dropEvent(self, event: QDropEvent) -> None:
        set_look(self, "drop")
        event.acceptProposedAction()
        self.dropped.emit(dropped_files(event.mimeData()))
