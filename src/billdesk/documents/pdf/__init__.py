"""Documents as PDF; reportlab is imported when the first one is rendered."""

from __future__ import annotations

from billdesk.domain.invoices import Document

__all__ = ["render_invoice"]


def render_invoice(
    document: Document, *, language: str | None = None, logo: bytes = b"", explain: bool = False
) -> bytes:
    """Give an invoice or credit note as PDF, in the customer's language unless another is asked for.

    The same record gives the same bytes. `explain` adds pages that show how each amount came about.
    Raises InvalidValue when the logo is no picture.
    """
    from billdesk.documents.pdf.invoice import render

    return render(document, language=language, logo=logo, explain=explain)
