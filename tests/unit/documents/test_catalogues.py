from __future__ import annotations

import string

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from billdesk.kernel import paths

SOURCE = paths.install_root() / "src" / "billdesk" / "documents"
KEYWORDS = {"text": None, "plural": (1, 2)}


def read(language: str) -> Catalog:
    with (paths.install_root() / "translations" / language / "documents.po").open("rb") as file:
        return read_po(file, locale=language)


def used() -> set[str]:
    found = [message for _name, _line, message, *_more in extract_from_dir(SOURCE, keywords=KEYWORDS) if message]
    return {message if isinstance(message, str) else message[0] for message in found}


def places(text: str) -> set[str]:
    return {name for _text, name, _format, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_every_text_of_a_document_is_translated(language: str) -> None:
    catalog = read(language)
    missing = [text for text in sorted(used()) if not (catalog.get(text) and catalog[text].string)]
    assert missing == []


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_a_translation_has_the_places_of_its_text(language: str) -> None:
    for message in read(language):
        if message.id:
            assert places(str(message.string)) == places(str(message.id)), message.id
