"""The catalogues as they are in the sources, compiled for the tests, whatever `make` compiled last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from billdesk.kernel import i18n, paths


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("translations")
    for source in paths.translations().glob("*/documents.po"):
        target = folder / source.parent.name / "documents.mo"
        target.parent.mkdir()
        with source.open("rb") as read, target.open("wb") as written:
            write_mo(written, read_po(read, locale=source.parent.name))
    return folder


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch, catalogues: Path) -> Iterator[None]:
    monkeypatch.setattr(i18n, "translations", lambda: catalogues)
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()
