from __future__ import annotations

import pytest

from billdesk.documents.options import RenderOptions
from billdesk.documents.registry import document_formats
from builders.invoices import a_credit_note, an_invoice

STARTS = {"invoice_pdf": b"%PDF-", "invoice_xlsx": b"PK\x03\x04", "invoice_csv": b"\xef\xbb\xbfNumber;"}


def test_the_formats_are_pdf_workbook_and_csv() -> None:
    assert {plugin.key for plugin in document_formats()} >= set(STARTS)


@pytest.mark.parametrize("key", sorted(STARTS))
def test_each_format_renders_documents_to_the_same_bytes_twice(key: str) -> None:
    plugin = document_formats().get(key)
    for document in (an_invoice(), a_credit_note()):
        rendered = plugin.render(document, RenderOptions())
        assert rendered.startswith(STARTS[key])
        assert plugin.render(document, RenderOptions()) == rendered


@pytest.mark.parametrize("key", sorted(STARTS))
def test_each_format_has_a_label_an_extension_and_a_media_type(key: str) -> None:
    plugin = document_formats().get(key)
    assert plugin.label
    assert plugin.extension == key.removeprefix("invoice_")
    assert "/" in plugin.media_type
