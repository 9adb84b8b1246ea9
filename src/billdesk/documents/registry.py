"""The forms in which a document leaves BillDesk: each is one module of `documents/formats/` with a `PLUGIN`."""

from __future__ import annotations

from typing import Final, Protocol

from billdesk.documents import formats
from billdesk.documents.options import RenderOptions
from billdesk.domain.invoices import Document
from billdesk.kernel.registry import Registry


class DocumentFormat(Protocol):
    """A form of a document. `label` is an English msgid, `extension` has no dot."""

    @property
    def key(self) -> str:
        """Stable name, stored in books."""

    @property
    def label(self) -> str:
        """English name for people, the msgid of its translation."""

    @property
    def extension(self) -> str:
        """File name extension without the dot."""

    @property
    def media_type(self) -> str:
        """Media type of the bytes (IANA)."""

    def render(self, document: Document, options: RenderOptions) -> bytes:
        """Give the document's bytes, the same for the same document and options."""


_REGISTRY: Final[Registry[DocumentFormat]] = Registry("document_formats")


def document_formats() -> Registry[DocumentFormat]:
    """Give the registered formats, loaded on first use."""
    _REGISTRY.load(formats)
    return _REGISTRY
