"""The first page: choose the file, say what is in it, or take an empty template."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import sentence
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Banner, DropZone, boxed, label, link, row

PATTERNS = ("*.xlsx", "*.xls", "*.ods", "*.csv", "*.tsv", "*.txt", "*.parquet", "*.jsonl")


class FilePage(QWidget):
    """Announces files and the kind."""

    dropped = Signal(object)
    kind_chosen = Signal(str)

    def __init__(self, kinds: Sequence[tuple[str, str]] = (), on_template: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.zone = DropZone(_("Drop a file here"), _("Excel, CSV, Parquet or JSON lines"), PATTERNS)
        self.problem = Banner("", Tone.RED, can_close=False)
        self.problem.hide()
        self._kind = ChoiceEditor(kinds, can_be_empty=False)
        self._kind.name(_("What the file holds"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addWidget(self.problem)
        layout.addWidget(self.zone, 1)
        below = row(label(_("What the file holds"), "label"), self._kind, None, spacing=Space.ONE_HALF)
        self._template = link(_("Save an empty template…"), on_template or self.zone.choose, "download")
        below.addWidget(self._template)
        self._below = boxed(below)
        self._below.setVisible(bool(kinds))
        layout.addWidget(self._below)
        self.zone.dropped.connect(self.dropped)
        self._kind.changed.connect(self._pick)
        self.choose_kind("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        # The keyboard goes to the button that chooses a file.
        super().focusInEvent(event)
        for button in self.zone.findChildren(QPushButton):
            button.setFocus()

    def choose_kind(self, kind: str) -> None:
        """Show a kind; only a known kind has a template."""
        self._kind.set_value(kind)
        self._template.setVisible(bool(kind))

    def _pick(self) -> None:
        kind = self._kind.value() or ""
        self._template.setVisible(bool(kind))
        self.kind_chosen.emit(kind)

    def show_problem(self, error: BillDeskError) -> None:
        """Say why the file cannot be used."""
        message = sentence(error)
        where = f"{message.where}: " if message.where else ""
        self.problem.show_text(f"{where}{message.what} {message.next}".strip())
