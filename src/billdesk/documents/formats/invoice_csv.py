"""CSV: the lines of a document as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.csv import write_csv
from billdesk.documents.lists import invoice_lines
from billdesk.documents.options import RenderOptions
from billdesk.domain.invoices import Document
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class InvoiceCsv:
    """Renders a document's lines as CSV."""

    key: str = "invoice_csv"
    label: str = N_("CSV of the lines")
    extension: str = "csv"
    media_type: str = "text/csv"

    def render(self, document: Document, options: RenderOptions) -> bytes:
        """Give the lines, a row each, in UTF-8 with a byte order mark."""
        return b"".join(write_csv(invoice_lines([document], options.language or document.language)))


PLUGIN: Final = InvoiceCsv()
