"""One document on screen: its page as it would be printed, and its lines explained; needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from billdesk.documents.explained import Explained, explain
from billdesk.documents.printed import Printed
from billdesk.documents.registry import document_formats
from billdesk.domain.invoices import Document
from billdesk.services.delivery.files import Bundle

__all__ = ["Explained", "explain_lines", "render_pdf", "write_document"]

_PDF: Final = "invoice_pdf"


def render_pdf(bundle: Bundle) -> bytes:
    """Give the PDF of the first document of a bundle, the same that is mailed and saved."""
    return _render(bundle, _PDF)


def write_document(bundle: Bundle, extension: str, path: Path) -> Path:
    """Write the first document of a bundle as `pdf` or `xlsx` to a file that was chosen."""
    path.write_bytes(_render(bundle, f"invoice_{extension}"))
    return path


def _render(bundle: Bundle, key: str) -> bytes:
    document = bundle.documents[0]
    content: bytes = document_formats().get(key).render(document, bundle.options(document))
    return content


def explain_lines(document: Document, language: str) -> tuple[tuple[Explained, ...], ...]:
    """Give for each line the steps that led to its amount, in the words of the person at the desk."""
    printed = Printed.of(document, language)
    return tuple(tuple(explain(step, printed) for step in line.trace.steps) for line in document.lines)
