"""PDF: what people read and print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.options import RenderOptions
from billdesk.documents.pdf import render_invoice
from billdesk.domain.invoices import Document
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class InvoicePdf:
    """Renders a document as PDF."""

    key: str = "invoice_pdf"
    label: str = N_("PDF")
    extension: str = "pdf"
    media_type: str = "application/pdf"

    def render(self, document: Document, options: RenderOptions) -> bytes:
        """Give the PDF, with the computation as an appendix on request."""
        return render_invoice(document, language=options.language, logo=options.logo, explain=options.explain)


PLUGIN: Final = InvoicePdf()
