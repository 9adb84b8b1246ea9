"""The right half of the dialogs: the next document with the change, and what it would be without."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from billdesk.domain.invoices import Document
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _, current
from billdesk.kernel.messages import sentence
from billdesk.services.billing import ContractPreview
from billdesk.ui.core.document_card import DocumentCard
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import label, rule, scrolled

_WIDTH = 440


class PreviewPane(QFrame):
    """Shows documents, or why there are none."""

    def __init__(self) -> None:
        super().__init__()
        set_look(self, "card")
        self.setMinimumWidth(_WIDTH)
        self._inside = QVBoxLayout()
        self._inside.setContentsMargins(18, Space.TWO, 18, Space.TWO)
        self._inside.setSpacing(Space.ONE)
        holder = QWidget()
        holder.setLayout(self._inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(scrolled(holder))
        self.show_words(_("Choose what changes to see the next document."))

    def show_words(self, text: str, look: str = "second") -> None:
        """Say something instead of a document."""
        self._clear()
        self._inside.addWidget(label(_("What comes next"), "heading"))
        self._inside.addWidget(label(text, look, wrap=True))
        self._inside.addStretch(1)

    def show_error(self, error: BillDeskError) -> None:
        """Say why the change cannot be made."""
        message = sentence(error)
        self.show_words(f"{message.what} {message.next}".strip(), "problem")

    def show_preview(self, preview: ContractPreview) -> None:
        """Show the next documents."""
        self._clear()
        self._inside.addWidget(label(_("What comes next"), "heading"))
        for document in preview.documents:
            self._inside.addWidget(DocumentCard(document))
        if not preview.documents:
            words = _("No document follows in the next twelve months.")
            self._inside.addWidget(label(words, "second", wrap=True))
        if preview.unchanged:
            self._inside.addWidget(rule())
        for document in preview.unchanged:
            self._inside.addWidget(label(_without(document), "faint", wrap=True))
        self._inside.addStretch(1)

    def _clear(self) -> None:
        while self._inside.count():
            item = self._inside.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _without(document: Document) -> str:
    language = current()
    day, total = language.day(document.issue_date), language.money(document.total)
    return _("Without the change: {total} on {day}", total=total, day=day)
