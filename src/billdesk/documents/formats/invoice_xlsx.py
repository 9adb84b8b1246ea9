"""Excel workbook: the document with live formulas that compute it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.documents.options import RenderOptions
from billdesk.documents.xlsx import invoice_workbook
from billdesk.domain.invoices import Document
from billdesk.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class InvoiceXlsx:
    """Renders a document as a workbook."""

    key: str = "invoice_xlsx"
    label: str = N_("Excel workbook with formulas")
    extension: str = "xlsx"
    media_type: str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def render(self, document: Document, options: RenderOptions) -> bytes:
        """Give the workbook."""
        return invoice_workbook(document, language=options.language)


PLUGIN: Final = InvoiceXlsx()
